"""Connectors that crash, exit and hang: the host learns how, and what was sent before is whole."""

import signal

from testing import contains, each, equal, test
from wire import END, ERROR, RESULT, STOP, BATCH, SCHEMA, Gone, Runner

OPERATIONS = {"validate": "validate", "test": "test", "discover": "discover"}
SLOTS = [
    "validate", "open", "test", "discover", "pull", "get_schema", "get_next", "op_state", "op_error", "op_summary",
    "release", "release_batch", "op_close", "close",
]  # fmt: skip
HOWS = [
    ("segv", -signal.SIGSEGV), ("abort", -signal.SIGABRT), ("trap", -signal.SIGILL), ("stack", -signal.SIGSEGV),
    ("kill", -signal.SIGKILL), ("_exit", 5), ("exit0", 70), ("exit3", 70),
]  # fmt: skip


def frames_until_gone(runner):
    """What the data socket still held when the runner went."""
    kinds = []
    try:
        while True:
            kinds.append(runner.data.frame().kind)
    except Gone:
        return kinds


def last_words(runner):
    words = []
    try:
        while True:
            words.append(runner.control.frame())
    except Gone:
        return words


@each(SLOTS)
def a_crash_is_a_signal_wherever_it_happens(slot):
    with Runner("crash") as runner:
        runner.ready()
        runner.call(OPERATIONS.get(slot, "pull"), {"in": slot, "how": "segv", "batch": 2})
        kinds = frames_until_gone(runner)
        equal(runner.wait(), -signal.SIGSEGV)
        equal([word.kind for word in last_words(runner)], [])
        if slot == "get_next":
            equal(kinds, [SCHEMA, BATCH, BATCH])


@each(HOWS)
def every_way_to_end_is_told_apart(how, status):
    with Runner("crash") as runner:
        runner.ready()
        runner.call("pull", {"in": "get_next", "how": how, "batch": 1})
        kinds = frames_until_gone(runner)
        equal(runner.wait(), status)
        equal(kinds, [SCHEMA, BATCH])
        words = last_words(runner)
        if how.startswith("exit"):
            equal([word.kind for word in words], [STOP])
            equal(words[0].json["stage"], "exit")
            contains(words[0].json["message"], "get_next")
        else:
            equal(words, [])


@each([("crash-load", -signal.SIGSEGV), ("crash-describe", -signal.SIGSEGV)])
def a_crash_before_ready_is_a_signal_too(connector, status):
    with Runner(connector) as runner:
        equal(last_words(runner), [])
        equal(runner.wait(), status)


@test
def a_crash_in_op_cancel_ends_the_process():
    with Runner("crash") as runner:
        runner.ready()
        runner.call("pull", {"in": "op_cancel", "how": "abort"})
        equal(runner.data.frame().kind, SCHEMA)
        runner.cancel()
        frames_until_gone(runner)
        equal(runner.wait(), -signal.SIGABRT)


@each([slot for slot in SLOTS if slot not in ("op_error", "release", "release_batch", "op_close", "close")])
def a_wait_that_honours_the_cancel_ends_as_cancelled(slot):
    with Runner("crash") as runner:
        runner.ready()
        op = OPERATIONS.get(slot, "pull")
        runner.call(op, {"in": slot, "how": "sleep_cancel", "batch": 1})
        runner.cancel()
        if op == "pull":
            runner.batches()
        outcome, _ = runner.outcome()
        equal((outcome.kind, outcome.json["status"], outcome.json["code"]), (ERROR, 8, "cancelled"))
        runner.call("test", {"in": "open", "how": "error"})  # which answers 8 if it finds itself cancelled
        equal(runner.outcome()[0].json["status"], 6)
        runner.call("validate")
        equal(runner.outcome()[0].kind, RESULT)
        equal(runner.end(), 0)


@test
def a_cancel_before_there_is_an_operation_reaches_it_once_there_is():
    with Runner("crash") as runner:
        runner.ready()
        runner.call("pull", {"in": "late"})
        runner.cancel()
        runner.batches()
        equal(runner.outcome()[0].json["status"], 8)


@test
def a_wait_on_the_cancel_descriptor_ends():
    with Runner() as runner:
        runner.ready()
        runner.call("pull", request={"stream": "wait"})
        equal([runner.data.frame().kind for _ in range(2)], [SCHEMA, BATCH])
        runner.cancel()
        equal(runner.data.frame().kind, END)
        equal(runner.outcome()[0].json["status"], 8)


@each([(how, slot) for how in ("loop", "sleep") for slot in ("validate", "pull", "get_next", "op_close", "close")])
def a_hang_that_ignores_the_cancel_ends_with_the_control_socket(how, slot):
    with Runner("crash") as runner:
        runner.ready()
        runner.call(OPERATIONS.get(slot, "pull"), {"in": slot, "how": how})
        runner.cancel()
        equal(runner.end(), 71)


@test
def an_op_cancel_that_hangs_does_not_hold_up_the_watchdog():
    with Runner("crash") as runner:
        runner.ready()
        runner.call("pull", {"in": "op_cancel", "how": "loop"})
        equal(runner.data.frame().kind, SCHEMA)
        runner.cancel()
        runner.cancel()
        equal(runner.end(), 71)


@test
def a_hang_while_loading_ends_with_the_control_socket():
    with Runner("crash") as runner:
        runner.control.close()
        assert runner.wait() in (0, 71, -signal.SIGPIPE)


@each(["open", "pull", "get_schema", "get_next", "op_state", "op_summary", "test"])
def an_orderly_error_is_told_with_its_class(slot):
    with Runner("crash") as runner:
        runner.ready()
        op = OPERATIONS.get(slot, "pull")
        runner.call(op, {"in": slot, "how": "error", "batch": 1})
        if op == "pull":
            runner.batches()
        outcome, _ = runner.outcome()
        equal((outcome.kind, outcome.json["status"], outcome.json["message"]), (ERROR, 6, "The other side is down."))
