#!/usr/bin/env python3
"""trainflow doctor: what it finds where all is well, and where one thing is broken."""

import time

from api import *


def examine(folder, *words, env=None):
    """The exit code, and the findings by subject."""
    result = run("doctor", *words, "--output", "json", "--plugins", PLUGINS, "--unsigned-plugins", "allow",
                 database=folder.database, env={**ENVIRONMENT, **(env or {})}, timeout=60)
    expect(result.stdout, result.stderr)
    answer = json.loads(result.stdout)
    expect_equal(answer["ok"], result.returncode == 0, answer)
    return result.returncode, {finding["subject"]: finding for finding in answer["findings"]}


def expect_failure(answer, subject, *words):
    code, findings = answer
    expect_equal(code, 1, findings)
    finding = findings[subject]
    expect_equal(finding["verdict"], "fail", finding)
    for word in words:
        expect(word in finding["message"] + finding["hint"], word, finding)
    others = [other for other in findings.values() if other["verdict"] == "fail" and other != finding]
    expect_equal(others, [])


def all_is_well_beside_a_serving_host_and_nothing_is_changed():
    with Folder() as folder, Host(folder) as host:
        code, findings = examine(folder)
        expect_equal(code, 0, findings)
        expect_equal({finding["verdict"] for finding in findings.values()}, {"ok"}, findings)
        expect_equal(set(findings), {
            "database", "lock", "credentials", "clock", "secret key", "token key", "connectors", "sandbox", "runner", "files",
            "disk"})
        expect(str(host.process.pid) in findings["lock"]["message"] and "trainflow serve" in findings["lock"]["message"],
               findings["lock"])
        expect("Landlock" in findings["sandbox"]["message"], findings["sandbox"])
        expect_equal(host.end()[0], 0)
    with Folder() as folder:
        code, findings = examine(folder)
        expect_equal((code, findings["database"]["verdict"]), (0, "warn"), findings)
        expect_equal(os.listdir(folder.path), [])


def for_people_it_is_a_table_with_what_to_do():
    with Folder() as folder:
        result = run("doctor", database=folder.database, env={**ENVIRONMENT, "JWT_SECRET": ""}, timeout=60)
        expect_equal(result.returncode, 1, result.stderr)
        lines = result.stdout.splitlines()
        expect(any(line.startswith("fail  token key ") for line in lines), result.stdout)
        expect(any("openssl rand" in line and line.startswith(" " * 18) for line in lines), result.stdout)


def keys_that_are_missing_or_unfit_are_told_without_telling_them():
    with Folder() as folder:
        expect_failure(examine(folder, env={"SECRET_KEY": ""}), "secret key", "openssl rand")
        result = run("doctor", database=folder.database, env={**ENVIRONMENT, "SECRET_KEY": "hunter2"}, timeout=60)
        expect("hunter2" not in result.stdout + result.stderr and "fail  secret key" in result.stdout, result.stdout)
        shared = folder.file("secret.key", KEY)
        os.chmod(shared, 0o644)
        code, findings = examine(folder, env={"SECRET_KEY": "", "SECRET_KEY_FILE": shared})
        expect_equal((code, findings["secret key"]["verdict"]), (0, "warn"), findings)
        expect("chmod 600" in findings["secret key"]["hint"], findings)
        os.chmod(shared, 0o600)
        expect_equal(examine(folder, env={"SECRET_KEY": "", "SECRET_KEY_FILE": shared})[1]["secret key"]["verdict"], "ok")


def credentials_that_no_key_opens_name_their_configurations():
    with Folder() as folder:
        with Host(folder) as host:
            status, config = host.ask("POST", BASE + "/configs", {"name": "People", "provider": "file"}, token())
            expect_equal(status, 201, config)
            expect_equal(host.end()[0], 0)
        encrypted = sqlite3.connect(folder.database)
        encrypted.execute(
            "INSERT INTO integration_credentials (id, tenant_id, config_id, encrypted_payload, key_id, created_at, updated_at)"
            " SELECT randomblob(16), tenant_id, id, 'gAAAAA', 'an-old-key', 0, 0 FROM integration_configs")
        encrypted.commit()
        encrypted.close()
        expect_failure(examine(folder), "credentials", config["id"], "an-old-key", "enter the credentials again")


def a_damaged_database_is_found():
    with Folder() as folder:
        expect_equal(run("migrate", database=folder.database).returncode, 0)
        with open(folder.database, "r+b") as file:
            file.seek(4096 * 5)
            file.write(b"\xff" * 4096 * 3)
        code, findings = examine(folder)
        expect_equal((code, findings["database"]["verdict"]), (1, "fail"), findings)
        expect("damaged" in findings["database"]["message"] and "backup" in findings["database"]["hint"] +
               findings["database"]["message"], findings)
        with open(folder.database, "wb") as file:
            file.write(b"no database at all" * 1000)
        expect("no SQLite database" in examine(folder)[1]["database"]["message"])


def a_clock_that_went_back_is_found():
    with Folder() as folder:
        import_file(folder, folder.file("people.csv", "id,email,name,hired\n1,a@example.com,A,\n"))
        expect_equal(examine(folder)[1]["clock"]["verdict"], "ok")
        database = sqlite3.connect(folder.database)
        database.execute("UPDATE integration_runs SET created_at = ?", [int((time.time() + 86_400) * 1_000_000)])
        database.commit()
        database.close()
        expect_failure(examine(folder), "clock", "NTP")


def connectors_that_are_refused_and_a_runner_that_is_missing_are_told():
    with Folder() as folder:
        expect_failure(examine(folder, "--runner", "/nowhere/trainflow-runner"), "runner", "/nowhere/trainflow-runner")
        result = run("doctor", "--output", "json", "--plugins", PLUGINS, database=folder.database, env=ENVIRONMENT)
        refused = [finding for finding in json.loads(result.stdout)["findings"] if finding["subject"] == "connectors"]
        expect_equal((result.returncode, refused[0]["verdict"]), (1, "fail"), refused)
        expect("signature" in refused[0]["message"] + refused[0]["hint"], refused)


def a_folder_for_files_that_cannot_be_made_is_told():
    with Folder() as folder:
        expect_failure(examine(folder, "--files", folder.file("file", "") + "/files"), "files", "--files")
        expect_failure(examine(folder, "--files", folder.path + "/not/there"), "files", "--files")


if __name__ == "__main__":
    main("doctor", [
        all_is_well_beside_a_serving_host_and_nothing_is_changed, for_people_it_is_a_table_with_what_to_do,
        keys_that_are_missing_or_unfit_are_told_without_telling_them,
        credentials_that_no_key_opens_name_their_configurations, a_damaged_database_is_found,
        a_clock_that_went_back_is_found, connectors_that_are_refused_and_a_runner_that_is_missing_are_told,
        a_folder_for_files_that_cannot_be_made_is_told])
