"""What the end-to-end tests share: running the staged host, reading its database, counting cases."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TRAINFLOW = os.path.join(ROOT, ".build/stage/bin/trainflow")
PLUGINS = os.path.join(ROOT, "plugins.d")
TEST_CONNECTORS = os.path.join(ROOT, ".build/test-connectors")
TENANT = "0198c0de-0000-7000-8000-000000000001"

PEOPLE_MAP = {
    "mappings": [
        {"source_field": "id", "target_field": "external_id", "transform_function": "trim"},
        {"source_field": "email", "target_field": "email", "transform_function": "trim | lower | email"},
        {"source_field": "name", "target_field": "display_name"},
        {"source_field": "hired", "target_field": "hire_date", "transform_function": 'parseDate("dd/MM/yyyy")'},
    ]
}


class Folder:
    """A temporary folder with a database in it, and files made from text."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="trainflow-test-")
        self.database = os.path.join(self.path, "trainflow.db")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def file(self, name, content):
        path = os.path.join(self.path, name)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        return path

    def map(self, mapping=None):
        return self.file("map.json", json.dumps(mapping or PEOPLE_MAP))

    def query(self, sql, *values):
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()


def command(*words, database=None, plugins=PLUGINS, unsigned=True):
    words = [TRAINFLOW, *words]
    if database:
        words += ["--database", f"sqlite:{database}"]
    if plugins and words[1] in ("check", "import", "plugins"):
        words += ["--plugins", plugins]
        if unsigned:
            words += ["--unsigned-plugins", "allow"]
    return words


def run(*words, database=None, env=None, plugins=PLUGINS, unsigned=True, timeout=300, cwd=None):
    """Runs to the end; the result has returncode, stdout, stderr as text."""
    return subprocess.run(
        command(*words, database=database, plugins=plugins, unsigned=unsigned),
        capture_output=True, text=True, timeout=timeout, env={**os.environ, **(env or {})}, cwd=cwd)


def import_words(folder, file, mapping=None, name=None, *more):
    words = ["import", file, "--tenant", TENANT, "--entity", "users", "--map", folder.map(mapping)]
    if name:
        words += ["--as", name]
    return [*words, "--output", "json", "--log-level", "error", *more]


def import_file(folder, file, mapping=None, name=None, *more, **options):
    """Imports; returns the result with `report`, the JSON answer (None if there is none)."""
    result = run(*import_words(folder, file, mapping, name, *more), database=folder.database, **options)
    try:
        result.report = json.loads(result.stdout)
    except ValueError:
        result.report = None
    return result


def expect(condition, *what):
    if not condition:
        raise AssertionError(" ".join(str(part) for part in what))


def expect_equal(left, right, *what):
    expect(left == right, *what, f"\n    got      {left!r}\n    expected {right!r}")


def main(suite, cases):
    """Runs each case, or those that the command line names; prints failures and the line `SUITE: P passed, F failed`.

    The exit code says whether all passed.
    """
    chosen = [word for word in sys.argv[1:] if not word.isdigit()]
    failed = 0
    ran = 0
    for case in cases:
        if chosen and case.__name__ not in chosen:
            continue
        ran += 1
        try:
            case()
            print(f"  ✔ {case.__name__.replace('_', ' ')}", flush=True)
        except Exception:
            failed += 1
            print(f"  ✘ {case.__name__.replace('_', ' ')}")
            traceback.print_exc(limit=-3, file=sys.stdout)
    print(f"{suite}: {ran - failed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


__all__ = [name for name in dir() if not name.startswith("_")]
