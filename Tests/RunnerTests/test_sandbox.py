"""What the sandbox refuses and what it leaves, tried from inside by Tests/Connectors/probe.c."""

import os
import tempfile

import wire
from testing import contains, each, equal, test
from wire import READY, STOP, Runner, table

# Files of the runner's user, outside of its sandbox.


class Victims:
    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="runner-victims-")
        os.chmod(self.folder.name, 0o755)
        self.files = [os.path.join(self.folder.name, name) for name in ("victim", "other")]
        for path in self.files:
            with open(path, "w", encoding="utf-8") as file:
                file.write("untouched")
        if wire.AS_ROOT:
            for path in [self.folder.name, *self.files]:
                os.chown(path, wire.USER, wire.USER)
        return self

    def __exit__(self, *unused):
        self.folder.cleanup()

    def check_untouched(self):
        equal(sorted(os.listdir(self.folder.name)), ["other", "victim"])
        for path in self.files:
            equal(os.stat(path).st_mode & 0o777, 0o644)
            with open(path, encoding="utf-8") as file:
                equal(file.read(), "untouched")


def landlock_of_kernel():
    with Runner() as runner:
        return runner.ready().json["sandbox"]["landlock"]


def probe(extra=()):
    """(ready's sandbox, {what: (outcome, wanted)})"""
    os.umask(0o022)
    with Victims() as victims, Runner("probe", inputs=[victims.files[0]], extra=extra) as runner:
        sandbox = runner.ready().json["sandbox"]
        runner.call("pull", {"folder": victims.folder.name}, {"input": "input"}, inputs=["input"])
        schema, bodies = runner.batches()
        equal(runner.outcome()[0].json["value"]["complete"], True)
        columns, _ = table(schema, bodies)
        if sandbox["landlock"]:
            victims.check_untouched()
        return sandbox, {row[0]: row[1:] for row in zip(columns["what"], columns["outcome"], columns["wanted"])}


def show(title, attempts):
    print(f"probe, {title}:")
    for what, (outcome, wanted) in attempts.items():
        print(f"  {what:46} {outcome:8} {'as wanted' if (outcome == 'ok') == (wanted == 'yes') else 'WRONG'}")
    breaches = [outcome != "ok" for outcome, wanted in attempts.values() if wanted == "no"]
    needs = [outcome == "ok" for outcome, wanted in attempts.values() if wanted == "yes"]
    print(f"suite sandbox probe, {title}: {sum(breaches)} of {len(breaches)} breaches refused, "
          f"{sum(needs)} of {len(needs)} needs met")


@each(["newest", 6, 5, 4, 3, 2])
def everything_forbidden_is_refused_and_everything_needed_works(abi):
    newest = landlock_of_kernel()
    if abi != "newest" and abi > newest:
        return
    sandbox, attempts = probe(() if abi == "newest" else ("--landlock-abi", str(abi)))
    equal((sandbox["landlock"], sandbox["seccomp"]), (newest if abi == "newest" else abi, True))
    assert newest > 0, "this kernel has no Landlock: the sandbox can't be tested here"
    equal(sandbox["missing"], [])
    if abi in ("newest", 2):
        show(f"Landlock {sandbox['landlock']}", attempts)
    wrong = {what: outcome for what, (outcome, wanted) in attempts.items() if (outcome == "ok") != (wanted == "yes")}
    if wire.SANITIZED:
        wrong.pop("raise RLIMIT_AS", None)  # it has no limit then
    equal(wrong, {})
    assert sum(wanted == "no" for _, wanted in attempts.values()) >= 90
    assert sum(wanted == "yes" for _, wanted in attempts.values()) >= 13


@test
def a_kernel_without_landlock_is_told_and_the_probe_sees_the_difference():
    sandbox, attempts = probe(("--landlock-abi", "0"))
    equal((sandbox["landlock"], sandbox["missing"]), (0, ["landlock"]))
    equal(attempts["read /etc/passwd"][0], "ok")  # so the tests above can fail
    equal(attempts["socket: IPv4 stream"][0], "EACCES")


@test
def what_the_host_requires_is_there_before_the_connector_is_loaded():
    with Runner("crash-load", extra=("--landlock-abi", "0", "--require", "landlock,seccomp")) as runner:
        stop = runner.ready()
        equal((stop.kind, stop.json["stage"]), (STOP, "sandbox"))
        contains(stop.json["message"], "Landlock")
        equal(runner.wait(), 70)
    with Runner(extra=("--require", "landlock,seccomp")) as runner:
        equal(runner.ready().kind, READY)


@each(["brokered", "odbc", "Pure", ""])
def a_profile_that_is_not_there_is_refused(profile):
    with Runner(profile=profile) as runner:
        stop = runner.ready()
        equal((stop.kind, stop.json["stage"]), (STOP, "sandbox"))
        contains(stop.json["message"], f'"{profile}"')


@test
def under_root_it_becomes_another_user_without_capabilities():
    with Runner() as runner:
        sandbox = runner.ready().json["sandbox"]
        equal(sandbox["user"], wire.USER if wire.AS_ROOT else os.geteuid())
        with open(f"/proc/{runner.pid}/status", encoding="utf-8") as file:
            status = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
        for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            equal((name, int(status[name], 16)), (name, 0))
        if wire.AS_ROOT:
            equal(int(status["CapBnd"], 16), 0)
            equal(status["Groups"].split(), [])
        equal(set(status["Uid"].split()), {str(sandbox["user"])})
        equal(os.stat(f"/proc/{runner.pid}/environ").st_uid, 0)  # so it is not dumpable
        equal((status["NoNewPrivs"], status["Seccomp"], status["Threads"]), ("1", "2", "2"))


@test
def root_without_another_user_is_refused():
    if not wire.AS_ROOT:
        return
    with Runner(extra=("--uid", "0")) as runner:
        stop = runner.ready()
        equal((stop.kind, stop.json["stage"]), (STOP, "sandbox"))
        contains(stop.json["message"], "unprivileged")


@test
def a_scratch_folder_of_somebody_else_is_refused_with_its_reason():
    if not wire.AS_ROOT:
        return
    original = os.chown
    os.chown = lambda *unused: None
    try:
        runner = Runner()
    finally:
        os.chown = original
    with runner:
        stop = runner.ready()
        equal((stop.kind, stop.json["stage"]), (STOP, "sandbox"))
        contains(stop.json["message"], "scratch folder")


@test
def the_memory_limit_ends_the_connector_not_the_machine():
    if wire.SANITIZED:
        return  # the sanitizer needs address space without a limit
    with Runner(memory=96 << 20) as runner:
        runner.ready()
        runner.call("pull", {"rows": 100, "text_bytes": 3_000_000}, {"stream": "wide", "batch_rows": 100})
        assert runner.wait() in (-11, 70)


@test
def the_runtime_folder_is_readable_whatever_stands_above_it():
    # A folder below one that only root may search: the connector's library is found through descriptor 6.
    with tempfile.TemporaryDirectory(prefix="runner-runtime-") as closed:
        inner = os.path.join(closed, "lib")
        os.mkdir(inner, 0o755)
        with open(wire.connector_path("missing/libmissing"), "rb") as source:
            with open(os.path.join(inner, "libtrainflow-missing.so.1"), "wb") as target:
                target.write(source.read())
        os.chmod(os.path.join(inner, "libtrainflow-missing.so.1"), 0o644)
        os.chmod(closed, 0o700)
        with Runner("noload", runtime=inner) as runner:
            stop = runner.ready()
            equal(stop.json["stage"], "symbol")  # its library was found: tfc_plugin_v0 ran, and returned NULL


@test
def swift_needs_all_of_proc_and_gets_it():
    _, attempts = probe()
    equal(attempts["read /proc/<thread>/stat"][0], "ok")
