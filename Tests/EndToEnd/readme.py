#!/usr/bin/env python3
"""./run as people know it, and the README's ten lines of curl beside it, word for word."""

import re
import socket
import stat
import threading
import time

from trainflow import *

RUN = os.path.join(ROOT, "run")
END = "── that was line "


class Run:
    """./run in a session of its own, ended with the block."""

    def __init__(self, folder, *words):
        self.folder = folder
        self.started = time.monotonic()
        self.output = ""
        self.process = subprocess.Popen(
            [RUN, "--data", os.path.join(folder.path, "data"), "--port", "0", *words], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
            # Who starts the tests in the background has them ignore it, and bash can't trap what is ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        # Reading waits for a line or the end: a run that gives neither must not hold the tests for ever.
        self.watchdog = threading.Timer(600, os.killpg, (self.process.pid, signal.SIGKILL))
        self.watchdog.daemon = True
        self.watchdog.start()

    def until(self, text):
        """Reads on until a line has the text."""
        for line in self.process.stdout:
            self.output += line
            if text in line:
                return line
        raise AssertionError(f"no line with {text!r}:\n{self.output}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait(timeout=30)
        self.watchdog.cancel()

    def end(self, number=signal.SIGINT):
        """As the terminal does it: to the whole group. The exit code, and the seconds it took."""
        start = time.monotonic()
        os.killpg(self.process.pid, number)
        self.output += self.process.stdout.read()
        return self.process.wait(timeout=20), time.monotonic() - start


def lines_of_curl():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as page:
        section = page.read().split("## The API in ten lines of curl")[1]
    return section.split("```sh\n")[1].split("```")[0].splitlines()


def answers(lines, folder):
    """What each line prints, in one shell, in a folder with the README's names in it."""
    script = "".join(f"{line}\necho '{END}'$?\n" for line in lines)
    result = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=folder, timeout=60)
    expect_equal(result.stderr, "")
    parts = re.split(END + r"(\d+)\n", result.stdout)
    expect_equal(set(parts[1::2]), {"0"}, result.stdout)
    return parts[0::2][:len(lines)]


def the_first_start_brings_the_sample_in_and_the_readme_works_word_for_word():
    with Folder() as folder:
        with Run(folder) as first:
            first.until("TrainFlow listens on http://127.0.0.1:")
            output = first.output
            expect("created" in output and "rejected" in output and "line " in output, output)
            created = number(output, "created")
            expect(created > 1_900, output)
            os.symlink(os.path.join(ROOT, "samples"), os.path.join(folder.path, "samples"))
            check_answers(answers(lines_of_curl(), folder.path))
            rejects = re.search(r"all rejects, with what to do:\s+(.*)", output)[1]
            table = subprocess.run(["bash", "-c", rejects], capture_output=True, text=True, timeout=30).stdout
            expect("_error" in table.splitlines()[0], table[:500])
            expect(table.count("\n") > number(output, "rejected"), table)
            keys_are_for_their_owner_alone(folder)
            code, seconds = first.end()
            expect_equal(code, 0, first.output)
            expect(seconds < 5, seconds)
        before = folder_state(folder)
        with Run(folder) as second:
            second.until("TrainFlow listens on http://127.0.0.1:")
            seconds = time.monotonic() - second.started
            expect_equal(number(second.output, "unchanged"), created + number(output, "updated"))
            expect(" created" not in second.output and " updated" not in second.output, second.output)
            expect_equal(second.end(signal.SIGTERM)[0], 0, second.output)
        expect_equal(folder_state(folder), before)
        print(f"    {created} people created, ready again after {seconds:.1f} s")


def number(output, effect):
    """Of the run's message: `1,975 created`."""
    return int(re.search(rf"([\d,]+) {effect}", output)[1].replace(",", ""))


def check_answers(answers):
    expect_equal(len(answers), 10)
    mappings, events, run, rejects, table, overview = answers[2], *answers[5:10]
    expect_equal(len(json.loads(mappings)["items"]), 2, mappings)
    expect("event: end" in events and '"state":"done_with_rejects"' in events, events)
    run = json.loads(run)
    expect_equal((run["counts"]["read"], run["counts"]["created"], run["counts"]["rejected"]), (2, 1, 1), run)
    reject = json.loads(rejects)
    expect_equal((reject["line"], reject["field"]), (3, "email"), reject)
    expect(reject["message"] and reject["hint"], reject)
    expect(table.lstrip("\ufeff").startswith("no,mail,") and "7002,nobody" in table, table)
    expect(json.loads(overview)["configs"]["total"] >= 2, overview)


def folder_state(folder):
    """Keys as they are, and how many rows of what a second start must not add."""
    keys = [open(os.path.join(folder.path, "data", name)).read() for name in ("secret.key", "jwt.secret")]
    folder.database = os.path.join(folder.path, "data/trainflow.db")
    tables = ("users", "integration_configs", "integration_mappings", "integration_files")
    return keys + [folder.query(f"SELECT count(*) FROM {table}") for table in tables]


def keys_are_for_their_owner_alone(folder):
    data = os.path.join(folder.path, "data")
    for name in ("secret.key", "jwt.secret", "api.env", "trainflow.db"):
        expect_equal(stat.S_IMODE(os.stat(os.path.join(data, name)).st_mode), 0o600, name)
    expect_equal(stat.S_IMODE(os.stat(data).st_mode), 0o700)


def options_that_are_not_known_are_refused():
    for words in (["--prot", "1"], ["--port"], ["--port", "eighty"], ["--data"], ["people.csv"]):
        result = subprocess.run([RUN, *words], capture_output=True, text=True, timeout=20)
        expect_equal(result.returncode, 2, words, result.stderr)
        expect("./run --help" in result.stderr, result.stderr)
    result = subprocess.run([RUN, "--help"], capture_output=True, text=True, timeout=20)
    expect_equal(result.returncode, 0)
    expect(all(word in result.stdout for word in ("--port N", "--data DIR", "--no-sample", "--check")), result.stdout)


def a_port_in_use_and_a_data_folder_in_use_are_named():
    with Folder() as folder, socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        words = [RUN, "--data", os.path.join(folder.path, "data"), "--no-sample"]
        result = subprocess.run([*words, "--port", port], capture_output=True, text=True, timeout=120)
        expect_equal(result.returncode, 1, result.stdout, result.stderr)
        expect(port in result.stderr and "in use" in result.stderr, result.stderr)
        with Run(folder, "--no-sample") as first:
            first.until("TrainFlow listens on")
            expect("people.csv" not in first.output, first.output)
            result = subprocess.run([*words, "--port", "0"], capture_output=True, text=True, timeout=120)
            expect_equal(result.returncode, 1, result.stdout, result.stderr)
            expect("trainflow serve" in result.stderr and "kill" in result.stderr, result.stderr)
            expect_equal(first.end()[0], 0, first.output)


def an_end_in_the_middle_of_a_start_leaves_no_host_behind():
    with Folder() as folder:
        for text in "connectors without a signature", "samples/people.csv":
            with Run(folder) as broken:
                broken.until(text)
                code, _ = broken.end()
                expect(code in (0, 130), code, broken.output)
            lock = os.path.join(folder.path, "data/trainflow.db.lock")
            host = int(open(lock).readline()) if os.path.exists(lock) else 0
            expect(not host or not os.path.exists(f"/proc/{host}"), "the host goes on:", host)


def a_check_ends_by_itself():
    with Folder() as folder:
        words = [RUN, "--data", os.path.join(folder.path, "data"), "--port", "0", "--check"]
        result = subprocess.run(words, capture_output=True, text=True, timeout=120)
        expect_equal(result.returncode, 0, result.stdout, result.stderr)
        expect("created" in result.stdout, result.stdout)


if __name__ == "__main__":
    main("readme", [
        options_that_are_not_known_are_refused, a_check_ends_by_itself,
        an_end_in_the_middle_of_a_start_leaves_no_host_behind,
        the_first_start_brings_the_sample_in_and_the_readme_works_word_for_word,
        a_port_in_use_and_a_data_folder_in_use_are_named])
