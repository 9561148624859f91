"""Records from a connector to the host and back: docs/wire.md, byte by byte."""

import base64
import os
import re
import struct

import wire
from testing import each, equal, test
from wire import BATCH, END, ERROR, RESULT, SCHEMA, Runner, frame, table

COLUMNS = [
    "flag", "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "f32", "f64", "text", "large_text", "bytes",
    "large_bytes", "date", "seconds", "millis", "micros", "nanos", "amount", "kind", "person", "tags",
]  # fmt: skip
FORMATS = {
    "flag": "b", "i8": "c", "u8": "C", "i16": "s", "u16": "S", "i32": "i", "u32": "I", "i64": "l", "u64": "L",
    "f32": "f", "f64": "g", "text": "u", "large_text": "u", "bytes": "z", "large_bytes": "z", "date": "tdD",
    "seconds": "tss:", "millis": "tsm:UTC", "micros": "tsu:Asia/Riyadh", "nanos": "tsn:", "amount": "d:20,2",
    "kind": "u", "person": "+s", "tags": "+l",
}  # fmt: skip
BITS = {"i8": 8, "u8": 8, "i16": 16, "u16": 16, "i32": 32, "u32": 32, "i64": 64, "u64": 64}


def expected(column, row):
    """What good.c says of itself: the value of one column in one row."""
    place = COLUMNS.index(column)
    if (row + place) % 5 == 0:
        return None
    number = (row + 1) * (place + 1) * (1 if row % 2 == 0 else -1)
    if column == "flag":
        return row % 3 == 0
    if column in BITS:
        number &= (1 << BITS[column]) - 1
        signed = column.startswith("i") and number >> (BITS[column] - 1)
        return number - (1 << BITS[column]) if signed else number
    if column in ("f32", "f64"):
        return number / 4
    if column in ("text", "large_text"):
        return f"{column} {row}é"
    if column in ("bytes", "large_bytes"):
        return f"{column} {row}é".encode()
    if column == "kind":
        return ["red", "blue", None][row % 3]
    if column == "person":
        return {"first": f"person {row}é", "last": f"person {row}é"}
    if column == "tags":
        return [f"{row}/{k}" for k in range(row % 3)]
    return number


def check_numbers(columns, first, last):
    equal(columns["_tf_at"], list(range(first, last)))
    for name in COLUMNS:
        equal((name, columns[name]), (name, [expected(name, row) for row in range(first, last)]))


def tokens_of(bodies):
    return [wire.decode(body)[1] for body in bodies]


def listing():
    """The frame in docs/wire.md's listing: hex bytes behind an offset, words behind two spaces; `00 × 9` is nine zeros."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    with open(os.path.join(root, "docs", "wire.md"), encoding="utf-8") as file:
        block = re.search(r"```hex\n(.*?)```", file.read(), re.DOTALL).group(1)
    data = bytearray()
    for line in block.splitlines():
        offset, rest = line.split(": ", 1)
        equal(int(offset, 16), len(data))
        part = rest.split("  ")[0]
        zeros = re.fullmatch("00 × ([0-9]+)", part)
        data += bytes(int(zeros.group(1))) if zeros else bytes.fromhex(part)
    return bytes(data)


@test
def a_batch_is_byte_for_byte_what_the_documentation_lists():
    with Runner() as runner:
        runner.ready()
        runner.call("pull", request={"stream": "golden"})
        equal(runner.data.frame().kind, SCHEMA)
        equal(runner.data.exactly(len(listing())), listing())
        equal(runner.data.frame().kind, END)


@test
def what_a_row_lacks_is_null_and_named_beside():
    with Runner() as runner:
        runner.ready()
        schema, bodies, _ = runner.pull({}, stream="lacking")
        equal([field["format"] for field in schema["fields"]], ["u", "u", "z"])
        equal(
            table(schema, bodies)[0],
            {"name": ["Ada", "Bo", "Cleo"], "phone": ["12", None, None], "_tf_absent": [None, None, b"\x02"]},
        )


@test
def every_type_arrives_with_its_nulls():
    with Runner() as runner:
        runner.ready()
        schema, bodies, outcome = runner.pull({"rows": 23}, stream="numbers", batch_rows=7)
        equal(outcome.json["value"]["read"], 23)
        equal({field["name"]: field["format"] for field in schema["fields"] if field["name"] != "_tf_at"}, FORMATS)
        equal(schema["metadata"], {"trainflow.locator": "row"})
        columns, tokens = table(schema, bodies)
        check_numbers(columns, 0, 23)
        equal(tokens, [b"7", b"14", b"21", b"23"])


@each([1, 2, 3, 5, 8, 13])
def offsets_in_the_connectors_arrays_leave_no_trace(batch_rows):
    with Runner() as runner:
        runner.ready()
        _, plain, _ = runner.pull({"rows": 21}, stream="numbers", batch_rows=batch_rows)
        _, shifted, _ = runner.pull({"rows": 21}, stream="shifted", batch_rows=batch_rows)
        equal(plain, shifted)


@test
def a_time_of_day_arrives():
    with Runner() as runner:
        runner.ready()
        schema, bodies, _ = runner.pull({"rows": 3}, stream="clock")
        equal(schema["fields"][0]["format"], "ttu")
        equal(table(schema, bodies)[0]["time"], [0, 60_000_000, 120_000_000])


@test
def a_pull_goes_on_after_its_token():
    with Runner() as runner:
        runner.ready()
        schema, bodies, _ = runner.pull({"rows": 20}, stream="numbers", batch_rows=6)
        _, token, _ = wire.decode(bodies[1])
        _, rest, _ = runner.pull({"rows": 20}, stream="numbers", batch_rows=6, token=base64.b64encode(token).decode())
        columns, _ = table(schema, rest)
        check_numbers(columns, 12, 20)


@test
def nothing_to_read_is_a_schema_and_an_end():
    with Runner() as runner:
        runner.ready()
        schema, bodies, outcome = runner.pull({"rows": 0}, stream="numbers")
        assert schema["fields"]
        equal(bodies, [])
        equal(outcome.kind, RESULT)


@test
def large_batches_are_cut_by_rows_and_only_the_last_piece_covers_them():
    # Two batches of 40 rows, a million bytes each: pieces of about 4 MiB.
    with Runner(memory=512 << 20) as runner:
        runner.ready()
        schema, bodies, outcome = runner.pull({"rows": 80, "text_bytes": 1_000_000}, stream="wide", batch_rows=40)
        equal(outcome.kind, RESULT)
        columns, tokens = table(schema, bodies)
        equal([text[0] for text in columns["text"]], [chr(ord("a") + row % 26) for row in range(80)])
        assert all(len(text) == 1_000_000 for text in columns["text"])
        equal(len(bodies), 20)
        equal(tokens, [b""] * 9 + [b"40"] + [b""] * 9 + [b"80"])
        equal([wire.is_partial(body) for body in bodies], ([True] * 9 + [False]) * 2)
        assert max(map(len, bodies)) < 5 << 20


@test
def a_batch_has_at_most_1048576_rows():
    with Runner(memory=512 << 20) as runner:
        runner.ready()
        _, bodies, _ = runner.pull({"rows": 2_500_000, "text_bytes": 0}, stream="wide", batch_rows=2_500_000)
        rows = [wire.decode(body)[0] for body in bodies]
        equal(sum(rows), 2_500_000)
        assert max(rows) <= 1_048_576
        equal(tokens_of(bodies)[-1], b"2500000")
        equal([wire.is_partial(body) for body in bodies], [True] * (len(bodies) - 1) + [False])


@test
def a_row_that_fits_no_frame_is_an_error_of_the_data():
    with Runner(memory=1 << 30) as runner:
        runner.ready()
        _, bodies, outcome = runner.pull({"rows": 1, "text_bytes": 70_000_000}, stream="wide")
        equal(bodies, [])
        equal((outcome.kind, outcome.json["status"], outcome.json["code"]), (ERROR, 9, "row_too_large"))


@test
def a_transform_is_applied_to_each_batch():
    with Runner() as runner:
        runner.ready()
        schema, bodies, _ = runner.pull({"rows": 9, "transform": 1}, stream="numbers")
        wanted = [expected("i64", row) for row in range(9)]
        equal(table(schema, bodies)[0]["i64"], [None if value is None else -value for value in wanted])


@test
def a_host_that_reads_late_holds_the_connector_back():
    with Runner(memory=512 << 20) as runner:
        runner.ready()
        runner.call("pull", {"rows": 600, "text_bytes": 100_000, "print": 1}, {"stream": "wide", "batch_rows": 10})
        runner.data.exactly(16)  # it has begun, and the socket fills up
        runner.drain(0.3)
        made = runner.output[1].count(b"\n")
        assert made < 30, f"{made} batches of a million bytes were made, though nobody read them"


# -- Push


def push(runner, columns, batches, fields):
    number = runner.call("push", request={"stream": "people"})
    schema = {"fields": [{"name": name, "format": format_, "nullable": True, "children": []} for name, format_ in fields]}
    runner.data.send(frame(SCHEMA, number, schema))
    for rows in batches:
        values = [(format_, [row[place] for row in rows]) for place, (_, format_) in enumerate(fields)]
        runner.data.send(frame(BATCH, number, wire.encode(values, len(rows))))
    runner.data.send(frame(END, number))
    return runner.batches()


FIELDS = [("name", "u"), ("number", "l"), ("active", "b")]


@test
def a_push_answers_row_by_row():
    with Runner() as runner:
        runner.ready()
        batches = [[("Zoë", 1, True), ("refuse", None, False)], [], [("Ann", 3, None)] * 70]
        schema, bodies = push(runner, None, batches, FIELDS)
        outcome, _ = runner.outcome()
        equal(outcome.kind, RESULT)
        columns, tokens = table(schema, bodies)
        equal(columns["row"], list(range(72)))
        equal(columns["outcome"], ["written", "refused"] + ["written"] * 70)
        equal(columns["code"][:2], [None, "not_wanted"])
        equal(columns["retryable"], [False] * 72)
        equal(set(tokens), {b""})


@test
def a_push_of_more_than_the_sockets_hold_does_not_lock_up():
    # The host writes everything before it reads anything: 12 MiB out, results back.
    rows = [("x" * 100, 1, True)] * 20_000
    with Runner() as runner:
        runner.ready()
        schema, bodies = push(runner, None, [rows] * 5, FIELDS)
        equal(runner.outcome()[0].kind, RESULT)
        equal(len(table(schema, bodies)[0]["row"]), 100_000)


@test
def a_refused_push_leaves_the_next_call_alone():
    with Runner() as runner:
        runner.ready()
        schema, bodies = push(runner, None, [[(1,)]] * 3, [("number", "l")])
        outcome, _ = runner.outcome()
        equal((schema, bodies, outcome.kind, outcome.json["code"]), (None, [], ERROR, "not_text"))
        schema, bodies = push(runner, None, [[("Ann", 1, True)]], FIELDS)
        equal(runner.outcome()[0].kind, RESULT)
        equal(table(schema, bodies)[0]["outcome"], ["written"])


def spoil_nodes(body):
    return body[:4] + struct.pack("<I", 7) + body[8:]


def spoil_length(body):
    return body[:16] + struct.pack("<Q", 99) + body[24:]


def spoil_offsets(body):
    at = wire.padded(16 + 40)
    return body[:at] + struct.pack("<3i", 0, 9, 3) + body[at + 12 :]


def spoil_text(body):
    return body.replace(b"Ann", b"A\xffn")


def cut_short(body):
    return body[:-64]


def add_bytes(body):
    return body + bytes(64)


@each([spoil_nodes, spoil_length, spoil_offsets, spoil_text, cut_short, add_bytes])
def a_batch_of_the_hosts_that_breaks_the_rules_reaches_no_connector(spoil):
    with Runner() as runner:
        runner.ready()
        number = runner.call("push")
        runner.data.send(frame(SCHEMA, number, {"fields": [{"name": "name", "format": "u", "nullable": True, "children": []}]}))
        runner.data.send(frame(BATCH, number, spoil(wire.encode([("u", ["Ann", "Bob"])], 2))))
        runner.data.send(frame(END, number))
        _, bodies = runner.batches()
        outcome, _ = runner.outcome()
        equal((bodies, outcome.kind, outcome.json["code"]), ([], ERROR, "input_broken"))
