#!/usr/bin/env python3
"""Seeds for the parsers of the file import: those that stay in Tests/Fuzz/Seeds, and the suites of ../shared where
they are.

usage: seeds.py csv|json|xlsx FOLDER
"""

import glob
import hashlib
import os
import sys
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.path.join(ROOT, "../shared/testdata")
PARTS = ["", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml",
         "xl/_rels/workbook.xml.rels", "_rels/.rels"]
# Longer ones make the fuzzer slow, and find nothing more.
MOST = {"csv": 4096, "json": 4096, "xlsx": 24 * 1024}


def inputs(parser):
    """Pairs of a first byte, which says how the rest is read, and the rest."""
    if parser == "csv":
        for path in sorted(glob.glob(f"{DATA}/csv/*/**/*.csv", recursive=True)):
            for way in (0, 1, 64, 65):
                yield way, open(path, "rb").read()
    elif parser == "json":
        for path in sorted(glob.glob(f"{DATA}/json/test_parsing/*.json")):
            for way in (0, 1, 64):
                yield way, open(path, "rb").read()
        for way, text in ((0, '[{"a":{"b":[1,{"c":null}]},"d":"\\u00e9\\ud83d\\ude00"},{"a":null},{}]'),
                          (2, '{"x":1,"a":[{"id":"1"},{"id":2.5e3}]}'), (65, '{"a":1}\n{"b":true}\n'),
                          (64, '[{"a":1,"a":2},{"k":[[],[0,0,0,0]]}]')):
            yield way, text.encode()
    else:
        for path in sorted(glob.glob(f"{DATA}/xlsx/*/*.xlsx")):
            yield 0, open(path, "rb").read()
            try:
                with zipfile.ZipFile(path) as file:
                    for name in file.namelist():
                        kind = next((number for number, part in enumerate(PARTS) if part == name), None)
                        if kind is None and name.startswith("xl/worksheets/sheet"):
                            kind = 1
                        if kind and file.getinfo(name).file_size <= MOST[parser]:
                            yield 64 + kind, file.read(name)
            except Exception:  # Many are broken on purpose.
                continue


def main(parser, folder):
    os.makedirs(folder, exist_ok=True)
    count = 0
    for way, rest in inputs(parser):
        if len(rest) >= MOST[parser]:
            continue
        data = bytes([way]) + rest
        with open(os.path.join(folder, hashlib.sha1(data).hexdigest()), "wb") as file:
            file.write(data)
        count += 1
    print(f"{count} seeds from {DATA}")


main(*sys.argv[1:])
