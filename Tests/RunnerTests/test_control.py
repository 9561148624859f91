"""The control socket: what the host may get wrong, and what happens when it goes."""

import ctypes
import json
import os
import random
import select
import signal
import socket
import struct
import subprocess

import wire
from testing import contains, each, equal, test
from wire import ANSWER, CALL, CANCEL, RESULT, STOP, Gone, Runner, frame

GOOD_CALL = {"op": "validate", "settings": {"rows": 3}, "request": {}, "secrets": {"a": "b"}, "inputs": []}


def call_with(**changes):
    return frame(CALL, 1, {**GOOD_CALL, **changes})


BROKEN = [
    ("unknown type", frame(9, 1, {}), "type 9"),
    ("a runner's type", frame(RESULT, 1, {}), "type 17"),
    ("reserved bytes", frame(CALL, 1, GOOD_CALL, reserved=1), "bytes 6 and 7"),
    ("a long body", struct.pack("<IHHQ", (1 << 20) + 1, CALL, 0, 1), "1048577 bytes"),
    ("the longest length", struct.pack("<IHHQ", 0xFFFFFFFF, CALL, 0, 1), "4294967295 bytes"),
    ("call 0", frame(CALL, 0, GOOD_CALL), "number other than 0"),
    ("no JSON", frame(CALL, 1, b"{"), "JSON object"),
    ("an empty body", frame(CALL, 1, b""), "JSON object"),
    ("an array", frame(CALL, 1, b"[]"), "JSON object"),
    ("not UTF-8", frame(CALL, 1, b'{"op":"\xff"}'), "JSON object"),
    ("no op", frame(CALL, 1, {}), "op is"),
    ("an unknown op", call_with(op="steal"), "op is"),
    ("op is a number", call_with(op=1), "op is"),
    ("settings are a text", call_with(settings="x"), "settings"),
    ("request is null", call_with(request=None), "request"),
    ("secrets are an array", call_with(secrets=[]), "secrets"),
    ("a secret is a number", call_with(secrets={"a": 1}), "secrets"),
    ("a secret with a lone surrogate", frame(CALL, 1, b'{"op":"validate","secrets":{"a":"\\ud800"}}'), "secrets"),
    ("inputs are an object", call_with(inputs={}), "inputs"),
    ("an input is null", call_with(inputs=[None]), "inputs"),
    ("more inputs than descriptors", call_with(inputs=["a"]), "--inputs"),
    ("an answer to nothing", frame(ANSWER, 1, {"id": 1, "status": 0, "value": ""}), "nobody asked"),
    ("an answer without id", frame(ANSWER, 1, {}), "id"),
    ("an answer with status 15", frame(ANSWER, 1, {"id": 1, "status": 15}), "status"),
    ("an answer that is not base64", frame(ANSWER, 1, {"id": 1, "status": 0, "value": "a"}), "base64"),
]


@each([(name, data, words) for name, data, words in BROKEN])
def a_frame_that_breaks_the_rules_stops_the_runner(name, data, words):
    with Runner() as runner:
        runner.ready()
        runner.control.send(data)
        stop = runner.control.frame()
        equal((stop.kind, stop.json["stage"]), (STOP, "control"))
        contains(stop.json["message"], words)
        equal(runner.wait(), 70)


@test
def a_second_call_while_one_runs_stops_the_runner():
    with Runner("crash") as runner:
        runner.ready()
        runner.call("validate", {"in": "validate", "how": "sleep"})
        runner.call("validate")
        stop = runner.control.frame()
        equal((stop.kind, stop.json["stage"]), (STOP, "control"))
        equal(runner.wait(), 70)


@test
def secrets_and_settings_arrive_unescaped_and_unchanged():
    with Runner() as runner:
        runner.ready()
        runner.control.send(frame(CALL, 1, b' {"op" : "validate",\n"settings": {"rows" : 7 },"secrets":{"\\u00e9\\n":"\\ud83d\\ude00"}} '))
        runner.call_number = 1
        equal(runner.outcome()[0].json["value"], {"findings": []})


@each(["between calls", "in a call", "inside a frame", "before ready"])
def the_end_of_the_control_socket_is_the_end(when):
    with Runner("crash") as runner:
        if when != "before ready":
            runner.ready()
        if when == "in a call":
            runner.call("validate", {"in": "validate", "how": "loop"})
        if when == "inside a frame":
            runner.control.send(frame(CALL, 1, GOOD_CALL)[:30])
        status = runner.end()
        assert status == (71 if when == "in a call" else 0) or when == "before ready" and status in (0, 71), status


@test
def a_host_that_closes_the_data_socket_ends_the_runner():
    with Runner(memory=512 << 20) as runner:
        runner.ready()
        runner.call("pull", {"rows": 1000, "text_bytes": 100_000}, {"stream": "wide", "batch_rows": 10})
        runner.data.exactly(16)
        runner.data.close()
        equal(runner.wait(), 71)


@test
def a_cancel_before_anything_runs_is_not_kept():
    with Runner() as runner:
        runner.ready()
        runner.control.send(frame(CANCEL, 1, {}))
        _, bodies, outcome = runner.pull(stream="numbers")
        equal((len(bodies), outcome.kind), (3, RESULT))


def prctl_subreaper():
    ctypes.CDLL(None, use_errno=True).prctl(36, 1, 0, 0, 0)


@test
def a_host_that_is_killed_takes_its_runner_along():
    # The control socket stays open, in this process: what ends the runner is PR_SET_PDEATHSIG alone.
    prctl_subreaper()
    ours, hosts = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    host = os.fork()
    if host == 0:
        runner = Runner("crash")
        runner.ready()
        runner.call("validate", {"in": "validate", "how": "loop"})
        socket.send_fds(hosts, [struct.pack("<i", runner.pid)], [runner.control.end.fileno(), runner.data.end.fileno()])
        signal.pause()
        os._exit(1)
    data, descriptors, _, _ = socket.recv_fds(ours, 4, 2)
    (runner,) = struct.unpack("<i", data)
    handle = os.pidfd_open(runner)
    os.kill(host, signal.SIGKILL)
    os.waitpid(host, 0)
    poller = select.poll()
    poller.register(handle, select.POLLIN)
    outlived = not poller.poll(wire.PATIENCE * 1000)
    if outlived:
        os.kill(runner, signal.SIGKILL)
    equal(os.waitstatus_to_exitcode(os.waitpid(runner, 0)[1]), -signal.SIGKILL)
    assert not outlived
    for descriptor in (handle, *descriptors):
        os.close(descriptor)
    ours.close()
    hosts.close()


@each([
    ([], "--profile is missing"),
    (["--profile"], "no value"),
    (["--profile", "pure", "--memory", "many"], "--memory"),
    (["--profile", "pure", "--memory", "-1"], "--memory"),
    (["--profile", "pure", "--secret", "x"], "unknown argument --secret"),
    (["--profile", "pure", "--require", "prayer"], "--require"),
    (["--profile", "pure", "--uid", "99999999999"], "--uid"),
    (["--profile", "pure"], "descriptor 3 is not open"),
])  # fmt: skip
def wrong_arguments_are_a_line_on_stderr(arguments, words):
    done = subprocess.run([wire.RUNNER, *arguments], capture_output=True, text=True, timeout=wire.PATIENCE, close_fds=True)
    equal(done.returncode, 64)
    contains(done.stderr, words)


# -- Fuzzing the real process


def mutate(rng, data):
    data = bytearray(data)
    for _ in range(rng.randint(1, 6)):
        place = rng.randrange(len(data))
        kind = rng.randrange(5)
        if kind == 0:
            data[place] = rng.randrange(256)
        elif kind == 1:
            data[place] ^= 1 << rng.randrange(8)
        elif kind == 2:
            del data[place : place + rng.randint(1, 8)]
        elif kind == 3:
            data[place:place] = rng.choice([b'"', b"{", b"\\u", b"\0", b"[[[[", b"e9", b"\xff" * 4])
        else:
            data[:4] = struct.pack("<I", rng.choice([0, 1, len(data) - 16 & 0xFFFFFFFF, 1 << 20, (1 << 32) - 1]))
        if not data:
            data = bytearray(b"\0")
    return bytes(data)


@each(range(60))
def whatever_comes_on_the_control_socket_crashes_nothing(seed):
    rng = random.Random(seed)
    frames = [call_with(), frame(CANCEL, 1, {}), frame(ANSWER, 1, {"id": 1, "status": 0, "value": "YWJj"}), call_with(op="pull")]
    with Runner() as runner:
        runner.ready()
        try:
            for _ in range(rng.randint(1, 5)):
                runner.control.send(mutate(rng, rng.choice(frames)))
        except Gone:
            pass
        runner.control.end.shutdown(1)
        status = runner.wait()
        assert status in (0, 70, 71), status
        try:
            while True:
                json.loads(runner.control.frame().body)
        except Gone:
            pass
