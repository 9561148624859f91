#!/usr/bin/env python3
"""Reads a small CSV file and a workbook through a connector in the real, locked runner: in_runner.py CONNECTOR."""

import os
import subprocess
import sys
import tempfile
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "RunnerTests"))
import wire  # noqa: E402

TEXT = "id,name\n1,Ada\n2\n3,\"Grace \"\"G\"\" Hopper\"\n"


NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PARTS = {
    "_rels/.rels": "<Relationships><Relationship Id='a' Type='x/officeDocument' Target='xl/workbook.xml'/></Relationships>",
    "xl/workbook.xml": f"<workbook {NAMESPACE} xmlns:r='{RELATIONS}'><sheets><sheet name='People' r:id='a'/></sheets></workbook>",
    "xl/_rels/workbook.xml.rels":
        "<Relationships><Relationship Id='a' Type='x/worksheet' Target='people.xml'/>"
        "<Relationship Id='b' Type='x/sharedStrings' Target='texts.xml'/></Relationships>",
    "xl/texts.xml": f"<sst {NAMESPACE}><si><t>id</t></si><si><t>name</t></si><si><t>Ada</t></si></sst>",
    "xl/people.xml":
        f"<worksheet {NAMESPACE}><sheetData><row><c t='s'><v>0</v></c><c t='s'><v>1</v></c></row>"
        "<row><c><v>1</v></c><c t='s'><v>2</v></c></row><row><c><v>2e0</v></c><c><!-- for expat -->"
        "<v>0.1</v></c></row></sheetData></worksheet>",
}


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
    with tempfile.NamedTemporaryFile("wb", suffix=".xlsx") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in PARTS.items():
                archive.writestr(name, text)
        file.flush()
        with wire.Runner(os.path.abspath(connector), inputs=[file.name], runtime=runtime()) as runner:
            runner.ready()
            runner.call("pull", request={"stream": "people", "inputs": ["people.xlsx"]}, inputs=["people.xlsx"])
            schema, bodies = runner.batches()
            result, _ = runner.outcome()
            assert result.kind == wire.RESULT and result.json["value"]["complete"], result
            sheet, _ = wire.table(schema, bodies)
            assert schema["metadata"] == {"trainflow.locator": "row", "trainflow.source": "people.xlsx, sheet People"}, schema
            assert sheet["id"] == ["1", "2"] and sheet["name"] == ["Ada", "0.1"] and sheet["_tf_at"] == [2, 3], sheet
    print(f"read {len(columns['id'])} rows, {spoiled} spoiled, {len(sheet['id'])} of a workbook")


if __name__ == "__main__":
    main(sys.argv[1])
