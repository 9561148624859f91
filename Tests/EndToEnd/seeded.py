"""A tenant with one of everything that the API shows, and which of its ids belong into which path of the document."""

import http.client
import re

from api import *

PEOPLE = "id,email,name\n1,ann@example.com,Ann\n2,nobody,Bob\n3,cid@example.com,Cid\n4,no-one,Dan\n"

MAPPINGS = [
    {"stream": "people.csv", "target_entity": "users", "source_field": source, "target_field": target,
     "transform_function": transform}
    for source, target, transform in (
        ("id", "external_id", None), ("email", "email", "trim | lower | email"), ("name", "display_name", None))
]


class Seeded(Client):
    """`spares`: how many configurations, mappings and files there are besides, to be deleted."""

    def __init__(self, folder, host, tenant=TENANT, spares=0):
        super().__init__(host, tenant)
        path = folder.file("people.csv", PEOPLE)
        self.people = self.config("People", settings={"settle_seconds": 0})
        for lines in MAPPINGS[:2], MAPPINGS:
            self.ask("PUT", f"/{self.people}/mappings", {"mappings": lines})
        self.file = self.upload(self.people, "people.csv", path)
        # Runs that have ended, with rejects.
        self.runs = [self.ended(self.sync(self.people, file_id=self.file))["id"] for _ in range(2)]
        # Two files of the tenant's folder.
        for name, text in ("people-1.csv", PEOPLE), ("people-2.csv", PEOPLE + "\n"):
            self.deliver(folder, name, text)
            expect_equal(self.ended(self.sync(self.people, path=name))["counts"]["read"], 4)
        # One that is held, with two people set aside.
        guarded = self.config("Guarded", policy={"match": [], "guard": {"key_change": {"percent": 0, "absolute": 0}}})
        self.ask("PUT", f"/{guarded}/mappings", {"mappings": MAPPINGS})
        for domain in "g.example", "h.example":
            text = "id,email,name\n" + "".join(f"{n},{n}@{domain},G\n" for n in range(3))
            file = self.upload(guarded, "people.csv", folder.file("guarded.csv", text))
            self.held = self.ended(self.sync(guarded, file_id=file))["id"]
        self.configs = [self.people, self.config("Bare")]
        self.spare_configs = [self.config(f"Spare {n}") for n in range(spares)]
        self.spare_files = [self.upload(self.people, "people.csv", path) for _ in range(spares)]
        # Names are the tenant's own: another's table of the same name would be found.
        self.lookups = [f"departments-{tenant[-4:]}", f"sites-{tenant[-4:]}"]
        self.spare_lookups = [f"spare{n}-{tenant[-4:]}" for n in range(spares)]
        for name in self.lookups + self.spare_lookups:
            self.put_table(name, "key,value\r\nHR,People\r\nFIN,Finance\r\n")
        # Where mappings are added, replaced as a whole, and deleted.
        self.playground = self.config("Playground")
        lines = [{**MAPPINGS[0], "target_field": f"attributes.a{n}"} for n in range(spares)]
        self.ask("PUT", f"/{self.playground}/mappings", {"mappings": [*MAPPINGS, *lines]})

    def put_table(self, name, table):
        connection = http.client.HTTPConnection("127.0.0.1", self.host.port, timeout=30)
        try:
            connection.request("PUT", f"{BASE}/lookups/{name}", table.encode(),
                               {"Content-Type": "text/csv", "Authorization": f"Bearer {self.token}"})
            answer = connection.getresponse()
            expect(answer.status in (200, 201), answer.status, answer.read().decode())
        finally:
            connection.close()

    def mappings(self, config):
        return [item["id"] for item in self.get(f"/{config}/mappings")["items"]]

    def ids(self, path, method, name):
        """What may stand for a path's capture; a new kind of id must be told here."""
        deletes = method == "delete"
        if "/mappings" in path and (deletes or path == "/{id}/mappings" and method != "get"):
            return [self.playground] if name == "id" else self.mappings(self.playground)
        if path in ("/runs/{id}/effects", "/runs/{id}/approve", "/runs/{id}/refuse"):
            return [self.held]
        if name == "id" and path.startswith(("/runs/", "/jobs/")):
            return self.runs
        if name == "id" and path.startswith(("/{id}", "/configs/{id}")):
            return self.spare_configs if deletes and path == "/configs/{id}" and self.spare_configs else self.configs
        if name == "reject":
            return [item["id"] for item in self.get(f"/runs/{self.runs[0]}/rejects")["items"]]
        if name == "mapping_id":
            return self.mappings(self.people)
        if name == "file":
            return self.spare_files if deletes and self.spare_files else [self.file]
        if name == "lookup":
            return self.spare_lookups if deletes and self.spare_lookups else self.lookups
        if name == "provider":
            return ["file"]
        raise AssertionError(f"which ids belong into {path}?")

    def cursor(self, path, method):
        """Of the page after the first."""
        for name in captures(path):
            path = path.replace("{" + name + "}", self.ids(path, method, name)[0])
        cursor = self.get(f"{path}?limit=1")["next_cursor"]
        expect(cursor, f"{path} has one page only")
        return cursor


def operations(document):
    """(path, method, operation) of all."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def captures(path):
    return re.findall(r"{(\w+)}", path)


__all__ = [name for name in dir() if not name.startswith("_")]
