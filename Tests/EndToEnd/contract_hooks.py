"""Read by schemathesis itself: makes of requests that are meant to be good what no schema can say, every other time."""

import itertools
import json
import os

import schemathesis

# By operation: a cursor of the list, and ids for the path.
CURSORS = json.loads(os.environ["CONTRACT_CURSORS"])
IDS = json.loads(os.environ["CONTRACT_IDS"])
FILE = os.environ["CONTRACT_FILE"]

turns = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    operation = case.operation.definition.raw["operationId"]
    # Switched off it would be in the way of everything else.
    if operation == "setProvider":
        case.body = {"is_enabled": True}
    if case.query and "cursor" in case.query:
        case.query["cursor"] = CURSORS[operation]
    if operation == "listRejects" and case.query and case.query.get("format", "json") != "json":
        # As a file all come at once.
        for name in "limit", "cursor":
            case.query.pop(name, None)
    # The coverage phase makes ids up, and would see nothing but 404.
    if case.meta.phase.name.value == "coverage" and case.method.upper() != "DELETE":
        case.path_parameters.update(IDS.get(operation, {}))
    if isinstance(case.body, dict) and next(turns) % 2:
        keep_rules(operation, case.body)


def keep_rules(operation, body):
    """A provider that is there, a file that was uploaded, a target that may be mapped."""
    if operation in ("createConfig", "importConfig"):
        config = body.setdefault("config", {}) if operation == "importConfig" else body
        config["provider"] = "file"
        for name in "settings", "policy":
            config.pop(name, None)
        body.pop("mappings", None)
    elif operation in ("addMapping", "replaceMapping"):
        body.update(target_entity="users", target_field=f"attributes.b{next(turns)}", transform_function=None)
    elif operation == "replayRejects":
        body.clear()
        body["all"] = True
    elif operation == "changeReject":
        body["raw"] = {"name": "Somebody"}
    elif operation == "startSync":
        body.clear()
        body["file_id"] = FILE
    elif operation in ("testConnection", "discoverStreams", "previewSource", "validateMappings", "previewMappings",
                       "suggestMappings"):
        body["file_id"] = FILE
        for name in "mappings", "version", "rows", "columns":
            body.pop(name, None)
        if operation != "suggestMappings":
            body.pop("target_entity", None)
        if "stream" in body:
            body["stream"] = "people.csv"
