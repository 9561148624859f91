"""The people that imports bring in these tests, and all that has to be equal after two of them."""

import random
import re

from trainflow import *

SEED = 20261130

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


def arriving(rows, seed=SEED):
    """Creates, updates, unchanged rows, rejects, repeats, swapped e-mails, managers further down."""
    dice = random.Random(seed)
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


def shuffled(text, seed=SEED):
    """The same rows, and keys, in random order: also repeats come apart, swaps together."""
    header, *lines = text.splitlines(keepends=True)
    random.Random(seed).shuffle(lines)
    return header + "".join(lines)


def contents(folder):
    """All that has to be equal, without ids, row numbers and times."""
    return {
        "users": folder.query(
            "SELECT u.external_id, u.email, u.username, u.first_name, u.last_name, u.display_name, u.status, u.department,"
            " m.external_id, u.job_title, u.language, u.country, u.phone, u.hire_date, u.attributes, c.name, r.number, w.number"
            " FROM users u LEFT JOIN (SELECT id, external_id FROM users) m ON m.id = u.manager_id"
            " LEFT JOIN integration_configs c ON c.number = u.config_number"
            " LEFT JOIN integration_runs r ON r.number = u.created_run LEFT JOIN integration_runs w ON w.number = u.updated_run"
            " ORDER BY c.name, u.external_id"),
        "links": folder.query(
            "SELECT l.external_id, u.external_id, l.owned, c.name FROM integration_links l"
            " JOIN users u ON u.number = l.row_number JOIN integration_configs c ON c.number = l.config_number"
            " ORDER BY 4, 1"),
        "rejects": folder.query(
            "SELECT locator, source, external_id, code, message, failures, raw, state FROM integration_rejects"
            " ORDER BY run_number, locator, code"),
        "warnings": folder.query(
            "SELECT locator, source, field, code, message FROM integration_warnings"
            " ORDER BY run_number, locator, code"),
        "runs": folder.query(
            "SELECT state, count_read, count_created, count_updated, count_unchanged, count_set_aside, count_rejected,"
            " count_duplicate, count_warned, count_waiting FROM integration_runs ORDER BY number"),
        "outcomes": folder.query(
            "SELECT r.number, l.status, l.message FROM integration_logs l JOIN integration_runs r ON r.id = l.run_id"
            " WHERE l.event = 'outcome' ORDER BY 1, l.number"),
        "jobs": folder.query("SELECT state FROM integration_jobs ORDER BY number"),
        "updates": updates(folder),
        "created": folder.query(
            "SELECT u.external_id, c.run_number FROM integration_changes c"
            " JOIN users u ON u.number >= c.row_number AND u.number < c.row_number + c.count"
            " WHERE c.kind = 'created' ORDER BY 1, 2"),
        "effects": folder.query(
            "SELECT run_number, external_id, kinds, state, before, after FROM integration_effects ORDER BY 1, 2"),
        "left over": folder.query(
            "SELECT (SELECT count(*) FROM integration_checkpoints), (SELECT count(*) FROM integration_seen),"
            " (SELECT count(*) FROM integration_waiting)"),
        "integrity": folder.query("PRAGMA integrity_check"),
    }


def updates(folder):
    """Change images, with people by their external ids instead of ids made of random."""
    people = dict(folder.query("SELECT id, external_id FROM users"))

    def named(image):
        return image and re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
                                lambda id: people[bytes.fromhex(id[0].replace("-", ""))], image)

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


__all__ = [name for name in dir() if not name.startswith("_")]
