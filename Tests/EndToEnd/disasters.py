#!/usr/bin/env python3
"""The disaster film: exports that once went wrong somewhere, imported over a healthy company. In each nobody loses access, and
the run's message names the cause; where somebody approves it all the same, exactly what was shown is applied."""

import csv
import io

from api import *

SAMPLES = os.path.join(ROOT, "samples")
KEYS = ("external_id", "email", "status")
# Each scene is played in companies that treat whom an export lacks in these ways.
LEAVERS = ("ignore", "suspend")


def sample():
    """Its people, without those who have no number: they could be anybody, so nobody could be taken for absent."""
    with open(os.path.join(SAMPLES, "people.csv"), encoding="utf-8-sig", newline="") as file:
        return [row for row in csv.DictReader(file) if row["employee_id"].strip()]


def table(rows, names=None):
    text = io.StringIO()
    writer = csv.DictWriter(text, list(names or sample()[0]), lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def mapping():
    with open(os.path.join(SAMPLES, "people.map.json")) as file:
        return json.load(file)["mappings"]


class Company(Client):
    """A tenant whose people have come in from the sample."""

    number = 0

    def __init__(self, folder, host, leavers="ignore", policy=None):
        Company.number += 1
        super().__init__(host, f"0198c0de-0000-7000-8000-{Company.number:012}")
        self.folder = folder
        self.leavers = leavers
        more = {} if leavers == "ignore" else {"leavers": {"action": leavers}}
        self.people = self.config("People", policy={**(policy or {}), **more})
        self.map(self.people, mapping(), "people.csv")
        run = self.take(table(sample()))
        expect(run["state"] == "done_with_rejects" and run["counts"]["created"] > 1900, run)
        # What the sample holds twice settles with the second import.
        self.take(table(sample()))
        self.before = self.rows()
        self.active = sum(status == "active" for *_, status in self.before)

    def take(self, text, lines=None):
        """Imports the text; answers the run as it came to rest."""
        if lines:
            self.map(self.people, lines, "people.csv")
        file = self.upload(self.people, "people.csv", self.folder.file("people.csv", text))
        return self.ended(self.sync(self.people, file_id=file))

    def rows(self):
        return self.folder.query(
            f"SELECT {', '.join(KEYS)} FROM users WHERE tenant_id = ? ORDER BY number",
            bytes.fromhex(self.tenant.replace("-", "")))

    def unharmed(self, run, *words):
        """Nobody's access or name has changed, and the run says why."""
        expect_equal([(before, now) for before, now in zip(self.before, self.rows()) if before != now], [], run["message"])
        for word in words:
            text = run["message"] + " " + ((run["error"] or {}).get("hint") or "")
            expect(word in text, f"the message does not say {word!r}:", run["message"])
        return run

    def held(self, run, *words):
        expect_equal(run["state"], "held", run["message"])
        return self.unharmed(run, *words)

    def approve(self, run):
        """What was shown becomes what is there, and nothing besides."""
        effects = self.all(f"/runs/{run['id']}/effects?state=pending")
        expect(effects, "nothing was shown")
        expected = {external_id: dict(zip(KEYS, (external_id, *more))) for external_id, *more in self.rows()}
        for effect in effects:
            person = expected[effect["external_id"]]
            for field in effect["fields"]:
                if field["name"] in KEYS:
                    expect_equal(person[field["name"]], field["before"], effect)
                    person[field["name"]] = field["after"]
        self.post(f"/runs/{run['id']}/approve", status=202)
        done = self.ended(run["id"])
        expect_equal(done["guard"]["decision"]["decision"], "approved")
        expect(done["state"] in ("done", "done_with_rejects"), done)
        expect_equal(done["counts"]["set_aside"], 0, done)
        conflicts = self.all(f"/runs/{run['id']}/effects?state=conflict")
        expect_equal(conflicts, [], done["message"])
        expect_equal(self.rows(), [tuple(expected[external_id][key] for key in KEYS) for external_id, *_ in self.rows()])
        return done

    def refuse(self, run):
        done = self.post(f"/runs/{run['id']}/refuse")
        expect(done["state"] in ("done", "done_with_rejects"), done)
        return self.unharmed(done, "refused")


def companies(scene):
    """Plays a scene in each of the companies."""

    def play():
        with Folder() as folder, Host(folder, "--rate-limit", "0") as host:
            for leavers in LEAVERS:
                scene(Company(folder, host, leavers))

    play.__name__ = scene.__name__
    return play


@companies
def the_export_cut_in_half(company):
    rows = sample()
    run = company.take(table(rows[:1_000]))
    if company.leavers == "ignore":
        expect(run["state"] in ("done", "done_with_rejects"), run)
        company.unharmed(run, "The export may be cut", "was not touched")
        return
    company.held(run, "The export may be cut", "people of this configuration were in it", "missing from the export")
    company.refuse(run)
    # The whole export: as if nothing had been. Then somebody approves a cut one, and finds out.
    company.unharmed(company.take(table(rows)))
    company.approve(company.held(company.take(table(rows[:1_000])), "may be cut"))
    expect(any(status == "suspended" for *_, status in company.rows()), "nobody was suspended")
    company.unharmed(company.take(table(rows)))


@companies
def the_export_is_empty(company):
    for text in "", table([]):
        run = company.take(text)
        expect_equal(run["state"], "failed", run["message"])
        company.unharmed(run)
        expect("empty" in run["message"] or "no header" in run["message"], run["message"])
    expect_equal(run["error"]["code"], "snapshot_empty", run["message"])
    expect(f"{len(company.before):,} people" in run["message"], run["message"])


@companies
def one_department_is_missing(company):
    rows = [row for row in sample() if row["department_code"].strip() != "ENG"]
    run = company.take(table(rows))
    if company.leavers == "ignore":
        expect(run["state"] in ("done", "done_with_rejects"), run)
        company.unharmed(run)
        return
    company.held(run, "would lose access", "missing from the export")
    shown = company.all(f"/runs/{run['id']}/effects")
    expect(len(shown) > 200, len(shown))
    company.refuse(run)
    company.approve(company.held(company.take(table(rows)), "missing from the export"))
    company.unharmed(company.take(table(sample())))


@companies
def three_hundred_people_end_because_of_the_status_column(company):
    # A site sends another word for those who are active, and somebody has mapped it to inactive.
    rows = sample()
    for row in rows:
        if row["department_code"].strip() == "ENG" and row["status"] == "Active":
            row["status"] = "In service"
    broken = [dict(line) for line in mapping()]
    for line in broken:
        if line["target_field"] == "status":
            line["transform_function"] = line["transform_function"].replace('"Active"', '"In service": "inactive", "Active"')
    run = company.take(table(rows), broken)
    company.held(run, "people would lose access", "status turns from active to inactive")
    count = run["guard"]["verdicts"][0]["kinds"][0]
    expect(count["count"] > 200 and f"(limit {count['limit']})" in run["message"], run["message"])
    company.refuse(run)
    # The next run finds them again; somebody approves.
    again = company.held(company.take(table(rows)), "would lose access")
    expect_equal(again["counts"]["set_aside"], run["counts"]["set_aside"])
    company.approve(again)


@companies
def all_e_mails_changed(company):
    rows = sample()
    for row in rows:
        row["email"] = row["email"].strip().replace("@example.com", "@corporate.example")
    run = company.held(company.take(table(rows)), "would be known by something else", "email changes")
    company.refuse(run)
    company.approve(company.held(company.take(table(rows)), "email changes"))
    moved = sum((email or "").endswith("@corporate.example") for _, email, _ in company.rows())
    expect(moved > 1_900, moved)


@companies
def the_key_column_renamed(company):
    renamed = [{("personnel_number" if name == "employee_id" else name): value for name, value in row.items()} for row in sample()]
    run = company.take(table(renamed, renamed[0]))
    expect_equal(run["state"], "failed", run["message"])
    company.unharmed(run, "employee_id")


@companies
def the_keys_are_numbers_of_another_system(company):
    rows = sample()
    for number, row in enumerate(rows):
        row["employee_id"] = f"SAP{number:06}"
        row["manager_id"] = ""
    run = company.take(table(rows))
    company.unharmed(run)
    expect(run["state"] != "done", run["message"])
    groups = company.get(f"/runs/{run['id']}/rejects/groups")["items"]
    expect(groups[0]["code"] == "email_taken" and groups[0]["count"] > 1900, groups)


@companies
def an_old_export_restored(company):
    # Since then 60 people have come back, and 60 have new addresses.
    now = sample()
    changed = [row for row in now if row["status"] == "Active"][:120]
    old = [dict(row) for row in now]
    for row in old:
        if row in changed[:60]:
            row.update(status="Terminated")
        elif row in changed[60:]:
            row.update(email=row["email"].strip().replace("@", ".old@"))
    run = company.take(table(old))
    company.held(run, "email changes")
    company.refuse(run)


def an_old_export_restored_where_the_newest_wins():
    with Folder() as folder, Host(folder, "--rate-limit", "0") as host:
        company = Company(folder, host, policy={"order_field": "attributes.last_modified"})
        old = sample()
        for row in old:
            row.update(last_modified="2019-01-01T00:00:00Z", status="Terminated", email=f"old.{row['email'].strip()}")
        run = company.unharmed(company.take(table(old)))
        expect_equal(run["counts"]["set_aside"], 0, run)


@companies
def an_export_that_loses_some_more_each_hour(company):
    # Each run alone is within the limits; together they would be a tenth of the company.
    rows = sample()
    active = [row for row in rows if row["status"] == "Active" and row["email"].count("@") == 1]
    ended, runs = 0, []
    while not runs or runs[-1]["state"] == "done_with_rejects":
        for row in active[ended:ended + 20]:
            row["status"] = "Terminated"
        ended += 20
        runs.append(company.take(table(rows)))
        expect(ended < 200, runs[-1]["message"])
    expect_equal(runs[-1]["state"], "held", runs[-1]["message"])
    expect("in runs shortly before" in runs[-1]["message"], runs[-1]["message"])
    gone = company.active - sum(status == "active" for *_, status in company.rows())
    expect(20 <= gone <= company.active // 20, gone, company.active)
    company.before = company.rows()
    company.refuse(runs[-1])


def numbers_without_their_zeros():
    # A spreadsheet took them: the records can't be told to be theirs, and nobody is suspended for it.
    with Folder() as folder, Host(folder, "--rate-limit", "0") as host:
        company = Company(folder, host, "suspend")
        rows = sample()
        for row in [row for row in rows if row["status"] == "Active" and row["email"].count("@") == 1][:8]:
            row["employee_id"] = row["employee_id"].strip().lstrip("0")
        run = company.take(table(rows))
        expect(run["counts"]["rejected"] >= 8, run)
        company.unharmed(run)


def the_configuration_deleted_and_made_anew():
    with Folder() as folder, Host(folder, "--rate-limit", "0") as host:
        company = Company(folder, host)
        company.ask("DELETE", f"/configs/{company.people}", status=204)
        company.people = company.config("People again")
        company.map(company.people, mapping(), "people.csv")
        rows = sample()
        for row in [row for row in rows if row["status"] == "Active" and row["email"].count("@") == 1][:150]:
            row["status"] = "Terminated"
        company.unharmed(company.take(table(rows)), "people would lose access")
        held = company.take(table(rows))
        company.approve(held)
        # The sample has somebody twice.
        ended = company.active - sum(status == "active" for *_, status in company.rows())
        expect(ended == held["counts"]["set_aside"] > 140, ended, held["message"])


def a_few_leavers_are_nobodys_disaster():
    with Folder() as folder, Host(folder, "--rate-limit", "0") as host:
        company = Company(folder, host)
        rows = sample()
        gone = [row for row in rows if row["status"] == "Active" and row["email"].count("@") == 1][100:105]
        for row in gone:
            row["status"] = "Terminated"
        run = company.take(table(rows))
        expect(run["state"] == "done_with_rejects" and run["counts"]["set_aside"] == 0, run)
        expect_equal(sum(status == "active" for *_, status in company.rows()), company.active - len(gone))


if __name__ == "__main__":
    main("disasters", [
        the_export_cut_in_half, the_export_is_empty, one_department_is_missing,
        three_hundred_people_end_because_of_the_status_column, all_e_mails_changed, the_key_column_renamed,
        the_keys_are_numbers_of_another_system, an_old_export_restored, an_old_export_restored_where_the_newest_wins,
        an_export_that_loses_some_more_each_hour, numbers_without_their_zeros, the_configuration_deleted_and_made_anew,
        a_few_leavers_are_nobodys_disaster,
    ])
