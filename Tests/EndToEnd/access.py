#!/usr/bin/env python3
"""Who may call which endpoint: a table over all operations of the served document, with real tokens and real ids."""

import http.client
import re
import time

from seeded import *
from serve import signed

OTHER_TENANT = "0198c0de-0000-7000-8000-000000000002"
NEVER = "0198c0de-0000-7000-8000-00000000ffff"

# Content that gets a request past the checks of its form. Operations without required content need none.
CONTENT = {
    "createConfig": {"name": "Another", "provider": "file"},
    "changeConfig": {"is_active": True},
    "importConfig": {"format": "trainflow.config/1", "config": {"name": "Brought", "provider": "file"}},
    "setProvider": {"is_enabled": True},
    "putCredentials": {},
    "addMapping": {**MAPPINGS[0], "source_field": "job", "target_field": "job_title"},
    "replaceMappings": {"mappings": MAPPINGS},
    "replaceMapping": MAPPINGS[0],
    "changeMapping": {"empty": "erase"},
    "changeReject": {"state": "open"},
    "replayRejects": {"all": True},
    "previewSource": {"stream": "people.csv"},
    "suggestMappings": {"target_entity": "users", "columns": [{"name": "id"}]},
    "uploadFile": PEOPLE.encode(),
    "putLookup": b"key,value\nHR,People\n",
}


class Caller:
    def __init__(self, host):
        self.host = host

    def ask(self, path, method, operation, ids, bearer, query=""):
        """Status, headers and text, without the date and the ids that were asked for."""
        for name in captures(path):
            path = path.replace("{" + name + "}", ids[name])
        content = CONTENT.get(operation["operationId"])
        headers = {"X-Request-Id": "the-same"}
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        if isinstance(content, bytes):
            headers["Content-Type"] = "text/csv"
            query = query or ("?name=people.csv" if operation["operationId"] == "uploadFile" else "")
        elif content is not None or operation.get("requestBody", {}).get("required"):
            expect(content is not None, f"tell in CONTENT what {operation['operationId']} takes")
            headers["Content-Type"] = "application/json"
            content = json.dumps(content)
        connection = http.client.HTTPConnection("127.0.0.1", self.host.port, timeout=30)
        try:
            connection.request(method.upper(), BASE + path + query, content, headers)
            answer = connection.getresponse()
            fields = sorted((name.lower(), value) for name, value in answer.getheaders() if name.lower() != "date")
            text = answer.read().decode()
            for name, id in [*ids.items(), *re.findall(r"(\w+)=([-\w]{36})", query)]:
                text = text.replace(id, "{" + name + "}")
            return answer.status, fields, text
        finally:
            connection.close()


def closed(document):
    """The operations that want a token."""
    return [entry for entry in operations(document) if entry[2]["security"]]


def served(host):
    status, document = host.ask("GET", BASE + "/openapi.json")
    expect_equal(status, 200)
    return document


def no_endpoint_believes_a_bad_token():
    claims = {"sub": "a", "tenant_id": TENANT, "role": "administrator", "exp": int(time.time()) + 600}
    hs256, none = {"alg": "HS256", "typ": "JWT"}, {"alg": "none"}
    tokens = {
        "none at all": None,
        "expired": signed(hs256, {**claims, "exp": int(time.time()) - 60}),
        "without exp": signed(hs256, {name: value for name, value in claims.items() if name != "exp"}),
        "alg none, signed": signed(none, claims),
        "alg none, unsigned": signed(none, claims).rsplit(".", 1)[0] + ".",
        "alg None": signed({"alg": "None"}, claims).rsplit(".", 1)[0] + ".",
        "alg swapped for HS512": signed({"alg": "HS512"}, claims),
        "alg swapped for RS256": signed({"alg": "RS256"}, claims),
        "alg swapped for EdDSA": signed({"alg": "EdDSA"}, claims),
        "another secret": signed(hs256, claims, SECRET[::-1]),
        "changed claims": ".".join([signed(hs256, claims).split(".")[0], signed(hs256, {**claims, "role": "admin"})
                                    .split(".")[1], signed(hs256, claims).split(".")[2]]),
    }
    with Folder() as folder, Host(folder, "--rate-limit", "0") as host:
        caller, document = Caller(host), served(host)
        expect(len(closed(document)) > 30, "the document has too few operations")
        good, learner = signed(hs256, claims), token("learner")
        for path, method, operation in closed(document):
            ids = {name: "file" if name == "provider" else NEVER for name in captures(path)}
            for what, bad in tokens.items():
                status, _, text = caller.ask(path, method, operation, ids, bad)
                expect_equal(status, 401, method, path, what, text)
            status, _, text = caller.ask(path, method, operation, ids, learner)
            expect_equal((status, json.loads(text)["code"]), (403, "role_not_allowed"), method, path, text)
        status, _, text = caller.ask("/configs", "get", document["paths"]["/configs"]["get"], {}, good)
        expect_equal((status, json.loads(text)["items"]), (200, []), "something was made by a token that is not believed")
        print(f"    {len(closed(document))} operations, {len(tokens)} bad tokens and a learner's each")


def ids_of_another_tenant_are_answered_like_ids_that_never_were():
    with Folder() as folder, Host(folder, "--rate-limit", "0") as host:
        caller, document = Caller(host), served(host)
        owner, stranger = Seeded(folder, host, spares=1), Seeded(folder, host, OTHER_TENANT, spares=1)
        before = everything(owner)
        compared = 0
        for path, method, operation in closed(document):
            names = captures(path)
            # A table's name is a tenant's own: putting one makes it, whoever else has one of that name.
            if not names or names == ["provider"] or operation["operationId"] == "putLookup":
                continue
            mine = {name: stranger.ids(path, method, name)[0] for name in names}
            foreign = {name: owner.ids(path, method, name)[0] for name in names}
            # All ids foreign; and each one alone among ids of one's own.
            mixtures = [foreign] + [{**mine, name: foreign[name]} for name in names if len(names) > 1]
            for ids in mixtures:
                never = {name: NEVER if ids[name] == foreign[name] else ids[name] for name in names}
                answer = caller.ask(path, method, operation, ids, stranger.token)
                expected = caller.ask(path, method, operation, never, stranger.token)
                expect_equal(answer, expected, method, path)
                expect_equal(answer[0], 404, method, path, answer[2])
                compared += 1
        expect_equal(everything(owner), before)
        # With the owner's token the same addresses are found: the ids were real. What deletes comes last.
        for path, method, operation in sorted(closed(document), key=lambda entry: entry[1] == "delete"):
            if captures(path):
                ids = {name: owner.ids(path, method, name)[0] for name in captures(path)}
                status, _, text = caller.ask(path, method, operation, ids, owner.token)
                expect(status < 500 and status != 404, method, path, status, text)
        print(f"    {compared} addresses")


def ids_of_another_tenant_in_a_query_or_content_tell_nothing():
    with Folder() as folder, Host(folder, "--rate-limit", "0") as host:
        caller, document = Caller(host), served(host)
        owner, stranger = Seeded(folder, host), Seeded(folder, host, OTHER_TENANT)
        foreign = [owner.people, owner.runs[0], owner.file, owner.mappings(owner.people)[0]]
        compared = 0
        for path, method, operation in closed(document):
            ids = {name: stranger.ids(path, method, name)[0] for name in captures(path)}
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "query" and parameter["schema"].get("format") == "uuid":
                    expected = caller.ask(path, method, operation, ids, stranger.token, f"?{parameter['name']}={NEVER}")
                    for id in foreign:
                        answer = caller.ask(path, method, operation, ids, stranger.token, f"?{parameter['name']}={id}")
                        expect_equal(answer, expected, method, path, parameter["name"])
                        compared += 1
        for operation, path in (("startSync", f"/{stranger.people}/sync"), ("testConnection", f"/{stranger.people}/test-connection"),
                                ("discoverStreams", f"/{stranger.people}/discover")):
            bodies = [{"file_id": id} for id in (owner.file, NEVER)]
            if not any(entry[2]["operationId"] == operation for entry in closed(document)):
                continue
            answers = [host.ask("POST", BASE + path, body, stranger.token, {"X-Request-Id": "the-same"}) for body in bodies]
            expect_equal(answers[0], answers[1])
            expect(answers[0][0] in (404, 422), answers[0])
            compared += 1
        print(f"    {compared} queries and contents")


def everything(owner):
    return {path: owner.get(path) for path in (
        "/configs", "/runs", "/jobs", "/overview", "/lookups", f"/{owner.people}/mappings", f"/{owner.people}/files")}


if __name__ == "__main__":
    main("access", [
        no_endpoint_believes_a_bad_token, ids_of_another_tenant_are_answered_like_ids_that_never_were,
        ids_of_another_tenant_in_a_query_or_content_tell_nothing])
