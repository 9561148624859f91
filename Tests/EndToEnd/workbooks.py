"""Small workbooks of texts: made, and read again as any program would that knows nothing of ours."""

import html
import re
import xml.etree.ElementTree
import zipfile


def workbook(path, sheets):
    """Writes a small .xlsx of texts: the names of its sheets, and their rows."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = [f"worksheets/sheet{number}.xml" for number in range(1, len(sheets) + 1)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        def write(name, text):
            file.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')

        write("[Content_Types].xml", f'<Types xmlns="{package}/content-types">'
              '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
              f'<Override PartName="/xl/workbook.xml" ContentType="{types}.sheet.main+xml"/>'
              + "".join(f'<Override PartName="/xl/{part}" ContentType="{types}.worksheet+xml"/>' for part in parts)
              + "</Types>")
        write("_rels/.rels", f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
              f'Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>')
        write("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}/relationships">'
              + "".join(f'<Relationship Id="rId{number}" Type="{relations}/worksheet" Target="{part}"/>'
                        for number, part in enumerate(parts, 1)) + "</Relationships>")
        write("xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
              + "".join(f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}"/>'
                        for number, name in enumerate(sheets, 1)) + "</sheets></workbook>")
        for part, lines in zip(parts, sheets.values()):
            cells = ("".join(f'<c t="inlineStr"><is><t xml:space="preserve">{escaped(cell)}</t></is></c>'
                             for cell in line) for line in lines)
            write(f"xl/{part}", f'<worksheet xmlns="{main}"><sheetData>'
                  + "".join(f"<row>{line}</row>" for line in cells) + "</sheetData></worksheet>")


def escaped(text):
    """As XML, and what looks like an escape of spreadsheets written as one."""
    return html.escape(re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text))


def cells(path, sheet=1):
    """The texts of a sheet by their references, `A1`."""
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None, "a part's checksum is wrong"
        for name in file.namelist():
            xml.etree.ElementTree.fromstring(file.read(name))
        root = xml.etree.ElementTree.fromstring(file.read(f"xl/worksheets/sheet{sheet}.xml"))
    found = {}
    for cell in root.iter(f"{main}c"):
        assert cell.get("t") == "inlineStr" and cell.find(f"{main}f") is None, "a cell is no text"
        text = "".join(part.text or "" for part in cell.iter(f"{main}t"))
        found[cell.get("r")] = re.sub("_x([0-9A-F]{4})_", lambda match: chr(int(match[1], 16)), text)
    return found


def rows(path, sheet=1):
    """The texts of a sheet row by row, empty ones too."""
    found = {}
    for reference, text in cells(path, sheet).items():
        letters, number = re.fullmatch("([A-Z]+)([0-9]+)", reference).groups()
        column = 0
        for letter in letters:
            column = column * 26 + ord(letter) - 64
        found.setdefault(int(number), {})[column] = text
    width = max(column for line in found.values() for column in line)
    return [[found.get(number, {}).get(column, "") for column in range(1, width + 1)] for number in range(1, max(found) + 1)]
