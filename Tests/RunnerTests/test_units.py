"""Pure parts of the runner, through the program that Tests/RunnerTests/unit.c builds of them."""

import base64
import os
import subprocess

from testing import equal, test

UNIT = os.path.abspath(os.environ.get("UNIT", ".build/runner-unit"))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def run(*arguments, **options):
    done = subprocess.run([UNIT, *arguments], capture_output=True, text=True, timeout=120, **options)
    assert done.returncode == 0, f"{arguments}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


@test
def nothing_that_is_read_crashes_it():
    """The seeded fuzzer on frames, calls, answers, schemas and batches"""
    print(run("fuzz", "1", "5").strip())


@test
def its_json_is_the_standards():
    folder = os.path.join(ROOT, "..", "shared", "testdata", "json", "test_parsing")
    if not os.path.isdir(folder):
        print("suite json: absent")
        return
    files = sorted(name for name in os.listdir(folder) if name[0] in "yn")
    verdicts = dict(line.split(" ", 1) for line in run("json", *files, cwd=folder).splitlines())
    wrong = [name for name in files if verdicts[name] != ("valid" if name[0] == "y" else "invalid")]
    print(f"suite json: {len(files) - len(wrong)} passed, 0 known failures, 0 absent")
    equal(wrong, [])


@test
def its_utf8_is_the_standards():
    """Every sequence of up to three bytes around the borders, and all lead bytes, against Python's decoder"""
    cases = []
    edges = [0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF,
             0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF]  # fmt: skip
    for first in edges:
        cases.append(bytes([first]))
        for second in edges:
            cases.append(bytes([first, second]))
            for third in (0x41, 0x7F, 0x80, 0xBF, 0xC0):
                cases.append(bytes([first, second, third]))
                cases.append(bytes([first, second, third, 0x80]))
    verdicts = run("utf8", *[case.hex() for case in cases]).split()
    wanted = []
    for case in cases:
        try:
            case.decode("utf-8")
            wanted.append(len(case))
        except UnicodeDecodeError as error:
            wanted.append(error.start)
    equal([int(verdict) for verdict in verdicts], wanted)


@test
def base64_goes_both_ways():
    data = [bytes(range(n)) for n in range(20)] + [b"\xff" * 5, b"\0" * 7]
    equal(run("base64", *[part.hex() for part in data]).splitlines(), [base64.b64encode(part).decode() for part in data])

