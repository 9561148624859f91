#!/usr/bin/env python3
"""Exactly once, through the API: the host is killed, ended and frozen in the middle of syncs, and all ends as undisturbed.

Two tenants upload a file each and start a sync each; both are worked at the same time. After each disturbance the host is
started again and goes on by itself; tests wait for the runs' ends through their event streams. Equal to an undisturbed pair
have to be users, links, rejects, warnings, change images, counts, outcome rows of the log, and jobs.

What is shown where of a host that is frozen for longer than its lease:
  here        Another host can't be started on the same SQLite file: its lock keeps it out, which is tested. So this test is
              the other host: while the host is frozen by SIGSTOP in the middle of a sync, it claims the job in the database
              with the statements of Store/SQLite/Jobs.swift, as a host that shares it would. When the frozen host goes on, it
              must commit nothing under its old fence: the run's counts stand still until it claims the job anew with a fence
              above this test's. With SECONDS (below) above the lease's 30 the lease also runs out by itself.
  SyncTests   Workers of two stores on one database, one of them overtaken by the other (JobWorkersTests, SyncWorkerTests).
  StoreTests  The conformance suite of stores: commit, settle, finish, extend and release under an old fence are refused.

usage: api_kills.py [KILLS] [ROWS] [SECONDS] [SEED] [CASE…]
       KILLS kills and as many SIGTERMs at seeded random moments (default 5) of two syncs of ROWS rows (40,000);
       frozen for SECONDS (default 1)
"""

import atexit
import functools

from api import *
from people import *

NUMBERS = [int(word) for word in sys.argv[1:] if word.isdigit()] + [None] * 4
KILLS = NUMBERS[0] or 5
ROWS = NUMBERS[1] or 40_000
SECONDS = NUMBERS[2] or 1
SEED = NUMBERS[3] or SEED
TENANTS = [TENANT, "0198c0de-0000-7000-8000-000000000002"]


class Prepared:
    """Two tenants' configs, people and files before the syncs, and what undisturbed syncs make of them."""

    def __init__(self):
        self.folder = Folder()
        self.tokens = [token("administrator", "--subject", f"tester-{number}", tenant=tenant)
                       for number, tenant in enumerate(TENANTS)]
        with self.start() as host:
            clients = self.clients(host)
            self.configs = [client.config(f"People {number}") for number, client in enumerate(clients)]
            for number, (client, config) in enumerate(zip(clients, self.configs)):
                client.map(config, MAPPING["mappings"], "people.csv")
                file = client.upload(config, "people.csv", self.file(f"standing-{number}.csv", standing(ROWS)))
                expect_equal(client.ended(client.sync(config, file_id=file))["state"], "done")
            # The second file is out of key order: other batches, other commits.
            texts = [arriving(ROWS, SEED), shuffled(arriving(ROWS, SEED + 1), SEED)]
            self.files = [client.upload(config, "people.csv", self.file(f"arriving-{number}.csv", text))
                          for number, (client, config, text) in enumerate(zip(clients, self.configs, texts))]
            host.end()
        self.before = os.path.join(self.folder.path, "before.db")
        shutil.copy(self.folder.database, self.before)
        with self.start() as host:
            runs = self.sync(host)
            started = time.monotonic()
            ended = self.ends(host, runs)
            self.seconds = time.monotonic() - started
            host.end()
        self.counts = [run["counts"] for run in ended]
        for counts in self.counts:
            for name in ("created", "updated", "unchanged", "rejected", "duplicate"):
                expect(counts[name] > 0, name, "did not happen: the file tests too little")
        self.expected = contents(self.folder)

    def file(self, name, text):
        return self.folder.file(name, text)

    def start(self, env=None):
        return Host(self.folder, "--rate-limit", "0", env=env)

    def clients(self, host):
        return [Client(host, tenant, bearer) for tenant, bearer in zip(TENANTS, self.tokens)]

    def reset(self):
        for end in ("", "-wal", "-shm"):
            if os.path.exists(self.folder.database + end):
                os.remove(self.folder.database + end)
        shutil.copy(self.before, self.folder.database)

    def sync(self, host):
        """Starts both; their runs."""
        return [client.sync(config, file_id=file)
                for client, config, file in zip(self.clients(host), self.configs, self.files)]

    def ends(self, host, runs):
        return [client.ended(run) for client, run in zip(self.clients(host), runs)]

    def rows(self):
        """What the database knows of the two runs and their jobs."""
        names = ("run_state", "read", "run_attempt", "run_fence", "job_state", "attempt", "fence", "owner", "until")
        rows = self.folder.query(
            "SELECT r.state, r.count_read, r.attempt, r.fence, j.state, j.attempt, j.fence, j.lease_owner, j.lease_until"
            " FROM integration_runs r JOIN integration_jobs j ON j.run_id = r.id AND j.tenant_id = r.tenant_id"
            " ORDER BY r.number DESC LIMIT 2")
        return [dict(zip(names, row)) for row in reversed(rows)]

    def check(self, host, runs, what):
        """The end through the API and in the database; then the host is ended."""
        for client, run, end, counts in zip(self.clients(host), runs, self.ends(host, runs), self.counts):
            expect_equal(end["state"], "done_with_rejects", what)
            expect_equal(end["counts"], counts, what)
            expect_equal(len(client.all(f"/runs/{run}/rejects")), counts["rejected"], what, "rejects in the API")
        code, seconds = host.end()
        expect_equal(code, 0, what, host.log)
        compare(self.folder, self.expected, what)


@functools.cache
def prepared_once():
    prepared = Prepared()
    atexit.register(shutil.rmtree, prepared.folder.path)
    return prepared


def is_midway(row):
    return 0 < row["read"] and row["job_state"] in ("waiting", "running")


class Series:
    """Disturbances at seeded random moments of two syncs, which are begun anew each time they came to their end."""

    def __init__(self, prepared):
        self.prepared = prepared
        self.dice = random.Random(SEED)
        self.disturbances = 0
        self.syncs = 0
        self.resumed = 0

    def run(self, name, disturb):
        while self.disturbances < KILLS or self.resumed == 0:
            expect(self.disturbances < 20 * KILLS, "no run has gone on from a checkpoint")
            self.sync_once(disturb)
        print(f"    {self.disturbances} {name} in {self.syncs} pairs of syncs of {ROWS} rows; {self.resumed} times a run went "
              "on from a checkpoint", flush=True)

    def sync_once(self, disturb):
        self.prepared.reset()
        self.syncs += 1
        what = f"pair {self.syncs}"
        host = self.prepared.start()
        try:
            runs = self.prepared.sync(host)
            for _ in range(3):
                moment = self.dice.random() * self.prepared.seconds
                what += f", after {moment:.3f} s"
                host.stays(moment)
                if all(row["job_state"] == "done" for row in self.prepared.rows()):
                    break
                disturb(self.prepared, host, what)
                self.disturbances += 1
                self.resumed += sum(map(is_midway, self.prepared.rows()))
                host = self.prepared.start()
            self.prepared.check(host, runs, what)
        finally:
            if host.process.poll() is None:
                host.kill()


def killed(prepared, host, what):
    host.kill()


def ended(prepared, host, what):
    code, seconds = host.end()
    expect_equal(code, 0, what, host.log)
    expect(seconds < 10, what, "took", seconds, "s to end")
    for row in prepared.rows():
        expect(row["job_state"] in ("waiting", "done"), what, "the lease was not handed back:", row)
        expect((row["owner"], row["until"]) == (None, None), what, row)
        # The attempt that was interrupted doesn't count.
        expect_equal(row["attempt"], 1 if row["job_state"] == "done" else 0, what, row)
        expect_equal(row["run_state"], "done_with_rejects" if row["job_state"] == "done" else "queued", what, row)
    expect("handed back before its work was over" not in host.log, what, host.log)


def kills_of_the_host():
    prepared = prepared_once()
    Series(prepared).run("kills", killed)


def ends_of_the_host_by_sigterm():
    prepared = prepared_once()
    Series(prepared).run("ends by SIGTERM", ended)
    expect_equal([row["attempt"] for row in prepared.rows()], [1, 1], "an attempt that was handed back counts")


def failpoints_in_the_middle_of_two_syncs():
    """The instants of a commit and of a run's end, in a host that also works the other tenant's run."""
    prepared = prepared_once()
    names = ["commit.before_commit:4", "commit.after_commit:3", "settle.before_commit:1", "finish.before_commit:1",
             "finish.after_commit:1", "finish.after_commit:2"]
    for name in names:
        prepared.reset()
        host = prepared.start({"TRAINFLOW_FAILPOINT": name})
        runs = prepared.sync(host)
        expect_equal(host.process.wait(timeout=60), -signal.SIGKILL, name, "was not reached")
        with prepared.start() as host:
            prepared.check(host, runs, name)
    print(f"    {len(names)} failpoints", flush=True)


# MARK: - The frozen host


def frozen_midway(prepared, host):
    """Stops it with the first tenant's run in its middle, and outside a transaction; the run's row."""
    while True:
        row = prepared.rows()[0]
        if not is_midway(row):
            expect(row["job_state"] != "done", "the run was over before it could be frozen: give more ROWS")
            continue
        host.process.send_signal(signal.SIGSTOP)
        while "T" not in state_of(host.pid):
            pass
        connection = sqlite3.connect(prepared.folder.database, timeout=0)
        try:
            connection.execute("BEGIN IMMEDIATE")
            row = prepared.rows()[0]
            if row["job_state"] == "running" and row["read"] > 0:
                return row, connection
            connection.rollback()
        except sqlite3.OperationalError:
            pass  # It was stopped inside a transaction: let it get out of there.
        connection.close()
        host.process.send_signal(signal.SIGCONT)


def state_of(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0]


def a_frozen_host_commits_nothing_under_its_old_fence():
    prepared = prepared_once()
    prepared.reset()
    with prepared.start() as host:
        runs = prepared.sync(host)
        row, connection = frozen_midway(prepared, host)
        claim_as_another_host(connection, runs[0])
        taken = prepared.rows()[0]
        expect_equal((taken["fence"], taken["run_fence"]), (row["fence"] + 1, row["fence"] + 1))
        second = run("serve", "--port", "0", database=prepared.folder.database, env=ENVIRONMENT, timeout=20)
        expect_equal(second.returncode, 1, second.stderr)
        expect(str(host.pid) in second.stderr, second.stderr)
        host.stays(SECONDS)
        expect_equal(prepared.rows()[0], taken, "something was written while it was frozen")
        host.process.send_signal(signal.SIGCONT)
        overtaken(prepared, taken)
        prepared.check(host, runs, "frozen, overtaken, and gone on")
    expect("run dropped" in host.log, "the host doesn't say that it dropped the run:", host.log)


def claim_as_another_host(connection, run):
    """What Jobs.swift does for a claim, in the transaction that the connection has begun."""
    run = bytes.fromhex(run.replace("-", ""))
    connection.execute(
        "UPDATE integration_jobs SET attempt = attempt + 1, fence = fence + 1, lease_owner = 'another host',"
        " lease_until = ? WHERE run_id = ?", (int((time.time() + 600) * 1e6), run))
    connection.execute(
        "UPDATE integration_runs SET fence = job.fence FROM integration_jobs AS job"
        " WHERE job.run_id = integration_runs.id AND job.tenant_id = integration_runs.tenant_id AND job.run_id = ?", (run,))
    connection.commit()
    connection.close()


def overtaken(prepared, taken):
    """Waits until the host has claimed the job anew; until then nothing may be committed."""
    while True:
        row = prepared.rows()[0]
        if row["fence"] > taken["fence"]:
            return
        expect_equal((row["read"], row["job_state"]), (taken["read"], taken["job_state"]), "a commit under an old fence")


def a_host_frozen_longer_than_its_lease_goes_on():
    """Nobody has overtaken it: it goes on with its lease or claims the job anew, and everything is there once."""
    prepared = prepared_once()
    prepared.reset()
    with prepared.start() as host:
        runs = prepared.sync(host)
        row, connection = frozen_midway(prepared, host)
        connection.rollback()
        # The clock of leases is the wall's: to make it run out, its end is brought near in place of waiting for it.
        with connection:
            connection.execute("UPDATE integration_jobs SET lease_until = ? WHERE state = 'running'",
                               (int((time.time() + SECONDS / 2) * 1e6),))
        connection.close()
        host.stays(SECONDS)
        expect(prepared.rows()[0]["until"] < time.time() * 1e6, "the lease has not run out")
        host.process.send_signal(signal.SIGCONT)
        prepared.check(host, runs, "frozen longer than its lease")
    last = prepared.rows()[0]
    print(f"    the fence was {row['fence']}, and {last['fence']} at the end", flush=True)


main("api_kills", [
    kills_of_the_host, ends_of_the_host_by_sigterm, failpoints_in_the_middle_of_two_syncs,
    a_frozen_host_commits_nothing_under_its_old_fence, a_host_frozen_longer_than_its_lease_goes_on,
])
