#!/usr/bin/env python3
"""A secret given to a config is found nowhere but encrypted, although its connector says it aloud wherever it can.

Searched for are the secrets as they are, inside JSON, in base64, hexadecimal and percent-encoded: in the answers of every GET
endpoint that the served document has, in every answer and problem that came on the way, in the host's log at level debug,
in /metrics, in the command lines and environments of all processes, in the database's files while the host works and after
it, and in the folder of uploaded files. That it was really said shows by the mask in its place.
"""

import base64
import binascii

from api import *

# Long enough that nothing contains it by chance; with what JSON and URLs escape.
PASSWORD = 'pä55"w\\ord€<&>-7f3b9'
TOKEN = "tok_live_0123456789abcdefghij"
LATER = "another_password_8d71c"
SECRETS = [PASSWORD, TOKEN, LATER]
MASK = "<secret>"
MAPPING = [{"source_field": "id", "target_field": "external_id"}, {"source_field": "email", "target_field": "email"}]


def forms(secret):
    """The secret as it may stand somewhere, in bytes."""
    raw = secret.encode()
    found = {raw, json.dumps(secret)[1:-1].encode(), json.dumps(secret, ensure_ascii=False)[1:-1].encode(),
             urllib.parse.quote(secret, safe="").encode(), binascii.hexlify(raw), binascii.hexlify(raw).upper(),
             secret.encode("utf-16-le")}
    # Wherever it begins in what is encoded, these characters are the same.
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + raw).rstrip(b"=")
        middle = encoded[-(-before * 8 // 6):len(encoded) - 1]
        found |= {middle, middle.replace(b"+", b"-").replace(b"/", b"_")}
    return found


FORMS = {form: secret for secret in SECRETS for form in forms(secret)}


def search(where, data):
    data = data.encode() if isinstance(data, str) else data
    for form, secret in FORMS.items():
        place = data.find(form)
        expect(place < 0, f"a secret stands in {where}:", data[max(0, place - 200):place + 200])


class Searching(Client):
    """A client that looks for secrets in every answer it gets, whatever its status; headers too."""

    def __init__(self, host, tenant=TENANT, bearer=None):
        super().__init__(host, tenant, bearer)
        self.answers = 0
        self.masks = 0

    def ask(self, method, path, body=None, status=200, text=None, type="application/json"):
        connection = http.client.HTTPConnection("127.0.0.1", self.host.port, timeout=60)
        try:
            headers = {"Authorization": f"Bearer {self.token}"}
            if body is not None or text is not None:
                headers["Content-Type"] = type
            connection.request(method, path if path.startswith("/metrics") else BASE + path,
                               text if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
            search(f"the answer of {method} {path}", content)
            search(f"the headers of {method} {path}", str(answer.headers))
            self.answers += 1
            self.masks += content.count(MASK.encode())
            if status is not None:
                expect_equal(answer.status, status, method, path, content)
            self.status = answer.status
            return json.loads(content) if "json" in (answer.headers["Content-Type"] or "") else content
        finally:
            connection.close()


def processes():
    """Command lines and environments of all processes that can be read."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        # Those of the test itself hold nothing, and those that end meanwhile can't be read.
        for name in ("cmdline", "environ"):
            try:
                with open(f"/proc/{pid}/{name}", "rb") as file:
                    yield f"/proc/{pid}/{name}", file.read()
            except OSError:
                pass


def search_files(folder):
    count = 0
    for root, _, names in os.walk(folder.path):
        for name in names:
            # The connectors themselves hold no secrets, and are large.
            if not name.endswith(".so"):
                try:
                    with open(os.path.join(root, name), "rb") as file:
                        search(os.path.join(root, name), file.read())
                    count += 1
                except FileNotFoundError:
                    pass  # Gone meanwhile.
    return count


def configured(client, what):
    config = client.config(f"Babbler that does {what}", "test-babbler", settings={"do": what})
    client.map(config, MAPPING, "people")
    client.ask("PUT", f"/{config}/credentials?test=false", {"password": PASSWORD, "token": TOKEN})
    return config


def refusals(client, config):
    """What refuses a secret must not repeat it."""
    for body in ({"password": PASSWORD, "pasword": TOKEN}, {"password": [PASSWORD]}, {"token": TOKEN},
                 {"password": PASSWORD * 5000}, {"password": {"value": TOKEN}}):
        client.ask("PUT", f"/{config}/credentials", body, status=None)
        expect(400 <= client.status < 500, client.status, body)
    for text in ('{"password": "' + TOKEN, '{"password": "' + TOKEN + '",}', '{"password": ' + TOKEN + "}", TOKEN,
                 '{"password": "' + TOKEN + '", "password": "' + TOKEN + '"}', '"' + TOKEN + '"', '["' + TOKEN + '"]',
                 '{"password": "' + TOKEN + '\\u0000"}', '{"password": "' + TOKEN + '\\ud800"}'):
        client.ask("PUT", f"/{config}/credentials", text=text, status=None)
        expect(400 <= client.status < 500, client.status, text)


def everything(client, ids, document):
    """Asks all that can be got; the paths that were answered with 200."""
    got = set()
    for path, methods in document["paths"].items():
        path = path.removeprefix(BASE)
        if "get" not in methods:
            continue
        for values in ids:
            try:
                asked = path.format(**values)
            except KeyError:
                continue
            client.ask("GET", asked, status=None)
            if client.status == 200:
                got.add(path)
    return got


def no_secret_is_anywhere():
    with Folder() as folder:
        plugins = plugins_with(folder, "babbler")
        with Host(folder, "--rate-limit", "0", "--log-level", "debug", plugins=plugins) as host:
            client = Searching(host)
            configs = {what: configured(client, what) for what in ("rows", "fail", "break", "crash", "hang")}
            config = configs["rows"]
            refusals(client, config)
            # Tested with the new one before it replaces the old one, both ways.
            client.ask("PUT", f"/{config}/credentials", {"password": LATER})
            client.ask("PUT", f"/{configs['break']}/credentials", {"password": LATER}, status=422)
            client.ask("PUT", f"/{configs['fail']}/credentials", {"password": LATER}, status=None)
            expect(400 <= client.status < 500, client.status)
            client.ask("PUT", f"/{config}/credentials?test=false", {"password": PASSWORD, "token": TOKEN})
            for what, id in configs.items():
                for path, body in (
                        ("test-connection", {}), ("discover", {}), ("mappings/validate", {"discover": True}),
                        *([("source-preview", {"stream": "people"}), ("mappings/preview", {"stream": "people"})]
                          if what != "hang" else [])):
                    client.ask("POST", f"/{id}/{path}", body, status=None)
                    expect(client.status in (200, 422, 503), what, path, client.status)
            runs = {what: client.sync(id) for what, id in configs.items()}
            ends = {what: client.ended(runs[what]) for what in ("rows", "fail", "break")}
            expect_equal(ends["rows"]["state"], "done", ends["rows"])
            expect_equal([ends["fail"]["state"], ends["break"]["state"]], ["failed", "failed"], ends)
            while_it_works(folder, host)
            client.post(f"/runs/{runs['hang']}/cancel")
            # The one that crashes is tried again, later and later.
            client.post(f"/runs/{runs['crash']}/cancel", status=None)
            everywhere(folder, host, client, configs, runs)
            host.end()
            in_the_log(host)
            files = search_files(folder)
            expect(files >= 1, "no file was searched")
            in_the_database(folder, configs)
            print(f"    {client.answers} answers, {len(host.log.splitlines())} lines of log, {files} files searched", flush=True)


def while_it_works(folder, host):
    """The runner that hangs has the secrets in its memory, and nowhere else."""
    # Runners of other runs come and go; this one stays once it has said so.
    until(lambda: "it waits until it is cancelled" in host.log, "the runner that hangs said nothing")
    runners = host.runners()
    expect(runners, "no runner works")
    seen = 0
    for name, data in processes():
        search(name, data)
        seen += int(name.split("/")[2]) in (*runners, host.pid)
    expect(seen >= 4, "the runner's and the host's processes were not looked at")
    expect(search_files(folder) >= 2, "the database's files were not searched")


def rejected(client, config):
    """A reject of a run whose mapping takes none of the records."""
    client.map(config, [{"source_field": "id", "target_field": "external_id"},
                        {"source_field": "id", "target_field": "email", "transform_function": "email"}], "people")
    run = client.sync(config)
    expect_equal(client.ended(run)["state"], "done_with_rejects")
    return {"id": run, "reject": client.get(f"/runs/{run}/rejects")["items"][0]["id"]}


def everywhere(folder, host, client, configs, runs):
    """All GET endpoints of the document, for all configs and runs."""
    client.ask("GET", "/metrics")
    document = client.get("/openapi.json")
    file = client.upload(configs["rows"], "a.csv", folder.file("a.csv", "id\n1\n"))
    mapping = client.get(f"/{configs['rows']}/mappings")["items"][0]["id"]
    ids = [{"id": config, "mapping_id": mapping, "file": file, "provider": "test-babbler"} for config in configs.values()]
    ids += [{"id": run} for run in runs.values()]
    ids += [rejected(client, configs["rows"]), {"lookup": "sites"}]
    client.ask("PUT", "/lookups/sites", text="key,value\nR,Riyadh\n", type="text/csv", status=None)
    expect(client.status in (200, 201), client.status)
    ids[:0] = [{}]
    got = everything(client, ids, document)
    wanted = {path.removeprefix(BASE) for path, methods in document["paths"].items() if "get" in methods}
    expect_equal(wanted - got, set(), "endpoints that were not searched, for want of an answer")
    expect(client.masks >= 10, "the secrets were not said:", client.masks, "masks")
    standing = client.get(f"/{configs['rows']}/credentials")
    expect(standing["is_set"] and standing["key_id"], standing)


def in_the_log(host):
    search("the log", host.log)
    for word in (KEY, SECRET):
        expect(word not in host.log, "a key is in the log")
    for said in (f"the password is {MASK}", f"again: {MASK}", f"logged: {MASK}, {MASK}"):
        expect(said in host.log, "not said in the log:", said)


def in_the_database(folder, configs):
    rows = folder.query("SELECT config_id, encrypted_payload FROM integration_credentials")
    expect_equal(len(rows), len(configs), "credentials are kept")
    payloads = [payload for _, payload in rows]
    expect_equal(len(set(payloads)), len(payloads), "equal secrets are encrypted alike")
    # Fernet: version 128, in base64.
    expect(all("gAAAA" in payload for payload in payloads), payloads)


def the_search_finds_what_is_there():
    """Each form of each secret is found inside other bytes; else the search would prove nothing."""
    for secret in SECRETS:
        raw = secret.encode()
        for data in (b"x" + raw + b"y", json.dumps({"a": secret}).encode(), json.dumps({"a": secret}, ensure_ascii=False).encode(),
                     urllib.parse.quote(secret, safe="").encode(), raw.hex().encode(),
                     *(base64.b64encode(b"z" * n + raw + b"w" * 5) for n in range(5)),
                     *(base64.urlsafe_b64encode(b"z" * n + raw) for n in range(5))):
            try:
                search("here", data)
            except AssertionError:
                continue
            raise RuntimeError(f"{data!r} holds {secret!r}, and it was not found")


main("secrecy", [the_search_finds_what_is_there, no_secret_is_anywhere])
