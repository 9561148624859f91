"""What the tests of the API share: a served host, tokens, a client, and runs watched through their events."""

import http.client
import threading
import time
import urllib.parse

from trainflow import *

KEY = "a-key-of-more-than-32-characters-for-tests"
SECRET = "0123456789abcdef0123456789abcdef"
BASE = "/api/v1/integrations"
ENVIRONMENT = {"SECRET_KEY": KEY, "JWT_SECRET": SECRET, "JWT_SECRET_FILE": "", "SECRET_KEY_FILE": "", "JWT_JWKS": ""}


def import_root(folder):
    return os.path.join(folder.path, "import")


class Host:
    """A served host on a port of its own, ended with the block. Its import root is `import` in the folder."""

    def __init__(self, folder, *words, env=None, plugins=PLUGINS):
        words = ["serve", "--port", "0", "--log-format", "json", *words]
        started = time.monotonic()
        self.process = subprocess.Popen(
            command(*words, database=folder.database) + ["--plugins", plugins, "--unsigned-plugins", "allow"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **ENVIRONMENT, "TRAINFLOW_IMPORT_ROOT": import_root(folder), **(env or {})})
        self.line = self.process.stdout.readline()
        self.ready = time.monotonic() - started
        if not self.line:
            raise AssertionError(self.process.communicate()[1])
        expect(self.line.startswith("listening on http://"), self.line)
        self.host, _, port = self.line.split("//")[1].strip().rpartition(":")
        self.port = int(port)
        self.pid = self.process.pid
        self.log = ""
        self.reader = threading.Thread(target=self.read_log, daemon=True)
        self.reader.start()

    def stays(self, seconds):
        """Lets it work for so long; it must not end by itself."""
        try:
            expect(False, "the host has ended by itself:", self.process.wait(timeout=seconds), self.log)
        except subprocess.TimeoutExpired:
            pass

    def read_log(self):
        for line in self.process.stderr:
            self.log += line

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def ask(self, method, path, body=None, token=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = dict(headers or {})
            if token:
                headers["Authorization"] = f"Bearer {token}"
            if body is not None:
                headers["Content-Type"] = "application/json"
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            return answer.status, json.loads(text) if text and "json" in answer.headers["Content-Type"] else text
        finally:
            connection.close()

    def end(self, number=signal.SIGTERM):
        """Exit code and seconds."""
        start = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(timeout=20)
        self.reader.join(timeout=5)
        return code, time.monotonic() - start

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.reader.join(timeout=5)

    def memory(self, name="VmRSS"):
        """KiB of the process, without its runners; `VmHWM` for the most since `forget_peak`."""
        with open(f"/proc/{self.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith(name + ":"))

    def forget_peak(self):
        # proc(5), clear_refs: 5 sets the peak to what is resident now.
        with open(f"/proc/{self.pid}/clear_refs", "w") as file:
            file.write("5")

    def runners(self):
        """Process ids of its children."""
        found = []
        for task in os.listdir(f"/proc/{self.pid}/task"):
            try:
                with open(f"/proc/{self.pid}/task/{task}/children") as file:
                    found += [int(child) for child in file.read().split()]
            except FileNotFoundError:
                pass  # This thread has ended meanwhile.
        return found


def until(condition, *what, seconds=10):
    """Looks again and again: what is awaited happens in the host, and it tells nobody."""
    deadline = time.monotonic() + seconds
    while not condition():
        expect(time.monotonic() < deadline, *what)
        time.sleep(0.01)


def token(role="administrator", *more, tenant=TENANT):
    result = run("token", "--tenant", tenant, "--role", role, *more, env=ENVIRONMENT)
    expect_equal(result.returncode, 0, result.stderr)
    return result.stdout.strip()


class Client:
    """A tenant's administrator at a host: asks, and expects what it is told to expect."""

    def __init__(self, host, tenant=TENANT, bearer=None):
        self.host = host
        self.tenant = tenant
        self.token = bearer or token(tenant=tenant)

    def at(self, host):
        """The same one at another host, or the same one started again."""
        return Client(host, self.tenant, self.token)

    def ask(self, method, path, body=None, status=200):
        code, answer = self.host.ask(method, BASE + path, body, self.token)
        expect_equal(code, status, method, path, answer)
        return answer

    def get(self, path, status=200):
        return self.ask("GET", path, status=status)

    def post(self, path, body=None, status=200):
        return self.ask("POST", path, body, status)

    def config(self, name, provider="file", **more):
        """A configuration's id."""
        return self.post("/configs", {"name": name, "provider": provider, **more}, 201)["id"]

    def map(self, config, mappings, stream, entity="users"):
        lines = [{"stream": stream, "target_entity": entity, **mapping} for mapping in mappings]
        return self.ask("PUT", f"/{config}/mappings", {"mappings": lines})

    def upload(self, config, name, path):
        """A file's id."""
        connection = http.client.HTTPConnection("127.0.0.1", self.host.port, timeout=120)
        try:
            with open(path, "rb") as file:
                connection.request(
                    "POST", f"{BASE}/{config}/files?name={urllib.parse.quote(name)}", file,
                    {"Authorization": f"Bearer {self.token}", "Content-Type": "text/csv",
                     "Content-Length": str(os.path.getsize(path))})
                answer = connection.getresponse()
                text = answer.read().decode()
                expect_equal(answer.status, 201, text)
                return json.loads(text)["id"]
        finally:
            connection.close()

    def deliver(self, folder, name, text):
        """Puts a file into the tenant's folder, whole and at once, as a careful sender does; answers its path."""
        path = os.path.join(import_root(folder), self.tenant, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path + ".part", "w", encoding="utf-8") as file:
            file.write(text)
        os.rename(path + ".part", path)
        return path

    def sync(self, config, **what):
        """The run's id."""
        return self.post(f"/{config}/sync", what, 202)["id"]

    def events(self, run, timeout=300):
        """What the run's stream tells, as pairs of name and data, until it ends or breaks off."""
        connection = http.client.HTTPConnection("127.0.0.1", self.host.port, timeout=timeout)
        try:
            connection.request("GET", f"{BASE}/runs/{run}/events", headers={"Authorization": f"Bearer {self.token}"})
            answer = connection.getresponse()
            expect_equal(answer.status, 200, answer.reason)
            name = None
            for line in answer:
                line = line.decode().rstrip("\r\n")
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: "):
                    yield name, json.loads(line[6:])
        finally:
            connection.close()

    def ended(self, run):
        """The run, once it has ended."""
        for name, data in self.events(run):
            if name == "end":
                return data
        raise AssertionError(f"the events of run {run} stopped before its end")

    def all(self, path):
        """All items of a list, page by page."""
        items, cursor = [], ""
        while cursor is not None:
            more = "&" if "?" in path else "?"
            page = self.get(f"{path}{more}limit=500" + (f"&cursor={urllib.parse.quote(cursor)}" if cursor else ""))
            items += page["items"]
            cursor = page["next_cursor"]
        return items


def plugins_with(folder, *names):
    """A folder with the connectors that are shipped, and test connectors beside them."""
    path = os.path.join(folder.path, "plugins.d")
    os.makedirs(path, exist_ok=True)
    for file in [os.path.join(PLUGINS, "file-import.so"), *(os.path.join(TEST_CONNECTORS, f"{name}.so") for name in names)]:
        shutil.copy(file, path)
    return path


__all__ = [name for name in dir() if not name.startswith("_")]
