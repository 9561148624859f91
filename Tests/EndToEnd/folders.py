#!/usr/bin/env python3
"""Files taken from a tenant's folder: each once, in order, archived or left; kills at each instant of it; manifests."""

import hashlib

from api import *

LINES = [{"source_field": source, "target_field": target}
         for source, target in (("id", "external_id"), ("email", "email"), ("name", "display_name"))]


def people(*numbers, name="Person"):
    return "id,email,name\n" + "".join(f"{n},p{n}@example.org,{name} {n}\n" for n in numbers)


class Site:
    """A host with an import root, and a configuration that takes `people-*.csv` from its tenant's folder."""

    def __init__(self, folder, host=None, **settings):
        self.folder = folder
        self.root = import_root(folder)
        self.own = os.path.join(self.root, TENANT)
        os.makedirs(self.own, exist_ok=True)
        self.host = host or self.start()
        self.client = Client(self.host)
        self.config = self.client.config(
            "Folder", settings={"path": "people-*.csv", "settle_seconds": 0, **settings})
        self.client.map(self.config, LINES, "people.csv")

    def start(self, env=None):
        return Host(self.folder, "--rate-limit", "0", env=env)

    def restart(self, env=None):
        if self.host.process.poll() is None:
            self.host.kill()
        self.host = self.start(env)
        self.client = self.client.at(self.host)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.host.__exit__()

    def put(self, name, text):
        return self.client.deliver(self.folder, name, text)

    def sync(self, **what):
        """The runs that followed from it, once the last has ended."""
        self.client.post(f"/{self.config}/sync", what, 202)
        return self.rest()

    def rest(self):
        """All runs, the oldest first, once no job is left."""
        until(lambda: not self.folder.query(
            "SELECT 1 FROM integration_jobs WHERE state IN ('waiting', 'running')"), "jobs are left", seconds=60)
        # What comes after a run is seen to before its job's worker takes the next.
        until(lambda: not self.unsettled(), "files are left to be archived", self.host.log, seconds=20)
        runs = self.client.all(f"/runs?config_id={self.config}")
        return sorted(runs, key=lambda run: run["created_at"])

    def unsettled(self):
        return self.folder.query(
            "SELECT f.path FROM integration_taken_files f JOIN integration_runs r ON r.id = f.run_id"
            " WHERE f.settled_at IS NULL AND r.state IN ('done', 'done_with_rejects')"
            " UNION ALL SELECT 'a job' FROM integration_jobs WHERE state IN ('waiting', 'running')")

    def lies(self):
        """What lies in the tenant's folder, the archive's day left out."""
        found = []
        for place, _, names in os.walk(self.own):
            for name in names:
                path = os.path.relpath(os.path.join(place, name), self.own)
                parts = path.split(os.sep)
                found.append("/".join(["archive", *parts[2:]] if parts[0] == "archive" else parts))
        return sorted(found)

    def users(self):
        return [number for number, in self.folder.query("SELECT external_id FROM users ORDER BY 1")]


def files_are_taken_one_a_run_in_order_and_archived():
    with Folder() as folder, Site(folder) as site:
        site.put("people-2026-11-02.csv", people(1, 2, name="New"))
        site.put("people-2026-11-01.csv", people(1, 3, name="Old"))
        site.put("others.csv", people(9))
        runs = site.sync()
        expect_equal([run["state"] for run in runs], ["done", "done"])
        expect_equal([run["streams"][0]["found"]["path"] for run in runs], ["people-2026-11-01.csv", "people-2026-11-02.csv"])
        expect_equal([run["trigger"] for run in runs], ["manual", "manual"])
        expect_equal(site.lies(), ["archive/people-2026-11-01.csv", "archive/people-2026-11-02.csv", "others.csv"])
        # The later one came later.
        expect_equal(folder.query("SELECT display_name FROM users ORDER BY external_id"), [("New 1",), ("New 2",), ("Old 3",)])
        nothing = site.sync()[-1]
        expect_equal((nothing["state"], nothing["counts"]["read"]), ("done", 0))
        expect_equal(nothing["message"], "Nothing to import: no new file matches people-*.csv.")
        taken = site.client.all(f"/{site.config}/folder-files")
        expect_equal([(file["path"], file["state"], file["run_id"]) for file in taken],
                     [("people-2026-11-02.csv", "taken", runs[1]["id"]), ("people-2026-11-01.csv", "taken", runs[0]["id"])])
        expect(taken[0]["archived_as"].endswith("/people-2026-11-02.csv"), taken[0])


def the_same_content_is_taken_once_whatever_it_is_called():
    with Folder() as folder, Site(folder, after="leave") as site:
        site.put("people-1.csv", people(1))
        first = site.sync()
        expect_equal(first[-1]["counts"]["created"], 1)
        expect_equal(site.lies(), ["people-1.csv"])
        expect_equal(len(site.sync()), 2)
        site.put("people-2.csv", people(1))
        passed = site.sync()[-1]
        expect_equal((passed["state"], passed["counts"]["read"]), ("done", 0))
        expect("people-2.csv was passed over: it holds the same as people-1.csv" in passed["message"], passed)
        expect(first[0]["id"] in passed["streams"][0]["warnings"][0], passed)
        # The same name with other content is another file; touched alone it is not.
        site.put("people-1.csv", people(1, 2))
        expect_equal(site.sync()[-1]["counts"]["created"], 1)
        os.utime(os.path.join(site.own, "people-1.csv"))
        expect_equal(site.sync()[-1]["counts"]["read"], 0)
        again = site.sync(again=True)[-2:]
        expect_equal([run["counts"]["unchanged"] for run in again], [2, 1])
        one = site.sync(again=True, path="people-2.csv")[-1]
        expect_equal((one["counts"]["read"], one["streams"][0]["found"]["path"]), (1, "people-2.csv"))
        states = {file["path"]: file["state"] for file in reversed(site.client.all(f"/{site.config}/folder-files"))}
        expect_equal(states, {"people-1.csv": "taken", "people-2.csv": "taken"})


def a_failed_file_stays_and_is_taken_by_the_next_sync():
    with Folder() as folder, Site(folder) as site:
        site.put("people-1.csv", 'id,email,name\n1,p1@example.org,"never closed\n')
        site.put("people-2.csv", people(2))
        failed = site.sync()
        expect_equal([run["state"] for run in failed], ["failed"])
        expect_equal(failed[0]["error"]["code"], "unclosed_quote")
        expect_equal(site.lies(), ["people-1.csv", "people-2.csv"])
        site.put("people-1.csv", people(1))
        expect_equal([run["state"] for run in site.sync()], ["failed", "done", "done"])
        expect_equal((site.lies(), site.users()), (["archive/people-1.csv", "archive/people-2.csv"], ["1", "2"]))


def a_file_on_its_way_is_not_taken():
    with Folder() as folder, Site(folder, settle_seconds=5) as site:
        path = site.put("people-1.csv", people(1))
        with open(os.path.join(site.own, "people-2.csv.filepart"), "w") as file:
            file.write(people(2))
        run = site.client.sync(site.config)
        until(lambda: site.client.get(f"/runs/{run}")["error"] is not None, "the run does not wait")
        waiting = site.client.get(f"/runs/{run}")
        expect_equal((waiting["state"], waiting["error"]["code"]), ("queued", "file_unfinished"))
        expect("people-1.csv is still being written" in waiting["message"], waiting)
        with open(path, "a") as file:
            file.write("3,p3@example.org,Person 3\n")
        ended = site.client.ended(run)
        expect_equal((ended["state"], ended["counts"]["read"]), ("done", 2))
        expect_equal(site.rest()[-1]["id"], run)
        expect_equal(site.lies(), ["archive/people-1.csv", "people-2.csv.filepart"])


def kills_neither_lose_nor_repeat_a_file():
    for name in ("folder.taken", "commit.after_commit", "finish.before_commit", "finish.after_commit",
                 "folder.before_archived", "folder.before_settled"):
        with Folder() as folder, Site(folder) as site:
            site.put("people-1.csv", people(*range(1, 40)))
            site.put("people-2.csv", people(*range(20, 60)))
            site.restart({"TRAINFLOW_FAILPOINT": name})
            site.client.post(f"/{site.config}/sync", {}, 202)
            expect_equal(site.host.process.wait(timeout=60), -signal.SIGKILL, name, "was not reached")
            site.restart()
            runs = site.rest()
            expect_equal([(run["state"], run["counts"]["read"]) for run in runs], [("done", 39), ("done", 40)], name)
            expect_equal(sum(run["counts"]["created"] for run in runs), 59, name)
            expect_equal(site.lies(), ["archive/people-1.csv", "archive/people-2.csv"], name)
            archived = [file["archived_as"].split("/")[-1] for file in site.client.all(f"/{site.config}/folder-files")]
            expect_equal(archived, ["people-2.csv", "people-1.csv"], name)
            expect_equal(len(site.sync()), 3, name)


def a_dry_run_takes_nothing_and_its_plan_is_of_one_file():
    with Folder() as folder, Site(folder) as site:
        def plan():
            run = site.client.ended(site.client.sync(site.config, dry_run=True))
            expect_equal(run["state"], "planned", run["message"])
            return run

        def apply(run, status=202):
            return site.client.post(f"/runs/{run['id']}/approve", {"plan": run["plan"]["hash"]}, status)

        empty = plan()
        expect_equal(empty["message"], "Planned: Nothing to import: no new file matches people-*.csv. Nothing was written.")
        site.put("people-2.csv", people(1, 2))
        # It was of no file, and is applied so.
        apply(empty)
        expect_equal((site.rest()[-1]["state"], site.rest()[-1]["counts"]["read"], site.users()), ("done", 0, []))
        site.put("people-3.csv", people(3))
        first = plan()
        expect_equal((first["plan"]["file"], first["counts"]["created"]), ("people-2.csv", 2))
        expect_equal((site.lies(), site.users()), (["people-2.csv", "people-3.csv"], []))
        taken = [file["path"] for file in site.client.all(f"/{site.config}/folder-files")]
        expect_equal(taken, [])
        again = plan()
        expect_equal(again["plan"]["hash"], first["plan"]["hash"])
        # One comes that would be taken before it; the plan is of the other still.
        site.put("people-1.csv", people(1, name="Early"))
        apply(again)
        done = site.rest()[-1]
        expect_equal((done["id"], done["state"], done["counts"]["created"]), (again["id"], "done", 2))
        expect_equal((site.lies(), site.users()), (["archive/people-2.csv", "people-1.csv", "people-3.csv"], ["1", "2"]))
        changed = plan()
        expect_equal((changed["plan"]["file"], changed["counts"]["updated"]), ("people-1.csv", 1))
        site.put("people-1.csv", people(1, 9))
        problem = apply(changed, 409)
        expect_equal(problem["code"], "plan_stale")
        expect("people-1.csv is not in the folder any more" in problem["detail"], problem)
        site.put("people-1.csv.manifest", json.dumps({"rows": 7}))
        run = site.client.ended(site.client.sync(site.config, dry_run=True))
        expect_equal((run["state"], run["error"]["code"]), ("failed", "declared_total_differs"))
        site.put("people-1.csv.manifest", json.dumps({"rows": 2}))
        changed = plan()
        site.put("people-1.csv.manifest", json.dumps({"rows": 2, "complete": False}))
        expect_equal(apply(changed, 409)["code"], "plan_stale")
        expect_equal(site.users(), ["1", "2"])
        expect_equal(site.sync()[-1]["state"], "done")
        expect_equal((site.users(), [name for name in site.lies() if "archive" not in name]), (["1", "2", "3", "9"], []))


def a_killed_plan_of_a_file_is_applied_once():
    for name in ("plan.before_applying", "folder.taken", "commit.after_commit", "finish.after_commit", "folder.before_archived"):
        with Folder() as folder, Site(folder) as site:
            site.put("people-2.csv", people(*range(1, 40)))
            plan = site.client.ended(site.client.sync(site.config, dry_run=True))
            site.put("people-1.csv", people(99))
            site.restart({"TRAINFLOW_FAILPOINT": name})
            site.client.post(f"/runs/{plan['id']}/approve", {"plan": plan["plan"]["hash"]}, 202)
            expect_equal(site.host.process.wait(timeout=60), -signal.SIGKILL, name, "was not reached")
            site.restart()
            (run,) = site.rest()
            expect_equal((run["state"], run["counts"]["created"], run["plan"]["state"]), ("done", 39, "applied"), name)
            expect_equal((site.lies(), len(site.users())), (["archive/people-2.csv", "people-1.csv"], 39), name)


def a_manifest_is_checked_before_and_after():
    with Folder() as folder, Site(folder, manifest="required") as site:
        text = people(1, 2, 3)
        good = hashlib.sha256(text.encode()).hexdigest()

        def deliver(manifest, name="people-1.csv"):
            site.put(name + ".manifest", manifest)
            site.put(name, text)
            run = site.sync()[-1]
            os.path.exists(os.path.join(site.own, name)) and os.remove(os.path.join(site.own, name))
            return run

        other = deliver(f"sha256={'0' * 64}")
        expect_equal((other["state"], other["error"]["code"], other["counts"]["read"]), ("failed", "manifest_differs", 0))
        expect_equal(site.users(), [])
        broken = deliver("rows: 3")
        expect_equal((broken["state"], broken["error"]["code"]), ("failed", "manifest_broken"))
        short = deliver(json.dumps({"rows": 4, "sha256": good}))
        expect_equal((short["state"], short["error"]["code"]), ("failed", "declared_total_differs"))
        expect("declares 4 records, and 3 came" in short["message"], short)
        expect("A header is no record" in short["message"], short)
        expect("3 people read, 3 created" in short["message"], short)
        right = deliver(json.dumps({"rows": 3, "sha256": good}))
        expect_equal((right["state"], right["counts"]["unchanged"]), ("done", 3))
        expect_equal(site.lies(), ["archive/people-1.csv", "archive/people-1.csv.manifest"])


def absence_needs_what_is_declared():
    with Folder() as folder, Site(folder) as site:
        site.client.ask("PATCH", f"/configs/{site.config}", {"policy": {"leavers": {"action": "suspend"}}})
        active = lambda: folder.query("SELECT count(*) FROM users WHERE status IS NOT 'suspended'")[0][0]
        site.put("people-1.csv", people(*range(1, 41)))
        expect_equal(site.sync()[-1]["state"], "done")
        site.put("people-2.csv.manifest", "rows=40")
        site.put("people-2.csv", people(*range(1, 39)))
        cut = site.sync()[-1]
        expect_equal((cut["state"], cut["error"]["code"], active()), ("failed", "declared_total_differs", 40))
        os.remove(os.path.join(site.own, "people-2.csv.manifest"))
        os.remove(os.path.join(site.own, "people-2.csv"))
        site.put("people-3.csv.manifest", "rows=38\ncomplete=false")
        site.put("people-3.csv", people(*range(1, 39)))
        part = site.sync()[-1]
        expect_equal((part["state"], active()), ("done", 40))
        expect("Nobody was taken for absent" in part["message"], part)
        site.put("people-4.csv.manifest", "rows=38")
        site.put("people-4.csv", people(*range(1, 39), name="Other"))
        whole = site.sync()[-1]
        expect_equal((whole["state"], active()), ("done", 38))


def a_file_that_goes_away_before_it_is_read_was_never_taken():
    with Folder() as folder, Site(folder) as site:
        path = site.put("people-1.csv", people(1, 2))
        site.restart({"TRAINFLOW_FAILPOINT": "folder.taken"})
        site.client.post(f"/{site.config}/sync", {}, 202)
        expect_equal(site.host.process.wait(timeout=60), -signal.SIGKILL)
        os.remove(path)
        site.restart()
        expect_equal(site.rest()[-1]["message"], "Nothing to import: no new file matches people-*.csv.")
        expect_equal(site.client.all(f"/{site.config}/folder-files"), [])
        site.put("people-1.csv", people(1, 2))
        expect_equal((site.sync()[-1]["counts"]["created"], site.users()), (2, ["1", "2"]))


def a_held_run_is_ended_by_a_newer_file_not_by_a_look_for_one():
    with Folder() as folder, Site(folder) as site:
        site.client.map(site.config, LINES + [{"source_field": "status", "target_field": "status"}], "people.csv")

        def export(active, name="Person"):
            return "id,email,name,status\n" + "".join(
                f"{n},p{n}@example.org,{name} {n},{'active' if n <= active else 'inactive'}\n" for n in range(1, 41))

        def state(run):
            return site.client.get(f"/runs/{run['id']}")["state"]

        def inactive():
            return folder.query("SELECT count(*) FROM users WHERE status = 'inactive'")[0][0]

        site.put("people-1.csv", export(40))
        expect_equal(site.sync()[-1]["state"], "done")
        site.put("people-2.csv", export(10))
        held = site.sync()[-1]
        expect_equal((held["state"], held["counts"]["set_aside"], inactive()), ("held", 30, 0))
        until(lambda: "archive/people-2.csv" in site.lies(), "the held file is not archived")
        expect_equal(site.sync()[-1]["message"], "Nothing to import: no new file matches people-*.csv.")
        # The same once more is nothing newer either.
        site.put("people-3.csv", export(10))
        expect("was passed over" in site.sync()[-1]["message"])
        expect_equal(state(held), "held")
        site.client.post(f"/runs/{held['id']}/approve", None, 202)
        expect_equal((site.client.ended(held["id"])["state"], inactive()), ("done", 30))
        site.rest()
        site.put("people-4.csv", export(40, "New"))
        expect_equal(site.sync()[-1]["state"], "done")
        site.put("people-5.csv", export(10, "Other"))
        held = site.sync()[-1]
        expect_equal(held["state"], "held")
        site.put("people-6.csv", export(40, "Other"))
        expect_equal((site.sync()[-1]["state"], state(held), inactive()), ("done", "done", 0))
        expect("a newer sync came" in site.client.get(f"/runs/{held['id']}")["message"])


def a_plan_waits_while_a_held_run_is_approved():
    with Folder() as folder, Site(folder) as site:
        site.client.map(site.config, LINES + [{"source_field": "status", "target_field": "status"}], "people.csv")

        def export(active, name="Person"):
            return "id,email,name,status\n" + "".join(
                f"{n},p{n}@example.org,{name} {n},{'active' if n <= active else 'inactive'}\n" for n in range(1, 41))

        site.put("people-1.csv", export(40))
        expect_equal(site.sync()[-1]["state"], "done")
        site.put("people-2.csv", export(10))
        held = site.sync()[-1]
        expect_equal(held["state"], "held")
        site.put("people-3.csv", export(10, "New"))
        plan = site.client.ended(site.client.sync(site.config, dry_run=True))
        expect_equal((plan["state"], plan["plan"]["file"]), ("planned", "people-3.csv"))
        expect_equal(site.client.get(f"/runs/{held['id']}")["state"], "held")
        site.client.post(f"/runs/{held['id']}/approve", None, 202)
        expect_equal(site.client.ended(held["id"])["state"], "done")
        # The file behind the one that was held is only planned: nobody has said that it is to be applied.
        site.rest()
        expect_equal(site.client.get(f"/runs/{plan['id']}")["state"], "planned")
        expect_equal(folder.query("SELECT count(*) FROM users WHERE display_name LIKE 'New%'"), [(0,)])


def an_archive_that_cannot_be_written_to_is_told_shortly():
    with Folder() as folder, Site(folder) as site:
        wall = os.path.join(site.own, "archive")
        with open(wall, "w"):
            pass
        count = 12
        for number in range(count):
            site.put(f"people-{number:02}.csv", people(number))
        site.client.post(f"/{site.config}/sync", {}, 202)
        done = lambda: folder.query("SELECT count(*) FROM integration_runs WHERE state = 'done'")[0][0]
        until(lambda: done() == count, "not all files are read", seconds=60)
        run = site.client.get("/runs?limit=1")["items"][0]
        warnings = run["streams"][0]["warnings"]
        expect_equal(len(warnings), 6, warnings)
        expect("can't be moved into archive/: archive can't be read: Not a directory" in warnings[0], warnings)
        expect("Neither were" in warnings[5] and "older files moved" in warnings[5], warnings)
        site.restart()
        site.host.stays(0.2)
        # At the start once, not for each of the runs.
        expect_equal(site.host.log.count("can't be moved into"), 5, site.host.log)
        expect_equal(done(), count)
        os.remove(wall)
        site.put("people-99.csv", people(99))
        site.sync()
        expect_equal(len(site.lies()), count + 1)
        expect(all(place.startswith("archive/") for place in site.lies()), site.lies())


def copies_are_named_up_to_five():
    with Folder() as folder, Site(folder) as site:
        site.put("people-00.csv", people(1))
        site.sync()
        for number in range(1, 9):
            site.put(f"people-{number:02}.csv", people(1))
        run = site.sync()[-1]
        expect_equal(run["counts"]["read"], 0)
        expect_equal(run["message"].count("was passed over"), 5, run["message"])
        expect("So were 3 more files" in run["message"], run["message"])
        expect_equal(len(site.lies()), 9)


def the_manifest_of_the_next_delivery_stays():
    """Under a fixed name, the manifest first: it comes while the file before it is still there."""
    with Folder() as folder, Site(folder, path="people.csv") as site:
        first, second = people(1, 2), people(1, 2, 3)
        hashed = lambda text: "sha256=" + hashlib.sha256(text.encode()).hexdigest()
        for manifest in (hashed(first), None):
            if manifest:
                site.put("people.csv.manifest", manifest)
            site.put("people.csv", first)
            site.restart({"TRAINFLOW_FAILPOINT": "finish.after_commit"})
            site.client.post(f"/{site.config}/sync", {"again": True}, 202)
            expect_equal(site.host.process.wait(timeout=60), -signal.SIGKILL)
            site.put("people.csv.manifest", hashed(second))
            site.restart()
            site.rest()
            left = [place for place in site.lies() if not place.startswith("archive/")]
            expect_equal(left, ["people.csv.manifest"])
            os.remove(os.path.join(site.own, "people.csv.manifest"))


def a_manifest_counts_streams_that_are_read():
    with Folder() as folder, Site(folder) as site:
        site.put("people-1.csv.manifest", "rows.peple=2")
        site.put("people-1.csv", people(1, 2))
        run = site.sync()[-1]
        expect_equal((run["state"], run["error"]["code"], run["counts"]["read"]), ("failed", "manifest_broken", 0))
        expect('declares records of "peple", and this run reads "people.csv"' in run["message"], run["message"])
        site.put("people-1.csv.manifest", "rows.people.csv=2")
        expect_equal(site.sync()[-1]["state"], "done")


if __name__ == "__main__":
    main("folders", [
        files_are_taken_one_a_run_in_order_and_archived,
        the_same_content_is_taken_once_whatever_it_is_called,
        a_failed_file_stays_and_is_taken_by_the_next_sync,
        a_file_on_its_way_is_not_taken,
        kills_neither_lose_nor_repeat_a_file,
        a_dry_run_takes_nothing_and_its_plan_is_of_one_file,
        a_killed_plan_of_a_file_is_applied_once,
        a_manifest_is_checked_before_and_after,
        absence_needs_what_is_declared,
        a_file_that_goes_away_before_it_is_read_was_never_taken,
        a_held_run_is_ended_by_a_newer_file_not_by_a_look_for_one,
        a_plan_waits_while_a_held_run_is_approved,
        an_archive_that_cannot_be_written_to_is_told_shortly,
        copies_are_named_up_to_five,
        the_manifest_of_the_next_delivery_stays,
        a_manifest_counts_streams_that_are_read,
    ])
