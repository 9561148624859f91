"""Whatever a connector returns is checked; a breach is told as `protocol`, with the slot's name first."""

from testing import contains, each, equal, test
from wire import ERROR, RESULT, STOP, Gone, Runner

PULLS = [
    # Schemas
    ("columns_5000", "get_schema: ", "at most 4096"),
    ("deep", "get_schema: ", "more than 16 deep"),
    ("view", "get_schema: ", 'column "t" has the type "vu"; supported are b c C'),
    ("format_missing", "get_schema: ", 'column "t" has no format'),
    ("format_long", "get_schema: ", 'column "t" has no format'),
    ("decimal", "get_schema: ", 'the type "d:39,2"'),
    ("decimal256", "get_schema: ", 'the type "d:20,2,256"'),
    ("not_struct", "get_schema: ", "not a struct"),
    ("name_not_utf8", "get_schema: ", "name is not UTF-8"),
    ("name_long", "get_schema: ", "name has more than 1024 bytes"),
    ("name_twice", "get_schema: ", 'two columns beside each other are called "n"'),
    ("name_empty", "get_schema: ", "a column has no name"),
    ("reserved_type", "get_schema: ", "_tf_op has type u; it must be c"),
    ("reserved_name", "get_schema: ", '"_tf_mine"; names with _tf_ are reserved'),
    ("raw_alone", "get_schema: ", "_tf_raw without _tf_error"),
    ("at_without_locator", "get_schema: ", "trainflow.locator"),
    ("metadata_count", "get_schema: ", "metadata says -1 entries"),
    ("metadata_length", "get_schema: ", "entry 0 of the schema's metadata"),
    ("schema_missing", "get_schema: ", "no schema"),
    ("schema_children_missing", "get_schema: ", "children is NULL"),
    ("schema_children_negative", "get_schema: ", "-1 children"),
    ("empty_struct", "get_schema: ", 'column "t" is a struct without columns'),
    ("list_of_two", "get_schema: ", "has 2 children, not 1"),
    ("dictionary_of_numbers", "get_schema: ", 'column "t" is a dictionary'),
    # Batches
    ("length_negative", "get_next: ", "length is negative, or too large (-1)"),
    ("length_huge", "get_next: ", "length is negative, or too large"),
    ("release_missing", "get_next: ", "returned a batch with length 3, but its release is NULL, which says the end"),
    ("offset_negative", "get_next: ", 'column "n": offset is negative'),
    ("offset_huge", "get_next: ", "offset is negative, or too large"),
    ("nulls_low", "get_next: ", 'column "t": null_count is neither -1'),
    ("nulls_high", "get_next: ", 'column "t": null_count is neither -1'),
    ("nulls_lie", "get_next: ", 'column "t": null_count differs'),
    ("nulls_without_bits", "get_next: ", 'column "t": null_count says nulls'),
    ("nulls_forbidden", "get_next: ", 'column "n": the schema says that it has no nulls'),
    ("row_null", "get_next: ", 'column "(the row)": the schema says that it has no nulls'),
    ("n_buffers", "get_next: ", 'column "t": n_buffers is wrong for its type (2)'),
    ("buffers_missing", "get_next: ", 'column "t": buffers is NULL'),
    ("n_children", "get_next: ", "n_children differs from the schema (1)"),
    ("children_missing", "get_next: ", "children is NULL"),
    ("child_missing", "get_next: ", 'column "t": the array of a column is NULL'),
    ("child_short", "get_next: ", 'column "n": has fewer rows than the batch (2)'),
    ("values_missing", "get_next: ", 'column "n": the value buffer is NULL'),
    ("offsets_missing", "get_next: ", 'column "t": the offsets buffer is NULL'),
    ("text_missing", "get_next: ", 'column "t": the value buffer is NULL'),
    ("offsets_fall", "get_next: ", 'column "t": an offset is smaller than the one before it; row (1)'),
    ("offsets_negative", "get_next: ", 'column "t": the first offset is negative (-4)'),
    ("not_utf8", "get_next: ", 'column "t": the text is not UTF-8; row (1)'),
    ("surrogate", "get_next: ", 'column "t": the text is not UTF-8; row (0)'),
    ("split_character", "get_next: ", 'column "t": the text is not UTF-8; row (0)'),
    ("dictionary_index", "get_next: ", 'column "t": an index lies outside the dictionary (7)'),
    ("dictionary_missing", "get_next: ", 'column "t": dictionary is NULL'),
    ("list_too_long", "get_next: ", 'column "item": has fewer rows than its parent needs (3)'),
    # What slots return
    ("open_null", "open: ", "no connector"),
    ("op_null", "pull: ", "no operation"),
    ("stream_null", "pull: ", "no stream"),
    ("stream_half", "pull: ", "without get_schema or get_next"),
    ("op_error_ok", "get_next: ", "op_error knows of no error; the stream says: the words of the stream"),
    ("no_words", "get_next: ", "returned 5, but op_error knows of no error"),
    ("op_error_status", "op_error: ", "status 1000"),
    ("transform_releases", "transform: ", "released"),
    ("token_long", "op_state: ", "65537 bytes; at most 65536"),
    ("token_null", "op_state: ", "NULL with a length of 5"),
    ("summary_garbage", "op_summary: ", "not a JSON object (byte 12)"),
    ("summary_array", "op_summary: ", "not a JSON object"),
    ("summary_not_utf8", "op_summary: ", "not a JSON object (byte 14)"),
    ("summary_number", "op_summary: ", "not a JSON object"),
    ("summary_deep", "op_summary: ", "not a JSON object"),
    ("summary_long", "op_summary: ", "bytes; at most"),
    ("status_99", "pull: ", "returned status 99, which the ABI does not have"),
    ("status_negative", "pull: ", "returned status -1"),
    ("error_not_utf8", "pull: ", "error.message is not UTF-8"),
    ("error_code_not_utf8", "pull: ", "error.code is not UTF-8"),
    ("error_null", "pull: ", "error.message is NULL with a length of 5"),
    ("error_long", "pull: ", "error.message has 20000 bytes"),
    ("error_detail", "pull: ", "error.detail_json is not a JSON object"),
    ("error_size", "pull: ", "changed error.struct_size to 7"),
    ("error_retry", "pull: ", "error.retry_after_ms is -1"),
]


@each(PULLS)
def a_breach_is_a_protocol_error_that_names_the_slot(case, begins, words):
    with Runner("bad") as runner:
        runner.ready()
        _, _, outcome = runner.pull({"case": case})
        equal((outcome.kind, outcome.json["status"], outcome.json["code"]), (ERROR, 14, "connector_breach"))
        assert outcome.json["message"].startswith(begins), outcome.json["message"]
        contains(outcome.json["message"], words)
        runner.call("validate")
        equal(runner.outcome()[0].kind, RESULT)
        equal(runner.end(), 0)


@each([("validate", "findings"), ("test", "report"), ("discover", "streams")])
def what_is_no_json_object_is_a_breach(op, case):
    with Runner("bad") as runner:
        runner.ready()
        runner.call(op, {"case": case})
        outcome, _ = runner.outcome()
        equal((outcome.kind, outcome.json["status"]), (ERROR, 14))
        assert outcome.json["message"].startswith(op + ": "), outcome.json["message"]


@each([("get_next_fails", 9, "broken"), ("get_schema_fails", 9, "broken"), ("token_fails", 12, "gone"),
       ("summary_fails", 7, "slow"), ("transform_fails", 9, "no_transform")])  # fmt: skip
def a_failure_in_order_is_told_as_it_is(case, status, code):
    with Runner("bad") as runner:
        runner.ready()
        _, _, outcome = runner.pull({"case": case})
        equal((outcome.json["status"], outcome.json["code"]), (status, code))


@test
def an_error_without_words_gets_some():
    with Runner("bad") as runner:
        runner.ready()
        _, _, outcome = runner.pull({"case": "error_empty"})
        equal((outcome.json["status"], outcome.json["code"]), (6, "unavailable"))
        contains(outcome.json["message"], "gave no message")


@test
def an_error_arrives_whole():
    with Runner("bad") as runner:
        runner.ready()
        _, _, outcome = runner.pull({"case": "error_full"})
        equal(outcome.json, {"status": 6, "code": "down", "message": "The other side is down.", "retry_after_ms": 1500,
                             "vendor_code": 503, "detail": {"pointer": "/case"}})


@test
def nothing_wrong_is_nothing_wrong():
    with Runner("bad") as runner:
        runner.ready()
        _, bodies, outcome = runner.pull({"case": "token_longest"})
        equal((len(bodies), outcome.kind), (1, RESULT))


@each([
    ("bad-size", "symbol", "struct_size 0"),
    ("bad-slot", "symbol", "op_error"),
    ("bad-null", "symbol", "NULL"),
    ("bad-json", "describe", "not a JSON object at byte 17"),
    ("bad-utf8", "describe", "not UTF-8 at byte 8"),
    ("bad-empty", "describe", "no manifest"),
    ("nosymbol", "symbol", "tfc_plugin_v0"),
    ("noload", "load", "libtrainflow-missing.so.1"),
])  # fmt: skip
def what_can_not_be_used_is_said_at_the_start(connector, stage, words):
    with Runner(connector) as runner:
        stop = runner.ready()
        equal((stop.kind, stop.json["stage"]), (STOP, stage))
        contains(stop.json["message"], words)
        equal(runner.wait(), 70)
        try:
            runner.control.frame()
            raise AssertionError("something follows the stop frame")
        except Gone:
            pass


@test
def what_is_no_library_is_said_at_the_start():
    with Runner("Tests/Connectors/test-good.json") as runner:
        stop = runner.ready()
        equal((stop.kind, stop.json["stage"]), (STOP, "load"))
        equal(runner.wait(), 70)
