#!/usr/bin/env python3
"""Exactly once: an import is killed, again and again, and ends as an undisturbed one.

usage: kills.py [KILLS] [ROWS] [SEED]   kills at seeded random moments (default 6, 60,000), then one at each failpoint
"""

import random
import re
import time
import uuid

from trainflow import *

KILLS = int(sys.argv[1]) if len(sys.argv) > 1 else 6
ROWS = int(sys.argv[2]) if len(sys.argv) > 2 else 60_000
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else 20261130

FAILPOINTS = [
    "commit.begin", "commit.after_lookup", "commit.after_users", "commit.after_links", "commit.after_rejects",
    "commit.after_counts", "commit.before_commit", "commit.after_commit", "settle.begin", "settle.after_emails",
    "settle.after_managers", "settle.before_commit", "finish.before_commit", "finish.after_commit",
]
# The directory is merged once it holds so many new people.
MERGES_AT = 196_608

MAPPING = {
    "mappings": PEOPLE_MAP["mappings"] + [
        {"source_field": "boss", "target_field": "manager_external_id"},
        {"source_field": "dept", "target_field": "department"},
    ]
}


def person(number, email=None, name=None, boss="", dept="Sales"):
    return f"{number:07},{email or f'p{number}@example.com'},{name or f'P{number}'},01/02/2020,{boss},{dept}\n"


HEADER = "id,email,name,hired,boss,dept\n"


def standing(rows):
    """Half as many people as the import will bring."""
    return HEADER + "".join(person(n, boss=f"{n // 8:07}" if n % 8 else "") for n in range(0, rows, 2))


def arriving(rows):
    """Creates, updates, unchanged rows, rejects, repeats, swapped e-mails, managers further down."""
    dice = random.Random(SEED)
    lines = []
    for n in range(rows):
        roll = dice.random()
        if n % 2 == 0 and roll < 0.3:
            lines.append(person(n, dept="Marketing", boss=f"{n // 8:07}" if n % 8 else ""))
        elif n % 2 == 1:
            lines.append(person(n, boss=f"{min(n + 1000, rows - 1):07}"))
        else:
            lines.append(person(n, boss=f"{n // 8:07}" if n % 8 else ""))
        if roll > 0.99:
            lines.append(f"{n:07}x,broken,P,31/02/2020,,\n")
        elif roll > 0.98:
            lines.append(lines[-1])
        elif roll > 0.975:
            lines.append(person(n, name="Somebody else"))
    first, last = 0, (rows - 2) // 2 * 2
    for n, other in ((first, last), (last, first)):
        place = next(i for i, line in enumerate(lines) if line.startswith(f"{n:07},"))
        lines[place] = person(n, email=f"p{other}@example.com", dept="Swapped")
    return HEADER + "".join(lines)


def contents(folder):
    """All that has to be equal, without ids, row numbers and times."""
    return {
        "users": folder.query(
            "SELECT u.external_id, u.email, u.username, u.first_name, u.last_name, u.display_name, u.status, u.department,"
            " m.external_id, u.job_title, u.language, u.country, u.phone, u.hire_date, u.attributes, c.name, r.number, w.number"
            " FROM users u LEFT JOIN (SELECT id, external_id FROM users) m ON m.id = u.manager_id"
            " LEFT JOIN integration_configs c ON c.number = u.config_number"
            " LEFT JOIN integration_runs r ON r.number = u.created_run LEFT JOIN integration_runs w ON w.number = u.updated_run"
            " ORDER BY u.external_id"),
        "links": folder.query(
            "SELECT l.external_id, u.external_id, l.owned, c.name FROM integration_links l"
            " JOIN users u ON u.number = l.row_number JOIN integration_configs c ON c.number = l.config_number"
            " ORDER BY 4, 1"),
        "rejects": folder.query(
            "SELECT locator, source, external_id, code, message, failures, raw, state FROM integration_rejects"
            " ORDER BY locator, code"),
        "warnings": folder.query(
            "SELECT locator, source, field, code, message FROM integration_warnings ORDER BY locator, code"),
        "runs": folder.query(
            "SELECT state, count_read, count_created, count_updated, count_unchanged, count_set_aside, count_rejected,"
            " count_duplicate, count_warned, count_waiting FROM integration_runs ORDER BY number"),
        "outcomes": folder.query(
            "SELECT status, event FROM integration_logs WHERE event = 'outcome' ORDER BY number"),
        "jobs": folder.query("SELECT state FROM integration_jobs ORDER BY number"),
        "updates": updates(folder),
        "created": folder.query(
            "SELECT u.external_id, c.run_number FROM integration_changes c"
            " JOIN users u ON u.number >= c.row_number AND u.number < c.row_number + c.count"
            " WHERE c.kind = 'created' ORDER BY 1, 2"),
        "left over": folder.query(
            "SELECT (SELECT count(*) FROM integration_checkpoints), (SELECT count(*) FROM integration_seen),"
            " (SELECT count(*) FROM integration_waiting)"),
        "integrity": folder.query("PRAGMA integrity_check"),
    }


def updates(folder):
    """Change images, with people by their external ids instead of ids made of random."""
    people = {
        str(uuid.UUID(bytes=id)): external
        for id, external in folder.query("SELECT id, external_id FROM users")
    }

    def named(image):
        return image and re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", lambda id: people[id[0]], image)

    rows = folder.query(
        "SELECT u.external_id, c.kind, c.before, c.after FROM integration_changes c"
        " JOIN users u ON u.number = c.row_number WHERE c.kind <> 'created'")
    return sorted((key, kind, named(before), named(after)) for key, kind, before, after in rows)


def compare(folder, expected, what):
    found = contents(folder)
    for name, value in expected.items():
        if found[name] != value:
            differences = [pair for pair in zip(found[name], value) if pair[0] != pair[1]][:3]
            raise AssertionError(
                f"{what}: {name} differ: {len(found[name])} rows, expected {len(value)}; first: {differences}")


class Prepared:
    """The database before the import, the file to import, and what an undisturbed import makes of them."""

    def __init__(self, standing, arriving, code):
        self.folder = Folder()
        self.code = code
        result = import_file(self.folder, self.folder.file("standing.csv", standing), MAPPING, "people")
        expect_equal(result.returncode, 0, result.stderr, result.stdout)
        self.file = self.folder.file("arriving.csv", arriving)
        self.before = os.path.join(self.folder.path, "before.db")
        shutil.copy(self.folder.database, self.before)
        started = time.monotonic()
        result = import_file(self.folder, self.file, MAPPING, "people")
        self.seconds = time.monotonic() - started
        expect_equal(result.returncode, code, result.stderr, result.stdout)
        self.counts = result.report["counts"]
        self.expected = contents(self.folder)

    @classmethod
    def mixed(cls, rows):
        prepared = cls(standing(rows), arriving(rows), 3)
        for name in ("created", "updated", "unchanged", "rejected", "duplicate"):
            expect(prepared.counts[name] > 0, name, "did not happen: the file tests too little")
        return prepared

    def reset(self):
        for end in ("", "-wal", "-shm"):
            if os.path.exists(self.folder.database + end):
                os.remove(self.folder.database + end)
        shutil.copy(self.before, self.folder.database)

    def start(self, env=None):
        return subprocess.Popen(
            command(*import_words(self.folder, self.file, MAPPING, "people"), database=self.folder.database),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **(env or {})})

    def finish(self, what):
        process = self.start()
        out, err = process.communicate(timeout=300)
        expect_equal(process.returncode, self.code, what, err, out)
        expect_equal(json.loads(out)["counts"], self.counts, what)
        compare(self.folder, self.expected, what)


def kills_at_random_moments():
    prepared = Prepared.mixed(ROWS)
    dice = random.Random(SEED)
    kills = 0
    imports = 0
    resumed = 0
    while kills < KILLS:
        prepared.reset()
        imports += 1
        what = f"import {imports}"
        while kills < KILLS:
            process = prepared.start()
            moment = dice.random() * prepared.seconds
            try:
                process.wait(timeout=moment)
            except subprocess.TimeoutExpired:
                process.kill()
                kills += 1
                what += f", killed after {moment:.3f} s"
            out, err = process.communicate(timeout=60)
            resumed += "Going on with run" in err
            if process.returncode != -signal.SIGKILL:
                # It was over before its moment came.
                expect_equal(process.returncode, 3, what, err, out)
                break
        else:
            prepared.finish(what)
            continue
        expect_equal(json.loads(out)["counts"], prepared.counts, what)
        compare(prepared.folder, prepared.expected, what)
    print(f"    {kills} kills in {imports} imports of {ROWS} rows; {resumed} times an import went on")
    shutil.rmtree(prepared.folder.path)


def kill_at(prepared, name, nth):
    prepared.reset()
    process = prepared.start({"TRAINFLOW_FAILPOINT": f"{name}:{nth}"})
    out, err = process.communicate(timeout=120)
    expect_equal(process.returncode, -signal.SIGKILL, f"failpoint {name}:{nth} was not reached", out, err)
    if name == "finish.after_commit":
        compare(prepared.folder, prepared.expected, name)
    else:
        prepared.finish(f"{name}:{nth}")


def a_kill_at_each_failpoint():
    prepared = Prepared.mixed(min(ROWS, 40_000))
    for name in FAILPOINTS:
        for nth in (1, 2) if name.startswith("commit") else (1,):
            kill_at(prepared, name, nth)
    print(f"    {len(FAILPOINTS)} failpoints")
    shutil.rmtree(prepared.folder.path)


def a_kill_around_a_merge_of_the_directory():
    prepared = Prepared(HEADER + person(0), HEADER + "".join(person(n) for n in range(MERGES_AT + 10_000)), 0)
    for name in ("directory.before_merge", "directory.after_merge"):
        kill_at(prepared, name, 1)
    shutil.rmtree(prepared.folder.path)


main("kills", [kills_at_random_moments, a_kill_at_each_failpoint, a_kill_around_a_merge_of_the_directory])
