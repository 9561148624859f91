"""The example connector for authors, samples/connector-c: all that it shows works as docs/connectors.md says."""

import base64
import json

from testing import contains, each, equal, test
from wire import ERROR, RESULT, Gone, Runner, table

KEY = {"access_key": "open sesame"}


def pull(settings, stream="people", secrets=KEY, **request):
    """(columns, tokens, result or error frame)."""
    with Runner("roster") as runner:
        runner.ready()
        runner.call("pull", settings, {"stream": stream, **request}, secrets)
        schema, bodies = runner.batches()
        outcome, _ = runner.outcome()
        columns, tokens = table(schema, bodies) if schema else ({}, [])
        return columns, tokens, outcome


def ask(op, settings, secrets=KEY):
    with Runner("roster") as runner:
        runner.ready()
        runner.call(op, settings, secrets=secrets)
        return runner.outcome()[0].json


@test
def people_have_nulls_dates_spoiled_rows_and_values_that_they_lack():
    columns, tokens, outcome = pull({"people": 14, "spoiled_every": 6})
    equal(outcome.json["value"], {"complete": True, "filtered": False, "declared_total": 14, "read": 14, "warnings": []})
    equal(tokens, [b"people 14"])
    equal(columns["_tf_at"], list(range(14)))
    equal([i for i, error in enumerate(columns["_tf_error"]) if error], [5, 11])
    equal(json.loads(columns["_tf_error"][5])["code"], "torn")
    equal(columns["_tf_raw"][5], b"7;Zo\xeb;zoe7@")
    equal([i for i, absent in enumerate(columns["_tf_absent"]) if absent == b"\x0c"], [3])
    equal([columns[name][3] for name in ("email", "hired")], [None, None])
    equal([i for i, name in enumerate(columns["name"]) if name is None], [0, 13])
    equal(columns["name"][7], "Zoë 7")
    equal((columns["hired"][0], columns["hired"][1]), (18000, None))
    equal(columns["active"][:2], [False, True])


@test
def courses_are_another_stream():
    columns, tokens, outcome = pull({"people": 0, "courses": 6}, "courses")
    equal(columns["code"], ["C0", "C1", "C2", "C3", "C4", "C5"])
    equal(columns["hours"], [None, 8, 16, 24, 32, None])
    equal((tokens, outcome.kind), ([b"courses 6"], RESULT))


@test
def a_token_goes_on_where_the_undisturbed_pull_was():
    whole, tokens, _ = pull({"people": 25}, batch_rows=10)
    equal(tokens, [b"people 10", b"people 20", b"people 25"])
    rest, _, outcome = pull({"people": 25}, batch_rows=10, token=base64.b64encode(tokens[0]).decode())
    equal(rest, {name: values[10:] for name, values in whole.items()})
    equal((outcome.json["value"]["complete"], outcome.json["value"]["read"]), (True, 15))
    nothing, _, outcome = pull({"people": 25}, token=base64.b64encode(b"people 25").decode())
    equal((nothing["no"], outcome.json["value"]["complete"]), ([], True))


@each([b"courses 5", b"people", b"people x", b"people 5 more", b"people -1", b"\xff\xfe"])
def a_token_of_something_else_is_state_lost(token):
    _, _, outcome = pull({"people": 25}, token=base64.b64encode(token).decode())
    equal((outcome.kind, outcome.json["status"]), (ERROR, 12))


@test
def the_limit_is_kept_and_what_is_cut_is_not_complete():
    columns, _, outcome = pull({"people": 25}, limit=7, batch_rows=5)
    equal(len(columns["no"]), 7)
    equal(outcome.json["value"]["complete"], False)
    equal(pull({"people": 25}, limit=None, token=None)[2].json["value"]["complete"], True)


STATUSES = ["config", "auth", "forbidden", "not_found", "rate_limit", "unavailable", "timeout", "cancelled", "data", "conflict",
            "unsupported", "state_lost", "internal", "protocol"]


@each([name for name in STATUSES if name != "cancelled"])
def it_fails_as_its_setting_says(name):
    columns, _, outcome = pull({"people": 25, "fail": name, "fail_after": 10}, batch_rows=10)
    equal(len(columns["no"]), 10)
    equal((outcome.kind, outcome.json["status"], outcome.json["code"]), (ERROR, STATUSES.index(name) + 1, "as_set"))
    equal(outcome.json["retry_after_ms"], 2000 if name == "rate_limit" else 0)


@test
def it_crashes_as_its_setting_says():
    with Runner("roster") as runner:
        runner.ready()
        runner.call("pull", {"people": 1, "fail": "crash"}, {"stream": "people"}, KEY)
        try:
            runner.outcome()
        except Gone:
            pass
        equal(runner.wait(), -6)


@test
def a_cancel_ends_its_waiting():
    with Runner("roster") as runner:
        runner.ready()
        runner.call("pull", {"people": 5, "delay_ms": 60000}, {"stream": "people"}, KEY)
        runner.data.frame()
        runner.cancel()
        outcome, _ = runner.outcome()
        equal((outcome.kind, outcome.json["status"], outcome.json["code"]), (ERROR, 8, "cancelled"))


@test
def the_secret_decides_and_stands_in_no_answer():
    equal(ask("test", {"people": 1})["value"]["ok"], True)
    for secrets in ({"access_key": "shut"}, {"access_key": ""}, {}):
        equal(ask("test", {"people": 1}, secrets)["value"]["ok"], False)
        equal(ask("discover", {"people": 1}, secrets)["status"], 2)
        _, _, outcome = pull({"people": 1}, secrets=secrets)
        equal(outcome.json["status"], 2)
        assert b"shut" not in outcome.body


@test
def what_it_discovers_is_what_it_reads():
    for stream in ask("discover", {"people": 2})["value"]["streams"]:
        columns, _, _ = pull({"people": 2}, stream["name"])
        equal([field["name"] for field in stream["fields"]], [name for name in columns if not name.startswith("_tf_")])
        assert all(isinstance(field["sample"], str) for field in stream["fields"])


@test
def settings_that_make_no_sense_together_are_found():
    finding, = ask("validate", {"people": 1, "spoiled_every": 1})["value"]["findings"]
    equal((finding["pointer"], finding["severity"]), ("/spoiled_every", "error"))
    equal(ask("validate", {"people": 1, "spoiled_every": 2})["value"]["findings"], [])
    _, _, outcome = pull({"people": 1, "spoiled_every": 1})
    equal((outcome.json["status"], outcome.json["detail"]), (1, {"pointer": "/spoiled_every"}))


@each(['a"b\\c/\b\f\n\r\t', "Zoë ﷺ 😀", "ü" * 20, "{}[],:", "😀" * 20, ""])
def a_setting_arrives_as_it_was_written(prefix):
    nested = {"a": [{"prefix": "no"}, "]}\"", [1.5e3, None, True]]}
    columns, _, _ = pull({"nested": nested, "prefix": prefix, "people": 1})
    equal(columns["no"], [prefix + "0"])


@test
def numbers_may_be_written_as_JSON_has_them():
    equal(len(pull({"people": 3.0})[0]["no"]), 3)
    equal(len(pull({"people": None})[0]["no"]), 0)
    contains(pull({"people": 1}, "nobody")[2].json["message"], "people and courses")
