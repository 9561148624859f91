#!/usr/bin/env python3
"""trainflow check: the faults that were seeded into the people of ../shared/testdata are found, each with its line.

usage: check.py [CASE…]
"""


from trainflow import *

PEOPLE = os.path.join(ROOT, "../shared/testdata/people")

# What the check calls a seeded fault. Those that only an import can see (a manager who is nobody, a person hired before
# birth, a course that is not there) are the import's.
CODES = {
    "Arabic-Indic digits": "arabic_digits",
    "ISO date in a day-first column": "other_dates",
    "exact duplicate": "repeated_rows",
    "formula in a text": "formulas",
    "hired in the future": "future_dates",
    "impossible date": "other_dates",
    "letters in a number": "broken_numbers",
    "malformed e-mail": "broken_emails",
    "month first": "other_dates",
    "near duplicate": "repeated_values",
    "negative pay": "negative_numbers",
    "no-break space and direction marks": "direction_marks",
    "required value missing": "missing_values",
    "spaces around and inside": "broken_emails",
    "two-digit year": "other_dates",
    "unknown department code": "rare_values",
    "leading zeros lost": "lost_zeros",
}


def checked(file, *words):
    result = run("check", file, "--output", "json", *words)
    expect_equal(result.returncode, 0, result.stderr)
    return json.loads(result.stdout)


def seeded_faults_are_found():
    if not os.path.isdir(PEOPLE):
        print("suite check-people: 0 passed, 0 known failures, 1 absent")
        return
    with open(os.path.join(PEOPLE, "dirt.json")) as file:
        dirt = [fault for fault in json.load(file) if fault["kind"] in CODES]
    reports = {name: checked(os.path.join(PEOPLE, f"{name}.csv")) for name in ("people", "enrollments")}
    for fault in dirt:
        findings = [finding for finding in reports[fault["file"]]["findings"] if finding["code"] == CODES[fault["kind"]]
                    and (not finding["columns"] or fault.get("field", finding["columns"][0]) in finding["columns"])]
        expect_equal(len(findings), 1, fault, findings)
        examples = {example["at"] for example in findings[0]["examples"]}
        pair = {fault["row"], fault.get("of_row")}
        expect(pair & examples or findings[0]["count"] > len(examples), fault, findings[0])
        if "value" in fault and findings[0]["count"] == len(examples):
            expect(fault["value"] in {example["value"] for example in findings[0]["examples"]}, fault, findings[0])
    expect_equal([finding["code"] for finding in reports["people"]["findings"] if finding["weight"] == "problem"],
                 ["broken_emails", "other_dates", "broken_numbers"])
    print(f"suite check-people: {len(dirt)} passed, 0 known failures, 0 absent")


def the_text_says_where_and_what_to_do():
    with Folder() as folder:
        path = folder.file("people.csv", "id,email\n" + "".join(f"{n},a{n}@example.org\n" for n in range(30)) + "30,nobody\n")
        result = run("check", path)
        expect_equal(result.returncode, 0, result.stderr)
        for text in ("31 rows, 2 columns", "email holds e-mail addresses, but not in 1 value.", 'line 32: "nobody"'):
            expect(text in result.stdout, text, result.stdout)
        missing = run("check", folder.path + "/nowhere.csv")
        expect_equal(missing.returncode, 1, missing.stdout)
        expect("nowhere.csv" in missing.stderr and "No such file" in missing.stderr, missing.stderr)


main("check-files", [seeded_faults_are_found, the_text_says_where_and_what_to_do])
