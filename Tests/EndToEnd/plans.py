#!/usr/bin/env python3
"""Dry runs: a plan writes nothing, shows all that would be, and is applied exactly, once, or not at all.

usage: plans.py [ROWS]   rows of the import that is killed (6,000)
"""

import contextlib
import time

from api import *
from entities import Configured, DATA, expect_same, undisturbed
from people import *
from people import compare as compare_people
from people import contents as contents_of_people

ROWS = next((int(word) for word in sys.argv[1:] if word.isdigit()), 6_000)

PLANNING = [
    "commit.begin", "commit.after_users", "commit.after_links", "commit.before_commit", "commit.after_commit",
    "settle.after_emails", "settle.before_commit", "stream.before_commit", "finish.after_commit", "plan.rehearsed", "plan.part",
    "plan.part:2", "plan.before_commit", "plan.after_commit",
]
APPLYING = [
    "plan.before_applying", "commit.begin", "commit.after_users", "commit.before_commit", "commit.after_commit",
    "settle.after_emails", "settle.after_managers", "stream.after_commit", "finish.before_commit", "finish.after_commit",
]

LINES = [
    {"source_field": "id", "target_field": "external_id"},
    {"source_field": "email", "target_field": "email", "transform_function": "trim | lower | email"},
    {"source_field": "name", "target_field": "display_name"},
    {"source_field": "status", "target_field": "status"},
]


def table(*people):
    return "id,email,name,status\n" + "".join(",".join(person) + "\n" for person in people)


ANN, BEN, CID = ("1", "ann@example.org", "Ann", "active"), ("2", "ben@example.org", "Ben", "active"), (
    "3", "cid@example.org", "Cid", "active")
ANNA, IVY = ("1", "anna@example.org", "Anna", "active"), ("9", "ivy@example.org", "Ivy", "active")


class Company(Client):
    """A tenant with three people, and a plan that renames one and adds another."""

    def __init__(self, folder, host, **policy):
        super().__init__(host)
        self.folder = folder
        self.people = self.config("People", policy=policy)
        self.map(self.people, LINES, "people.csv")
        self.take(table(ANN, BEN, CID))

    def take(self, text, **more):
        file = self.upload(self.people, "people.csv", self.folder.file("people.csv", text))
        return self.ended(self.sync(self.people, file_id=file, **more))

    def plan(self, text=table(ANNA, BEN, CID, IVY)):
        run = self.take(text, dry_run=True)
        expect_equal(run["state"], "planned", run)
        return run

    def rows(self):
        return self.folder.query("SELECT external_id, email, display_name, status FROM users ORDER BY number")

    def effects(self, run, query=""):
        return self.all(f"/runs/{run['id']}/effects{query}")

    def apply(self, run, status=202):
        return self.post(f"/runs/{run['id']}/approve", {"plan": run["plan"]["hash"]}, status)

    def stale(self, run, words):
        problem = self.apply(run, 409)
        expect_equal(problem["code"], "plan_stale", problem)
        expect(words in problem["detail"], problem)
        expect_equal(self.get(f"/runs/{run['id']}")["state"], "planned")


@contextlib.contextmanager
def company(**policy):
    with Folder() as folder, Host(folder, "--rate-limit", "0") as host:
        yield Company(folder, host, **policy)


def edit(folder, sql):
    """As another program that shares the database."""
    connection = sqlite3.connect(folder.database, timeout=10)
    connection.execute(sql)
    connection.commit()
    connection.close()


def a_plan_of_three_entities_writes_nothing_and_is_applied_as_a_run_would_have():
    expected, direct = undisturbed()
    with Folder() as folder, Host(folder, "--rate-limit", "0") as host:
        three = Configured(folder, host)
        client = three.client
        run = client.ended(client.sync(three.config, files=three.files, dry_run=True))
        expect_equal(run["state"], "planned", run["message"])
        expect_equal(run["counts"], direct["counts"])
        for name in ("users", "courses", "enrollments", "integration_links", "integration_changes", "integration_directory_log"):
            expect_equal(folder.query(f"SELECT count(*) FROM {name}"), [(0,)], name)
        shown = client.all(f"/runs/{run['id']}/effects")
        expect_equal(len(shown), run["counts"]["created"] + run["counts"]["updated"])
        expect(all(effect["state"] == "pending" for effect in shown), shown[0])
        expect_equal(client.get(f"/runs/{run['id']}/changes")["items"], [])
        rejects = client.all(f"/runs/{run['id']}/rejects")
        expect_equal(len(rejects), run["counts"]["rejected"])
        # An enrolment of a person who comes with the same plan is called as the source calls them.
        pair = next(effect for effect in shown if effect["entity"] == "enrollments")
        fields = {field["name"]: field["after"] for field in pair["fields"]}
        expect(fields["user_external_id"] and fields["course_external_id"], fields)
        client.post(f"/runs/{run['id']}/approve", {"plan": run["plan"]["hash"]}, 202)
        done = client.ended(run["id"])
        expect_equal((done["state"], done["counts"]), (direct["state"], direct["counts"]), done["message"])
        expect_same(folder, expected, "applied")
        print(f"    {len(shown):,} effects and {len(rejects):,} rejects shown")


def approving_applies_exactly_what_was_shown():
    with company() as tenant:
        before = tenant.rows()
        run = tenant.plan()
        expect_equal(tenant.rows(), before)
        # What the guard counts comes last, as it is applied.
        shown = sorted(tenant.effects(run), key=lambda effect: effect["external_id"])
        expect_equal([(effect["effect"], effect["external_id"]) for effect in shown], [("updated", "1"), ("created", "9")])
        expect_equal([(field["name"], field["before"], field["after"]) for field in shown[0]["fields"]],
                     [("email", "ann@example.org", "anna@example.org"), ("display_name", "Ann", "Anna")])
        expect_equal([effect["external_id"] for effect in tenant.effects(run, "?effect=created")], ["9"])
        expect_equal([effect["external_id"] for effect in tenant.effects(run, "?kind=key_change")], ["1"])
        expect_equal(len(tenant.get(f"/runs/{run['id']}/effects?limit=1")["items"]), 1)
        tenant.apply(run)
        done = tenant.ended(run["id"])
        expect_equal((done["state"], done["plan"]["state"], done["counts"]), ("done", "applied", run["counts"]))
        people = {row[0]: dict(zip(("external_id", "email", "display_name", "status"), row)) for row in before}
        for effect in shown:
            person = people.setdefault(effect["external_id"], {})
            person.update({field["name"]: field["after"] for field in effect["fields"]})
        expect_equal(tenant.rows(), [tuple(person.values()) for person in people.values()])
        changes = tenant.all(f"/runs/{run['id']}/changes")
        expect_equal(sorted((change["effect"], change["external_id"]) for change in changes),
                     sorted((effect["effect"], effect["external_id"]) for effect in shown))
        tenant.apply(run, 409)


def a_plan_that_does_not_hold_any_more_is_refused():
    with company() as tenant:
        before = tenant.rows()
        run = tenant.plan()
        for wrong, status in (({}, 422), ({"plan": "0" * 64}, 409)):
            tenant.post(f"/runs/{run['id']}/approve", wrong, status)
        edit(tenant.folder, "UPDATE users SET display_name = 'Hanna' WHERE external_id = '1'")
        tenant.stale(run, "person 1 was changed")
        edit(tenant.folder, "UPDATE users SET display_name = 'Ann' WHERE external_id = '1'")
        other = tenant.config("Others")
        tenant.map(other, LINES, "people.csv")
        file = tenant.upload(other, "people.csv", tenant.folder.file("others.csv", table(IVY)))
        tenant.ended(tenant.sync(other, file_id=file))
        tenant.stale(run, "New people have come")
        run = tenant.plan()
        # Ivy is known to the other configuration by now.
        expect_equal(sorted(effect["effect"] for effect in tenant.effects(run)), ["linked", "updated"])
        tenant.map(tenant.people, LINES[:-1], "people.csv")
        tenant.stale(run, "The mappings were changed")
        tenant.map(tenant.people, LINES, "people.csv")
        run = tenant.plan()
        etag = tenant.get(f"/configs/{tenant.people}")
        tenant.ask("PATCH", f"/configs/{tenant.people}", {"policy": {"adopt": False}})
        tenant.stale(run, "The configuration was changed")
        expect_equal(tenant.rows()[:3], before, etag["id"])


def a_plan_says_what_the_guard_would_hold_and_approving_it_decides_about_that():
    with company() as tenant:
        run = tenant.plan(table(*(person[:3] + ("inactive",) for person in (ANN, BEN, CID))))
        expect("The guard would hold" in run["message"] and "would lose access" in run["message"], run["message"])
        expect(run["guard"]["verdicts"][0]["held"], run["guard"])
        expect_equal(len(tenant.effects(run, "?kind=deactivate")), 3)
        expect_equal({row[3] for row in tenant.rows()}, {"active"})
        wrong = tenant.post(f"/runs/{run['id']}/approve", {"plan": "0" * 64}, 409)
        expect_equal(wrong["code"], "plan_stale", wrong)
        tenant.apply(run)
        done = tenant.ended(run["id"])
        expect_equal((done["state"], done["counts"]), ("done", run["counts"]), done["message"])
        expect_equal(done["guard"]["decision"]["decision"], "approved", done["guard"])
        expect_equal({row[3] for row in tenant.rows()}, {"inactive"})


def a_plan_is_decided_about_once_and_under_its_own_name():
    with company() as tenant:
        run = tenant.plan(table(*(person[:3] + ("inactive",) for person in (ANN, BEN, CID))))
        tenant.apply(run)
        expect_equal(tenant.ended(run["id"])["state"], "done")
        for hash, code, words in (("0" * 64, "plan_stale", "is another than the one that is meant"),
                                  (run["plan"]["hash"], "run_not_held", "was approved by")):
            for verb in ("approve", "refuse"):
                problem = tenant.post(f"/runs/{run['id']}/{verb}", {"plan": hash}, 409)
                expect_equal(problem["code"], code, problem)
                expect(words in problem["detail"], problem)
        # Whoever means a plan doesn't decide about what a run without one holds.
        held = tenant.take(table(*(person[:1] + (f"new-{person[1]}",) + person[2:] for person in (ANN, BEN, CID))))
        expect_equal(held["state"], "held", held["message"])
        for verb in ("approve", "refuse"):
            problem = tenant.post(f"/runs/{held['id']}/{verb}", {"plan": run["plan"]["hash"]}, 409)
            expect(problem["code"] == "run_not_held" and "has no plan" in problem["detail"], problem)
        expect_equal(tenant.get(f"/runs/{held['id']}")["state"], "held")
        tenant.post(f"/runs/{held['id']}/approve", None, 202)
        expect_equal(tenant.ended(held["id"])["state"], "done")


def dropped_superseded_and_first_plans():
    with company() as tenant:
        before = tenant.rows()
        run = tenant.plan(table(ANNA, ("4", "no e-mail", "Dot", "active")))
        (reject,) = tenant.all(f"/runs/{run['id']}/rejects")
        tenant.ask("PATCH", f"/runs/{run['id']}/rejects/{reject['id']}", {"state": "dismissed"}, 409)
        tenant.post(f"/runs/{run['id']}/rejects/replay", {"all": True}, 409)
        dropped = tenant.post(f"/runs/{run['id']}/refuse")
        expect_equal((dropped["state"], dropped["plan"]["state"]), ("cancelled", "dropped"), dropped["message"])
        tenant.apply(run, 409)
        tenant.post(f"/runs/{run['id']}/refuse", status=409)
        run = tenant.plan()
        expect_equal(tenant.rows(), before)
        tenant.take(table(ANN, BEN, CID))
        old = tenant.get(f"/runs/{run['id']}")
        expect_equal((old["state"], old["plan"]["state"]), ("cancelled", "superseded"), old["message"])
        run = tenant.plan()
        expect_equal(tenant.post(f"/runs/{run['id']}/cancel")["plan"]["state"], "dropped")
        first = tenant.config("First", policy={"first_run": "plan"})
        tenant.map(first, LINES, "people.csv")
        file = tenant.upload(first, "people.csv", tenant.folder.file("first.csv", table(IVY)))
        run = tenant.ended(tenant.sync(first, file_id=file))
        expect_equal(run["state"], "planned", run["message"])
        tenant.apply(run)
        expect_equal(tenant.ended(run["id"])["state"], "done")
        expect_equal(tenant.ended(tenant.sync(first, file_id=file))["state"], "done")


def a_dry_run_of_an_empty_export_fails_and_a_cancelled_one_leaves_nothing():
    with company() as tenant:
        before = tenant.rows()
        run = tenant.take(table(), dry_run=True)
        expect_equal((run["state"], run["error"]["code"]), ("failed", "snapshot_empty"), run["message"])
        expect_equal(tenant.rows(), before)
        expect_equal([name for name in os.listdir(tenant.folder.path) if ".plan-" in name], [])
        # Redriven it is a dry run still.
        again = tenant.post(f"/jobs/{run['id']}/redrive", None, 202)
        expect_equal(again["plan"]["state"], "planning", again)
        expect_equal((tenant.ended(again["id"])["error"]["code"], tenant.rows()), ("snapshot_empty", before))


def what_waits_since_earlier_runs_is_no_part_of_a_plan():
    with Folder() as folder, Host(folder, "--rate-limit", "0") as host:
        three = Configured(folder, host)
        client, config = three.client, three.config
        first = client.ended(client.sync(config, files=three.files))

        def left():
            return [reject for reject in client.all(f"/runs/{first['id']}/rejects?state=waiting")
                    if reject["code"] == "unknown_course"]

        waiting = left()
        expect(waiting, "no course was missing")
        text = "course_code,title,title_ar,category,delivery,duration_hours,language,mandatory,valid_months\n"
        codes = sorted({reject["raw"]["course_code"] for reject in waiting})
        text += "".join(f"{code},Found,,Technical,Online,8,en,N,\n" for code in codes)
        file = client.upload(config, "more.csv", folder.file("more.csv", text))
        plan = client.ended(client.sync(config, files={"courses.csv": file}, dry_run=True))
        expect_equal((plan["state"], plan["counts"]["created"], plan["counts"]["replayed"]), ("planned", len(codes), 0))
        expect_equal(len(left()), len(waiting))
        client.post(f"/runs/{plan['id']}/approve", {"plan": plan["plan"]["hash"]}, 202)
        done = client.ended(plan["id"])
        expect_equal((done["state"], done["counts"]), ("done", plan["counts"]))
        expect_equal(len(left()), len(waiting))
        later = client.ended(client.sync(config, files={"courses.csv": file}))
        expect_equal((later["counts"]["unchanged"], later["counts"]["replayed"]), (len(codes), len(waiting)))
        expect_equal(left(), [])


def what_a_plan_has_refused_is_replayed_once_it_is_applied():
    with company() as tenant:
        run = tenant.plan(table(ANNA, ("4", "no e-mail", "Dot", "active")))
        tenant.apply(run)
        done = tenant.ended(run["id"])
        expect_equal((done["state"], done["counts"]), ("done_with_rejects", run["counts"]))
        (reject,) = tenant.all(f"/runs/{run['id']}/rejects")
        tenant.ask("PATCH", f"/runs/{run['id']}/rejects/{reject['id']}", {"raw": {"email": "dot@example.org"}})
        replay = tenant.ended(tenant.post(f"/runs/{run['id']}/rejects/replay", {"all": True}, 202)["id"])
        expect_equal((replay["state"], replay["counts"]["created"], replay["plan"]), ("done", 1, None))
        expect_equal(tenant.get(f"/runs/{run['id']}")["state"], "done")
        expect_equal(tenant.rows()[-1][0], "4")


def a_preview_tells_what_each_row_would_do():
    with company() as tenant:
        before = tenant.rows()
        file = tenant.upload(tenant.people, "people.csv", tenant.folder.file("people.csv", table(
            ANNA, BEN, CID[:3] + ("inactive",), IVY, ("4", "no e-mail", "Dot", "active"))))
        shown = tenant.post(f"/{tenant.people}/mappings/preview", {"file_id": file})
        expect_equal([row["effect"]["outcome"] for row in shown["rows"]],
                     ["set_aside", "unchanged", "set_aside", "create", "reject"])
        expect_equal([row["effect"]["kinds"] for row in shown["rows"]], [["key_change"], [], ["deactivate"], [], []])
        name = next(field for field in shown["rows"][0]["fields"] if field["target_field"] == "display_name")
        expect_equal((name["present"], name["mapped"]), ("Ann", "Anna"))
        expect_equal(tenant.rows(), before)
        for choose, more, ids in (("failing", {}, ["4"]), ("key", {"key": "9"}, ["9"])):
            shown = tenant.post(f"/{tenant.people}/mappings/preview", {"file_id": file, "choose": choose, **more})
            expect_equal([row["source"]["id"] for row in shown["rows"]], ids, choose)


def a_run_is_done_when_its_rejects_are():
    with company() as tenant:
        run = tenant.take(table(ANN, BEN, CID, ("4", "no e-mail", "Dot", "active"), ("5", "nor here", "Eve", "active")))
        expect_equal(run["state"], "done_with_rejects")
        need = tenant.get("/overview")["needs_you"]
        expect_equal([(item["kind"], item["run_id"], item["count"]) for item in need], [("rejects", run["id"], 2)])
        first, second = tenant.all(f"/runs/{run['id']}/rejects")
        tenant.ask("PATCH", f"/runs/{run['id']}/rejects/{first['id']}", {"raw": {"email": "dot@example.org"}})
        replay = tenant.post(f"/runs/{run['id']}/rejects/replay", {"ids": [first["id"]]}, 202)
        expect_equal(tenant.ended(replay["id"])["state"], "done")
        expect_equal(tenant.get(f"/runs/{run['id']}")["state"], "done_with_rejects")
        tenant.ask("PATCH", f"/runs/{run['id']}/rejects/{second['id']}", {"state": "dismissed"})
        expect_equal(tenant.get(f"/runs/{run['id']}")["state"], "done")
        found = [item["id"] for item in tenant.all(f"/runs?config_id={tenant.people}&state=done")]
        expect(run["id"] in found, found)
        expect_equal(tenant.all("/runs?state=done_with_rejects"), [])
        tenant.ask("PATCH", f"/runs/{run['id']}/rejects/{second['id']}", {"state": "open"})
        expect_equal(tenant.get(f"/runs/{run['id']}")["state"], "done_with_rejects")


class Killed:
    """An import that plans and then applies, killed at an instant of either, on the command line."""

    def __init__(self):
        self.folder = Folder()
        expect_equal(self.take(standing(ROWS)).returncode, 0)
        self.file = self.folder.file("arriving.csv", arriving(ROWS))
        self.before = os.path.join(self.folder.path, "before.db")
        shutil.copy(self.folder.database, self.before)
        direct = import_file(self.folder, self.file, MAPPING, "people")
        expect_equal(direct.returncode, 3, direct.stderr)
        self.counts = direct.report["counts"]
        self.expected = self.contents()
        self.reset()
        self.planned = self.plan().report
        self.shown = self.effects()
        self.untouched = self.people()

    def take(self, text):
        return import_file(self.folder, self.folder.file("standing.csv", text), MAPPING, "people")

    def contents(self):
        found = contents_of_people(self.folder)
        # A plan is logged, and its effects are kept until the host cleans up.
        return {name: rows for name, rows in found.items() if name not in ("effects",)}

    def effects(self):
        """How many the newest run's plan shows."""
        ((count,),) = self.folder.query(
            "SELECT count(*) FROM integration_effects WHERE run_number = (SELECT -max(number) FROM integration_runs)")
        return count

    def people(self):
        return self.folder.query("SELECT * FROM users ORDER BY number")

    def reset(self):
        for end in ("", "-wal", "-shm"):
            if os.path.exists(self.folder.database + end):
                os.remove(self.folder.database + end)
        shutil.copy(self.before, self.folder.database)

    def plan(self, env=None):
        return import_file(self.folder, self.file, MAPPING, "people", "--dry-run", env=env)

    def apply(self, report, env=None):
        words = ["runs", "approve", report["run_id"], "--tenant", TENANT, "--plan", report["plan"]["hash"],
                 "--output", "json", "--log-level", "error", "--plugins", PLUGINS, "--unsigned-plugins", "allow"]
        result = run(*words, database=self.folder.database, env=env)
        result.report = json.loads(result.stdout) if result.stdout else None
        return result

    def check(self, what):
        found = self.contents()
        for name, value in self.expected.items():
            expect(found[name] == value, what, name, "differ:", [pair for pair in zip(found[name], value)
                                                                  if pair[0] != pair[1]][:2])


def a_killed_plan_is_begun_anew_and_a_killed_application_goes_on_exactly_once():
    killed = Killed()
    expect_equal((killed.planned["state"], killed.planned["counts"]), ("planned", killed.counts))
    expect_equal(killed.apply(killed.planned).returncode, 3)
    killed.check("undisturbed")
    deaths = 0
    for failpoint in PLANNING:
        killed.reset()
        dead = killed.plan({"TRAINFLOW_FAILPOINT": failpoint})
        if dead.returncode == -signal.SIGKILL:
            deaths += 1
        expect_equal(killed.people(), killed.untouched, failpoint)
        again = killed.plan()
        expect_equal((again.returncode, again.report["state"]), (4, "planned"), failpoint, again.stderr)
        expect_equal(again.report["counts"], killed.counts, failpoint)
        expect_equal(again.report["plan"]["hash"], killed.planned["plan"]["hash"], failpoint)
        expect_equal(killed.people(), killed.untouched, failpoint)
        expect_equal(killed.effects(), killed.shown, failpoint)
        expect_equal([name for name in os.listdir(killed.folder.path) if ".plan-" in name], [], failpoint)
    for failpoint in APPLYING:
        killed.reset()
        report = killed.plan().report
        dead = killed.apply(report, {"TRAINFLOW_FAILPOINT": failpoint})
        if dead.returncode == -signal.SIGKILL:
            deaths += 1
            # What ended with the kill needs nobody to go on with it.
            if not killed.folder.query("SELECT 1 FROM integration_runs WHERE finished_at IS NULL"):
                killed.check(failpoint)
                continue
            other = killed.apply({"run_id": report["run_id"], "plan": {"hash": "0" * 64}})
            expect_equal(other.returncode, 1, failpoint, other.stdout)
            expect("is another than the one that is meant" in other.stderr, other.stderr)
            dead = killed.apply(report)
        expect_equal(dead.returncode, 3, failpoint, dead.stderr)
        killed.check(failpoint)
    expect(deaths >= len(PLANNING) + len(APPLYING) - 2, f"only {deaths} kills")
    print(f"    {deaths} kills")


def a_file_changed_since_the_plan_is_refused_on_the_command_line():
    killed = Killed()
    with open(killed.file, "a") as file:
        file.write(person(ROWS + 7))
    refused = killed.apply(killed.planned)
    expect_equal(refused.returncode, 1, refused.stdout)
    expect("The file was changed since the plan was made" in refused.stderr, refused.stderr)
    os.remove(killed.file)
    refused = killed.apply(killed.planned)
    expect("can't be read" in refused.stderr, refused.stderr)
    expect_equal(killed.people(), killed.untouched)
    listed = run("runs", "effects", killed.planned["run_id"], "--tenant", TENANT, "--output", "json",
                 database=killed.folder.database)
    effects = [json.loads(line) for line in listed.stdout.splitlines()]
    expect_equal(len(effects), killed.shown)
    expect(len(effects) >= killed.counts["created"] + killed.counts["updated"], len(effects))
    dropped = run("runs", "refuse", killed.planned["run_id"], "--tenant", TENANT, "--output", "json",
                  database=killed.folder.database)
    expect_equal(json.loads(dropped.stdout)["state"], "cancelled", dropped.stderr)


if __name__ == "__main__":
    main("plans", [
        a_plan_of_three_entities_writes_nothing_and_is_applied_as_a_run_would_have,
        approving_applies_exactly_what_was_shown,
        a_plan_that_does_not_hold_any_more_is_refused,
        a_plan_says_what_the_guard_would_hold_and_approving_it_decides_about_that,
        a_plan_is_decided_about_once_and_under_its_own_name,
        dropped_superseded_and_first_plans,
        a_dry_run_of_an_empty_export_fails_and_a_cancelled_one_leaves_nothing,
        what_waits_since_earlier_runs_is_no_part_of_a_plan,
        what_a_plan_has_refused_is_replayed_once_it_is_applied,
        a_preview_tells_what_each_row_would_do,
        a_run_is_done_when_its_rejects_are,
        a_killed_plan_is_begun_anew_and_a_killed_application_goes_on_exactly_once,
        a_file_changed_since_the_plan_is_refused_on_the_command_line,
    ])
