#!/usr/bin/env python3
"""Exactly once: an import is killed, again and again, and ends as an undisturbed one.

After each import another config brings people that it has to know by their e-mails: the directory has come through too.

usage: kills.py [KILLS] [ROWS] [SEED]   KILLS at seeded random moments (default 6) of an import of ROWS rows (40,000) in
                                        key order, of one of shuffled rows, and of one of large rows; then one at each
                                        failpoint
"""

import time

from people import *

KILLS = int(sys.argv[1]) if len(sys.argv) > 1 else 6
ROWS = int(sys.argv[2]) if len(sys.argv) > 2 else 40_000
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else SEED

FAILPOINTS = [
    "commit.begin", "commit.after_lookup", "commit.after_users", "commit.after_links", "commit.after_rejects",
    "commit.after_effects", "commit.after_counts", "commit.before_commit", "commit.after_commit", "settle.begin", "settle.after_emails",
    "settle.after_managers", "settle.before_commit", "finish.before_commit", "finish.after_commit",
]
# The directory is merged once it holds so many new people.
MERGES_AT = 196_608
# Rows out of key order are committed so many together: a series needs several commits.
SHUFFLED_ROWS = max(ROWS, 60_000)
# With them 4 MiB of the file are a batch, which the runner has to cut: the body is a little larger.
NOTE_BYTES = 1_400

LARGE_MAPPING = {"mappings": MAPPING["mappings"] + [{"source_field": "note", "target_field": "attributes.note"}]}


def with_notes(text):
    """The same rows, each with a long text of its own."""
    header, *lines = text.splitlines()
    noted = [f"{line},{line[:7]} {'note ' * (NOTE_BYTES // 5)}\n" for line in lines]
    return f"{header},note\n" + "".join(noted)


def others(rows):
    """What another system knows of these people, under numbers of its own: every 50th, and some that are new."""
    dice = random.Random(SEED)
    lines = [person(n, email=f"P{n}@Example.com", name="Other", boss="", dept="") for n in range(0, rows, 50)]
    lines += [person(n, boss="", dept="") for n in range(rows, rows + 100)]
    dice.shuffle(lines)
    return HEADER + "".join(f"X{line}" for line in lines)


class Prepared:
    """The database before the import, the file to import, and what an undisturbed import makes of them."""

    def __init__(self, standing, arriving, others, code, mapping=MAPPING):
        self.folder = Folder()
        self.code = code
        self.mapping = mapping
        result = import_file(self.folder, self.folder.file("standing.csv", standing), mapping, "people")
        expect_equal(result.returncode, 0, result.stderr, result.stdout)
        self.file = self.folder.file("arriving.csv", arriving)
        self.others = self.folder.file("others.csv", others)
        self.before = os.path.join(self.folder.path, "before.db")
        shutil.copy(self.folder.database, self.before)
        started = time.monotonic()
        result = import_file(self.folder, self.file, mapping, "people")
        self.seconds = time.monotonic() - started
        expect_equal(result.returncode, code, result.stderr, result.stdout)
        self.counts = result.report["counts"]
        self.expected = contents(self.folder)
        result = self.import_others()
        for name in ("created", "warned"):
            expect(result.report["counts"][name] > 0, name, "did not happen: the other file tests too little")
        self.expected_with_others = contents(self.folder)

    @classmethod
    def mixed(cls, rows, change=lambda text: text, mapping=MAPPING):
        prepared = cls(change(standing(rows)), change(arriving(rows, SEED)), others(rows), 3, mapping)
        for name in ("created", "updated", "unchanged", "rejected", "duplicate"):
            expect(prepared.counts[name] > 0, name, "did not happen: the file tests too little")
        return prepared

    def import_others(self):
        result = import_file(self.folder, self.others, MAPPING, "others", "--policy", '{"match": ["email"]}')
        expect_equal(result.returncode, 0, result.stderr, result.stdout)
        return result

    def reset(self):
        for end in ("", "-wal", "-shm"):
            if os.path.exists(self.folder.database + end):
                os.remove(self.folder.database + end)
        shutil.copy(self.before, self.folder.database)

    def start(self, env=None):
        return subprocess.Popen(
            command(*import_words(self.folder, self.file, self.mapping, "people"), database=self.folder.database),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **(env or {})})

    def has_ended(self):
        (last,) = self.folder.query("SELECT finished_at FROM integration_runs ORDER BY number DESC LIMIT 1")
        return last[0] is not None and len(self.folder.query("SELECT 1 FROM integration_runs")) == 2

    def finish(self, what):
        process = self.start()
        out, err = process.communicate(timeout=300)
        expect_equal(process.returncode, self.code, what, err, out)
        self.check(json.loads(out)["counts"], what)
        return err

    def check(self, counts, what):
        expect_equal(counts, self.counts, what)
        compare(self.folder, self.expected, what)
        self.import_others()
        compare(self.folder, self.expected_with_others, f"{what}, then another config")


class Series:
    """Kills at seeded random moments of an import, which is begun anew each time it came to its end."""

    def __init__(self, prepared):
        self.prepared = prepared
        self.dice = random.Random(SEED)
        self.kills = 0
        self.imports = 0
        self.resumed = 0

    def run(self, rows):
        # Chance may have it that no kill comes between the first commit and the end: then there are more kills.
        while self.kills < KILLS or self.resumed == 0:
            expect(self.kills < 20 * KILLS, "after", self.kills, "kills no import has gone on from a checkpoint")
            self.import_once()
        print(f"    {self.kills} kills in {self.imports} imports of {rows} rows; {self.resumed} times an import went on "
              "from a checkpoint", flush=True)
        shutil.rmtree(self.prepared.folder.path)

    def import_once(self):
        self.prepared.reset()
        self.imports += 1
        what = f"import {self.imports}"
        for _ in range(KILLS):
            process = self.prepared.start()
            moment = self.dice.random() * self.prepared.seconds
            try:
                process.wait(timeout=moment)
            except subprocess.TimeoutExpired:
                process.kill()
                self.kills += 1
                what += f", killed after {moment:.3f} s"
            out, err = process.communicate(timeout=60)
            self.count_resumed(err)
            if process.returncode != -signal.SIGKILL:
                # It was over before its moment came.
                expect_equal(process.returncode, self.prepared.code, what, err, out)
                self.prepared.check(json.loads(out)["counts"], what)
                return
            if self.prepared.has_ended():
                # Killed when the run was done already, and only had to be told.
                self.prepared.check(self.prepared.counts, what)
                return
        self.count_resumed(self.prepared.finish(what))

    def count_resumed(self, err):
        interrupted = re.search(r"Going on with run .* interrupted after ([\d,]+) rows", err)
        self.resumed += interrupted is not None and interrupted[1] != "0"


def kills_of_an_import_in_key_order():
    Series(Prepared.mixed(ROWS)).run(ROWS)


def kills_of_an_import_of_shuffled_rows():
    Series(Prepared.mixed(SHUFFLED_ROWS, lambda text: shuffled(text, SEED))).run(SHUFFLED_ROWS)


def kills_of_an_import_of_large_rows():
    rows = max(ROWS // 6, 10_000)
    Series(Prepared.mixed(rows, with_notes, LARGE_MAPPING)).run(rows)


def kill_at(prepared, name, nth):
    prepared.reset()
    process = prepared.start({"TRAINFLOW_FAILPOINT": f"{name}:{nth}"})
    out, err = process.communicate(timeout=120)
    expect_equal(process.returncode, -signal.SIGKILL, f"failpoint {name}:{nth} was not reached", out, err)
    if name == "finish.after_commit":
        prepared.check(prepared.counts, name)
    else:
        prepared.finish(f"{name}:{nth}")


def a_kill_at_each_failpoint():
    prepared = Prepared.mixed(min(ROWS, 12_000))
    for name in FAILPOINTS:
        for nth in (1, 2) if name.startswith("commit") else (1,):
            kill_at(prepared, name, nth)
    print(f"    {len(FAILPOINTS)} failpoints")
    shutil.rmtree(prepared.folder.path)


def a_kill_around_a_merge_of_the_directory():
    people = MERGES_AT + 10_000
    prepared = Prepared(HEADER + person(0), HEADER + "".join(person(n) for n in range(people)), others(people), 0)
    for name in ("directory.before_merge", "directory.after_merge"):
        kill_at(prepared, name, 1)
    shutil.rmtree(prepared.folder.path)


def a_kill_while_what_was_approved_is_applied():
    rows = 5_000

    with Folder() as folder:
        text = HEADER + "".join(person(n, email=f"p{n}@a.example") for n in range(rows))
        import_file(folder, folder.file("a.csv", text), MAPPING, "people")
        # Half of them exchange their e-mails, the others get new ones.
        text = HEADER + "".join(
            person(n, email=f"p{n ^ 2}@a.example" if n % 2 else f"p{n}@b.example") for n in range(rows))
        held = import_file(folder, folder.file("b.csv", text), MAPPING, "people")
        expect_equal((held.returncode, held.report["counts"]["set_aside"]), (4, rows), held.stdout, held.stderr)
        before = os.path.join(folder.path, "before.db")
        shutil.copy(folder.database, before)
        words = ["runs", "approve", held.report["run_id"], "--tenant", TENANT, "--log-level", "error"]
        expected = None
        for failpoint in (None, "approve.begin:1", "approve.begin:3", "approve.before_commit:2", "approve.before_commit:4",
                          "approve.before_commit:5", "finish.before_commit:1"):
            for end in ("", "-wal", "-shm"):
                if os.path.exists(folder.database + end):
                    os.remove(folder.database + end)
            shutil.copy(before, folder.database)
            if failpoint:
                killed = run(*words, database=folder.database, env={"TRAINFLOW_FAILPOINT": failpoint})
                expect_equal(killed.returncode, -signal.SIGKILL, failpoint, killed.stdout, killed.stderr)
            done = run(*words, database=folder.database)
            expect_equal(done.returncode, 0, failpoint, done.stderr, done.stdout)
            expected = expected or contents(folder)
            compare(folder, expected, failpoint)
        expect_equal(folder.query("SELECT count(DISTINCT email) FROM users"), [(rows,)])
        expect_equal(folder.query("SELECT state, count(*) FROM integration_effects GROUP BY 1"), [("applied", rows)])


main("kills", [
    kills_of_an_import_in_key_order, kills_of_an_import_of_shuffled_rows, kills_of_an_import_of_large_rows,
    a_kill_at_each_failpoint, a_kill_around_a_merge_of_the_directory,
    a_kill_while_what_was_approved_is_applied,
])
