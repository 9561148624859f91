#!/usr/bin/env python3
"""What hostile or broken clients send: each gets a clear 4xx or a closed connection, memory stays flat, the host answers on.

usage: hostile.py [MEGABYTES] [CASE…]   of the large uploads (default 300)
"""

import concurrent.futures
import hashlib
import select
import socket

from api import *

MEGABYTES = next((int(word) for word in sys.argv[1:] if word.isdigit()), 300)
UPLOAD_LIMIT = 64 << 20
# What the host may hold more at its peak while it is attacked, KiB.
FLAT = 24 << 10


class Wire:
    """A connection with nothing between the test and the host."""

    def __init__(self, host, timeout=20):
        self.socket = socket.create_connection(("127.0.0.1", host.port), timeout=timeout)
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *parts):
        self.socket.sendall(b"".join(part if isinstance(part, bytes) else part.encode() for part in parts))

    def answers(self):
        """All answers until the host closes, or is silent behind a whole one; each as status, headers and body."""
        data = b""
        try:
            while readable(self, 1) or not first_answer(data):
                piece = self.socket.recv(65536)
                if not piece:
                    break
                data += piece
        except (ConnectionResetError, BrokenPipeError):
            pass  # Closed with something of ours unread.
        return parsed(data)

    def answer(self):
        """The next answer, on a connection that is kept."""
        while True:
            whole = first_answer(self.rest)
            if whole:
                self.rest = self.rest[whole[3]:]
                return whole[:3]
            piece = self.socket.recv(65536)
            expect(piece, "closed without an answer:", self.rest)
            self.rest += piece


def first_answer(data):
    """Status, headers, body and length of the first answer; None where it is not whole yet."""
    head, end, _ = data.partition(b"\r\n\r\n")
    if not end:
        return None
    lines = head.decode().split("\r\n")
    status = int(lines[0].split(" ")[1])
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    if status == 100:
        later = first_answer(data[len(head) + 4:])
        return later and (*later[:3], later[3] + len(head) + 4)
    start = len(head) + 4
    if "content-length" not in headers:
        return status, headers, data[start:], len(data)
    length = int(headers["content-length"])
    return (status, headers, data[start:start + length], start + length) if len(data) >= start + length else None


def parsed(data):
    """All answers. What comes behind one that closes is nothing: libmicrohttpd sends some of its own refusals' heads twice."""
    found = []
    while data:
        answer = first_answer(data)
        expect(answer, "half an answer:", data[:300])
        found.append(answer[:3])
        if answer[1].get("connection") == "close":
            break
        data = data[answer[3]:]
    return found


class Attacked(Host):
    """A host that is attacked within the block: then it must answer as ever, and have held little more."""

    def __init__(self, folder, *words, **options):
        super().__init__(folder, "--rate-limit", "0", *(words or ["--upload-limit", str(UPLOAD_LIMIT)]), **options)
        self.flat = FLAT
        self.bearer = token()
        self.config = Client(self, bearer=self.bearer).config("People")
        # What is allocated once by the first request of each kind is no growth.
        for path in ("/configs", "/functions", "/nothing", f"/configs/{self.config}"):
            self.ask("GET", BASE + path, token=self.bearer)
        self.forget_peak()
        self.before = self.memory()

    def head(self, method, path, *lines):
        return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: a", f"Authorization: Bearer {self.bearer}", *lines, "", ""])

    def refused(self, *parts, codes=range(400, 500)):
        """Sends it; every answer is a refusal with one of the codes, or the connection is closed without any. The statuses."""
        with Wire(self) as wire:
            try:
                wire.send(*parts)
                wire.socket.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # It was refused before all of it was sent.
            try:
                answers = wire.answers()
            except TimeoutError:
                raise AssertionError(f"neither answered nor closed: {parts[0][:200]!r}")
        for status, headers, body in answers:
            expect(status in codes, status, "for", parts[0][:80], "…", parts[0][-200:], body[:300])
            # What is no request at all is refused by libmicrohttpd itself, in its own words.
            if "content-type" in headers and not head_only(parts[0]):
                problem(status, headers, body)
        return [status for status, _, _ in answers]

    def all_refused(self, requests, codes):
        """The same of many at once: some are refused only when their time is over. Lists of statuses."""
        with concurrent.futures.ThreadPoolExecutor(32) as threads:
            return list(threads.map(lambda parts: self.refused(*parts, codes=codes), requests))

    def still_answers(self):
        started = time.monotonic()
        expect_equal(self.ask("GET", "/healthz")[0], 200)
        expect_equal(self.ask("GET", f"{BASE}/configs/{self.config}", token=self.bearer)[0], 200)
        expect(time.monotonic() - started < 2, "it answers slowly")

    def __exit__(self, kind, *rest):
        try:
            if kind is None:
                expect(self.process.poll() is None, "the host has died:", self.log[-2000:])
                self.still_answers()
                grown = self.memory("VmHWM") - self.before
                expect(grown < self.flat, f"it held {grown} KiB more at its peak")
                expect('"level":"error"' not in self.log, self.log[-3000:])
                code, seconds = self.end()
                expect_equal(code, 0, self.log[-2000:])
                expect(seconds < 10, seconds)
        finally:
            super().__exit__(kind, *rest)


def head_only(request):
    return (request if isinstance(request, bytes) else request.encode()).startswith(b"HEAD ")


def problem(status, headers, body):
    """An RFC 9457 document that says what is wrong and nothing of the inside."""
    expect_equal(headers["content-type"], "application/problem+json", body)
    document = json.loads(body)
    expect_equal(document["status"], status, document)
    expect(document["code"] and document["detail"], document)
    for word in ("Swift", "SQLITE", "sqlite", "/tmp/", "/work", "JSONFieldError", "StoreError"):
        expect(word not in body.decode(), word, "stands in", document)
    return document


# MARK: - JSON


def post(host, body, type="application/json", path="/configs"):
    """Status and problem of content sent as it is."""
    body = body if isinstance(body, bytes) else body.encode()
    with Wire(host) as wire:
        try:
            wire.send(host.head("POST", BASE + path, f"Content-Type: {type}", f"Content-Length: {len(body)}"), body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # Refused before all of it was sent.
        status, headers, answer = wire.answer()
        return status, problem(status, headers, answer) if status >= 400 else json.loads(answer)


def unknown_fields_are_named():
    with Folder() as folder, Attacked(folder) as host:
        for body, pointer in (
                ({"name": "A", "provider": "file", "nmae": 1}, "/nmae"), ({"name": "A", "provider": "file", "a/b~": 1}, "/a~1b~0"),
                ({"name": "A", "provider": "file", "settings": {"delimeter": ";"}}, "/settings/delimeter"),
                ({"name": "A", "provider": "file", "policy": {"matsch": []}}, "/policy/matsch"),
                ({"name": 7, "provider": "file"}, "/name"), ({"provider": "file"}, "/name")):
            status, said = post(host, json.dumps(body))
            expect_equal(status, 422, body, said)
            pointers = [said.get("pointer"), *(item["pointer"] for item in said.get("errors", []))]
            expect(pointer in pointers or pointer == "/name" and "name" in said["detail"], pointer, said)


def json_that_is_none_is_refused():
    deep = 100_000
    texts = [
        "", " ", "{", "}", "[", "{]", '{"name"}', '{"name":}', '{"name":"A",}', "{'name':'A'}", '{"name":"A"}x', "nul", "NaN",
        '{"name":"A","name":"B","provider":"file"}', '{"name":"\\ud800","provider":"file"}', '{"name":"\\u12","provider":"f"}',
        '{"name":"A\nB","provider":"file"}', '{"name":"\\q"}', "01", "1e", '"' + "a" * 1000, "\ufeff{}", "// {}", '"\\',
        '{"name":"A\\u0000B","provider":"file"}', "[" * deep, '{"a":' * deep, "[" * deep + "]" * deep,
        '{"settings":' + "[" * deep + "]" * deep + "}", '{"name":"A","provider":"file","settings":' + '{"a":' * deep + "1"
        + "}" * deep + "}", '{"a":' + "9" * 100_000 + "}", "-" * 10_000, '[' + ",".join(["0"] * 30_000) + "]",
        '{"name":' + "9" * 400 + ',"provider":"file"}', "[]", "null", "7", '"name"', "true",
    ]
    octets = [
        b"\xff\xfe{\x00}\x00", b'{"name":"\xff","provider":"file"}', b'{"name":"\xc0\xaf","provider":"file"}',
        b'{"name":"\xed\xa0\x80","provider":"file"}', b'{"name":"\xf4\x90\x80\x80","provider":"file"}', b"\x00", b"\x80" * 1000,
        b'{"name":"A\x00B","provider":"file"}', b'{"na\xffme":"A"}', b'{"name":"A","provider":"file"}\x00',
    ]
    with Folder() as folder, Attacked(folder) as host:
        for body in texts + octets:
            status, said = post(host, body)
            expect(status in (400, 413, 422), status, body[:100], said)
        print(f"    {len(texts + octets)} texts", flush=True)


def content_types_that_are_not_meant_are_415():
    body = json.dumps({"name": "A", "provider": "file"})
    with Folder() as folder, Attacked(folder) as host:
        for type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", "nonsense",
                     "application/json; charset=utf-16", "application/json/x", ";", "application/jsonp", "*/*",
                     "multipart/form-data; boundary=x"):
            expect_equal(post(host, body, type)[0], 415, type)
        with Wire(host) as wire:
            wire.send(host.head("POST", BASE + "/configs", f"Content-Length: {len(body)}"), body)
            expect_equal(wire.answer()[0], 415)
        for type in ("application/json", "text/html", "nonsense", ""):
            expect_equal(post(host, "a,b\n", type, f"/{host.config}/files?name=a.csv")[0], 415, type)
        for type in ("multipart/form-data", "multipart/form-data; boundary=", f"multipart/form-data; boundary={'x' * 300}"):
            status = post(host, "--x\r\n\r\n--x--", type, f"/{host.config}/files?name=a.csv")[0]
            expect(status in (400, 415, 422), status, type)


def forms_that_are_none_are_refused():
    field = 'Content-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    bodies = [
        "", "x", "--x", "--x--", "--x\r\n", "--x\r\n\r\n", f"--x\r\n{field}a,b", f"--x\r\n{field}a,b\r\n--x",
        f"--x\r\n{field}a\r\n--x\r\n{field}b\r\n--x--\r\n", "--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n",
        '--x\r\nContent-Disposition: form-data; name="other"; filename="a"\r\n\r\na\r\n--x--\r\n',
        "--x\r\n" + "A: b\r\n" * 10_000 + "\r\n", "--x\r\n" + "A" * 200_000, f"--y\r\n{field}a\r\n--y--\r\n",
        '--x\r\nContent-Disposition: form-data; name="file"; filename="../../etc/passwd"\r\n\r\na\r\n--x--\r\n',
        '--x\r\nContent-Disposition: form-data; name="file"; filename="/etc/passwd"\r\n\r\na\r\n--x--\r\n',
    ]
    with Folder() as folder, Attacked(folder) as host:
        for body in bodies:
            status, said = post(host, body, "multipart/form-data; boundary=x", f"/{host.config}/files")
            if status == 201 and "passwd" in body:
                expect("/" not in said["name"] and ".." not in said["name"], said)
                continue
            expect(status in (400, 413, 422), status, body[:200], said)
        for name in ("", "a/b.csv", "../a.csv", "..", ".", "a%00.csv", "a%0Ab.csv", "%ff.csv", "x" * 501, "%2e%2e%2fpasswd"):
            status, said = post(host, "a,b\n", "text/csv", f"/{host.config}/files?name={name}")
            if status == 201:
                expect("/" not in said["name"] and said["name"] not in (".", ".."), name, said)
            else:
                expect(status in (400, 422), status, name, said)
        files = os.path.join(folder.path, "files")
        for root, _, names in os.walk(folder.path):
            expect(root.startswith(files) or not any("passwd" in name for name in names), root, names)


# MARK: - Large contents


class Numbered:
    """So many bytes of CSV without a file of them."""

    def __init__(self, size):
        self.size = size
        line = b"".join(b"%07d,p%07d@example.com,P\n" % (n, n) for n in range(8192))
        self.piece = (line * 4)[:1 << 20]

    def pieces(self):
        left = self.size
        while left:
            yield self.piece[:left]
            left -= min(left, len(self.piece))

    def sha256(self):
        hash = hashlib.sha256()
        for piece in self.pieces():
            hash.update(piece)
        return hash.hexdigest()


def readable(wire, seconds=0):
    return select.select([wire.socket], [], [], seconds)[0]


def sent_until_refused(wire, pieces, chunked=False):
    """How many bytes went out before the host answered or closed."""
    sent = 0
    try:
        for piece in pieces:
            if readable(wire):
                break
            wire.send(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
            sent += len(piece)
    except (BrokenPipeError, ConnectionResetError):
        pass
    return sent


def uploads_above_the_limit_are_413_and_not_read():
    size = 2 << 30
    with Folder() as folder, Attacked(folder) as host:
        path = f"{BASE}/{host.config}/files?name=large.csv"
        for expectation in ([], ["Expect: 100-continue"]):
            with Wire(host) as wire:
                wire.send(host.head("POST", path, "Content-Type: text/csv", f"Content-Length: {size}", *expectation))
                status, headers, body = wire.answer()
                expect_equal(status, 413, body)
                problem(status, headers, body)
        # Whoever doesn't wait is cut off soon.
        with Wire(host) as wire:
            wire.send(host.head("POST", path, "Content-Type: text/csv", f"Content-Length: {size}"))
            sent = sent_until_refused(wire, Numbered(size).pieces())
            expect(sent < 64 << 20, "after its refusal it took", sent, "bytes")
        # A length that is not announced shows when it is too much.
        for type, begin in (("text/csv", b""), ("multipart/form-data; boundary=x",
                            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n')):
            with Wire(host) as wire:
                wire.send(host.head("POST", path, f"Content-Type: {type}", "Transfer-Encoding: chunked"))
                if begin:
                    wire.send(b"%x\r\n%b\r\n" % (len(begin), begin))
                sent = sent_until_refused(wire, Numbered(size).pieces(), chunked=True)
                expect(UPLOAD_LIMIT <= sent + (1 << 20), "refused too early:", sent)
                expect(sent < 2 * UPLOAD_LIMIT, "it took", sent, "bytes")
                answers = wire.answers()
                expect(all(status == 413 for status, _, _ in answers), answers)
        until(lambda: not left_over(folder), "something of the refused files is still there")
        big = json.dumps({"name": "A", "provider": "file", "settings": {"a": "x" * (8 << 20)}})
        expect_equal(post(host, big)[0], 413)


def left_over(folder):
    found = []
    for root, _, names in os.walk(os.path.join(folder.path, "files")):
        found += [os.path.join(root, name) for name in names]
    return found


def a_large_upload_goes_through_at_flat_memory():
    content = Numbered(MEGABYTES << 20)
    wanted = content.sha256()
    with Folder() as folder, Attacked(folder, "--upload-limit", f"{MEGABYTES + 1}MiB") as host:
        path = f"{BASE}/{host.config}/files"
        with Wire(host, timeout=300) as wire:
            started = time.monotonic()
            wire.send(host.head("POST", path + "?name=large.csv", "Content-Type: text/csv", f"Content-Length: {content.size}"))
            for piece in content.pieces():
                wire.send(piece)
            status, _, body = wire.answer()
            seconds = time.monotonic() - started
        kept(status, body, content.size, wanted)
        begin = b'--x\r\nContent-Disposition: form-data; name="file"; filename="form.csv"\r\n\r\n'
        with Wire(host, timeout=300) as wire:
            wire.send(host.head("POST", path, "Content-Type: multipart/form-data; boundary=x", "Transfer-Encoding: chunked"))
            for piece in (begin, *content.pieces(), b"\r\n--x--\r\n"):
                wire.send(b"%x\r\n%b\r\n" % (len(piece), piece))
            wire.send("0\r\n\r\n")
            status, _, body = wire.answer()
        kept(status, body, content.size, wanted)
        grown = host.memory("VmHWM") - host.before
        print(f"    {MEGABYTES} MiB in {seconds:.1f} s, {grown / 1024:.1f} MB more memory at its peak", flush=True)


def kept(status, body, size, sha256):
    expect_equal(status, 201, body)
    file = json.loads(body)
    expect_equal((file["size"], file["sha256"]), (size, sha256))


def uploads_that_break_off_leave_nothing():
    with Folder() as folder, Attacked(folder) as host:
        for type in ("text/csv", "multipart/form-data; boundary=x"):
            for sent in (0, 1, 100_000):
                with Wire(host) as wire:
                    wire.send(host.head("POST", f"{BASE}/{host.config}/files?name=a.csv", f"Content-Type: {type}",
                                        "Content-Length: 1000000"), b"a" * sent)
        until(lambda: not left_over(folder), "broken uploads are still there")
        expect_equal(Client(host, bearer=host.bearer).get(f"/{host.config}/files")["items"], [])


# MARK: - HTTP itself


def slow_clients_are_closed_and_others_served():
    """Heads and contents that come byte by byte, and answers that nobody takes."""
    with Folder() as folder, Attacked(folder) as host:
        heads = [Wire(host) for _ in range(40)]
        bodies = [Wire(host) for _ in range(40)]
        deaf = [Wire(host) for _ in range(20)]
        for wire in bodies:
            wire.send(host.head("POST", f"{BASE}/configs", "Content-Type: application/json", "Content-Length: 60000"))
        for wire in deaf:
            wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            wire.send(host.head("GET", f"{BASE}/openapi.json") * 8)
        started = time.monotonic()
        slow = {wire: b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: " + b"a" * 4000 for wire in heads}
        slow |= {wire: b"{" + b" " * 4000 for wire in bodies}
        closed = {}
        at = 0
        while len(closed) < len(slow):
            seconds = time.monotonic() - started
            expect(seconds < 40, len(slow) - len(closed), "of", len(slow), "slow clients are still served")
            for wire, text in slow.items():
                if wire not in closed and not trickled(wire, text[at:at + 1]):
                    closed[wire] = seconds
            at += 1
            if at % 10 == 0:
                host.still_answers()
            host.stays(0.1)
        print(f"    slow heads were closed after {min(closed[w] for w in heads):.0f}–{max(closed[w] for w in heads):.0f} s, "
              f"slow contents after {min(closed[w] for w in bodies):.0f}–{max(closed[w] for w in bodies):.0f} s", flush=True)
        for wire in [*heads, *bodies, *deaf]:
            wire.socket.close()


def trickled(wire, byte):
    """False once the host has answered 408 or closed."""
    try:
        if readable(wire):
            data = wire.socket.recv(65536)
            expect(not data or data.split(b" ")[1] in (b"408", b"400"), data[:200])
            return False
        wire.send(byte)
        return True
    except (BrokenPipeError, ConnectionResetError):
        return False


def smuggled_lengths_are_refused():
    """RFC 9112, sections 6.1 to 6.3. What follows must never be taken for a second request."""
    inner = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
    json_type = "Content-Type: application/json"
    requests = []
    with Folder() as folder, Attacked(folder) as host:
        for lines in (
                ["Content-Length: 5", "Transfer-Encoding: chunked"], ["Transfer-Encoding: chunked", "Content-Length: 5"],
                ["Content-Length: 5", "Content-Length: 6"], ["Content-Length: 0", f"Content-Length: {len(inner)}"],
                ["Content-Length: -1"], ["Content-Length: +5"], ["Content-Length: 5, 6"], ["Content-Length: 0x5"],
                ["Content-Length: 5 5"], ["Content-Length: "], ["Content-Length: 99999999999999999999"], ["Content-Length: 1e3"],
                ["Content-Length: 18446744073709551616"], ["Content-Length: 9223372036854775808"],
                ["Transfer-Encoding: identity"], ["Transfer-Encoding: chunked, identity"], ["Transfer-Encoding: gzip, chunked"],
                ["Transfer-Encoding: xchunked"], ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"],
                ["Transfer-Encoding:\x0bchunked"], ["Transfer-Encoding : chunked"], ["Content-Length : 5"],
                [" Content-Length: 5"], ["Content-Length: 5", " continued: 7"]):
            for method, path in (("POST", BASE + "/configs"), ("GET", BASE + "/functions"), ("GET", "/healthz")):
                head = host.head(method, path, *([json_type] if method == "POST" else []), *lines)
                requests.append((head, "0\r\n\r\n", inner))
        for chunk in ("-1\r\n", "+1\r\na\r\n", "0x1\r\na\r\n", "zz\r\n", "fffffffffffffffff\r\n", "8000000000000000\r\n", "\r\n",
                      "1\ra\r\n", "1\r\nab\r\n0\r\n\r\n", "1" + ";x" * 20_000 + "\r\na\r\n"):
            requests.append((host.head("POST", BASE + "/configs", json_type, "Transfer-Encoding: chunked"), chunk, inner))
        for request, statuses in zip(requests, host.all_refused(requests, (400, 408, 411, 413, 415, 422, 431, 501))):
            expect(len(statuses) <= 1, request, "was read as several requests:", statuses)
        print(f"    {len(requests)} requests", flush=True)


def requests_that_are_none_are_refused():
    with Folder() as folder, Attacked(folder) as host:
        good = f"Authorization: Bearer {host.bearer}"
        texts = [
                "\x00", "\r\n" * 1000, "nonsense\r\n\r\n", "GET\r\n\r\n", "GET /healthz\r\n\r\n", "GET  /healthz HTTP/1.1\r\n\r\n",
                "GET /healthz HTTP/1.1\r\n\r\n", "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "GET /healthz HTTP/9.9\r\n\r\n",
                "GET healthz HTTP/1.1\r\nHost: a\r\n\r\n", "GET http://b/healthz/ HTTP/1.1\r\nHost: a\r\n\r\n",
                "GET * HTTP/1.1\r\nHost: a\r\n\r\n", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", "TRACE /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
                f"BREW {BASE}/configs HTTP/1.1\r\nHost: a\r\n{good}\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: a\r\nA\r\n\r\n",
                "GET /healthz HTTP/1.1\r\nHost: a\r\nA b: c\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
                "A" * 100_000, f"GET /{'a' * 20_000} HTTP/1.1\r\nHost: a\r\n\r\n", f"{'A' * 9000} / HTTP/1.1\r\nHost: a\r\n\r\n"]
        host.all_refused([(text,) for text in texts], (400, 401, 404, 405, 408, 414, 431, 501, 505))


def floods_of_header_fields_are_refused():
    with Folder() as folder, Attacked(folder) as host:
        for lines in (
                [f"X-{number}: a" for number in range(101)], [f"X-{number}: a" for number in range(20_000)],
                ["X: " + "a" * 9000], ["X: " + "a" * 1_000_000], ["X" * 9000 + ": a"], ["Cookie: " + "a=b; " * 4000],
                ["Authorization: Bearer " + "a" * 9000], ["X: a"] * 5000):
            statuses = host.refused(host.head("GET", f"{BASE}/functions", *lines), codes=(400, 401, 413, 431))
            expect(len(statuses) <= 1, statuses)


def pipelined_requests_are_answered_in_their_order():
    with Folder() as folder, Attacked(folder) as host:
        count = 200
        with Wire(host) as wire:
            paths = [(f"{BASE}/configs/{host.config}", 200), (f"{BASE}/nothing", 404), ("/healthz", 200), (f"{BASE}/configs?limit=0", 400)]
            wire.send("".join(host.head("GET", paths[n % 4][0]) for n in range(count)))
            for n in range(count):
                status, headers, body = wire.answer()
                expect_equal(status, paths[n % 4][1], n, body)
        # Behind one that is refused with its content unread nothing is taken for a request.
        with Wire(host) as wire:
            body = json.dumps({"name": "Hidden", "provider": "file"})
            wire.send(host.head("POST", f"{BASE}/functions", "Content-Type: application/json", f"Content-Length: {1 << 20}"))
            wire.send(host.head("POST", f"{BASE}/configs", "Content-Type: application/json", f"Content-Length: {len(body)}"), body)
            wire.socket.shutdown(socket.SHUT_WR)
            statuses = [status for status, _, _ in wire.answers()]
            expect(statuses in ([], [405], [404], [400], [413]), statuses)
        names = [config["name"] for config in Client(host, bearer=host.bearer).all("/configs")]
        expect_equal(names, ["People"])


def paths_and_queries_that_are_none_are_refused():
    with Folder() as folder, Attacked(folder) as host:
        host_id = host.config
        for path, codes in (
                ("/etc/passwd", [404]), ("/../etc/passwd", [400, 404]), ("//etc/passwd", [400, 404]), ("/%2e%2e/%2e%2e/etc/passwd", [400, 404]),
                ("/..%2f..%2fetc/passwd", [400, 404]), (f"{BASE}/../../../../etc/passwd", [400, 404]), ("/./healthz", [400, 404]),
                (f"{BASE}/configs/..%2f..%2fetc%2fpasswd", [400, 404]), (f"{BASE}/configs/%00", [400, 404]),
                (f"{BASE}/%ff/mappings", [400, 404]), (f"{BASE}/configs/%c0%af", [400, 404]), (f"{BASE}/configs/%zz", [400, 404]),
                (f"{BASE}/configs/%", [400, 404]), (f"{BASE}/configs/{host_id}%00", [400, 404]), (f"{BASE}/configs/{host_id}/..", [400, 404]),
                (f"{BASE}/configs/{host_id[:-1]}", [400, 404]), (f"{BASE}/configs/{host_id}/", [400, 404]),
                (f"{BASE}/configs/{{{host_id}}}", [400, 404]), (f"{BASE}/configs/' OR 1=1 --", [400, 404]),
                (f"{BASE}//configs", [400, 404]), ("/files/", [404]), ("/plugins.d/file-import.so", [404]), ("/trainflow.db", [404]),
                (f"{BASE}/configs?name=%ff", [400]), (f"{BASE}/configs?name=%", [400]), (f"{BASE}/configs?name=a&name=b", [400]),
                (f"{BASE}/configs?nmae=a", [400]), (f"{BASE}/configs?limit=-1", [400]), (f"{BASE}/configs?limit=501", [400]),
                (f"{BASE}/configs?limit=1e2", [400]), (f"{BASE}/configs?limit=99999999999999999999", [400]),
                (f"{BASE}/configs?cursor=nonsense", [400]), (f"{BASE}/configs?cursor={'A' * 3000}", [400]),
                (f"{BASE}/configs?is_active=maybe", [400]), (f"{BASE}/configs?name=%00", [400]), (f"{BASE}/configs?{'a=b&' * 90}", [400]),
                (f"{BASE}/configs?{'a' * 5000}", [400, 414]), (f"{BASE}/runs?state=nonsense", [400]), (f"{BASE}/runs?since=yesterday", [400]),
                (f"{BASE}/configs?name=", [400])):
            with Wire(host) as wire:
                wire.send(host.head("GET", path.replace(" ", "%20")))
                try:
                    status, headers, body = wire.answer()
                except AssertionError as error:
                    raise AssertionError(f"{path}: {error}")
                expect(status in codes, status, path, body)
                expect(b"root:" not in body, path)
                problem(status, headers, body)
        # Too many parameters for libmicrohttpd's memory of a connection: it closes.
        host.refused(host.head("GET", f"{BASE}/configs?{'a=b&' * 900}"))
        for raw in (b"/\xff\xfe", "/héalthz".encode(), f"{BASE}/configs?name=\xe9".encode("latin-1")):
            host.refused(b"GET " + raw + b" HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + host.bearer.encode() + b"\r\n\r\n")


def many_connections_do_not_keep_others_out():
    """Connections that say nothing are closed in their time; one more is served meanwhile."""
    with Folder() as folder, Attacked(folder) as host:
        wires = [Wire(host) for _ in range(1500)]
        host.still_answers()
        for wire in wires:
            wire.socket.close()


def event_streams_that_all_leave_at_once_hold_nobody_up():
    """A run is told to a thousand while they break off: once this stopped the whole host."""
    with Folder() as folder, Attacked(folder, plugins=plugins_with(folder, "turns")) as host:
        client = Client(host, bearer=host.bearer)
        config = client.config("Waits", "test-turns", settings={"do": "wait", "at": 10})
        client.map(config, PEOPLE_MAP["mappings"][:2], "people")
        # Each one that is open takes memory: issue 5 allows 60 MB for a thousand.
        host.flat = 60 << 10
        for _ in range(8):
            run = client.sync(config)
            wires = [Wire(host) for _ in range(1000)]
            for wire in wires:
                wire.send(host.head("GET", f"{BASE}/runs/{run}/events"))
            for wire in wires:
                heard = b""
                while b"event: progress" not in heard:
                    piece = wire.socket.recv(65536)
                    expect(piece, "an event stream was closed:", heard)
                    heard += piece
            with Wire(host) as canceller:
                # Some have left when the end is told, some leave while it is.
                for number, wire in enumerate(wires):
                    if number == 500:
                        canceller.send(host.head("POST", f"{BASE}/runs/{run}/cancel", "Content-Length: 0"))
                    wire.socket.close()
                status, _, body = canceller.answer()
                expect_equal(status, 200, body)
            expect_equal(client.ended(run)["state"], "cancelled")
            host.still_answers()
        until(lambda: connections(host) <= 2, "connections that have left are still held")


def connections(host):
    """The one that asks is among them."""
    line = next(line for line in host.ask("GET", "/metrics")[1].splitlines() if line.startswith("trainflow_http_connections "))
    return float(line.split()[1])


main("hostile", [
    unknown_fields_are_named, json_that_is_none_is_refused, content_types_that_are_not_meant_are_415,
    forms_that_are_none_are_refused, uploads_above_the_limit_are_413_and_not_read,
    a_large_upload_goes_through_at_flat_memory, uploads_that_break_off_leave_nothing,
    slow_clients_are_closed_and_others_served, smuggled_lengths_are_refused, requests_that_are_none_are_refused,
    floods_of_header_fields_are_refused, pipelined_requests_are_answered_in_their_order,
    paths_and_queries_that_are_none_are_refused, many_connections_do_not_keep_others_out,
    event_streams_that_all_leave_at_once_hold_nobody_up,
])
