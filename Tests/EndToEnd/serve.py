#!/usr/bin/env python3
"""trainflow serve from outside: how it is configured, started, asked and ended."""

import base64
import hashlib
import hmac
import socket

from api import *


def a_served_host_answers_and_ends_by_sigterm():
    with Folder() as folder, Host(folder) as host:
        expect_equal(host.ask("GET", "/healthz")[0], 200)
        expect_equal(host.ask("GET", "/readyz"), (200, {"status": "ready"}))
        expect_equal(host.ask("GET", BASE + "/functions")[0], 401)
        status, made = host.ask("POST", BASE + "/configs", {"name": "People", "provider": "file"}, token())
        expect_equal(status, 201, made)
        expect_equal(host.ask("GET", BASE + "/configs/" + made["id"], token=token("training_officer"))[0], 200)
        expect_equal(host.ask("GET", BASE + "/configs/" + made["id"], token=token("learner"))[0], 403)
        status, metrics = host.ask("GET", "/metrics")
        expect("process_resident_memory_bytes" in metrics and TENANT not in metrics, metrics)
        code, seconds = host.end()
        expect_equal(code, 0, host.log)
        expect(seconds < 10, seconds)
        expect(SECRET not in host.log and KEY not in host.log, "a secret is in the log")
        expect(all(json.loads(line) for line in host.log.splitlines()), host.log)


def signed(header, claims, secret=SECRET):
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims)]
    code = hmac.new(secret.encode(), ".".join(parts).encode(), hashlib.sha256).digest()
    return ".".join([*parts, base64.urlsafe_b64encode(code).rstrip(b"=").decode()])


def tokens_that_are_not_believed_are_401():
    claims = {"sub": "a", "tenant_id": TENANT, "role": "administrator", "exp": int(time.time()) + 600}
    without = lambda name: {key: value for key, value in claims.items() if key != name}
    hs256 = {"alg": "HS256"}
    with Folder() as folder, Host(folder) as host:
        expect_equal(host.ask("GET", BASE + "/functions", token=signed(hs256, claims))[0], 200)
        for bad in (
                signed(hs256, {**claims, "exp": int(time.time()) - 600}), signed(hs256, without("exp")),
                signed(hs256, claims, "another secret of thirty-two bytes"), signed(hs256, claims)[:-2],
                signed({"alg": "none"}, claims), signed({"alg": "none"}, claims).rsplit(".", 1)[0] + ".",
                signed({"alg": "RS256"}, claims), signed({"alg": "HS512"}, claims), signed(hs256, without("tenant_id")),
                signed(hs256, without("role")), signed(hs256, without("sub")), signed(hs256, {**claims, "tenant_id": "acme"}),
                signed(hs256, {**claims, "nbf": int(time.time()) + 600}), "a.b.c", "..", "nonsense"):
            status, problem = host.ask("GET", BASE + "/functions", token=bad)
            expect_equal(status, 401, bad)
            expect(problem["code"].startswith("token_"), problem)
        host.end()
        expect(signed(hs256, claims) not in host.log, "a token is in the log")


def stuck_request(host):
    """A request whose content never comes whole."""
    stuck = socket.create_connection(("127.0.0.1", host.port))
    stuck.sendall(f"POST {BASE}/configs HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token()}\r\n"
                  "Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{".encode())
    # Connections are taken in their order: what came before this answer was taken too.
    host.ask("GET", "/healthz")
    return stuck


def a_second_signal_ends_it_at_once():
    with Folder() as folder, Host(folder) as host, stuck_request(host):
        host.process.send_signal(signal.SIGTERM)
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", host.port)) != 0:
                    break
        code, seconds = host.end(signal.SIGINT)
        expect_equal(code, 128 + signal.SIGINT)
        expect(seconds < 2, seconds)


def a_stuck_request_does_not_keep_it():
    with Folder() as folder, Host(folder) as host, stuck_request(host):
        code, seconds = host.end()
        expect_equal(code, 0, host.log)
        expect(seconds < 10, seconds)


def without_keys_it_refuses_and_says_how_to_make_them():
    with Folder() as folder:
        for missing, word in (("SECRET_KEY", "openssl rand"), ("JWT_SECRET", "openssl rand")):
            result = run("serve", database=folder.database, env={**ENVIRONMENT, missing: ""}, timeout=20)
            expect_equal(result.returncode, 2, result.stderr)
            expect(word in result.stderr and missing in result.stderr, result.stderr)
        both = run("serve", database=folder.database, env={**ENVIRONMENT, "SECRET_KEY_FILE": "x"}, timeout=20)
        expect_equal(both.returncode, 2, both.stderr)
        short = run("serve", database=folder.database, env={**ENVIRONMENT, "SECRET_KEY": "hunter2"}, timeout=20)
        expect_equal(short.returncode, 2, short.stderr)
        expect("hunter2" not in short.stderr, short.stderr)


def command_line_counts_before_environment_before_file():
    with Folder() as folder:
        settings = folder.file("settings.json", json.dumps({"host": "127.0.0.3", "log_level": "debug"}))
        with Host(folder, "--config", settings) as host:
            expect_equal(host.host, "127.0.0.3")
            host.end()
        with Host(folder, "--config", settings, env={"TRAINFLOW_HOST": "127.0.0.2"}) as host:
            expect_equal(host.host, "127.0.0.2")
            host.end()
        with Host(folder, "--host", "127.0.0.1", env={"TRAINFLOW_HOST": "127.0.0.2", "TRAINFLOW_CONFIG": settings}) as host:
            expect_equal(host.host, "127.0.0.1")
            host.end()


def a_wrong_setting_is_refused_with_its_name():
    with Folder() as folder:
        misspelt = folder.file("misspelt.json", json.dumps({"prot": 8080}))
        wrong = folder.file("wrong.json", json.dumps({"port": True}))
        for words, said in (
                (["--config", misspelt], 'did you mean "port"?'), (["--config", wrong], "port must be"),
                (["--config", "/nowhere/settings.json"], "/nowhere/settings.json"),
                (["--port", "65536"], "--port"), (["--rate-limit", "fast"], "--rate-limit"),
                (["--upload-limit", "-1"], "--upload-limit"), (["--upload-limit", "1 parsec"], "--upload-limit"),
                (["--trusted-proxy", "10.0.0.0/33"], "--trusted-proxy"), (["--trusted-proxy", "10.0.0.1/8"], "--trusted-proxy"),
                (["--cors-origin", "https://a.example/path"], "--cors-origin"),
                (["--host", "127.0.0.1", "--prot", "1"], "did you mean --port?")):
            result = run("serve", *words, database=folder.database, env=ENVIRONMENT, timeout=20)
            expect_equal(result.returncode, 2, words, result.stderr)
            expect(said in result.stderr, result.stderr)


def a_port_that_is_taken_is_named():
    with Folder() as folder, Folder() as other, Host(folder) as host:
        result = run("serve", "--port", str(host.port), database=other.database, env=ENVIRONMENT, timeout=20)
        expect_equal(result.returncode, 1, result.stderr)
        expect(str(host.port) in result.stderr and "in use" in result.stderr, result.stderr)


def a_database_in_use_names_the_process():
    with Folder() as folder, Host(folder) as host:
        result = run("serve", "--port", "0", database=folder.database, env=ENVIRONMENT, timeout=20)
        expect_equal(result.returncode, 1, result.stderr)
        expect(str(host.process.pid) in result.stderr, result.stderr)


def docs_and_help_say_the_same_of_all_settings():
    result = run("help", "configuration")
    expect_equal(result.returncode, 0, result.stderr)
    with open(os.path.join(ROOT, "docs/configuration.md"), encoding="utf-8") as page:
        text = page.read()
    for table in result.stdout.split("\n\n"):
        expect(table.strip() in text, "docs/configuration.md lacks this:\n" + table)


if __name__ == "__main__":
    main("serve", [
        a_served_host_answers_and_ends_by_sigterm, tokens_that_are_not_believed_are_401,
        a_second_signal_ends_it_at_once, a_stuck_request_does_not_keep_it,
        without_keys_it_refuses_and_says_how_to_make_them, command_line_counts_before_environment_before_file,
        a_wrong_setting_is_refused_with_its_name, a_port_that_is_taken_is_named, a_database_in_use_names_the_process,
        docs_and_help_say_the_same_of_all_settings])
