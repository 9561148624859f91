"""What is in the files: the runner's libraries and hardening, the connectors' notes and symbols, the documentation's example."""

import glob
import json
import os
import re
import shutil
import struct
import subprocess
import tempfile

import wire
from testing import contains, each, equal, test
from wire import READY, RESULT, Runner, table

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def notes(path):
    """The bytes of the TrainFlow notes, found through the program headers alone, as the host does."""
    with open(path, "rb") as file:
        data = file.read()
    (table_at,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    found = []
    for place in range(table_at, table_at + size * count, size):
        kind, _, offset, _, _, length = struct.unpack_from("<IIQQQQ", data, place)
        at = offset
        while kind == 4 and at + 12 <= offset + length:
            name_size, size_, type_ = struct.unpack_from("<III", data, at)
            name = data[at + 12 : at + 12 + name_size]
            begin = at + 12 + (name_size + 3) // 4 * 4
            if (name, type_) == (b"TrainFlow\0", 1):
                found.append(data[begin : begin + size_])
            at = begin + (size_ + 3) // 4 * 4
    return found


@test
def the_runner_needs_libc_alone():
    if wire.SANITIZED:
        return
    libraries = output("ldd", wire.RUNNER)
    names = [line.split()[0] for line in libraries.splitlines()]
    assert not any("swift" in name.lower() or "oundation" in name for name in names), libraries
    equal([name for name in names if not name.startswith(("linux-vdso", "/lib"))], ["libc.so.6"])


@test
def the_runner_is_hardened():
    headers = output("readelf", "-W", "-l", "-d", wire.RUNNER)
    contains(headers, "GNU_RELRO")
    assert re.search(r"FLAGS_1.*NOW.*PIE", headers), headers
    assert re.search(r"GNU_STACK.* RW ", headers), headers
    assert "RUNPATH" not in headers and "RPATH" not in headers
    if not wire.SANITIZED:
        symbols = output("readelf", "-W", "--dyn-syms", wire.RUNNER)
        contains(symbols, "__stack_chk_fail")
        contains(symbols, "_chk@")


@each(["good", "roster"])
def a_connector_exports_one_symbol(name):
    listing = output("nm", "-D", "--defined-only", wire.connector_path(name))
    equal([line.split()[-1] for line in listing.splitlines()], ["tfc_plugin_v0"])


@each(["good", "crash", "flood", "liar", "bad", "probe", "nosymbol", "noload"])
def the_note_is_the_manifest(name):
    with open(os.path.join(ROOT, "Tests", "Connectors", f"test-{name}.json"), "rb") as file:
        equal(notes(wire.connector_path(name)), [file.read()])


@test
def a_stripped_connector_keeps_its_note_and_works():
    with tempfile.TemporaryDirectory() as folder:
        stripped = os.path.join(folder, "good.so")
        shutil.copy(wire.connector_path("good"), stripped)
        subprocess.run(["strip", "--strip-all", stripped], check=True)
        assert os.path.getsize(stripped) < os.path.getsize(wire.connector_path("good"))
        equal(notes(stripped), notes(wire.connector_path("good")))
        with Runner(stripped) as runner:
            equal(runner.ready().json["describe"].encode(), notes(stripped)[0])


def example():
    """The connector and its manifest as docs/connectors.md prints them, and the commands that build it."""
    with open(os.path.join(ROOT, "docs", "connectors.md"), encoding="utf-8") as file:
        text = file.read()
    blocks = re.findall(r"```(\w+)\n(.*?)```", text, re.DOTALL)
    code = next(body for kind, body in blocks if kind == "c" and "tfc_plugin_v0" in body)
    manifest = next(body for kind, body in blocks if kind == "json" and '"abi"' in body)
    build = next(body for kind, body in blocks if kind == "sh" and "cc " in body)
    return code, manifest, build


@each(["gcc", "clang", "g++"])
def the_example_of_the_documentation_builds_and_reads(compiler):
    if not shutil.which(compiler):
        print(f"{compiler}: absent")
        return
    code, manifest, build = example()
    with tempfile.TemporaryDirectory() as folder:
        source = "hello.cpp" if compiler == "g++" else "hello.c"
        for name, body in ((source, code), ("hello.json", manifest)):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(body)
        shutil.copy(os.path.join(ROOT, "Sources/PluginABI/include/trainflow_plugin.h"), folder)
        if compiler == "g++":
            only_header_in_cpp(folder)
            return
        subprocess.run(build.replace("cc ", compiler + " ", 1), shell=True, check=True, cwd=folder)
        equal(notes(os.path.join(folder, "hello.so")), [manifest.encode()])
        with Runner(os.path.join(folder, "hello.so")) as runner:
            equal(runner.ready().kind, READY)
            schema, bodies, outcome = runner.pull({"greeting": "Hello"}, stream="greetings")
            equal(outcome.kind, RESULT)
            columns, tokens = table(schema, bodies)
            equal(columns, {"text": ["Hello, 0", "Hello, 1", "Hello, 2"]})
            equal(tokens, [b""])


def only_header_in_cpp(folder):
    """The header is C++ too; the example is C."""
    with open(os.path.join(folder, "only.cpp"), "w", encoding="utf-8") as file:
        file.write('#include "trainflow_plugin.h"\nTFC_MANIFEST("hello.json");\n'
                   "tfc_str describe() { return {tfc_manifest_begin, (uint64_t)(tfc_manifest_end - tfc_manifest_begin)}; }\n")
    subprocess.run(["g++", "-Wall", "-Wextra", "-Werror", "-pedantic", "-shared", "-fPIC", "-o", "only.so", "only.cpp"],
                   check=True, cwd=folder)
    with open(os.path.join(folder, "hello.json"), "rb") as file:
        equal(notes(os.path.join(folder, "only.so")), [file.read()])


# -- The manifest's schema, by the few keywords that it uses


def fits(value, schema, root):
    """Whether a value fits; JSON Schema 2020-12, as far as docs/manifest.schema.json needs it."""
    kinds = {"object": dict, "array": list, "string": str, "integer": int}
    if "$ref" in schema:
        named = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
        if not fits(value, named, root):
            return False
    if "type" in schema and (not isinstance(value, kinds[schema["type"]]) or isinstance(value, bool)):
        return False
    if "const" in schema and value != schema["const"] or "enum" in schema and value not in schema["enum"]:
        return False
    if isinstance(value, str):
        if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
            return False
        if "pattern" in schema and not re.search(schema["pattern"], value):
            return False
    if isinstance(value, int) and value < schema.get("minimum", value):
        return False
    if isinstance(value, list):
        if len(value) > schema.get("maxItems", len(value)) or schema.get("uniqueItems") and len(set(value)) != len(value):
            return False
        if not all(fits(item, schema.get("items", {}), root) for item in value):
            return False
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        if not all(name in value for name in schema.get("required", [])):
            return False
        if schema.get("additionalProperties") is False and not all(name in properties for name in value):
            return False
        if not all(fits(value[name], properties[name], root) for name in value if name in properties):
            return False
    return "if" not in schema or not fits(value, schema["if"], root) or fits(value, schema["then"], root)


def manifest_schema():
    with open(os.path.join(ROOT, "docs", "manifest.schema.json"), encoding="utf-8") as file:
        return json.load(file)


@test
def every_manifest_fits_the_schema():
    schema = manifest_schema()
    manifests = glob.glob(os.path.join(ROOT, "Tests/Connectors/*.json")) + glob.glob(os.path.join(ROOT, "Plugins/*/Manifest/*.json"))
    assert len(manifests) >= 8, manifests
    for path in manifests:
        with open(path, encoding="utf-8") as file:
            assert fits(json.load(file), schema, schema), path
    assert fits(json.loads(example()[1]), schema, schema)


@each([
    ("id", "Hello"), ("id", "h"), ("id", "a" * 65), ("version", "1.0"), ("version", "1.02.0"), ("abi", 1), ("abi", "0"), ("name", ""),
    ("name", "a\nb"), ("streams", {}), ("streams", [{}]), ("streams", [{"name": "x", "entity": "people"}]), ("settings", {"type": "array"}),
    ("credentials", True), ("capabilities", ["fly"]), ("capabilities", ["pull", "pull"]), ("sandbox", {"profile": "none"}),
    ("sandbox", {"profile": "pure", "hosts": ["x"]}), ("sandbox", {"profile": "pure", "memory": 0}), ("extra", 1), ("publisher", None),
])  # fmt: skip
def a_manifest_that_is_wrong_does_not_fit(member, value):
    schema = manifest_schema()
    manifest = json.loads(example()[1])
    assert fits(manifest, schema, schema)
    assert not fits({**manifest, member: value}, schema, schema)
