#!/usr/bin/env python3
"""Reads every workbook of the suites in the real, locked runner: workbooks.py [CONNECTOR].

None may crash it, hang it, or take more than 300 MB; those to be refused are, with a sentence that names the file; from
those to be read every sheet comes whole. Ends with "workbooks: P passed, F failed".
"""

import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "RunnerTests"))
import in_runner  # noqa: E402
import wire  # noqa: E402

SUITES = os.path.join(HERE, "..", "..", "shared", "testdata", "xlsx")
PEAK_LIMIT = 300 * 1000
SECONDS = 60
DATA = 9
# Told, so that a CSV file with another name is no workbook either.
SETTINGS = {"format": "xlsx"}


def cases():
    for folder in ("calamine", "made", "poi"):
        for name in sorted(os.listdir(os.path.join(SUITES, folder))):
            if name.endswith(".expected.json"):
                with open(os.path.join(SUITES, folder, name), encoding="utf-8") as file:
                    expected = json.load(file)
                yield folder, os.path.join(SUITES, folder, expected["file"]), expected["outcome"]


def peak(pid):
    """Kilobytes that the process had in memory at most."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def errors(runner, name):
    """What the connector answers instead of all sheets whole: error frames' JSON."""
    runner.call("discover", SETTINGS, inputs=[name])
    answer, _ = runner.outcome()
    if answer.kind == wire.ERROR:
        return [answer.json]
    found = []
    for stream in answer.json["value"]["streams"]:
        runner.call("pull", SETTINGS, request={"stream": stream["name"], "inputs": [name]}, inputs=[name])
        while runner.data.frame().kind != wire.END:
            pass
        result, _ = runner.outcome()
        if result.kind == wire.ERROR:
            found.append(result.json)
        elif not result.json["value"]["complete"]:
            found.append({"status": 0, "code": "incomplete", "message": stream["name"]})
    return found


def complaint(path, outcome, runner):
    name = os.path.basename(path)
    runner.ready()
    found = errors(runner, name)
    for error in found:
        if error["status"] != DATA or name not in error["message"]:
            return f"answers {error}"
    codes = [error["code"] for error in found]
    if outcome == "refuse" and not codes:
        return "is read, and should be refused"
    # A workbook of empty sheets is read as what it is.
    if outcome == "read" and set(codes) - {"sheet_empty"}:
        return f"is refused: {found}"
    return None


def main(connector):
    if not os.path.isdir(SUITES):
        print("suite xlsx in the runner: absent")
        print("workbooks: 0 passed, 0 failed")
        return 0
    passed, failed, highest, longest = 0, 0, (0, ""), (0.0, "")
    for folder, path, outcome in cases():
        name = f"{folder}/{os.path.basename(path)}"
        began = time.monotonic()
        wrong = None
        try:
            with wire.Runner(connector, inputs=[path], runtime=in_runner.runtime(), memory=1 << 30) as runner:
                wrong = complaint(path, outcome, runner)
                used = peak(runner.pid)
        except Exception as problem:  # a runner that died shows in many ways, and all of them are failures
            wrong, used = f"ended the runner: {problem!r}", 0
        took = time.monotonic() - began
        if used > PEAK_LIMIT:
            wrong = wrong or f"takes {used} kB"
        if took > SECONDS:
            wrong = wrong or f"takes {took:.1f} s"
        highest, longest = max(highest, (used, name)), max(longest, (took, name))
        passed, failed = passed + (wrong is None), failed + (wrong is not None)
        if wrong:
            print(f"  FAILED  {name} {wrong}")
    print(f"  most memory: {highest[0] / 1000:.1f} MB ({highest[1]}); longest: {longest[0]:.2f} s ({longest[1]})")
    print(f"suite xlsx in the runner: {passed} passed, {failed} failed, 0 absent")
    print(f"workbooks: {passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    os.chdir(os.path.join(HERE, ".."))
    sys.exit(main(os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "plugins.d/file-import.so")))
