"""Calls that answer with JSON, and the services that a connector has while they run."""

import json
import tempfile

from testing import contains, each, equal, test
from wire import CANCEL, ERROR, LOG, READY, RESULT, Runner, frame


@test
def ready_says_what_the_connector_is_and_how_it_is_locked_up():
    with Runner() as runner:
        ready = runner.ready()
        equal((ready.kind, ready.call), (READY, 0))
        with open("Tests/Connectors/test-good.json", encoding="utf-8") as file:
            equal(ready.json["describe"], file.read())
        equal((ready.json["abi"], ready.json["abi_minor"]), (0, 0))
        sandbox = ready.json["sandbox"]
        equal(set(sandbox), {"profile", "landlock", "seccomp", "user", "missing"})
        equal((sandbox["profile"], sandbox["seccomp"]), ("pure", True))


@test
def describe_answers_the_manifest():
    with Runner() as runner:
        ready = runner.ready()
        runner.call("describe")
        outcome, _ = runner.outcome()
        equal(outcome.json["value"], json.loads(ready.json["describe"]))


@test
def validate_answers_findings_without_a_connector():
    with Runner() as runner:
        runner.ready()
        runner.call("validate", {"rows": -1})
        outcome, _ = runner.outcome()
        equal(outcome.json["value"]["findings"][0]["pointer"], "/rows")


@test
def discover_finds_its_inputs_in_the_hosts_order():
    with tempfile.NamedTemporaryFile() as first, tempfile.NamedTemporaryFile() as second:
        with Runner(inputs=[first.name, second.name]) as runner:
            runner.ready()
            names = ['people "2".csv', "zürich.csv"]
            runner.call("discover", inputs=names)
            outcome, _ = runner.outcome()
            equal(outcome.json["value"]["inputs"], names)
            equal(outcome.json["value"]["streams"][0]["name"], "numbers")


class Services:
    """The host's side of secret_update, cache_get and cache_put."""

    def __init__(self):
        self.asked, self.cache = [], {}

    def __call__(self, body):
        self.asked.append((body["service"], body["name"]))
        if body["service"] == "cache_put":
            self.cache[body["name"]] = body["value"]
            equal(body["expires_at_us"], 1893456000000000)
        if body["service"] == "cache_get":
            value = self.cache.get(body["name"])
            return (4, b"") if value is None else (0, __import__("base64").b64decode(value))
        return 0, b""


@test
def a_connector_has_log_secrets_and_cache():
    services = Services()
    with Runner() as runner:
        runner.ready()
        runner.call("test", secrets={"password": "swordfish", "other \u20ac": "x"})
        outcome, logs = runner.outcome(services)
        steps = {step["name"]: step["ok"] for step in outcome.json["value"]["steps"]}
        equal(steps.pop("cancelled"), False)
        equal(steps, dict.fromkeys(["secret", "absent", "updated", "missed", "put", "got"], True))
        equal(logs, [{"level": 1, "message": 'looking at "everything"', "fields": {"step": 1}}])
        equal(services.asked, [("secret_update", "password"), ("cache_get", "token"), ("cache_put", "token"), ("cache_get", "token")])


@each([("its own", 0, True), ("another", 1, False)])
def a_cancel_is_for_the_call_that_it_names(whose, further, cancelled):
    services = Services()
    with Runner() as runner:

        def cancel_then_serve(body):
            # The connector waits for this answer, and frames are read in their order: the cancel comes first.
            runner.control.send(frame(CANCEL, runner.call_number + further, {}))
            return services(body)

        runner.ready()
        runner.call("test", secrets={"password": "swordfish"})
        outcome, _ = runner.outcome(cancel_then_serve)
        steps = {step["name"]: step["ok"] for step in outcome.json["value"]["steps"]}
        equal(steps["cancelled"], cancelled)


@test
def everything_is_released_before_the_next_operation():
    services = Services()
    with Runner() as runner:
        runner.ready()
        for call in (
            lambda: runner.call("pull", {}, {"stream": "numbers"}),
            lambda: runner.call("pull", {}, {"stream": "shifted", "batch_rows": 1}),
            lambda: runner.call("pull", {}, {"stream": "no such stream"}),
            lambda: runner.call("discover"),
            lambda: runner.call("test", secrets={"password": "swordfish"}),
            lambda: runner.call("validate"),
            lambda: runner.call("discover"),
        ):
            call()
            outcome, logs = runner.outcome(services)
            equal([line["message"] for line in logs if line["level"] == 3], [])


@test
def an_error_carries_class_code_message_and_pointer():
    with Runner() as runner:
        runner.ready()
        runner.call("test", {"rows": -1})
        outcome, _ = runner.outcome()
        equal(outcome.kind, ERROR)
        equal(outcome.json, {"status": 1, "code": "negative", "message": "rows must not be negative.", "retry_after_ms": 0,
                             "vendor_code": 0, "detail": {"pointer": "/rows"}})


@test
def a_pull_that_fails_to_open_ends_the_data_too():
    with Runner() as runner:
        runner.ready()
        equal(runner.pull({"rows": -1}, stream="numbers")[:2], (None, []))
        _, _, outcome = runner.pull(stream="no such stream")
        equal((outcome.json["status"], outcome.json["code"]), (4, "stream_not_found"))


@each(["pull", "push"])
def what_a_connector_does_not_offer_is_unsupported(op):
    with Runner("liar") as runner:
        runner.ready()
        runner.call(op)
        equal(runner.batches(), (None, []))
        outcome, _ = runner.outcome()
        equal((outcome.json["status"], outcome.json["code"]), (11, "unsupported"))


@test
def one_runner_serves_one_call_after_another():
    with Runner() as runner:
        runner.ready()
        for _ in range(20):
            _, bodies, outcome = runner.pull({"rows": 5}, stream="numbers")
            equal((len(bodies), outcome.kind), (2, RESULT))
        runner.call("validate")
        equal(runner.outcome()[0].kind, RESULT)
        equal(runner.end(), 0)


@test
def a_cancel_that_comes_late_cancels_nothing():
    with Runner() as runner:
        runner.ready()
        runner.pull(stream="numbers")
        runner.cancel()
        runner.control.send(frame(CANCEL, 77, {}))
        _, bodies, outcome = runner.pull(stream="numbers")
        equal((len(bodies), outcome.kind), (3, RESULT))


@test
def what_it_prints_is_on_the_pipes_before_its_answer():
    with Runner() as runner:
        runner.ready()
        runner.pull({"rows": 8, "print": 1}, stream="numbers")
        runner.drain()
        equal(runner.output[1], b"printed before row 0\nprinted before row 4\n")


@test
def a_flood_of_output_is_all_there_and_stops_nothing():
    with Runner("flood") as runner:
        runner.ready()
        runner.call("pull", {"bytes": 3_000_000}, secrets={"password": "swordfish"})
        while True:
            runner.drain(0.01)
            if len(runner.output[1]) >= 3_000_000 and len(runner.output[2]) >= 3_000_000:
                break
        equal(len(runner.batches()[1]), 1)
        equal(runner.outcome()[0].kind, RESULT)
        equal((len(runner.output[1]), runner.output[1].count(b"swordfish")), (3_000_000, 3000))


@test
def ten_thousand_log_lines_arrive_in_order():
    with Runner("flood") as runner:
        runner.ready()
        runner.call("pull", {"logs": 10_000})
        outcome, logs = runner.outcome()
        equal(outcome.kind, RESULT)
        equal([line["message"] for line in logs], [f"line {i}" for i in range(10_000)])


@test
def a_liars_description_is_handed_on_for_the_host_to_compare():
    with Runner("liar") as runner:
        contains(runner.ready().json["describe"], "9.9.9")
