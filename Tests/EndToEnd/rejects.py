#!/usr/bin/env python3
"""Rejects through the API: corrected, replayed alone, by group and all; and kills in the middle of a replay."""

import csv
import io

import workbooks
from api import *

LINES = [{"source_field": source, "target_field": target, "transform_function": transform}
         for source, target, transform in (
             ("id", "external_id", None), ("email", "email", "trim | lower | email"), ("name", "display_name", None),
             ("hired", "hire_date", 'parseDate("dd/MM/yyyy")'))]
COUNTS = ("read", "created", "updated", "unchanged", "set_aside", "rejected", "duplicate")


class Imported:
    """A host, a configuration, and a run of a file that has ended."""

    def __init__(self, folder, host, rows):
        self.folder, self.client = folder, Client(host)
        self.config = self.client.config("People")
        self.client.map(self.config, LINES, "people.csv")
        path = folder.file("people.csv", "id,email,name,hired\n" + "".join(",".join(row) + "\n" for row in rows))
        self.file = self.client.upload(self.config, "people.csv", path)
        self.run = self.client.ended(self.client.sync(self.config, file_id=self.file))["id"]

    def rejects(self, query=""):
        return self.client.all(f"/runs/{self.run}/rejects{query}")

    def correct(self, reject, **raw):
        return self.client.ask("PATCH", f"/runs/{self.run}/rejects/{reject['id']}", {"raw": raw})

    def start(self, **choice):
        return self.client.post(f"/runs/{self.run}/rejects/replay", choice, 202)["id"]

    def replay(self, **choice):
        run = self.client.ended(self.start(**choice))
        expect_equal(run["counts"]["read"], sum(run["counts"][name] for name in COUNTS[1:]), run)
        return run


def a_reject_is_corrected_and_replayed_alone_by_group_and_all():
    rows = [("1", "ann@example.org", "Ann", "01/02/2020"), ("2", "nobody", "Bob", "01/02/2020"),
            ("3", "no one", "Cid", "01/02/2020"), ("4", "dan@example.org", "Dan", "31/02/2020"),
            ("5", "eve@example.org", "Eve", "32/01/2020")]
    with Folder() as folder, Host(folder) as host:
        site = Imported(folder, host, rows)
        expect_equal([reject["locator"]["line"] for reject in site.rejects()], [3, 4, 5, 6])
        bob, cid, dan, eve = site.rejects()
        changed = site.correct(bob, email="bob@example.org")
        expect_equal((changed["raw"]["email"], changed["correction"]["raw"]["email"]), ("nobody", "bob@example.org"))
        alone = site.replay(ids=[bob["id"]])
        expect_equal((alone["kind"], alone["trigger"], alone["state"]), ("replay", "manual", "done"))
        expect_equal((alone["counts"]["read"], alone["counts"]["created"]), (1, 1))

        site.correct(dan, hired="28/02/2020")
        group = site.replay(code=dan["code"], field=dan["field"])
        expect_equal((group["counts"]["read"], group["counts"]["created"], group["counts"]["rejected"]), (2, 1, 1))
        expect_equal([reject["id"] for reject in site.rejects("?state=open")], [cid["id"], eve["id"]])

        site.correct(cid, email="cid@example.org")
        site.correct(eve, hired="01/03/2020")
        every = site.replay(all=True)
        expect_equal((every["state"], every["counts"]["created"]), ("done", 2))
        expect_equal({reject["state"] for reject in site.rejects()}, {"replayed"})
        expect_equal(folder.query("SELECT external_id, email, display_name, hire_date FROM users ORDER BY 1"), [
            ("1", "ann@example.org", "Ann", "2020-02-01"), ("2", "bob@example.org", "Bob", "2020-02-01"),
            ("3", "cid@example.org", "Cid", "2020-02-01"), ("4", "dan@example.org", "Dan", "2020-02-28"),
            ("5", "eve@example.org", "Eve", "2020-03-01")])
        site.client.post(f"/runs/{site.run}/rejects/replay", {"all": True}, 422)
        # A sync of the same file refuses the same rows again, and leaves what was replayed alone.
        again = site.client.ended(site.client.sync(site.config, file_id=site.file))
        expect_equal((again["counts"]["rejected"], again["counts"]["unchanged"]), (4, 1))
        expect_equal(folder.query("SELECT count(*) FROM users"), [(5,)])


def an_old_reject_is_not_put_over_a_newer_export():
    rows = [(str(n), f"p{n}@example.org", f"Person {n}", "01/02/2020") for n in range(5)]
    with Folder() as folder, Host(folder) as host:
        site = Imported(folder, host, rows)
        spoiled = folder.file(
            "old.csv", "id,email,name,hired\n0,p0@example.org,Old name,31/02/2020\n7,p7@example.org,New,31/02/2020\n")
        site.run = site.client.ended(
            site.client.sync(site.config, file_id=site.client.upload(site.config, "people.csv", spoiled)))["id"]
        # The export that is right again changes nothing.
        again = site.client.ended(site.client.sync(site.config, file_id=site.file))
        expect_equal((again["counts"]["unchanged"], again["counts"]["read"]), (5, 5))
        mended(site)
        run = site.replay(all=True)
        expect_equal((run["counts"]["created"], run["counts"]["rejected"]), (1, 1), run)
        expect_equal([reject["code"] for reject in site.rejects("?state=open")], ["outdated"])
        expect_equal(folder.query("SELECT display_name FROM users ORDER BY external_id")[0], ("Person 0",))


# Enough for several steps of a replay.
MANY = [(str(n), f"p{n}@example.org", f"Person {n}", "31/02/2020" if n % 4 else "01/02/2020") for n in range(6_000)]


def mended(site):
    """A mapping under which every one of them gets through: what is replayed comes under the newest."""
    site.client.map(site.config, LINES[:3], "people.csv")


def contents(folder):
    return {name: folder.query(sql) for name, sql in {
        "users": "SELECT external_id, email, display_name, hire_date, created_run FROM users ORDER BY 1",
        "links": "SELECT external_id, owned FROM integration_links ORDER BY 1",
        "rejects": "SELECT locator, state, replay_number, version FROM integration_rejects ORDER BY 1",
        "runs": "SELECT number, kind, state, count_read, count_created, count_rejected FROM integration_runs ORDER BY 1",
        "left": "SELECT count(*) FROM integration_waiting UNION ALL SELECT count(*) FROM integration_checkpoints",
    }.items()}


def killed_in_the_middle_a_replay_goes_on_and_ends_as_if_undisturbed():
    with Folder() as folder, Host(folder) as host:
        site = Imported(folder, host, MANY)
        mended(site)
        run = site.replay(all=True)
        expect_equal(run["counts"]["created"], run["counts"]["read"], run)
        expected = contents(folder)
    steps = run["counts"]["read"] // 1_024
    expect(steps > 2, "too few steps to be killed between")
    for failpoint in [f"replay.{place}:{turn}" for place in ("begin", "before_commit", "after_commit")
                      for turn in (1, 3)] + ["replay.taken_back"]:
        with Folder() as folder:
            with Host(folder) as host:
                site = Imported(folder, host, MANY)
                mended(site)
                host.end()
            with Host(folder, env={"TRAINFLOW_FAILPOINT": failpoint}) as host:
                site.client = site.client.at(host)
                run = site.start(all=True)
                host.process.wait(timeout=60)
            with Host(folder) as host:
                site.client.at(host).ended(run)
                expect_equal(contents(folder), expected, failpoint)


# Values that a spreadsheet would run, that look as if the host had changed them, and that no XML takes as they are.
ODD = ["=1+1", "'=1+1", "''@x", "-x", "-5", "+49 30 1", "'tis", "a,b;\"c\"", " blank ", "two\nlines", "Zoë <&> أحمد", "_x0041_",
       "tab\there", "'", "＝1+1", "'＠x"]


def a_file_of_rejects_is_corrected_where_it_is_and_read_again():
    """As CSV and as a workbook: what comes in is what would have come in by a correction of each reject through the API."""
    def odd(number):
        return [str(number), "nobody", ODD[number - 1], "01/02/2020"]

    people = [odd(number) for number in range(1, len(ODD) + 1)] + [["99", "ann@example.org", "Ann", "01/02/2020"]]
    header = ["id", "email", "name", "hired"]
    names = "SELECT external_id, display_name FROM users ORDER BY CAST(external_id AS INTEGER)"

    def corrected(lines):
        place = lines[0].index("email")
        return [lines[0]] + [line[:place] + [f"p{line[0]}@example.org"] + line[place + 1:] for line in lines[1:]]

    def start(folder, host, name):
        client = Client(host)
        config = client.config("People")
        client.map(config, LINES, "people")
        if name.endswith("xlsx"):
            path = os.path.join(folder.path, name)
            workbooks.workbook(path, {"People 2026": [header] + people})
        else:
            text = io.StringIO()
            csv.writer(text).writerows([header] + people)
            path = folder.file(name, text.getvalue())
        run = client.ended(client.sync(config, file_id=client.upload(config, name, path)))
        expect_equal(run["counts"]["rejected"], len(ODD), run)
        return client, config, run

    def export(host, client, run, query, type):
        connection = http.client.HTTPConnection("127.0.0.1", host.port, timeout=30)
        connection.request("GET", f"{BASE}/runs/{run['id']}/rejects{query}", headers={"Authorization": f"Bearer {client.token}"})
        answer = connection.getresponse()
        content = answer.read()
        expect_equal((answer.status, answer.headers["Content-Type"]), (200, type))
        connection.close()
        return content

    with Folder() as folder, Host(folder) as host:
        client, config, run = start(folder, host, "people.csv")
        for reject in client.all(f"/runs/{run['id']}/rejects"):
            client.ask("PATCH", f"/runs/{run['id']}/rejects/{reject['id']}", {"raw": {"email": f"p{reject['raw']['id']}@example.org"}})
        client.ended(client.post(f"/runs/{run['id']}/rejects/replay", {"all": True}, 202)["id"])
        expected = folder.query(names)
        expect_equal([name for _, name in expected][1:3], ODD[1:3], "the replay itself changes values")
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    for name, query, type in (("people.csv", "?format=csv", "text/csv; charset=utf-8"), ("people.csv", "?format=xlsx", sheet),
                              ("people.csv", "?format=input", "text/csv; charset=utf-8"), ("people.xlsx", "?format=input", sheet),
                              ("people.xlsx", "?format=csv", "text/csv; charset=utf-8")):
        with Folder() as folder, Host(folder) as host:
            client, config, run = start(folder, host, name)
            content = export(host, client, run, query, type)
            back = "back.xlsx" if type == sheet else "back.csv"
            path = folder.file(back, content)
            if type == sheet:
                lines = workbooks.rows(path)
            else:
                lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
            expect_equal(lines[0], header + ["_error", "_fix"], name, query)
            expect_equal(len(lines), len(ODD) + 1)
            for line in lines[1:]:
                expect(line[4].startswith("row " if name.endswith("xlsx") else "line "), line)
            dangerous = [line[2] for line in lines[1:] if line[2][:1] in "=@-+" and not line[2][1:2].isdigit()]
            expect_equal([text for text in dangerous if text], [], "a spreadsheet would run these")
            if type == sheet:
                workbooks.workbook(path, {"Corrected": corrected(lines)})
            else:
                text = io.StringIO()
                csv.writer(text).writerows(corrected(lines))
                path = folder.file(back, text.getvalue())
            again = client.ended(client.sync(config, file_id=client.upload(config, back, path)))
            expect_equal((again["state"], again["counts"]["created"]), ("done", len(ODD)), again["message"])
            expect_equal(folder.query(names), expected, name, query)


def what_a_record_lacks_erases_nothing_when_its_reject_is_read_again():
    """A member that a JSON object leaves out is an empty cell in the table: it must not become an empty value by that."""
    lines = LINES + [{"source_field": "phone", "target_field": "phone", "empty": "erase"}]
    def record(number, email, **more):
        return {"id": str(number), "email": email, "name": f"Person {number}", "hired": "01/02/2020", **more}

    for kind in ("csv", "xlsx"):
        with Folder() as folder, Host(folder) as host:
            client = Client(host)
            config = client.config("People")
            client.map(config, lines, "people")

            def take(name, content):
                return client.ended(client.sync(config, file_id=client.upload(config, name, folder.file(name, content))))

            people = [record(number, f"p{number}@example.org", phone="+49301234567") for number in (1, 2, 3)]
            expect_equal(take("people.json", json.dumps(people))["counts"]["created"], 3)
            # The first lacks the phone, the second has none, the third has it where it was missing.
            odd = [record(1, "none"), record(2, "none", phone=None), record(3, "none")]
            run = take("people.json", json.dumps(odd))
            expect_equal(run["counts"]["rejected"], 3, run)
            connection = http.client.HTTPConnection("127.0.0.1", host.port, timeout=30)
            connection.request("GET", f"{BASE}/runs/{run['id']}/rejects?format={kind}",
                               headers={"Authorization": f"Bearer {client.token}"})
            path = folder.file(f"back.{kind}", connection.getresponse().read())
            connection.close()
            if kind == "xlsx":
                table = workbooks.rows(path)
            else:
                with open(path, encoding="utf-8-sig", newline="") as file:
                    table = list(csv.reader(file))
            mail, phone = table[0].index("email"), table[0].index("phone")
            expect_equal([line[phone] or "" for line in table[1:]], ["", "", ""])
            for line in table[1:]:
                line[mail] = f"p{line[0]}@example.org"
            table[3][phone] = "+49307654321"
            if kind == "xlsx":
                workbooks.workbook(path, {"Corrected": table})
            else:
                with open(path, "w", encoding="utf-8", newline="") as file:
                    csv.writer(file).writerows(table)
            with open(path, "rb") as file:
                again = take(f"back.{kind}", file.read())
            expect_equal((again["state"], again["counts"]["rejected"]), ("done", 0), again["message"])
            expect_equal(folder.query("SELECT external_id, phone FROM users ORDER BY 1"),
                         [("1", "+49301234567"), ("2", None), ("3", "+49307654321")], kind)


if __name__ == "__main__":
    main("rejects", [
        a_reject_is_corrected_and_replayed_alone_by_group_and_all, an_old_reject_is_not_put_over_a_newer_export,
        killed_in_the_middle_a_replay_goes_on_and_ends_as_if_undisturbed,
        a_file_of_rejects_is_corrected_where_it_is_and_read_again,
        what_a_record_lacks_erases_nothing_when_its_reject_is_read_again,
    ])
