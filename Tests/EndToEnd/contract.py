#!/usr/bin/env python3
"""The served OpenAPI document against the served API, by schemathesis: no answer that it doesn't announce, nothing taken that
it refuses, no server error.

    contract.py [EXAMPLES] [SEED]

Event streams are left out: they end when their run does. Ids come from what is seeded here most of the time, so that requests
get past the 404; what is deleted comes from things made for it."""

from seeded import *

EXAMPLES = int(sys.argv[1]) if len(sys.argv) > 1 else 20
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else 20260701
HOOKS = os.path.join(ROOT, "Tests/EndToEnd/contract_hooks.py")
TOOL = os.path.join(ROOT, ".build/python/bin/schemathesis")

ACCEPTED = ["2xx", 304, 401, 403, 404, 409, 412, 413, 422]

# `expected-statuses`: rules that no schema can say (a name that is taken, a mapping that doesn't compile, a version that is
# stale, a connector's own settings) may refuse what the document allows.
SETTINGS = """
seed = {seed}
continue-on-failure = true
request-timeout = 20
suppress-health-check = ["all"]

[generation]
max-examples = {examples}
database = "none"

[checks]
positive_data_acceptance.expected-statuses = {accepted}
negative_data_rejection.expected-statuses = ["4xx"]
missing_required_header.expected-statuses = [400, 401, 415, 422]

[output]
sanitization.enabled = false
truncation.enabled = false
"""


def settings(seeded, document):
    text = SETTINGS.format(seed=SEED, examples=EXAMPLES, accepted=json.dumps(ACCEPTED))
    for path, method, operation in operations(document):
        bound = {f"path.{name}": (seeded.ids(path, method, name), 0.8) for name in captures(path)}
        text += f"\n[[operations]]\ninclude-operation-id = {json.dumps(operation['operationId'])}\n"
        if operation["operationId"] == "uploadFile":
            # A file needs a name, from the query or the form.
            text += f"checks.positive_data_acceptance.expected-statuses = {json.dumps([400, *ACCEPTED])}\n"
        names = {name: f"{operation['operationId']}_{name.replace('.', '_')}" for name in bound}
        parameters = [f'"{name}" = {{ dictionary = "{names[name]}", probability = {bound[name][1]} }}' for name in bound]
        text += f"parameters = {{ {', '.join(parameters)} }}\n"
        for name, (values, _) in bound.items():
            text += f"[dictionaries.{names[name]}]\nvalues = {json.dumps(values)}\n"
    return text


def cursors(seeded, document):
    """Of each list, by operation."""
    return {operation["operationId"]: seeded.cursor(path, method) for path, method, operation in operations(document)
            if any(parameter["name"] == "cursor" for parameter in operation.get("parameters", []))}


def ids(seeded, document):
    """One for each capture, by operation."""
    return {operation["operationId"]: {name: seeded.ids(path, method, name)[0] for name in captures(path)}
            for path, method, operation in operations(document) if captures(path)}


def run_tool(folder, host, seeded, report):
    status, document = host.ask("GET", BASE + "/openapi.json")
    expect_equal(status, 200)
    config = folder.file("schemathesis.toml", settings(seeded, document))
    words = [TOOL, "--config-file", config, "run", f"http://127.0.0.1:{host.port}{BASE}/openapi.json", "--no-color",
             "--checks", "all", "--header", f"Authorization: Bearer {seeded.token}",
             "--report", "json", "--report-json-path", report]
    for _, _, operation in operations(document):
        if any("text/event-stream" in answer.get("content", {}) for answer in operation["responses"].values()):
            words += ["--exclude-operation-id", operation["operationId"]]
    environment = {
        **os.environ, "SCHEMATHESIS_HOOKS": HOOKS, "CONTRACT_CURSORS": json.dumps(cursors(seeded, document)),
        "CONTRACT_IDS": json.dumps(ids(seeded, document)), "CONTRACT_FILE": seeded.file}
    return subprocess.run(words, capture_output=True, text=True, cwd=folder.path, env=environment, timeout=900)


def failed_operations(report):
    named = [name for failure in report["failures"] for name in failure["operations"]]
    return sorted(set(named)) + ["(the run itself)"] * report["operations"]["errored"]


def contract():
    with Folder() as folder, Host(folder, "--rate-limit", "0", "--log-level", "error") as host:
        path = os.path.join(folder.path, "report.json")
        result = run_tool(folder, host, Seeded(folder, host, spares=20), path)
        expect(os.path.exists(path), result.stdout, result.stderr)
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
        failed = failed_operations(report)
        if failed or result.returncode:
            print(result.stdout, result.stderr)
        code, _ = host.end()
        expect_equal((code, host.log), (0, ""), "the host's end, and its errors")
        expect(report["complete"], report["stop_reason"])
        expect_equal(bool(failed), result.returncode != 0, "the tool's own verdict")
        tested = report["operations"]["tested"]
        expect(tested > 30, "the document has too few operations:", tested)
        return tested - len(failed), len(failed), report["test_cases"]["generated"]


if __name__ == "__main__":
    passed, failed, requests = contract()
    print(f"schemathesis: {passed} passed, {failed} failed (operations; {requests} requests, seed {SEED})")
    sys.exit(1 if failed else 0)
