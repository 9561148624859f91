"""The host's side of docs/wire.md, as small as tests need it: spawns a real runner and speaks frames with it."""

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import socket
import struct
import tempfile
import time

CALL, CANCEL, ANSWER = 1, 2, 3
READY, RESULT, ERROR, LOG, SERVICE, STOP = 16, 17, 18, 19, 20, 21
SCHEMA, BATCH, END = 32, 33, 34

# An operation that takes longer than this hangs; no test waits for it to pass.
PATIENCE = 20.0

RUNNER = os.environ.get("RUNNER", ".build/trainflow-runner")
CONNECTORS = os.environ.get("CONNECTORS", ".build/test-connectors")
SANITIZED = os.environ.get("SANITIZE") == "1"
AS_ROOT = os.geteuid() == 0
USER = 65534


class Gone(Exception):
    """The runner closed a socket."""


class Late(Exception):
    """The runner did not answer in time."""


class Frame:
    def __init__(self, kind, call, body):
        self.kind, self.call, self.body = kind, call, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"Frame({self.kind}, {self.call}, {self.body[:300]!r})"


def frame(kind, call, body=b"", reserved=0):
    if not isinstance(body, (bytes, bytearray)):
        body = json.dumps(body).encode()
    return struct.pack("<IHHQ", len(body), kind, reserved, call) + body


class Socket:
    """One end of a socket pair, with a deadline on everything."""

    def __init__(self, end):
        self.end = end
        self.end.settimeout(PATIENCE)

    def send(self, data):
        try:
            self.end.sendall(data)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Gone from error
        except TimeoutError as error:
            raise Late from error

    def exactly(self, size):
        data = bytearray()
        while len(data) < size:
            try:
                part = self.end.recv(min(size - len(data), 1 << 20))
            except ConnectionResetError as error:
                raise Gone from error
            except TimeoutError as error:
                raise Late from error
            if not part:
                raise Gone
            data += part
        return bytes(data)

    def frame(self):
        length, kind, reserved, call = struct.unpack("<IHHQ", self.exactly(16))
        assert reserved == 0, reserved
        assert length <= 64 << 20, length
        return Frame(kind, call, self.exactly(length))

    def close(self):
        self.end.close()


def connector_path(name):
    return os.path.join(CONNECTORS, name + ".so")


def sealed_memfd(path):
    descriptor = os.memfd_create("connector", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with open(path, "rb") as file:
        os.write(descriptor, file.read())
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, 0x1 | 0x2 | 0x4 | 0x8)
    return descriptor


class Runner:
    """A runner of one connector. `inputs` are paths, `extra` further arguments."""

    def __init__(self, connector="good", inputs=(), extra=(), profile="pure", memory=256 << 20, environment=None, runtime=None):
        self.scratch = tempfile.mkdtemp(prefix="runner-scratch-")
        if AS_ROOT:
            os.chown(self.scratch, USER, USER)
        self.output = {1: b"", 2: b""}
        self.status = None
        self.call_number = 0
        self.events = []
        path = connector if "/" in connector else connector_path(connector)
        control, control_far = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        data, data_far = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self.pipes = {}
        opened = [os.open("/dev/null", os.O_RDWR)]
        targets = {0: opened[0], 3: control_far.fileno(), 5: data_far.fileno()}
        for number in (1, 2):
            near, far = os.pipe()
            os.set_blocking(near, False)
            self.pipes[number] = near
            targets[number] = far
            opened.append(far)
        for number, descriptor in ((4, sealed_memfd(path)), (7, os.open(self.scratch, os.O_RDONLY | os.O_DIRECTORY))):
            targets[number] = descriptor
            opened.append(descriptor)
        if runtime:
            targets[6] = os.open(runtime, os.O_PATH | os.O_DIRECTORY)
            opened.append(targets[6])
        targets[60] = os.open("/etc/passwd", os.O_RDONLY)  # as if the host had forgotten to close it
        opened.append(targets[60])
        for place, name in enumerate(inputs):
            targets[8 + place] = os.open(name, os.O_RDONLY)
            opened.append(targets[8 + place])
        arguments = [RUNNER, "--profile", profile, "--uid", str(USER), "--gid", str(USER)]
        arguments += ["--memory", "0" if SANITIZED else str(memory), "--inputs", str(len(inputs)), *extra]
        self.pid = self._spawn(arguments, targets, environment)
        self.started = time.monotonic()
        self.pidfd = os.pidfd_open(self.pid)
        for descriptor in opened:
            os.close(descriptor)
        control_far.close()
        data_far.close()
        self.control, self.data = Socket(control), Socket(data)

    @staticmethod
    def _spawn(arguments, targets, environment):
        # Out of the way first, so that no dup2 overwrites a descriptor that is still to be moved.
        moved = {number: fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 100) for number, descriptor in targets.items()}
        actions = [(os.POSIX_SPAWN_DUP2, descriptor, number) for number, descriptor in moved.items()]
        base = {"LANG": "C.UTF-8", "TZ": "UTC", "LD_LIBRARY_PATH": "/proc/self/fd/6", "SWIFT_BACKTRACE": "enable=no"}
        if SANITIZED:
            base["ASAN_OPTIONS"] = (
                "detect_leaks=0:handle_segv=0:handle_abort=0:handle_sigill=0:handle_sigfpe=0:handle_sigbus=0:"
                "allow_user_segv_handler=1:abort_on_error=1:use_sigaltstack=0"
            )
        base.update(environment or {})
        try:
            return os.posix_spawn(arguments[0], arguments, base, file_actions=actions)
        finally:
            for descriptor in moved.values():
                os.close(descriptor)

    # -- talking

    def ready(self):
        answer = self.control.frame()
        assert answer.kind in (READY, STOP), answer
        return answer

    def call(self, op, settings=None, request=None, secrets=None, inputs=()):
        self.call_number += 1
        body = {"op": op, "settings": settings or {}, "request": request or {}, "secrets": secrets or {}, "inputs": list(inputs)}
        self.control.send(frame(CALL, self.call_number, body))
        return self.call_number

    def cancel(self):
        self.control.send(frame(CANCEL, self.call_number, {}))

    def answer(self, service, serve):
        """Answers one service frame with serve(body) → (status, bytes)."""
        body = service.json
        status, value = serve(body)
        reply = {"id": body["id"], "status": status, "value": base64.b64encode(value).decode()}
        self.control.send(frame(ANSWER, service.call, reply))

    def outcome(self, serve=None):
        """The result or error of the running call, with the log frames before it."""
        logs = []
        while True:
            answer = self.control.frame()
            if answer.kind == LOG:
                assert answer.call == self.call_number, answer
                logs.append(answer.json)
            elif answer.kind == SERVICE:
                self.answer(answer, serve)
            else:
                return answer, logs

    def batches(self):
        """Everything on the data socket up to `end`: (schema or None, [batch bodies])."""
        schema, bodies = None, []
        while True:
            got = self.data.frame()
            assert got.call == self.call_number, got
            if got.kind == END:
                assert got.body == b"", got
                return schema, bodies
            if got.kind == SCHEMA:
                assert schema is None and not bodies
                schema = got.json
            else:
                assert got.kind == BATCH and schema is not None, got
                bodies.append(got.body)

    def pull(self, settings=None, **request):
        """(schema, bodies, result or error frame)."""
        self.call("pull", settings, request)
        schema, bodies = self.batches()
        return schema, bodies, self.outcome()[0]

    # -- ending

    def drain(self, seconds=0.0):
        """Takes in what the runner printed."""
        until = time.monotonic() + seconds
        while self.pipes:
            readable, _, _ = select.select(list(self.pipes.values()), [], [], max(0.0, until - time.monotonic()))
            if not readable:
                return
            for number, descriptor in list(self.pipes.items()):
                if descriptor in readable:
                    part = os.read(descriptor, 1 << 20)
                    if part:
                        self.output[number] += part
                    else:
                        os.close(descriptor)
                        del self.pipes[number]

    def wait(self):
        """The exit code, or minus the signal."""
        poller = select.poll()
        poller.register(self.pidfd, select.POLLIN)
        until = time.monotonic() + PATIENCE
        while self.status is None:
            self.drain()
            if poller.poll(20):
                self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            elif time.monotonic() > until:
                raise Late
        self.drain(1.0)
        return self.status

    def end(self):
        """Closes the control socket and waits."""
        self.control.close()
        return self.wait()

    def close(self):
        if self.status is None:
            signal.pidfd_send_signal(self.pidfd, signal.SIGKILL)
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        self.drain(1.0)
        for descriptor in self.pipes.values():
            os.close(descriptor)
        self.pipes = {}
        os.close(self.pidfd)
        self.control.close()
        self.data.close()
        shutil.rmtree(self.scratch, ignore_errors=True)
        assert b"Sanitizer" not in self.output[2] and b"runtime error" not in self.output[2], self.output[2].decode(errors="replace")

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


# -- Batches, decoded without trusting anything


class Node:
    def __init__(self, length, nulls, validity, offsets, values):
        self.length, self.nulls, self.validity, self.offsets, self.values = length, nulls, validity, offsets, values


def padded(size):
    return (size + 63) // 64 * 64


PARTIAL = 1  # more pieces of the same batch follow


def is_partial(body):
    return struct.unpack_from("<I", body, 12)[0] == PARTIAL


def decode(body):
    """(rows, token, [Node]) with every rule checked that needs no schema."""
    rows, count, token_size, flags = struct.unpack_from("<IIII", body, 0)
    assert flags in (0, PARTIAL) and not (flags and token_size)
    sizes = [struct.unpack_from("<5Q", body, 16 + 40 * i) for i in range(count)]
    at = 16 + 40 * count
    token = body[at : at + token_size]
    assert body[at + token_size : padded(at + token_size)].strip(b"\0") == b""
    at = padded(at + token_size)
    nodes = []
    for length, nulls, validity, offsets, values in sizes:
        parts = []
        for size in (validity, offsets, values):
            parts.append(body[at : at + size])
            assert body[at + size : at + padded(size)].strip(b"\0") == b"", "padding is 0"
            at += padded(size)
        nodes.append(Node(length, nulls, *parts))
    assert at == len(body), (at, len(body))
    return rows, token, nodes


WIDTHS = {"c": 1, "C": 1, "s": 2, "S": 2, "i": 4, "I": 4, "l": 8, "L": 8, "f": 4, "g": 8, "tdD": 4, "ttu": 8}
CODES = {"c": "b", "C": "B", "s": "h", "S": "H", "i": "i", "I": "I", "l": "q", "L": "Q", "f": "f", "g": "d", "tdD": "i"}


def width_of(format_):
    return 16 if format_.startswith("d:") else 8 if format_.startswith("ts") else WIDTHS[format_]


def is_set(bits, index):
    return bits[index >> 3] >> (index & 7) & 1 == 1


def column(field, nodes):
    """The values of one field as Python values, taking its nodes off the list; all rules of docs/wire.md checked."""
    node = nodes.pop(0)
    format_, length = field["format"], node.length
    if node.nulls:
        assert field["nullable"], field
        assert len(node.validity) == (length + 7) // 8
        valid = [is_set(node.validity, i) for i in range(length)]
        assert node.nulls == valid.count(False)
        assert all(not is_set(node.validity, i) for i in range(length, 8 * len(node.validity))), "unused bits are 0"
    else:
        assert node.validity == b""
        valid = [True] * length
    offsets = []
    if format_ in ("u", "z", "+l"):
        assert len(node.offsets) == 4 * (length + 1)
        offsets = struct.unpack(f"<{length + 1}i", node.offsets)
        assert offsets[0] == 0 and list(offsets) == sorted(offsets)
    else:
        assert node.offsets == b""
    if format_ == "+s":
        assert node.values == b"" and field["children"]
        children = [column(child, nodes) for child in field["children"]]
        assert all(len(child) == length for child in children)
        names = [child["name"] for child in field["children"]]
        return [dict(zip(names, row)) if ok else None for ok, row in zip(valid, zip(*children))]
    if format_ == "+l":
        assert node.values == b""
        elements = column(field["children"][0], nodes)
        assert len(elements) == offsets[-1]
        return [elements[offsets[i] : offsets[i + 1]] if ok else None for i, ok in enumerate(valid)]
    assert not field["children"]
    if format_ in ("u", "z"):
        assert len(node.values) == offsets[-1]
        slices = [node.values[offsets[i] : offsets[i + 1]] for i in range(length)]
        assert all(ok or not part for ok, part in zip(valid, slices)), "null texts are empty"
        return [(part.decode() if format_ == "u" else part) if ok else None for ok, part in zip(valid, slices)]
    if format_ == "b":
        assert len(node.values) == (length + 7) // 8
        assert all(ok or not is_set(node.values, i) for i, ok in enumerate(valid)), "null bits are 0"
        assert not any(is_set(node.values, i) for i in range(length, 8 * len(node.values))), "unused bits are 0"
        return [is_set(node.values, i) if ok else None for i, ok in enumerate(valid)]
    width = width_of(format_)
    assert len(node.values) == width * length
    parts = [node.values[width * i : width * (i + 1)] for i in range(length)]
    assert all(ok or not any(part) for ok, part in zip(valid, parts)), "null slots are 0"
    if width == 16:
        return [int.from_bytes(part, "little", signed=True) if ok else None for ok, part in zip(valid, parts)]
    code = "<" + CODES.get(format_, "q")
    return [struct.unpack(code, part)[0] if ok else None for ok, part in zip(valid, parts)]


def table(schema, bodies):
    """{column: values} over all batches, and the tokens."""
    columns = {field["name"]: [] for field in schema["fields"]}
    tokens = []
    for body in bodies:
        rows, token, nodes = decode(body)
        tokens.append(token)
        for field in schema["fields"]:
            values = column(field, nodes)
            assert len(values) == rows
            columns[field["name"]] += values
        assert not nodes
    return columns, tokens


def encode(columns, rows, token=b""):
    """A batch body of [(format, values)], for a push: only u, l and b, which is what tests send."""
    nodes, buffers = b"", b""
    for format_, values in columns:
        nulls = sum(value is None for value in values)
        validity = offsets = data = b""
        if nulls:
            validity = bits([value is not None for value in values])
        if format_ == "u":
            texts = [(value or "").encode() for value in values]
            ends = [0]
            for text in texts:
                ends.append(ends[-1] + len(text))
            offsets, data = struct.pack(f"<{len(ends)}i", *ends), b"".join(texts)
        elif format_ == "b":
            data = bits([bool(value) for value in values])
        else:
            data = struct.pack(f"<{len(values)}q", *[value or 0 for value in values])
        nodes += struct.pack("<5Q", len(values), nulls, len(validity), len(offsets), len(data))
        for part in (validity, offsets, data):
            buffers += part + bytes(padded(len(part)) - len(part))
    head = struct.pack("<IIII", rows, len(columns), len(token), 0) + nodes + token
    return head + bytes(padded(len(head)) - len(head)) + buffers


def bits(flags):
    out = bytearray((len(flags) + 7) // 8)
    for i, flag in enumerate(flags):
        out[i >> 3] |= flag << (i & 7)
    return bytes(out)
