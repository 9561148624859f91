#!/usr/bin/env python3
"""trainflow token from outside: what it prints, where it takes its secret from, what it refuses."""

import base64
import hashlib
import hmac
import time

from trainflow import *

SECRET = "0123456789abcdef0123456789abcdef"
WORDS = ("token", "--tenant", TENANT, "--role")


def token(*words, env=None):
    unset = {"JWT_SECRET": "", "JWT_SECRET_FILE": ""}
    return run(*words, env={**unset, **({"JWT_SECRET": SECRET} if env is None else env)})


def opened(result, secret=SECRET):
    """Header and claims of the one line on stdout, its signature checked without our code."""
    expect_equal(result.returncode, 0, result.stderr)
    line, rest = result.stdout.split("\n", 1)
    expect_equal(rest, "")
    signed, _, signature = line.rpartition(".")
    code = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    expect_equal(signature, base64.urlsafe_b64encode(code).rstrip(b"=").decode())
    return [json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in signed.split(".")]


def refused(result, *words):
    expect_equal((result.returncode, result.stdout), (2, ""), result.stderr)
    for word in words:
        expect(word in result.stderr, result.stderr)
    expect(SECRET not in result.stderr and "hunter2" not in result.stderr, result.stderr)


def a_token_is_the_only_thing_on_stdout():
    before = int(time.time())
    result = token(*WORDS, "administrator")
    header, claims = opened(result)
    expect_equal(result.stderr, "")
    expect_equal(header, {"alg": "HS256", "typ": "JWT"})
    expect(before <= claims["iat"] <= time.time(), claims)
    expect_equal(claims, {"sub": "development", "tenant_id": TENANT, "role": "administrator", "iat": claims["iat"],
                          "exp": claims["iat"] + 12 * 3600})


def subject_and_time_are_taken_as_given():
    for text, seconds in (("1s", 1), ("30s", 30), ("15m", 900), ("7d", 604_800), ("365d", 31_536_000)):
        _, claims = opened(token(*WORDS, "admin", "--subject", "Änne \"A\" \\", "--ttl", text))
        expect_equal((claims["sub"], claims["exp"] - claims["iat"]), ("Änne \"A\" \\", seconds))
    _, claims = opened(token("token", "--tenant", TENANT.upper(), "--role=training_officer"))
    expect_equal(claims["tenant_id"], TENANT)


def a_role_that_passes_nowhere_is_warned_of():
    result = token(*WORDS, "learner")
    expect_equal(opened(result)[1]["role"], "learner")
    expect("warning" in result.stderr and "training_officer" in result.stderr, result.stderr)
    result = token(*WORDS, "administator")
    expect_equal(opened(result)[1]["role"], "administator")
    expect("did you mean administrator?" in result.stderr, result.stderr)


def the_secret_comes_from_the_environment_or_a_file():
    with Folder() as folder:
        for content in (SECRET, SECRET + "\n", SECRET + "\r\n"):
            opened(token(*WORDS, "admin", env={"JWT_SECRET_FILE": folder.file("secret", content)}))
        spaced = " " + SECRET + " \n"
        opened(token(*WORDS, "admin", env={"JWT_SECRET_FILE": folder.file("secret", spaced + "\n")}), spaced)
        file = folder.file("secret", "hunter2\n")
        refused(token(*WORDS, "admin", env={"JWT_SECRET_FILE": file}), file, "7 bytes")
        refused(token(*WORDS, "admin", env={"JWT_SECRET_FILE": folder.file("secret", b"\xff" * 32)}), "UTF-8")
        refused(token(*WORDS, "admin", env={"JWT_SECRET_FILE": folder.path + "/none"}), "none", "No such file")
        refused(token(*WORDS, "admin", env={"JWT_SECRET": SECRET, "JWT_SECRET_FILE": file}), "keep one")
    refused(token(*WORDS, "admin", env={}), "JWT_SECRET", "JWT_SECRET_FILE")
    refused(token(*WORDS, "admin", env={"JWT_SECRET": "hunter2 hunter2 hunter2 hunter2"}), "JWT_SECRET", "31 bytes")
    opened(token(*WORDS, "admin", env={"JWT_SECRET": "ä" * 16}), "ä" * 16)


def a_wrong_word_is_a_usage_error_that_says_what_is_right():
    refused(token("token", "--role", "admin"), "--tenant UUID is missing")
    refused(token("token", "--tenant", TENANT), "--role ROLE is missing")
    for tenant in ("acme", "", TENANT[:-1], TENANT.replace("-", "")):
        refused(token("token", "--tenant", tenant, "--role", "admin"), "--tenant takes a UUID")
    for role in ("", "two words", "rôle", "a" * 65, "admin\n", "a,b"):
        refused(token(*WORDS, role), "--role takes one plain word", "training_officer")
    for ttl in ("", "12", "h", "1.5h", "-1h", "12H", "1h30m", "12 h", "9" * 30 + "d"):
        refused(token(*WORDS, "admin", "--ttl", ttl), "--ttl takes a whole number", "12h")
    for ttl in ("0s", "0d", "366d", "31536001s"):
        refused(token(*WORDS, "admin", "--ttl", ttl), "365d at most")
    for subject in ("", "a\nb", "x" * 256):
        refused(token(*WORDS, "admin", "--subject", subject), "--subject")
    refused(token(*WORDS, "admin", "--secret", SECRET[:8]), "no option --secret")
    refused(token(*WORDS, "admin", "more"), "no arguments")


def help_tells_of_the_command_and_of_its_secret():
    result = run("help", "token")
    expect_equal(result.returncode, 0)
    for word in ("--tenant UUID", "--role ROLE", "--subject S", "--ttl TIME", "365d", "[JWT_SECRET]", "[JWT_SECRET_FILE]"):
        expect(word in result.stdout, word, result.stdout)
    expect("  token " in run("help").stdout)


main("tokens", [value for value in list(globals().values())
                if callable(value) and getattr(value, "__module__", "") == "__main__"
                and value.__name__ not in ("token", "opened", "refused")])
