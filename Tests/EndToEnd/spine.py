#!/usr/bin/env python3
"""The spine from outside: the staged host, the real connector in its runner, a SQLite file."""

import glob
import time

from trainflow import *

GOOD = "id,email,name,hired\n001,Ann@Example.com,Ann,01/02/2020\n002,bob@example.com,Bob,03/04/2021\n"


def counts(result):
    return {name: count for name, count in result.report["counts"].items() if count}


def people_come_in_and_an_unchanged_file_changes_nothing():
    with Folder() as folder:
        file = folder.file("people.csv", GOOD)
        first = import_file(folder, file)
        expect_equal(first.returncode, 0, first.stderr)
        expect_equal(first.report["state"], "done")
        expect_equal(counts(first), {"read": 2, "created": 2})
        expect_equal(
            folder.query("SELECT external_id, email, display_name, hire_date, status FROM users ORDER BY external_id"),
            [("001", "ann@example.com", "Ann", "2020-02-01", "active"),
             ("002", "bob@example.com", "Bob", "2021-04-03", "active")])
        again = import_file(folder, file)
        expect_equal((again.returncode, counts(again)), (0, {"read": 2, "unchanged": 2}))
        expect_equal(folder.query("SELECT count(*) FROM integration_changes"),
                     folder.query("SELECT count(*) FROM integration_changes"))


def rows_out_of_key_order_come_in_to_the_last():
    with Folder() as folder:
        file = folder.file("people.csv", "id,email,name,hired\n3,c@example.com,C,\n1,a@example.com,A,\n2,b@example.com,B,\n")
        expect_equal(counts(import_file(folder, file)), {"read": 3, "created": 3})


def a_policy_matches_by_usernames_and_a_new_one_takes_its_place():
    mapping = {"mappings": PEOPLE_MAP["mappings"] + [{"source_field": "login", "target_field": "username"}]}
    rows = "id,email,name,hired,login\n{},{},A,,anna\n"
    with Folder() as folder:
        import_file(folder, folder.file("a.csv", rows.format(1, "a@example.com")), mapping, "a")
        file = folder.file("b.csv", rows.format("X1", "other@example.com"))
        result = import_file(folder, file, mapping, "b", "--policy", '{"match": ["username"]}')
        expect_equal((counts(result).get("created"), folder.query("SELECT count(*) FROM users")), (None, [(1,)]))
        import_file(folder, file, mapping, "b", "--policy", '{"match": ["email"]}')
        ((policy,),) = folder.query("SELECT policy FROM integration_configs WHERE name = 'b'")
        expect_equal(json.loads(policy), {"match": ["email"]})


def a_run_that_the_guard_holds_says_so_and_is_approved_or_refused():
    rows = "id,email,name,hired\n" + "".join(f"{n},{n}@{{0}}.example,P,\n" for n in range(100))
    with Folder() as folder:
        import_file(folder, folder.file("people.csv", rows.format("a")))
        for decision, domain in (("refuse", "a"), ("approve", "b")):
            held = import_file(folder, folder.file("people.csv", rows.format("b")))
            expect_equal((held.returncode, held.report["state"]), (4, "held"), held.stdout)
            expect_equal(counts(held), {"read": 100, "set_aside": 100})
            expect(held.report["message"].startswith(
                "Held: 100 of 100 people would be known by something else (limit 10): email changes."), held.stdout)
            expect_equal(held.report["guard"][0]["kinds"][0]["count"], 100)
            words = ["runs", decision, held.report["run_id"], "--tenant", TENANT]
            ended = run(*words, "--output", "json", database=folder.database)
            expect_equal((ended.returncode, json.loads(ended.stdout)["state"]), (0, "done"), ended.stderr)
            expect_equal(folder.query("SELECT count(*) FROM users WHERE email LIKE ?", f"%@{domain}.example"), [(100,)])
        again = run(*words, database=folder.database)
        expect(again.returncode == 1 and "only a held run" in again.stderr, again.stderr)


def for_people_the_report_counts_and_names_the_first_rejects():
    with Folder() as folder:
        rows = "".join(f"{n},nobody,A,\n" for n in range(3))
        words = [word for word in import_words(folder, folder.file("people.csv", "id,email,name,hired\n" + rows))
                 if word not in ("--output", "json")]
        few = run(*words, "--rejects", "2", database=folder.database)
        expect("The first 2 of 3 rejected rows" in few.stdout and "line 3" in few.stdout, few.stdout)
        all_of_them = run(*words, database=folder.database)
        expect("Rejected rows:" in all_of_them.stdout and "line 4" in all_of_them.stdout, all_of_them.stdout)


def kill_before_the_first_commit(folder, words):
    killed = subprocess.run(command(*words, database=folder.database), capture_output=True,
                            env={**os.environ, "TRAINFLOW_FAILPOINT": "commit.before_commit"})
    expect_equal(killed.returncode, -signal.SIGKILL)


def a_killed_import_goes_on_at_once_and_only_with_its_own_file():
    with Folder() as folder:
        file = folder.file("people.csv", GOOD)
        kill_before_the_first_commit(folder, import_words(folder, file, None, "people"))
        other = import_file(folder, folder.file("other.csv", GOOD), None, "people")
        expect_equal(other.returncode, 2, other.stdout)
        expect("people.csv" in other.stderr and "--restart" in other.stderr, other.stderr)
        # Another config's import leaves what was begun to whoever can work it, and answers for its own.
        lms = import_file(folder, folder.file("lms.csv", "id,email,name,hired\nX9,x@example.com,X,\n"), None, "lms",
                          timeout=20)
        expect_equal((lms.report["config"], counts(lms)), ("lms", {"read": 1, "created": 1}), lms.stderr)
        states = "SELECT r.state, j.attempt FROM integration_runs r JOIN integration_jobs j ON j.run_id = r.id ORDER BY r.number"
        expect_equal(folder.query(states), [("running", 1), ("done", 1)])
        again = import_file(folder, file, None, "people")
        expect_equal(counts(again), {"read": 2, "created": 2}, again.stderr)


def a_config_of_another_provider_is_not_taken_for_files():
    with Folder() as folder:
        file = folder.file("people.csv", GOOD)
        import_file(folder, file)
        connection = sqlite3.connect(folder.database)
        connection.execute("UPDATE integration_configs SET provider = 'sap'")
        connection.commit()
        connection.close()
        result = import_file(folder, file)
        expect_equal((result.returncode, "sap" in result.stderr), (2, True), result.stderr)


def a_rejected_row_names_line_field_value_reason_and_what_to_do():
    with Folder() as folder:
        file = folder.file(
            "people.csv", 'id,email,name,hired\n001,a@example.com,"two\nlines",01/02/2020\n002,nobody,Bob,31/02/2021\n')
        result = import_file(folder, file)
        expect_equal((result.returncode, result.report["state"]), (3, "done_with_rejects"), result.stderr)
        expect_equal(counts(result), {"read": 2, "created": 1, "rejected": 1})
        (reject,) = result.report["rejects"]
        expect_equal(reject["locator"], {"file": "people.csv", "line": 4, "key": "002"})
        expect_equal([(e["field"], e["source"], e["value"]) for e in reject["errors"]],
                     [("email", "email", "nobody"), ("hire_date", "hired", "31/02/2021")])
        for error in reject["errors"]:
            expect(error["message"] and error["hint"] and error["code"], error)
        expect_equal(reject["raw"]["hired"], "31/02/2021")
        outcome = folder.query("SELECT status, event FROM integration_logs WHERE event = 'outcome'")
        expect_equal(len(outcome), 1)


def a_ragged_row_is_a_reject_and_the_rest_goes_in():
    with Folder() as folder:
        file = folder.file("people.csv", GOOD + "003,c@example.com\n004,d@example.com,Dee,01/01/2020\n")
        result = import_file(folder, file)
        expect_equal(counts(result), {"read": 4, "created": 3, "rejected": 1}, result.stderr)
        expect_equal(result.report["rejects"][0]["locator"]["line"], 4)


def two_configs_bringing_one_person_make_one_user_owned_by_the_first():
    with Folder() as folder:
        import_file(folder, folder.file("hr.csv", GOOD), None, "hr")
        other = import_file(
            folder, folder.file("lms.csv", "id,email,name,hired\nX9,ANN@example.com,Someone Else,\n"), None, "lms")
        expect_equal(counts(other).get("created"), None, other.report)
        expect(counts(other)["warned"] >= 1, other.report)
        expect_equal(folder.query("SELECT count(*) FROM users"), [(2,)])
        expect_equal(folder.query("SELECT display_name FROM users WHERE email = 'ann@example.com'"), [("Ann",)])
        expect_equal(
            folder.query("SELECT c.name FROM users u JOIN integration_configs c ON c.number = u.config_number "
                         "WHERE u.email = 'ann@example.com'"), [("hr",)])


def equal_numbers_of_two_systems_stay_two_people():
    with Folder() as folder:
        import_file(folder, folder.file("a.csv", "id,email,name,hired\n001,a@example.com,A,\n"), None, "a")
        result = import_file(folder, folder.file("b.csv", "id,email,name,hired\n001,b@example.com,B,\n"), None, "b")
        expect_equal(counts(result), {"read": 1, "created": 1})
        expect_equal(folder.query("SELECT count(*) FROM users"), [(2,)])


def an_ambiguous_match_is_a_reject_that_names_both():
    mapping = {"mappings": PEOPLE_MAP["mappings"] + [{"source_field": "login", "target_field": "username"}]}
    with Folder() as folder:
        rows = "id,email,name,hired,login\n1,a@example.com,A,,anna\n2,b@example.com,B,,bert\n"
        import_file(folder, folder.file("a.csv", rows), mapping, "a", "--policy", '{"match": ["email", "username"]}')
        result = import_file(
            folder, folder.file("b.csv", "id,email,name,hired,login\n9,a@example.com,C,,bert\n"), mapping, "b",
            "--policy", '{"match": ["email", "username"]}')
        expect_equal(counts(result), {"read": 1, "rejected": 1}, result.stderr)
        error = result.report["rejects"][0]["errors"][0]
        expect_equal(error["code"], "ambiguous_match")
        expect("1" in error["message"] and "2" in error["message"], error)


def swapped_emails_far_apart_end_right():
    def rows(first, last):
        middle = "".join(f"{n:06},p{n}@example.com,P{n},\n" for n in range(2, 40_000))
        return f"id,email,name,hired\n000001,{first}@example.com,First,\n{middle}040000,{last}@example.com,Last,\n"

    with Folder() as folder:
        import_file(folder, folder.file("people.csv", rows("one", "two")))
        result = import_file(folder, folder.file("people.csv", rows("two", "one")))
        expect_equal(counts(result), {"read": 40_000, "updated": 2, "unchanged": 39_998}, result.stderr)
        expect_equal(
            folder.query("SELECT external_id, email FROM users WHERE display_name IN ('First', 'Last') ORDER BY 1"),
            [("000001", "two@example.com"), ("040000", "one@example.com")])


def a_taken_email_is_a_reject_that_names_the_other():
    with Folder() as folder:
        result = import_file(
            folder, folder.file("people.csv", "id,email,name,hired\n1,x@example.com,A,\n2,X@example.com,B,\n"))
        expect_equal(counts(result), {"read": 2, "created": 1, "rejected": 1}, result.stderr)
        expect_equal(result.report["rejects"][0]["errors"][0]["code"], "email_taken")
        expect_equal(result.report["rejects"][0]["locator"]["key"], "2")


def repeated_keys_end_as_the_data_model_says():
    rows = "id,email,name,hired\n1,a@example.com,A,\n1,a@example.com,A,\n1,a@example.com,B,\n"
    with Folder() as folder:
        result = import_file(folder, folder.file("people.csv", rows))
        expect_equal(counts(result), {"read": 3, "created": 1, "duplicate": 1, "rejected": 1}, result.stderr)
        error = result.report["rejects"][0]["errors"][0]
        expect_equal(error["code"], "conflicting_rows")
        expect("2" in error["message"] and "4" in error["message"], error)
        expect_equal(result.report["rejects"][0]["raw"], {"id": "1", "email": "a@example.com", "name": "B", "hired": ""})
    ordered = {"mappings": PEOPLE_MAP["mappings"]
               + [{"source_field": "changed", "target_field": "attributes.changed"}]}
    rows = ("id,email,name,hired,changed\n1,a@example.com,old,,2024-01-02\n1,a@example.com,new,,2024-02-01\n"
            "1,a@example.com,older,,2024-01-01\n")
    with Folder() as folder:
        result = import_file(folder, folder.file("people.csv", rows), ordered, None, "--policy",
                             '{"order_field": "attributes.changed"}')
        expect_equal(counts(result), {"read": 3, "created": 1, "updated": 1, "duplicate": 1}, result.stderr)
        expect_equal(folder.query("SELECT display_name FROM users"), [("new",)])


def a_snapshot_with_a_person_twice_changes_nothing_the_second_time():
    mapping = {"mappings": PEOPLE_MAP["mappings"]
               + [{"source_field": "changed", "target_field": "attributes.changed"}]}
    rows = "id,email,name,hired,changed\n1,a@example.com,old,,2024-01-02\n1,a@example.com,new,,2024-02-01\n"
    with Folder() as folder:
        for expected in ({"read": 2, "created": 1, "updated": 1}, {"read": 2, "unchanged": 2}):
            result = import_file(folder, folder.file("people.csv", rows), mapping, None, "--policy",
                                 '{"order_field": "attributes.changed"}')
            expect_equal(counts(result), expected, result.stderr)
            expect_equal(folder.query("SELECT display_name FROM users"), [("new",)])


def an_order_field_that_nothing_fills_is_refused():
    with Folder() as folder:
        result = import_file(folder, folder.file("people.csv", GOOD), None, None, "--policy",
                             '{"order_field": "attributes.last_modified"}')
        expect_equal((result.returncode, result.report["error"]["code"]), (1, "order_field_not_mapped"), result.stderr)


def managers_further_down_are_found():
    mapping = {"mappings": PEOPLE_MAP["mappings"]
               + [{"source_field": "boss", "target_field": "manager_external_id"}]}
    with Folder() as folder:
        rows = "id,email,name,hired,boss\n1,a@example.com,A,,2\n2,b@example.com,B,,\n3,c@example.com,C,,99\n"
        result = import_file(folder, folder.file("people.csv", rows), mapping)
        expect_equal(counts(result), {"read": 3, "created": 3, "warned": 1}, result.stderr)
        expect_equal(
            folder.query("SELECT e.external_id, m.external_id FROM users e LEFT JOIN users m ON m.id = e.manager_id "
                         "ORDER BY 1"), [("1", "2"), ("2", None), ("3", None)])


def a_killed_runner_gets_one_more_try_and_the_import_ends_right():
    with Folder() as folder:
        rows = "".join(f"{n:06},p{n}@example.com,P{n},01/02/2020\n" for n in range(150_000))
        file = folder.file("people.csv", "id,email,name,hired\n" + rows)
        process = subprocess.Popen(command(*import_words(folder, file), database=folder.database),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        killed = False
        deadline = time.monotonic() + 60
        while not killed and time.monotonic() < deadline and process.poll() is None:
            for child in children(process.pid):
                # Once something is committed, so that there is a checkpoint to go on from.
                if os.path.exists(folder.database + "-wal") and os.path.getsize(folder.database + "-wal") > 4 << 20:
                    os.kill(child, signal.SIGKILL)
                    killed = True
        out, err = process.communicate(timeout=120)
        expect(killed, "the runner was never seen")
        expect_equal(process.returncode, 0, err)
        expect_equal({k: v for k, v in json.loads(out)["counts"].items() if v}, {"read": 150_000, "created": 150_000})
        expect("SIGKILL" in err, err)


def a_connector_that_always_crashes_ends_as_failed_and_what_was_committed_stays():
    mapping = {"mappings": [{"source_field": "number", "target_field": "external_id"},
                            {"source_field": "word", "target_field": "display_name"}]}
    with Folder() as folder:
        plugins = os.path.join(folder.path, "plugins.d")
        os.mkdir(plugins)
        shutil.copy(os.path.join(TEST_CONNECTORS, "crash-file.so"), plugins)
        # Two batches of two rows come, then it dies; the next attempt goes on behind them and dies at once.
        file = folder.file("people.csv", "number,word\n0,zero\n1,one\n2,two\n3,\n4,four\n")
        result = import_file(folder, file, mapping, None, "--settings", '{"in": "get_next", "how": "segv", "batch": 2}',
                             plugins=plugins)
        expect_equal((result.returncode, result.report["state"]), (1, "failed"), result.stderr)
        expect_equal(counts(result), {"read": 4, "created": 4}, result.stderr)
        expect_equal(result.report["error"]["class"], "crash")
        expect("SIGSEGV" in result.report["error"]["message"], result.report["error"])
        expect_equal(folder.query("SELECT attempt, state FROM integration_runs"), [(2, "failed")])
        expect_equal(folder.query("SELECT state FROM integration_jobs"), [("dead",)])
        ((status, message),) = folder.query(
            "SELECT status, message FROM integration_logs WHERE event = 'outcome'")
        expect(status == "error" and "SIGSEGV" in message, status, message)
        expect_equal(folder.query("SELECT external_id, display_name FROM users ORDER BY 1"),
                     [("0", "zero"), ("1", "one"), ("2", "two"), ("3", None)])
        expect_equal(folder.query("SELECT count(*) FROM integration_links"), [(4,)])
        # The next run begins anew, with a connector that works.
        again = import_file(folder, file, mapping, None, "--settings", "{}")
        expect_equal((again.returncode, counts(again)), (0, {"read": 5, "created": 1, "unchanged": 4}), again.stderr)


def a_connector_that_crashes_and_gives_no_tokens_is_read_again_from_the_start():
    mapping = {"mappings": [{"source_field": "number", "target_field": "external_id"}]}
    with Folder() as folder:
        plugins = os.path.join(folder.path, "plugins.d")
        os.mkdir(plugins)
        shutil.copy(os.path.join(TEST_CONNECTORS, "crash-file.so"), plugins)
        result = import_file(
            folder, folder.file("people.csv", "number\n"), mapping, None, "--settings",
            '{"in": "get_next", "how": "abort", "batch": 2, "tokens": 0}', plugins=plugins)
        expect_equal((result.returncode, result.report["state"]), (1, "failed"), result.stderr)
        expect("SIGABRT" in result.report["error"]["message"], result.report["error"])
        # What the first attempt brought stands; the counts are those of the last one.
        expect_equal(counts(result), {"read": 4, "unchanged": 4}, result.stderr)
        expect_equal(folder.query("SELECT count(*) FROM users"), [(4,)])


def going_on_with_other_mappings_is_refused():
    with Folder() as folder:
        file = folder.file("people.csv", GOOD)
        words = import_words(folder, file)
        killed = subprocess.run(command(*words, database=folder.database), capture_output=True,
                                env={**os.environ, "TRAINFLOW_FAILPOINT": "commit.before_commit"})
        expect_equal(killed.returncode, -signal.SIGKILL)
        other = {"mappings": PEOPLE_MAP["mappings"][:2]}
        result = import_file(folder, file, other)
        expect_equal(result.returncode, 2, result.stdout)
        expect("--restart" in result.stderr, result.stderr)
        restarted = import_file(folder, file, other, None, "--restart")
        expect_equal((restarted.returncode, counts(restarted)), (0, {"read": 2, "created": 2}), restarted.stderr)


def children(pid):
    try:
        tasks = glob.glob(f"/proc/{pid}/task/*/children")
        found = []
        for path in tasks:
            with open(path) as file:
                found += [int(child) for child in file.read().split()]
        return found
    except OSError:
        return []


def while_an_import_runs_the_connector_is_only_in_its_runner():
    with Folder() as folder:
        rows = "".join(f"{n:06},p{n}@example.com,P{n},01/02/2020\n" for n in range(100_000))
        file = folder.file("people.csv", "id,email,name,hired\n" + rows)
        process = subprocess.Popen(command(*import_words(folder, file), database=folder.database),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        seen = None
        while process.poll() is None and not seen:
            for child in children(process.pid):
                try:
                    with open(f"/proc/{child}/comm") as comm, open(f"/proc/{child}/maps") as maps:
                        if "memfd:file-import.so" in maps.read():
                            seen = comm.read().strip()
                            with open(f"/proc/{process.pid}/maps") as own:
                                expect("file-import.so" not in own.read(), "the host maps it")
                except OSError:
                    pass
        process.communicate(timeout=120)
        expect_equal(seen, "trainflow-runner"[:15])


def bad_input_is_a_clear_error_and_nothing_is_written():
    with Folder() as folder:
        def refused(code, *words, file=None, mapping=None, more=()):
            result = import_file(folder, file, mapping, "bad", *more)
            text = result.stdout + result.stderr
            expect_equal(result.returncode, code, words, text)
            for word in words:
                expect(word in text, "missing", repr(word), "in", text)

        refused(1, "missing.csv", "No such file", file=os.path.join(folder.path, "missing.csv"))
        refused(2, "folder", file=folder.path)
        refused(1, "binary", file=folder.file("binary.csv", b"\x7fELF\0\0\0\1" * 100))
        refused(1, "quote", "line 2", file=folder.file("quote.csv", 'id,email,name,hired\n1,"a@example.com,A,\n2,b,c,d\n'))
        refused(1, "email", "e_mail", file=folder.file("header.csv", "id,e_mail,name,hired\n1,a@example.com,A,\n"))
        refused(1, "empty", file=folder.file("empty.csv", ""))
        refused(2, "trimm", "trim", file=folder.file("good.csv", GOOD), mapping={"mappings": [
            {"source_field": "id", "target_field": "external_id", "transform_function": "trimm"}]})
        refused(2, "e_mail", "email", file=folder.file("good.csv", GOOD), mapping={"mappings": [
            {"source_field": "id", "target_field": "external_id"},
            {"source_field": "email", "target_field": "e_mail"}]})
        refused(2, "courses", "users", file=folder.file("good.csv", GOOD), mapping={
            "target_entity": "courses", "mappings": [{"source_field": "id", "target_field": "external_id"}]})
        refused(2, "JSON", file=folder.file("good.csv", GOOD), mapping=None, more=("--settings", "{"))
        expect_equal(folder.query("SELECT count(*) FROM users"), [(0,)])
        unknown = run("plugins", "run", "sap")
        expect_equal(unknown.returncode, 1, unknown.stderr)
        expect("sap" in unknown.stderr, unknown.stderr)
        wrong = run("improt", "x")
        expect_equal((wrong.returncode, "import" in wrong.stderr), (2, True), wrong.stderr)


def a_gigabyte_in_one_line_is_refused_with_flat_memory():
    with Folder() as folder:
        path = os.path.join(folder.path, "line.csv")
        with open(path, "wb") as file:
            file.write(b"id,email,name,hired\n1,")
            block = b"x" * (1 << 20)
            for _ in range(1024):
                file.write(block)
        words = command(*import_words(folder, path), database=folder.database)
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        _, status, usage = os.wait4(process.pid, 0)
        text = process.stdout.read() + process.stderr.read()
        process.returncode = os.waitstatus_to_exitcode(status)
        expect_equal(process.returncode, 1, text)
        expect("line 2" in text, text)
        expect(usage.ru_maxrss < 100 << 10, "peak memory was", usage.ru_maxrss, "KiB")


def a_second_process_on_the_same_file_is_refused_by_name():
    with Folder() as folder:
        rows = "".join(f"{n:06},p{n}@example.com,P{n},01/02/2020\n" for n in range(200_000))
        file = folder.file("people.csv", "id,email,name,hired\n" + rows)
        first = subprocess.Popen(command(*import_words(folder, file), database=folder.database),
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while not os.path.exists(folder.database) and first.poll() is None:
            pass
        second = import_file(folder, folder.file("other.csv", GOOD))
        code_while_running = first.poll()
        first.communicate(timeout=120)
        expect_equal(code_while_running, None, "the first import was over too soon to tell")
        expect_equal(second.returncode, 1, second.stderr)
        expect(str(first.pid) in second.stderr, second.stderr)


def a_database_newer_than_the_program_is_refused():
    with Folder() as folder:
        import_file(folder, folder.file("people.csv", GOOD))
        connection = sqlite3.connect(folder.database)
        connection.execute("INSERT INTO integration_migrations(number, name, applied_at) VALUES(9999, 'from later', 0)")
        connection.commit()
        connection.close()
        result = import_file(folder, folder.file("people.csv", GOOD))
        expect_equal(result.returncode, 1)
        expect("newer" in result.stderr and "9999" in result.stderr, result.stderr)


def a_full_disk_stops_the_import_and_nothing_is_half_written():
    if os.geteuid() != 0:
        print("    (not root: no small file system can be mounted; not tried)")
        return
    with Folder() as folder:
        disk = os.path.join(folder.path, "disk")
        os.mkdir(disk)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", disk], capture_output=True)
        if mounted.returncode != 0:
            print("    (no file system can be mounted here; not tried)")
            return
        try:
            folder.database = os.path.join(disk, "trainflow.db")
            rows = "".join(f"{n:06},p{n}@example.com,P{n},01/02/2020\n" for n in range(200_000))
            result = import_file(folder, folder.file("people.csv", "id,email,name,hired\n" + rows))
            expect_equal(result.returncode, 1, result.stdout)
            expect("full" in result.stdout + result.stderr, result.stdout + result.stderr)
            ((users, links),) = folder.query(
                "SELECT (SELECT count(*) FROM users), (SELECT count(*) FROM integration_links)")
            expect_equal(users, links)
        finally:
            subprocess.run(["umount", disk], check=True)


def a_folder_that_can_not_be_written_is_named():
    with Folder() as folder:
        result = import_file(folder, folder.file("people.csv", GOOD))
        folder.database = "/proc/trainflow.db"
        result = run(*import_words(folder, folder.file("people.csv", GOOD)), database="/proc/trainflow.db")
        expect_equal(result.returncode, 1)
        expect("/proc" in result.stderr, result.stderr)


def every_command_has_help():
    overview = run("--help").stdout
    for words in (["import"], ["migrate"], ["migrate", "plan"], ["plugins", "inspect"], ["plugins", "run"]):
        expect(" ".join(words) in overview, words, overview)
        result = subprocess.run([TRAINFLOW, *words, "--help"], capture_output=True, text=True)
        expect_equal((result.returncode, result.stderr), (0, ""), words)
        expect(result.stdout.startswith(f"trainflow {' '.join(words)}") and "--log-level" in result.stdout, result.stdout)
    unknown = subprocess.run([TRAINFLOW, "improt", "--help"], capture_output=True, text=True)
    expect_equal((unknown.returncode, "import" in unknown.stderr), (2, True), unknown.stderr)


def migrate_says_what_it_does_and_is_safe_to_repeat():
    with Folder() as folder:
        plan = run("migrate", "plan", database=folder.database)
        expect_equal(plan.returncode, 0, plan.stderr)
        expect("CREATE TABLE" in plan.stdout)
        first = run("migrate", database=folder.database)
        again = run("migrate", database=folder.database)
        expect_equal((first.returncode, again.returncode), (0, 0), first.stderr + again.stderr)
        expect("Applied" in first.stdout and "up to date" in again.stdout, first.stdout, again.stdout)
        status = run("migrate", "status", database=folder.database)
        expect("applied" in status.stdout, status.stdout)


def plugins_are_listed_inspected_and_run():
    listed = run("plugins", "list", "--output", "json", "--log-level", "error")
    expect_equal([c["id"] for c in json.loads(listed.stdout)["connectors"]], ["file"], listed.stderr)
    inspected = run("plugins", "inspect", "file", "--log-level", "error")
    expect_equal(json.loads(inspected.stdout)["id"], "file")
    of_file = run("plugins", "inspect", os.path.join(TEST_CONNECTORS, "crash-load.so"), "--log-level", "error",
                  unsigned=False)
    expect_equal(json.loads(of_file.stdout)["id"], "test-crash", of_file.stderr)
    of_nothing = run("plugins", "inspect", "/nowhere/x.so")
    expect_equal((of_nothing.returncode, "/nowhere/x.so" in of_nothing.stderr), (1, True), of_nothing.stderr)
    with Folder() as folder:
        file = folder.file("people.csv", GOOD)
        result = run("plugins", "run", "file", "--settings", json.dumps({"path": file}), "--log-level", "error")
        expect_equal(result.returncode, 0, result.stderr)
        lines = [json.loads(line) for line in result.stdout.splitlines()]
        expect_equal(lines[0], {"locator": {"file": "people.csv", "line": 2},
                                "values": {"id": "001", "email": "Ann@Example.com", "name": "Ann", "hired": "01/02/2020"}})
        expect_equal(lines[-1]["records"], 2)
        rest = run("plugins", "run", "file", "--settings", json.dumps({"path": file}), "--state", lines[-1]["state"],
                   "--log-level", "error")
        expect_equal(json.loads(rest.stdout.splitlines()[-1])["records"], 0, rest.stderr)


def without_leave_an_unsigned_connector_is_refused():
    with Folder() as folder:
        result = import_file(folder, folder.file("people.csv", GOOD), unsigned=False)
        expect_equal(result.returncode, 1)
        expect("--unsigned-plugins allow" in result.stderr, result.stderr)


main("spine", [value for value in list(globals().values())
               if callable(value) and getattr(value, "__module__", "") == "__main__"
               and value.__name__ not in ("counts", "children", "kill_before_the_first_commit")])
