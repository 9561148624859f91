#!/usr/bin/env python3
"""From nothing to a synced row: the lines of docs/connectors.md word for word, with the example connector in C."""

import re

from api import *

END = "── that was line "


def lines_of(number):
    """The shell lines of a block of the page's first section, from 0."""
    with open(os.path.join(ROOT, "docs/connectors.md"), encoding="utf-8") as page:
        section = page.read().split("## From nothing to a synced row")[1].split("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)[number].splitlines()


def answers(lines, folder):
    """What each line prints, in one shell, in a folder with the project's names in it: pairs of both outputs together."""
    script = "exec 2>&1\n" + "".join(f"{line}\necho '{END}'$?\n" for line in lines)
    result = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=folder, timeout=120)
    parts = re.split(END + r"(\d+)\n", result.stdout)
    expect_equal(set(parts[1::2]), {"0"}, result.stdout)
    return parts[0::2][:len(lines)]


class Project(Folder):
    """A folder with what the page's lines name, and a plugins.d of its own."""

    def __init__(self):
        super().__init__()
        for name in ("samples", ".build", "Sources"):
            os.symlink(os.path.join(ROOT, name), os.path.join(self.path, name))
        self.plugins = plugins_with(self)


def records(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith('{"locator"')]


def the_page_works_word_for_word():
    with Project() as folder:
        tried = answers(lines_of(0), folder.path)
        expect_equal(len(tried), 10)
        listed, inspected, _, found, report, streams, first, rest = tried[2:]
        expect("roster " in listed and "refused" not in listed, listed)
        expect('"id": "roster"' in inspected, inspected)
        expect('"findings": []' in found, found)
        expect('"ok": true' in report, report)
        expect('"people"' in streams and '"courses"' in streams, streams)
        expect_equal([record["locator"]["index"] for record in records(first)], list(range(8)))
        expect("torn" in records(first)[6]["error"], first)
        expect_equal(set(records(first)[3]["values"]), {"no", "name", "active"}, "it lacks email and hired")
        expect("reading the roster" in first, "the log line")
        expect('"state":"cGVvcGxlIDg="' in first, "the token that the next line goes on with:", first)
        expect_equal([record["locator"]["index"] for record in records(rest)], list(range(8, 20)))
        with Host(folder, plugins=folder.plugins) as host:
            os.mkdir(os.path.join(folder.path, "data"))
            folder.file("data/api.env", f"API=http://127.0.0.1:{host.port}{BASE}\nTOKEN={token()}\n")
            told = answers(lines_of(1), folder.path)
            expect_equal(len(told), 10)
            run, rejects = json.loads(told[8]), told[9]
            expect_equal(run["state"], "done_with_rejects", run)
            counts = run["counts"]
            expect_equal((counts["read"], counts["created"], counts["rejected"]), (20, 18, 2), run)
            expect_equal(rejects.count("The record is torn."), 2, rejects)
            lines = [json.loads(line) for line in host.log.splitlines() if "reading the roster" in line]
            ids = folder.query("SELECT count(*) FROM integration_runs")
            expect_equal(ids, [(1,)])
            expect(any("run" in line and line["fields"] == {"from": 0, "of": 20} for line in lines), lines)
            expect("open sesame" not in host.log, "the secret is in the log")


def what_is_wrong_is_told_with_what_to_do():
    with Project() as folder:
        key = "@" + folder.file("key.json", '{"access_key": "open sesame"}')
        answers(lines_of(0)[:1], folder.path)

        def plugin(*words, settings="{}", key=key):
            return run("plugins", "run", "roster", "--settings", settings, "--credentials", key, *words,
                       plugins=folder.plugins, env={"TRAINFLOW_LOG_LEVEL": "error"})

        several = plugin(settings='{"people": 1}')
        expect_equal(several.returncode, 2, several.stderr)
        expect("--stream is needed: roster has the streams people, courses" in several.stderr, several.stderr)
        failed = plugin("--stream", "people", settings='{"people": 1, "fail": "rate_limit"}')
        expect_equal(failed.returncode, 1, failed.stderr)
        expect("class rate_limit, code as_set, retry after 2.0 seconds" in failed.stderr, failed.stderr)
        spoiled = '{"people": 1, "spoiled_every": 1}'
        found = plugin("--op", "validate", settings=spoiled)
        expect_equal(found.returncode, 1, found.stdout)
        expect("/spoiled_every" in found.stdout, found.stdout)
        opened = plugin("--stream", "people", settings=spoiled)
        expect("code all_spoiled, setting /spoiled_every" in opened.stderr, opened.stderr)
        shut = "@" + folder.file("shut.json", '{"access_key": "shut"}')
        report = plugin("--op", "test", settings='{"people": 1}', key=shut)
        expect_equal(report.returncode, 1, report.stdout)
        expect("Enter one that begins with open." in report.stdout, report.stdout)
        without = run("plugins", "run", "roster", "--op", "validate", "--settings", '{"people": 1}', plugins=folder.plugins)
        expect_equal(without.returncode, 0, without.stderr)
        # Without being allowed, none is loaded: reason and remedy are two sentences.
        listed = run("plugins", "list", plugins=folder.plugins, unsigned=False, env={"TRAINFLOW_UNSIGNED_PLUGINS": ""})
        expect("roster.so: it is not signed. This version" in listed.stdout, listed.stdout)


def a_connector_is_held_to_its_answers_and_its_limit():
    with Folder() as folder:
        plugins = plugins_with(folder, "turns", "bad")
        cut = run("plugins", "run", "test-turns", "--limit", "3", "--settings", '{"rows": 20}', plugins=plugins)
        expect_equal((cut.returncode, len(records(cut.stdout))), (0, 3), cut.stderr)
        expect("more records than --limit says" in cut.stderr and "state" not in cut.stdout, cut.stdout, cut.stderr)
        for operation, case, told in (
                ("test", "report_empty", "report of its connection test can't be used: /ok"),
                ("discover", "sample_true", "list of its streams can't be used: /streams/0/fields/0/sample: must be a string"),
                ("pull", "release_missing", "broke its contract while reading rows: get_next: returned a batch with length 3")):
            words = ["--op", operation, "--settings", json.dumps({"case": case})]
            answer = run("plugins", "run", "test-bad", *words, plugins=plugins)
            expect_equal(answer.returncode, 1, answer.stdout)
            expect(told in answer.stderr and "publisher" in answer.stderr, answer.stderr)
            expect("class protocol, code connector_breach" in answer.stderr, answer.stderr)


if __name__ == "__main__":
    main("connector", [
        the_page_works_word_for_word, what_is_wrong_is_told_with_what_to_do,
        a_connector_is_held_to_its_answers_and_its_limit])
