#!/usr/bin/env python3
"""Files that are not what they should be: changed, cut, miscounted, too large, no workbook, not the tenant's own. Each is told
clearly, and nothing is half-written: nobody loses access, and what is in the database is what the run says."""

import io
import zipfile

from api import *
from folders import LINES, Site, people

PLAIN_MAP = {"mappings": LINES}
OTHER = "0198c0de-0000-7000-8000-000000000002"


class Office:
    """A host and a configuration with forty people who have access; who is missing is suspended."""

    def __init__(self, folder, *words, people_first=True, env=None, **settings):
        self.folder = folder
        self.host = Host(folder, "--rate-limit", "0", *words, env=env)
        self.client = Client(self.host)
        self.config = self.client.config("People", settings=settings, policy={"leavers": {"action": "suspend"}})
        self.client.map(self.config, LINES, "people.csv")
        if people_first:
            expect_equal(self.take("people.csv", people(*range(1, 41)))["counts"]["created"], 40)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.host.__exit__()

    def put(self, name, content):
        return self.client.upload(self.config, name, self.folder.file(name, content))

    def take(self, name, content):
        return self.client.ended(self.client.sync(self.config, file_id=self.put(name, content)))

    def expect_failure(self, run, code, *words, read=0):
        expect_equal((run["state"], run["error"] and run["error"]["code"]), ("failed", code), run["message"])
        for word in words:
            expect(word in run["message"], word, "is not said:", run["message"])
        if read is not None:
            expect_equal(run["counts"]["read"], read, run)
        # What is in is said, whether the batch in hand got in or not.
        stays = f"What was committed stays: {run['counts']['read']:,} " if run["counts"]["read"] else "Nothing had been read"
        expect(stays in run["message"], stays, "is not said:", run["message"])
        self.expect_all_active()

    def expect_all_active(self):
        expect_equal(self.folder.query("SELECT count(*) FROM users WHERE status <> 'active'"), [(0,)])

    def kept(self):
        """The contents in the folder of uploads; must be those of the files that are known."""
        place = os.path.join(self.folder.path, "files", TENANT)
        def lying():
            return sorted(os.listdir(place)) if os.path.exists(place) else []

        # What a client broke off is taken away when the host has noticed.
        until(lambda: not any(name.endswith(".part") for name in lying()), "a broken upload stays")
        known = sorted(key.split("/")[1] for key, in self.folder.query(
            "SELECT content_key FROM integration_files WHERE archived_at IS NULL"))
        expect_equal(lying(), known, "contents without a file, or files without content")
        return len(known)


def a_file_that_is_cut():
    with Folder() as folder, Office(folder) as office:
        text = people(*range(1, 41), *range(50, 60))
        cut = text.replace("50,p50@example.org,Person 50", '50,p50@example.org,"Person 50')
        office.expect_failure(
            office.take("people.csv", cut), "unclosed_quote", "on line 42", "is never closed", read=None)
        expect_equal(folder.query("SELECT count(*) FROM users"), [(40,)])
        # Of a long one the batches before are in, whole, and the run says which.
        run = office.take("people.csv", people(*range(1, 10_001)) + '10001,p10001@example.org,"Person')
        read = run["counts"]["read"]
        expect(0 < read < 10_000, run)
        office.expect_failure(
            run, "unclosed_quote", f"What was committed stays: {read:,} people read, {read - 40:,} created, 40 unchanged",
            "The next run starts from the beginning", read=read)
        expect_equal(folder.query("SELECT count(*), max(CAST(external_id AS INTEGER)) FROM users"), [(read, read)])
        again = office.take("people.csv", people(*range(1, 10_001)))
        expect_equal((again["counts"]["unchanged"], again["counts"]["created"]), (read, 10_000 - read))
        for name, content, code in (
                ("people.json", '[{"id": "1", "email": "p1@example.org", "name": "Person 1"}, {"id": "2", "em', "json_unexpected_end"),
                ("empty.csv", "", "file_empty"), ("header.csv", "id,email,name\n", "snapshot_empty")):
            run = office.take(name, content)
            office.expect_failure(run, code, read=None)
        # Cut at a line's end nobody can see it in the file: then it is the guard that holds.
        held = office.take("people.csv", people(*range(1, 5_001)))
        expect_equal(held["state"], "held", held)
        expect("may be cut" in held["message"], held["message"])
        office.expect_all_active()


def a_cut_file_on_the_command_line():
    with Folder() as folder:
        text = people(*range(1, 41))
        expect_equal(import_file(folder, folder.file("people.csv", text), PLAIN_MAP).returncode, 0)
        result = import_file(folder, folder.file("people.csv", text + '41,p41@example.org,"Person'), PLAIN_MAP)
        expect_equal((result.returncode, result.report["error"]["code"]), (1, "unclosed_quote"), result.stderr)
        expect_equal(folder.query("SELECT count(*) FROM users"), [(40,)])


def a_wrong_count_in_the_trailer():
    with Folder() as folder, Office(folder, people_first=False, trailer="TRL") as office:
        expect_equal(office.take("people.csv", people(*range(1, 41)) + "TRL,40\n")["counts"]["created"], 40)
        short = office.take("people.csv", people(*range(1, 31)) + "TRL,40\n")
        office.expect_failure(short, "declared_total_differs", "The file's trailer declares 40 records, and 30 came", read=30)
        none = office.take("people.csv", people(*range(1, 31)))
        office.expect_failure(none, "trailer_missing", "it was cut off", read=None)
        twice = office.take("people.csv", people(1) + "TRL,1\n" + people(2) + "TRL,1\n")
        office.expect_failure(twice, "trailer_not_last", "line 3")
        right = office.take("people.csv", people(*range(1, 40)) + "TRL,39\n")
        expect_equal((right["state"], right["streams"][0]["found"]["declared_by"]), ("done", "trailer"))
        expect_equal(folder.query("SELECT count(*) FROM users WHERE status = 'suspended'"), [(1,)])


def a_wrong_manifest_on_the_command_line():
    with Folder() as folder:
        file = folder.file("people.csv", people(1, 2, 3))
        for manifest, words in (("rows=3\nsha256=" + "0" * 64, "its SHA-256 is"), ("size=7", "declared are 7"),
                                ("rows: 3", "is no NAME=VALUE"), ('{"rows": 3, "row": 1}', "unknown field")):
            folder.file("people.csv.manifest", manifest)
            refused = import_file(folder, file, PLAIN_MAP)
            expect_equal(refused.returncode, 1, refused.stdout)
            expect(words in refused.stderr, refused.stderr)
            expect(not os.path.exists(folder.database) or folder.query("SELECT count(*) FROM users") == [(0,)])
        folder.file("people.csv.manifest", "rows=4")
        short = import_file(folder, file, PLAIN_MAP)
        expect_equal((short.returncode, short.report["error"]["code"]), (1, "declared_total_differs"))
        expect("declares 4 records, and 3 came" in short.report["message"], short.report)
        folder.file("people.csv.manifest", "rows=3")
        expect_equal(import_file(folder, file, PLAIN_MAP).returncode, 0)


def a_file_that_changes_while_it_is_read():
    """In its tenant's folder: the host is stopped in the middle, so that the change comes while the file is open."""
    count = 200_000
    with Folder() as folder, Site(folder) as site:
        path = site.put("people-1.csv", people(*range(1, count + 1)))
        run = site.client.sync(site.config)
        read = lambda: folder.query("SELECT max(count_read) FROM integration_runs")[0][0]
        until(lambda: (read() or 0) > 0, "nothing is read", seconds=30)
        os.kill(site.host.pid, signal.SIGSTOP)
        try:
            expect(read() < count, "the file was read before it could be changed: it is too short")
            with open(path, "a") as file:
                file.write(f"{count + 1},p{count + 1}@example.org,Late\n")
        finally:
            os.kill(site.host.pid, signal.SIGCONT)
        ended = site.client.ended(run)
        expect_equal((ended["state"], ended["counts"]["read"]), ("done", count + 1), ended)
        told = [log["message"] for log in site.client.all(f"/{site.config}/logs") if log["event"] == "retry"]
        expect(any("people-1.csv changed while it was read" in message for message in told), told)
        expect_equal(folder.query("SELECT count(*) FROM users"), [(count + 1,)])


def a_file_that_is_uploaded_twice():
    with Folder() as folder, Office(folder) as office:
        text = people(*range(1, 41))
        first, second = office.put("people.csv", text), office.put("copy.csv", text)
        files = {file["id"]: file["sha256"] for file in office.client.all(f"/{office.config}/files")}
        expect_equal(files[first], files[second])
        for file in first, second:
            run = office.client.ended(office.client.sync(office.config, file_id=file))
            expect_equal((run["state"], run["counts"]["unchanged"]), ("done", 40))
        office.expect_all_active()
        expect_equal(folder.query("SELECT count(*) FROM users"), [(40,)])


def a_file_that_is_too_large_or_too_much():
    def upload(office, size, chunked=False):
        connection = http.client.HTTPConnection("127.0.0.1", office.host.port, timeout=30)
        try:
            headers = {"Authorization": f"Bearer {office.client.token}", "Content-Type": "text/csv"}
            body = b"x" * size
            if chunked:
                body = iter([b"x" * 65_536] * (size // 65_536))
            connection.request("POST", f"{BASE}/{office.config}/files?name=large.csv", body, headers, encode_chunked=chunked)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (BrokenPipeError, ConnectionResetError):
            return 413, {"code": "content_too_large"}  # Cut off while it still sent.
        finally:
            connection.close()

    with Folder() as folder, Office(folder, "--upload-limit", "1MiB", "--upload-quota", "2MiB") as office:
        for chunked in False, True:
            status, problem = upload(office, 2 << 20, chunked)
            expect_equal((status, problem["code"]), (413, "content_too_large"), problem)
        expect_equal(office.kept(), 1)
        expect_equal(upload(office, 1 << 20)[0], 201)
        status, problem = upload(office, 1 << 20)
        expect_equal((status, problem["code"]), (413, "quota_exceeded"), problem)
        expect_equal((problem["quota"], [file["name"] for file in problem["largest"]]), (2 << 20, ["large.csv", "people.csv"]))
        expect("DELETE /{id}/files/{file}" in problem["detail"], problem)
        expect_equal(upload(office, 15 << 16, chunked=True)[0], 201)
        expect_equal(office.kept(), 3)
        office.client.ask("DELETE", f"/{office.config}/files/{problem['largest'][0]['id']}", status=204)
        expect_equal(upload(office, 1 << 20)[0], 201)
        expect_equal(office.kept(), 3)
        long = office.take("long.csv", "id,email,name\n1,p1@example.org," + "x" * 4_000 + "\n")
        expect_equal(long["counts"]["read"], 1)
        office.client.ask("PATCH", f"/configs/{office.config}", {"settings": {"max_record_bytes": 1_024}})
        office.expect_failure(
            office.take("long.csv", "id,email,name\n1,p1@example.org," + "y" * 4_000 + "\n"), "record_too_large", "line 2")


def a_zip_that_is_no_workbook():
    def archive(*names):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as zip:
            for name in names:
                zip.writestr(name, people(1, 2))
        return file.getvalue()

    with Folder() as folder, Office(folder) as office:
        before = folder.query("SELECT * FROM users ORDER BY external_id")
        for name, content, code in (
                ("people.xlsx", archive("people.csv"), "not_a_workbook"), ("people.zip", archive("people.csv"), "not_a_workbook"),
                ("people.xlsx", archive("[Content_Types].xml", "xl/workbook.xml"), "part_broken"),
                ("people.xlsx", archive("[Content_Types].xml", "xl/workbook.xml")[:200], "workbook_damaged")):
            run = office.take(name, content)
            expect_equal((run["state"], run["counts"]["read"]), ("failed", 0), run["message"])
            expect(run["error"]["code"] in (code, "part_missing", "workbook_damaged"), run["error"])
            result = run_connector(folder, name, content)
            expect_equal(result.returncode, 1, result.stdout)
            expect(run["error"]["message"] in result.stderr, run["error"], result.stderr)
        expect_equal(folder.query("SELECT * FROM users ORDER BY external_id"), before)


def run_connector(folder, name, content):
    settings = json.dumps({"path": folder.file(name, content)})
    return run("plugins", "run", "file", "--settings", settings, "--stream", name)


def a_path_that_leads_elsewhere():
    with Folder() as folder, Site(folder) as site:
        site.put("people-1.csv", people(1))
        expect_equal(site.sync()[-1]["counts"]["created"], 1)
        secret = folder.file("secret.csv", people(66))
        other = os.path.join(site.root, OTHER)
        os.makedirs(other)
        shutil.copy(secret, os.path.join(other, "people-2.csv"))

        for path in (secret, f"../{OTHER}/people-2.csv", "a/../../x.csv", "./people.csv", "archive/2026-11-30/*.csv"):
            for what in ({"name": "Bad", "provider": "file", "settings": {"path": path}},):
                problem = site.client.post("/configs", what, 422)
                expect_equal((problem["errors"][0]["code"], problem["pointer"]), ("path_refused", "/settings/path"), problem)
            problem = site.client.post(f"/{site.config}/sync", {"path": path}, 422)
            expect_equal((problem["code"], problem["pointer"]), ("path_refused", "/path"), problem)

        def refused(code, name="people-9.csv"):
            ended = site.sync()[-1]
            expect_equal((ended["state"], ended["error"]["code"], ended["counts"]["read"]), ("failed", code, 0), ended["message"])
            expect(name in ended["message"] and folder.path not in ended["message"], ended["message"])
            expect_equal(site.users(), ["1"])

        bad = os.path.join(site.own, "people-9.csv")
        os.symlink(secret, bad)
        refused("file_is_link")
        os.remove(bad)
        os.symlink("archive", bad)
        refused("file_is_link")
        os.remove(bad)
        os.link(secret, bad)
        refused("file_has_links")
        os.remove(bad)
        os.mkfifo(bad)
        refused("file_no_file")
        os.remove(bad)
        os.symlink(other, os.path.join(site.own, "inner"))
        for path in "inner/people-*.csv", "inn*/people-*.csv":
            ended = site.sync(path=path)[-1]
            expect_equal((ended["state"], ended["error"]["code"]), ("failed", "file_is_link"), ended["message"])
        expect_equal(site.users(), ["1"])
        # The tenant's folder itself must be none.
        os.rename(site.own, site.own + ".away")
        os.symlink(other, site.own)
        ended = site.sync()[-1]
        expect_equal((ended["state"], ended["error"]["code"]), ("failed", "file_is_link"), ended["message"])
        os.remove(site.own)
        nothing = site.sync()[-1]
        expect_equal((nothing["state"], nothing["counts"]["read"]), ("done", 0))
    with Folder() as folder, Office(
            folder, people_first=False, env={"TRAINFLOW_IMPORT_ROOT": ""}, path="people-*.csv") as office:
        problem = office.client.post(f"/{office.config}/sync", {}, 422)
        expect_equal(problem["code"], "no_import_root")


if __name__ == "__main__":
    main("bad_files", [
        a_file_that_is_cut,
        a_cut_file_on_the_command_line,
        a_wrong_count_in_the_trailer,
        a_wrong_manifest_on_the_command_line,
        a_file_that_changes_while_it_is_read,
        a_file_that_is_uploaded_twice,
        a_file_that_is_too_large_or_too_much,
        a_zip_that_is_no_workbook,
        a_path_that_leads_elsewhere,
    ])
