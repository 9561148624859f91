#!/usr/bin/env python3
"""People, courses and enrolments from one configuration: three files or a workbook, kills in the middle, records that wait.

With ../shared/testdata/people the whole of it, compared with its dirt.json and expected.json; else the smaller samples/.
"""

import collections
import csv
import functools

from api import *
from workbooks import workbook

SUITE = os.path.join(ROOT, "../shared/testdata/people")
HAS_SUITE = os.path.exists(os.path.join(SUITE, "dirt.json"))
DATA = SUITE if HAS_SUITE else os.path.join(ROOT, "samples")
STREAMS = {"people.csv": "users", "courses.csv": "courses", "enrollments.csv": "enrollments"}
POLICY = json.load(open(os.path.join(ROOT, "samples/people.policy.json")))


def mapping(name):
    with open(os.path.join(ROOT, "samples", f"{name}.map.json")) as file:
        return json.load(file)


def lines(streams=None):
    """The mapping lines of all three, under their own streams' names or others."""
    made = []
    for stream in STREAMS:
        one = mapping(stream.removesuffix(".csv"))
        made += [{"stream": (streams or {}).get(stream, stream), "target_entity": one["target_entity"], **line}
                 for line in one["mappings"]]
    return made


def rows(name, delimiter):
    with open(os.path.join(DATA, name), encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def dirt():
    """The seeded faults of the enrolments, by their id."""
    if not HAS_SUITE:
        return {"EN000282": "leading zeros lost", "EN000674": "unknown employee", "EN000706": "unknown course",
                "EN000747": "score outside 0 to 100", "EN002150": "completed before enrolled"}
    with open(os.path.join(SUITE, "dirt.json")) as file:
        return {fault["enrollment_id"]: fault["kind"] for fault in json.load(file) if fault["file"] == "enrollments"}


class Configured:
    """A host with a configuration of all three, and the three files uploaded."""

    def __init__(self, folder, host):
        self.folder = folder
        self.client = Client(host)
        self.config = self.client.config("Training", policy=POLICY)
        self.client.ask("PUT", f"/{self.config}/mappings", {"mappings": lines()})
        self.files = {stream: self.client.upload(self.config, stream, os.path.join(DATA, stream)) for stream in STREAMS}


def contents(folder):
    """All that has to be equal after two runs that end the same, without ids, times, and numbers that depend on the way."""
    user = "(SELECT external_id FROM users u WHERE u.number = e.user_number)"
    course = "(SELECT external_id FROM courses c WHERE c.number = e.course_number)"
    counts = ", ".join(f"count_{name}" for name in ("read", "created", "updated", "unchanged", "rejected", "duplicate",
                                                     "warned", "waiting"))
    queries = {
        "users": "SELECT u.external_id, u.email, u.status, m.external_id, u.attributes, u.created_run, u.updated_run "
                 "FROM users u LEFT JOIN users m ON m.id = u.manager_id ORDER BY u.external_id, u.email",
        "courses": "SELECT external_id, code, title, status, duration_minutes, attributes, created_run, updated_run "
                   "FROM courses ORDER BY 1",
        "enrollments": f"SELECT external_id, {user}, {course}, status, score, enrolled_at, completed_at, attributes, "
                       "created_run, updated_run FROM enrollments e ORDER BY 1, 2, 3",
        "links": "SELECT config_number, entity, external_id, owned FROM integration_links ORDER BY 1, 2, 3",
        "rejects": "SELECT run_number, entity, locator, source, external_id, failures, raw, state, stream, tries "
                   "FROM integration_rejects ORDER BY 1, 2, 4, 3",
        "warnings": "SELECT run_number, entity, locator_kind, source, field, code, "
                    "iif(locator_kind = 'person', '', locator) FROM integration_warnings ORDER BY 1, 2, 3, 4, 7, 6",
        "created": "SELECT run_number, entity, sum(count) FROM integration_changes WHERE kind = 'created' GROUP BY 1, 2",
        "runs": f"SELECT number, state, {counts}, count_replayed FROM integration_runs ORDER BY 1",
        "streams": f"SELECT run_number, position, stream, entity, {counts}, finished_at IS NOT NULL "
                   "FROM integration_run_streams ORDER BY 1, 2",
        "left": "SELECT (SELECT count(*) FROM integration_seen), (SELECT count(*) FROM integration_waiting), "
                "(SELECT count(*) FROM integration_checkpoints)",
    }
    return {name: folder.query(sql) for name, sql in queries.items()}


def expect_same(folder, expected, *what):
    for name, rows in contents(folder).items():
        differing = [pair for pair in zip(rows, expected[name]) if pair[0] != pair[1]][:3]
        expect(rows == expected[name], *what, name, f"{len(rows)} and {len(expected[name])} rows", differing)


@functools.cache
def undisturbed():
    """What one run over all three leaves behind, and the run itself."""
    with Folder() as folder, Host(folder) as host:
        three = Configured(folder, host)
        run = three.client.ended(three.client.sync(three.config, files=three.files))
        return contents(folder), run


# Who of the people is no row of TrainFlow: their enrolments wait too.
def missing_people():
    image, _ = undisturbed()
    known = {row[0] for row in image["users"]}
    return {row["employee_id"].zfill(6) for row in rows("enrollments.csv", ";")} - known


def three_streams_run_in_order_and_their_accounts_agree():
    _, run = undisturbed()
    expect_equal([(part["stream"], part["target_entity"], part["finished"]) for part in run["streams"]],
                 [(stream, entity, True) for stream, entity in STREAMS.items()])
    for counts in [run["counts"], *(part["counts"] for part in run["streams"])]:
        effects = sum(counts[name] for name in
                      ("created", "updated", "unchanged", "set_aside", "rejected", "duplicate"))
        expect_equal(counts["read"], effects, counts)
    for name in run["counts"]:
        expect_equal(run["counts"][name], sum(part["counts"][name] for part in run["streams"]), name)
    expect_equal([part["counts"]["read"] for part in run["streams"]],
                 [len(rows("people.csv", ",")), len(rows("courses.csv", ",")), len(rows("enrollments.csv", ";"))])
    expect_equal((run["stream"], run["target_entity"], run["state"]), ("", "users", "done_with_rejects"))
    expect(" people, " in run["message"] and " courses and " in run["message"], run["message"])


def every_seeded_fault_of_the_enrolments_ends_as_it_should():
    image, _ = undisturbed()
    faults = dirt()
    rejects = {row[4]: (json.loads(row[5])[0]["code"], row[7]) for row in image["rejects"] if row[1] == "enrollments"}
    standing = {row[0]: row for row in image["enrollments"]}
    warned = [row[6] for row in image["warnings"] if row[1] == "enrollments" and row[5] == "completed_before_enrolled"]
    gone = missing_people()
    expected = {"unknown employee": ("unknown_person", "waiting"), "unknown course": ("unknown_course", "waiting"),
                "score outside 0 to 100": ("out_of_range", "open")}
    before = 0
    for line, row in enumerate(rows("enrollments.csv", ";"), 2):
        key, kind = row["enrollment_id"], faults.get(row["enrollment_id"])
        if kind in expected:
            expect_equal(rejects.get(key), expected[kind], key, kind)
        elif row["employee_id"].zfill(6) in gone:
            expect_equal(rejects.get(key), ("unknown_person", "waiting"), key)
        else:
            expect(key in standing and key not in rejects, key, kind, rejects.get(key))
            expect_equal(standing[key][1:3], (row["employee_id"].zfill(6), row["course_code"]))
        if kind == "completed before enrolled" and key in standing:
            before += 1
            expect(line in warned, key, "has no warning")
    expect_equal(len(warned), before)
    expect(before > 0, "no enrolment was completed before it began")


def the_rows_without_faults_are_as_the_suite_says():
    if not HAS_SUITE:
        return print("suite people: absent")
    with open(os.path.join(SUITE, "expected.json")) as file:
        wanted = json.load(file)
    image, _ = undisturbed()
    faults, gone = dirt(), missing_people()
    states = collections.Counter(row[3] for row in image["enrollments"] if row[0] not in faults)
    names = {"Enrolled": "enrolled", "In Progress": "in_progress", "Completed": "completed", "Failed": "failed",
             "Cancelled": "cancelled"}
    missing = collections.Counter(
        row["status"] for row in rows("enrollments.csv", ";")
        if row["employee_id"] in gone and row["enrollment_id"] not in faults)
    for name, count in wanted["enrollments"]["untouched_by_status"].items():
        expect_equal(states[names[name]] + missing[name], count, name)
    expect_equal(len(image["courses"]), wanted["courses"]["rows"])
    categories = collections.Counter(row["category"] for row in rows("courses.csv", ","))
    expect_equal(dict(categories), wanted["courses"]["by_category"])
    print(f"suite people: {len(image['enrollments']) + len(image['courses'])} passed, 0 known failures, 0 absent")


def the_same_again_changes_nothing():
    with Folder() as folder, Host(folder) as host:
        three = Configured(folder, host)
        first = three.client.ended(three.client.sync(three.config, files=three.files))
        again = three.client.ended(three.client.sync(three.config, files=three.files))
        for name in ("created", "updated"):
            expect_equal(again["counts"][name], 0, name)
        for name in ("read", "rejected"):
            expect_equal(again["counts"][name], first["counts"][name], name)
        states = {state for (state,) in folder.query(
            "SELECT DISTINCT state FROM integration_rejects WHERE run_number = 1 AND stream = 'enrollments.csv' "
            "AND tries = 0 AND code LIKE 'unknown%'")}
        # The newer snapshot's rejects stand in their place.
        expect_equal(states, {"dismissed"})


def table(name, delimiter):
    with open(os.path.join(DATA, name), encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


def a_workbook_of_the_same_texts_ends_as_the_files_do():
    names = {"people.csv": "People", "courses.csv": "Courses", "enrollments.csv": "Enrollments"}
    sheets = {"People": table("people.csv", ","), "Courses": table("courses.csv", ","),
              "Enrollments": table("enrollments.csv", ";")}
    expected, whole = undisturbed()
    with Folder() as folder, Host(folder) as host:
        client = Client(host)
        config = client.config("Training", policy=POLICY)
        client.ask("PUT", f"/{config}/mappings", {"mappings": lines(names)})
        path = os.path.join(folder.path, "all.xlsx")
        workbook(path, sheets)
        run = client.ended(client.sync(config, file_id=client.upload(config, "all.xlsx", path)))
        expect_equal([part["stream"] for part in run["streams"]], list(sheets), run)
        expect_equal([part["counts"] for part in run["streams"]], [part["counts"] for part in whole["streams"]],
                     run["message"])
        expect_equal([part["found"]["sheet"] for part in run["streams"]], list(sheets))
        found = contents(folder)
        for name in ("users", "courses", "enrollments", "links"):
            expect_equal(found[name], expected[name], name)
        for entity, known in undisturbed_verdicts().items():
            expect_equal(verdicts(folder, entity), known, entity)
        # One sheet would be taken for each of the three.
        workbook(path, {"People": sheets["People"]})
        refused = client.ended(client.sync(config, file_id=client.upload(config, "people.xlsx", path)))
        expect_equal((refused["state"], refused["error"]["code"], refused["counts"]["read"]),
                     ("failed", "stream_needed", 0), refused)


def verdicts(folder, entity, without=()):
    """How often which record was refused or warned of for what, wherever it stood."""
    refused = collections.Counter()
    for key, failures, state in folder.query(
            "SELECT external_id, failures, state FROM integration_rejects WHERE entity = ?", entity):
        for failure in json.loads(failures):
            if key not in without:
                refused[key, failure["field"], failure["code"], state] += 1
    warned = collections.Counter(folder.query(
        "SELECT field, code FROM integration_warnings WHERE entity = ? AND locator_kind <> 'person'", entity))
    return refused, warned


@functools.cache
def undisturbed_verdicts():
    with Folder() as folder, Host(folder) as host:
        three = Configured(folder, host)
        three.client.ended(three.client.sync(three.config, files=three.files))
        return {entity: verdicts(folder, entity) for entity in STREAMS.values()}


def the_suites_people_as_a_workbook_end_as_the_file_does():
    """Date cells come as dates, so that a day of the right form in a text of its own is one too: the only difference."""
    if not HAS_SUITE:
        return print("suite people workbook: absent")
    with open(os.path.join(SUITE, "dirt.json")) as file:
        right = {fault["employee_id"]: fault["value"] for fault in json.load(file)
                 if fault["kind"] == "ISO date in a day-first column"}
    expected, _ = undisturbed()
    with Folder() as folder, Host(folder) as host:
        client = Client(host)
        config = client.config("People", policy=POLICY)
        made = [{**line, "transform_function": "trim"} if "parseDate" in line.get("transform_function", "") else line
                for line in lines({"people.csv": "People"}) if line["target_entity"] == "users"]
        client.ask("PUT", f"/{config}/mappings", {"mappings": made})
        run = client.ended(client.sync(
            config, file_id=client.upload(config, "people.xlsx", os.path.join(SUITE, "people.xlsx"))))
        expect_equal(run["state"], "done_with_rejects", run["message"], run["error"])
        found = {row[0]: row for row in contents(folder)["users"]}
        wanted = {row[0]: row for row in expected["users"]}
        expect_equal(set(found) - set(wanted), set(right))
        for key, row in wanted.items():
            expect_equal(found[key][:5], row[:5], key)
        dates = dict(folder.query("SELECT external_id, hire_date FROM users WHERE hire_date IS NOT NULL"))
        expect_equal({key: dates[key] for key in right}, right)
        faulty = {row["employee_id"] for row in rows("people.csv", ",") if row["hire_date"].count("/") != 2}
        for row in rows("people.csv", ","):
            if row["employee_id"] in wanted and row["employee_id"] not in faulty:
                day, month, year = row["hire_date"].split("/")
                expect_equal(dates[row["employee_id"]], f"{year}-{month}-{day}", row["employee_id"])
        refused, warned = verdicts(folder, "users")
        csv_refused, csv_warned = undisturbed_verdicts()["users"]
        expect_equal(refused, collections.Counter({key: count for key, count in csv_refused.items() if key[0] not in right}))
        expect_equal(warned, csv_warned)
        print(f"suite people-workbook: {len(found)} passed, 0 known failures, 0 absent")


def what_a_record_lacks_never_erases():
    """Null and empty erase where the mapping says so; an absent member, and what a short line lacks, says nothing."""
    def line(stream, entity, source, target, **more):
        return {"stream": stream, "target_entity": entity, "source_field": source, "target_field": target, **more}

    def write(stream, records):
        return client.upload(config, stream, folder.file(f"{stream}.txt", json.dumps(records)))

    with Folder() as folder, Host(folder) as host:
        client = Client(host)
        config = client.config("Lacking", settings={"strict": False})
        client.ask("PUT", f"/{config}/mappings", {"mappings": [
            line("people", "users", "id", "external_id"), line("people", "users", "mail", "email"),
            line("people", "users", "contact.phone", "phone", empty="erase"),
            line("courses", "courses", "id", "external_id"), line("courses", "courses", "id", "code"),
            line("courses", "courses", "text", "description", empty="erase"),
            line("takes", "enrollments", "id", "external_id"), line("takes", "enrollments", "who", "user_external_id"),
            line("takes", "enrollments", "what", "course_external_id"),
            line("takes", "enrollments", "score", "score", empty="erase"),
        ]})
        people = [{"id": key, "mail": f"{key}@example.org", "contact": {"phone": "123", "x": 1}} for key in "abcde"]
        courses = [{"id": key, "text": "long"} for key in ("c1", "c2", "c3")]
        takes = [{"id": key, "who": "a", "what": course, "score": 90} for key, course in zip("stuv", ("c1", "c2", "c3", "c1"))]
        takes[3]["who"] = "b"
        first = client.ended(client.sync(config, files={
            "people": write("people", people), "courses": write("courses", courses), "takes": write("takes", takes)}))
        expect_equal((first["state"], first["counts"]["created"]), ("done", 12), first)
        # Of the people one says null, one nothing, one an empty text, one has no contact at all, and one a null in its place.
        for person, contact in zip(people, ({"phone": None}, {"x": 2}, {"phone": ""}, None, None)):
            person["contact"] = contact
        del people[3]["contact"]
        people.append({"id": "f", "mail": "f@example.org", "contact": {"phone": "7"}})
        courses[0]["text"] = None
        del courses[1]["text"]
        takes[0]["score"] = None
        del takes[1]["score"]
        # Refused, and knows nothing of a score; and one that knows that it has none.
        takes[2] = {"id": "u", "who": "nobody", "what": "c3"}
        takes[3] = {"id": "v", "who": "nobody", "what": "c1", "score": None}
        second = client.ended(client.sync(config, files={
            "people": write("people", people), "courses": write("courses", courses), "takes": write("takes", takes)}))
        expect_equal((second["state"], second["counts"]["rejected"]), ("done_with_rejects", 2), second)
        phones = dict(folder.query("SELECT external_id, phone FROM users"))
        expect_equal(phones, {"a": None, "b": "123", "c": None, "d": "123", "e": None, "f": "7"})
        expect_equal(dict(folder.query("SELECT external_id, description FROM courses")),
                     {"c1": None, "c2": "long", "c3": "long"})
        scores = "SELECT external_id, score FROM enrollments ORDER BY 1"
        expect_equal(folder.query(scores), [("s", None), ("t", 90), ("u", 90), ("v", 90)])
        rejects = {reject["locator"]["key"]: reject for reject in client.all(f"/runs/{second['id']}/rejects")}
        expect("score" not in rejects["u"]["raw"], rejects)
        expect(rejects["v"]["raw"]["score"] is None, rejects)
        for key, person in (("u", "a"), ("v", "b")):
            client.ask("PATCH", f"/runs/{second['id']}/rejects/{rejects[key]['id']}", {"raw": {"who": person}})
        third = client.ended(client.post(f"/runs/{second['id']}/rejects/replay", {"all": True}, 202)["id"])
        expect_equal((third["state"], third["counts"]["read"]), ("done", 2), third)
        expect_equal(folder.query(scores), [("s", None), ("t", 90), ("u", 90), ("v", None)])
        # A line that was cut says nothing of what would have followed; an empty field does.
        text = "id,mail,contact.phone\nb,b@example.org\nd,d@example.org,\nf,f@example.org,8\n"
        fourth = client.ended(client.sync(config, files={"people": client.upload(
            config, "people.csv", folder.file("cut.csv", text))}))
        expect_equal(fourth["state"], "done", fourth)
        phones = dict(folder.query("SELECT external_id, phone FROM users"))
        expect_equal((phones["b"], phones["d"], phones["f"]), ("123", None, "8"))
        shown = client.post(f"/{config}/mappings/preview", {
            "stream": "people", "rows": [{"id": "x", "mail": "x@example.org"},
                                         {"id": "y", "mail": "y@example.org", "contact.phone": None}]})
        expect_equal([row["fields"][-1]["state"] for row in shown["rows"]], ["absent", "erase"], shown["rows"])
        expect("contact.phone" not in shown["rows"][0]["source"], shown["rows"][0])


def the_suites_workbook_ends_as_its_files_do():
    if not HAS_SUITE:
        return print("suite people workbook: absent")
    with Folder() as folder, Host(folder) as host:
        three = Configured(folder, host)
        client, config = three.client, three.config
        client.ended(client.sync(config, stream="people.csv", file_id=three.files["people.csv"]))
        other = client.config("Workbook")
        # Date cells come as dates.
        made = [{**line, "transform_function": "trim"} if "parseDate" in line.get("transform_function", "") else line
                for line in lines({"courses.csv": "Courses", "enrollments.csv": "Enrollments"})
                if line["target_entity"] != "users"]
        client.ask("PUT", f"/{other}/mappings", {"mappings": made})
        file = client.upload(other, "training.xlsx", os.path.join(SUITE, "training.xlsx"))
        run = client.ended(client.sync(other, file_id=file))
        expect_equal([part["stream"] for part in run["streams"]], ["Courses", "Enrollments"], run)
        expect_equal(run["state"], "done_with_rejects", run["message"], run["error"])
        _, whole = undisturbed()
        for mine, theirs in zip(run["streams"], whole["streams"][1:]):
            expect_equal(mine["counts"], theirs["counts"], mine["stream"])
        waiting = client.all(f"/runs/{run['id']}/rejects?state=waiting")
        expect(waiting and all("course_code" in reject["raw"] for reject in waiting), waiting[:1])


def json_files_end_as_the_others_do():
    if not HAS_SUITE:
        return print("suite people JSON: absent")
    expected, whole = undisturbed()
    with Folder() as folder, Host(folder) as host:
        client = Client(host)
        config = client.config("Training", policy=POLICY)
        client.ask("PUT", f"/{config}/mappings", {"mappings": lines()})
        files = {stream: client.upload(config, stream.replace("csv", "json"),
                                       os.path.join(SUITE, stream.replace("csv", "json"))) for stream in STREAMS}
        run = client.ended(client.sync(config, files=files))
        expect_equal([part["counts"] for part in run["streams"]], [part["counts"] for part in whole["streams"]],
                     run["message"])
        found = contents(folder)
        for name in ("users", "courses", "enrollments", "links"):
            expect_equal(found[name], expected[name], name)
        for entity, known in undisturbed_verdicts().items():
            expect_equal(verdicts(folder, entity), known, entity)
        # What waits is kept by field, so that it can be mapped again.
        waiting = client.all(f"/runs/{run['id']}/rejects?state=waiting")
        expect(waiting and all("course_code" in reject["raw"] for reject in waiting), waiting[:1])


def courses_that_come_later_let_the_waiting_through():
    with Folder() as folder, Host(folder) as host:
        three = Configured(folder, host)
        client, config = three.client, three.config
        first = client.ended(client.sync(config, files=three.files))
        waiting = client.all(f"/runs/{first['id']}/rejects?state=waiting")
        codes = sorted({reject["raw"]["course_code"] for reject in waiting if reject["code"] == "unknown_course"})
        expect(codes, "no course was missing")
        text = "course_code,title,title_ar,category,delivery,duration_hours,language,mandatory,valid_months\n"
        text += "".join(f"{code},Found,,Technical,Online,8,en,N,\n" for code in codes)
        file = client.upload(config, "more.csv", folder.file("more.csv", text))
        run = client.ended(client.sync(config, files={"courses.csv": file}))
        let_through = [reject for reject in waiting if reject["code"] == "unknown_course"]
        expect_equal((run["state"], run["counts"]["replayed"]), ("done", len(let_through)), run)
        expect_equal(run["counts"]["read"], len(codes) + len(let_through))
        expect_equal(run["counts"]["created"], run["counts"]["read"])
        expect_equal([part["counts"]["read"] for part in run["streams"]], [len(codes)])
        expect("had waited since earlier runs" in run["message"], run["message"])
        states = collections.Counter(reject["state"] for reject in client.all(f"/runs/{first['id']}/rejects")
                                     if reject["code"].startswith("unknown_") and reject["code"] != "unknown_manager")
        expect_equal(states["replayed"], len(let_through))
        expect_equal(states["waiting"], len(waiting) - len(let_through))
        for reject in let_through:
            expect_equal(
                folder.query("SELECT c.code FROM enrollments e JOIN courses c ON c.number = e.course_number "
                             "WHERE e.external_id = ?", reject["raw"]["enrollment_id"]),
                [(reject["raw"]["course_code"],)])


def killed_at_each_boundary_it_ends_as_if_undisturbed():
    expected, _ = undisturbed()
    steps = ["stream.before_commit", "stream.after_commit", "stream.after_commit:2", "stream.after_commit:3",
             "commit.before_commit:2", "commit.after_commit:3", "commit.after_rejects:3", "settle.before_commit",
             "finish.before_commit"]
    for step in steps:
        with Folder() as folder:
            with Host(folder, env={"TRAINFLOW_FAILPOINT": step}) as host:
                three = Configured(folder, host)
                run = three.client.sync(three.config, files=three.files)
                expect_equal(host.process.wait(timeout=60), -signal.SIGKILL, step)
            with Host(folder) as host:
                ended = three.client.at(host).ended(run)
                expect_equal(ended["state"], "done_with_rejects", step, ended)
                host.end()
            expect_same(folder, expected, step)


def more_courses(three):
    """Queues a sync of the courses that were missing, after which the enrolments of them get through."""
    known = {row["course_code"] for row in rows("courses.csv", ",")}
    codes = sorted({row["course_code"] for row in rows("enrollments.csv", ";")} - known)
    expect(codes, "no course was missing")
    text = "course_code,title,title_ar,category,delivery,duration_hours,language,mandatory,valid_months\n"
    text += "".join(f"{code},Found,,Technical,Online,8,en,N,\n" for code in codes)
    file = three.client.upload(three.config, "more.csv", three.folder.file("more.csv", text))
    return three.client.sync(three.config, files={"courses.csv": file})


def killed_while_the_waiting_get_through_it_ends_as_if_undisturbed():
    with Folder() as folder:
        with Host(folder) as host:
            three = Configured(folder, host)
            three.client.ended(three.client.sync(three.config, files=three.files))
            run = three.client.ended(more_courses(three))
            expect(run["counts"]["replayed"] > 0, run)
            host.end()
        expected = contents(folder)
    for step in ["retry.begin", "retry.before_commit", "finish.before_commit"]:
        with Folder() as folder:
            with Host(folder) as host:
                three = Configured(folder, host)
                three.client.ended(three.client.sync(three.config, files=three.files))
                host.end()
            with Host(folder, env={"TRAINFLOW_FAILPOINT": step}) as host:
                three.client = three.client.at(host)
                run = more_courses(three)
                expect_equal(host.process.wait(timeout=60), -signal.SIGKILL, step)
            with Host(folder) as host:
                ended = three.client.at(host).ended(run)
                expect_equal(ended["state"], "done", step, ended)
                host.end()
            expect_same(folder, expected, step)


def the_command_line_imports_each_of_them():
    with Folder() as folder:
        def imported(name, entity, *more):
            result = run("import", os.path.join(DATA, f"{name}.csv"), "--tenant", TENANT, "--entity", entity, "--map",
                         os.path.join(ROOT, "samples", f"{name}.map.json"), "--as", "training", "--output", "json",
                         "--log-level", "error", *more, database=folder.database)
            expect(result.stdout, result.stderr)
            return json.loads(result.stdout)

        # Enrolments first: all wait. Then the people, then the courses, which let them through.
        early = imported("enrollments", "enrollments")
        expect_equal(early["counts"]["created"], 0)
        imported("people", "users", "--policy", json.dumps(POLICY))
        late = imported("courses", "courses")
        image, whole = undisturbed()
        expect_equal(folder.query("SELECT count(*) FROM enrollments"), [(len(image["enrollments"]),)])
        expect_equal(late["counts"]["created"], len(image["courses"]) + len(image["enrollments"]), late)


if __name__ == "__main__":
    main("entities", [
        three_streams_run_in_order_and_their_accounts_agree,
        every_seeded_fault_of_the_enrolments_ends_as_it_should,
        the_rows_without_faults_are_as_the_suite_says,
        the_same_again_changes_nothing,
        a_workbook_of_the_same_texts_ends_as_the_files_do,
        the_suites_people_as_a_workbook_end_as_the_file_does,
        the_suites_workbook_ends_as_its_files_do,
        what_a_record_lacks_never_erases,
        json_files_end_as_the_others_do,
        courses_that_come_later_let_the_waiting_through,
        killed_at_each_boundary_it_ends_as_if_undisturbed,
        killed_while_the_waiting_get_through_it_ends_as_if_undisturbed,
        the_command_line_imports_each_of_them,
    ])
