/// An Excel workbook of texts, row by row: whatever a cell holds, a spreadsheet takes it for text and runs nothing.
///
/// Rows that no longer fit a sheet begin another one. ECMA-376 part 1, transitional.
struct WorkbookWriter {
    private let name: String
    private let header: [String?]
    private var zip = ZipStream()
    private var sheets = 0
    private var rows = 0

    /// ECMA-376 says nothing; what Excel can show.
    private static let mostRows = 1_048_576
    /// Well below what an archive without ZIP64 may hold.
    private static let mostSheetBytes: Int64 = 1 << 30
    private static let mostBytes: Int64 = 3 << 30
    /// Units of UTF-16 in a cell of Excel's.
    static let mostUnits = 32_767

    /// The archive has grown beyond what it may hold.
    struct TooLarge: Error {}

    /// - Parameters:
    ///   - name: of the sheet.
    ///   - header: the first row of each sheet; none where it is empty.
    init(sheet name: String, header: [String?] = []) {
        self.name = Self.sheetName(name)
        self.header = header
    }

    /// Answers what can be given out by now.
    mutating func add(_ row: [String?]) throws(TooLarge) -> [UInt8] {
        var bytes: [UInt8] = []
        if rows == Self.mostRows || zip.partBytes > Self.mostSheetBytes { bytes += endSheet() }
        guard zip.written < Self.mostBytes else { throw TooLarge() }
        if rows == 0 { bytes += beginSheet() }
        return bytes + append(row)
    }

    /// The rest of it.
    mutating func end() -> [UInt8] {
        var bytes = rows == 0 ? beginSheet() : []
        bytes += endSheet()
        for (name, text) in [
            ("[Content_Types].xml", contentTypes), ("_rels/.rels", Self.packageRelations),
            ("xl/workbook.xml", workbook),
            ("xl/_rels/workbook.xml.rels", workbookRelations), ("xl/styles.xml", Self.styles),
        ] {
            bytes += zip.begin(name)
            bytes += zip.add(Array(text.utf8))
            bytes += zip.endPart()
        }
        return bytes + zip.end()
    }

    // MARK: - Sheets

    private mutating func beginSheet() -> [UInt8] {
        sheets += 1
        let bytes = zip.begin("xl/worksheets/sheet\(sheets).xml")
        let pane =
            header.isEmpty
            ? "" : "<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>"
        let start =
            Self.declaration + "<worksheet xmlns=\"\(Self.main)\"><sheetViews><sheetView workbookViewId=\"0\">\(pane)"
            + "</sheetView></sheetViews><sheetData>"
        return bytes + zip.add(Array(start.utf8)) + (header.isEmpty ? [] : append(header))
    }

    private mutating func endSheet() -> [UInt8] {
        rows = 0
        return zip.add(Array("</sheetData></worksheet>".utf8)) + zip.endPart()
    }

    private mutating func append(_ row: [String?]) -> [UInt8] {
        rows += 1
        var text = "<row r=\"\(rows)\">"
        for (column, value) in row.enumerated() {
            guard let value, !value.isEmpty else { continue }
            text += "<c r=\"\(Self.letters(column))\(rows)\" s=\"1\" t=\"inlineStr\"><is><t xml:space=\"preserve\">"
            Self.append(value, to: &text)
            text += "</t></is></c>"
        }
        return zip.add(Array((text + "</row>").utf8))
    }

    /// `A`, `Z`, `AA`, counted from 0.
    private static func letters(_ column: Int) -> String {
        var (text, rest) = ("", column + 1)
        while rest > 0 {
            text = String(UnicodeScalar(UInt8(0x41 + (rest - 1) % 26))) + text
            rest = (rest - 1) / 26
        }
        return text
    }

    /// XML's own characters escaped; what no XML may hold is written `_x0001_`, and a text that looks like that `_x005F_x0001_`.
    /// ECMA-376 part 1, 22.9.2.19 (ST_Xstring).
    private static func append(_ value: String, to text: inout String) {
        let scalars = Array(value.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "_" where isEscape(scalars[index...]): text += "_x005F_"
            case "\t", "\n": text.unicodeScalars.append(scalar)
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}":
                let digits = String(scalar.value, radix: 16, uppercase: true)
                text += "_x" + String(repeating: "0", count: 4 - digits.count) + digits + "_"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }

    private static func isEscape(_ scalars: ArraySlice<Unicode.Scalar>) -> Bool {
        guard scalars.count >= 7 else { return false }
        let start = scalars.startIndex
        return scalars[start + 1] == "x" && scalars[start + 6] == "_"
            && scalars[start + 2...start + 5].allSatisfy { $0.isASCII && Character($0).isHexDigit }
    }

    // MARK: - What stands around them

    private static let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
    private static let formats = "http://schemas.openxmlformats.org"
    private static let main = "\(formats)/spreadsheetml/2006/main"
    private static let document = "\(formats)/officeDocument/2006/relationships"
    private static let types = "application/vnd.openxmlformats-officedocument.spreadsheetml"

    private var contentTypes: String {
        let parts = (1...sheets).map {
            "<Override PartName=\"/xl/worksheets/sheet\($0).xml\" ContentType=\"\(Self.types).worksheet+xml\"/>"
        }
        return Self.declaration + """
            <Types xmlns="\(Self.formats)/package/2006/content-types"><Default Extension="rels" \
            ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" \
            ContentType="application/xml"/><Override PartName="/xl/workbook.xml" \
            ContentType="\(Self.types).sheet.main+xml"/><Override PartName="/xl/styles.xml" \
            ContentType="\(Self.types).styles+xml"/>\(parts.joined())</Types>
            """
    }

    private static let packageRelations =
        declaration + """
            <Relationships xmlns="\(formats)/package/2006/relationships"><Relationship Id="rId1" \
            Type="\(document)/officeDocument" Target="xl/workbook.xml"/></Relationships>
            """

    private var workbook: String {
        let entries = (1...sheets).map { number in
            var name = ""
            Self.append(number == 1 ? self.name : "\(self.name.trimmedToUnits(26)) \(number)", to: &name)
            name = name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "&quot;")
            return "<sheet name=\"\(name)\" sheetId=\"\(number)\" r:id=\"rId\(number)\"/>"
        }
        return Self.declaration + """
            <workbook xmlns="\(Self.main)" xmlns:r="\(Self.document)"><sheets>\(entries.joined())</sheets></workbook>
            """
    }

    private var workbookRelations: String {
        let entries = (1...sheets).map {
            "<Relationship Id=\"rId\($0)\" Type=\"\(Self.document)/worksheet\" Target=\"worksheets/sheet\($0).xml\"/>"
        }
        return Self.declaration + """
            <Relationships xmlns="\(Self.formats)/package/2006/relationships">\(entries.joined())<Relationship \
            Id="rId\(sheets + 1)" Type="\(Self.document)/styles" Target="styles.xml"/></Relationships>
            """
    }

    /// Style 1 is text: a cell that is edited stays text.
    private static let styles =
        declaration + """
            <styleSheet xmlns="\(main)"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills \
            count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>\
            <borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1">\
            <xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0" \
            fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" \
            applyNumberFormat="1"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/>\
            </cellStyles></styleSheet>
            """

    /// At most 31 characters, none of `[]:*?/\`, no apostrophe at an end; a sheet needs one.
    private static func sheetName(_ name: String) -> String {
        let kept = name.unicodeScalars.filter { !"[]:*?/\\".unicodeScalars.contains($0) && $0.value >= 0x20 }
        var text = Substring(String(String.UnicodeScalarView(kept)).trimmedToUnits(31))
        while text.first == "'" { text.removeFirst() }
        while text.last == "'" { text.removeLast() }
        return text.isEmpty ? "Rejects" : String(text)
    }
}

extension String {
    /// Its start, as many whole characters as have so many units of UTF-16 together.
    func trimmedToUnits(_ most: Int) -> String {
        guard utf16.count > most else { return self }
        var (text, units) = ("", 0)
        for character in self {
            units += character.utf16.count
            guard units <= most else { break }
            text.append(character)
        }
        return text
    }
}
