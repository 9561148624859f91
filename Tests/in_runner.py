#!/usr/bin/env python3
"""Reads a small CSV file through a connector in the real, locked runner: in_runner.py CONNECTOR."""

import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "RunnerTests"))
import wire  # noqa: E402

TEXT = "id,name\n1,Ada\n2\n3,\"Grace \"\"G\"\" Hopper\"\n"


def runtime():
    """The folder of the Swift runtime: beside the host, else the toolchain's."""
    staged = ".build/stage/lib/trainflow"
    if os.path.isdir(staged):
        return staged
    info = subprocess.run(["swiftc", "-print-target-info"], capture_output=True, check=True, text=True).stdout
    return wire.json.loads(info)["paths"]["runtimeLibraryPaths"][0]


def main(connector):
    with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
        file.write(TEXT)
        file.flush()
        with wire.Runner(os.path.abspath(connector), inputs=[file.name], runtime=runtime()) as runner:
            ready = runner.ready()
            assert ready.kind == wire.READY, ready
            runner.call("test", inputs=["people.csv"])
            report, _ = runner.outcome()
            assert report.json["value"]["ok"], report
            runner.call("discover", inputs=["people.csv"])
            streams, _ = runner.outcome()
            assert [stream["name"] for stream in streams.json["value"]["streams"]] == ["people.csv"], streams
            runner.call("pull", request={"stream": "people.csv", "inputs": ["people.csv"]}, inputs=["people.csv"])
            schema, bodies = runner.batches()
            result, _ = runner.outcome()
            assert result.kind == wire.RESULT and result.json["value"]["complete"], result
            columns, tokens = wire.table(schema, bodies)
            assert schema["metadata"] == {"trainflow.locator": "line", "trainflow.source": "people.csv"}, schema
            assert columns["id"] == ["1", None, "3"] and columns["_tf_at"] == [2, 3, 4], columns
            assert columns["name"] == ["Ada", None, 'Grace "G" Hopper'], columns
            assert columns["_tf_raw"] == [None, b"2", None] and all(tokens), columns
            spoiled = sum(error is not None for error in columns["_tf_error"])
            print(f"read {len(columns['id'])} rows, {spoiled} spoiled")


if __name__ == "__main__":
    main(sys.argv[1])
