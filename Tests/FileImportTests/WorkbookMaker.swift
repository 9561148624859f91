/// Makes workbooks part by part, as no spreadsheet program would.
struct WorkbookMaker {
    /// In the archive's order.
    var parts: [(name: String, bytes: [UInt8])] = []

    static let main = #"xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main""#

    /// A workbook of one sheet, from the rows' XML.
    static func sheet(
        _ rows: String,
        texts: String? = nil,
        formats: [String] = [],
        is1904: Bool = false
    ) -> WorkbookMaker {
        var maker = WorkbookMaker()
        maker.addBook([("Data", "")], texts: texts, formats: formats, is1904: is1904)
        maker.add("xl/worksheets/sheet1.xml", "<worksheet \(main)><sheetData>\(rows)</sheetData></worksheet>")
        return maker
    }

    /// Rows of inline texts, the first of them in row 1.
    static func rows(_ rows: [[String]]) -> String {
        rows.map { row in
            "<row>" + row.map { $0.isEmpty ? "<c/>" : "<c t=\"inlineStr\"><is><t>\($0)</t></is></c>" }.joined()
                + "</row>"
        }.joined()
    }

    mutating func add(_ name: String, _ text: String) {
        add(name, Array((#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"# + text).utf8))
    }

    mutating func add(_ name: String, _ bytes: [UInt8]) {
        parts.removeAll { $0.name == name }
        parts.append((name, bytes))
    }

    /// All but the sheets; style n of a cell has the format n − 1.
    mutating func addBook(
        _ sheets: [(name: String, state: String)],
        texts: String? = nil,
        formats: [String] = [],
        is1904: Bool = false
    ) {
        let relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        let package = #"xmlns="http://schemas.openxmlformats.org/package/2006/relationships""#
        add(
            "_rels/.rels",
            #"<Relationships \#(package)><Relationship Id="rId1" Type="\#(relations)/officeDocument" "#
                + #"Target="xl/workbook.xml"/></Relationships>"#
        )
        let listed = sheets.enumerated().map { index, sheet in
            let state = sheet.state.isEmpty ? "" : " state=\"\(sheet.state)\""
            return "<sheet name=\"\(sheet.name)\" sheetId=\"\(index + 1)\"\(state) r:id=\"rId\(index + 1)\"/>"
        }
        add(
            "xl/workbook.xml",
            "<workbook \(Self.main) xmlns:r=\"\(relations)\">\(is1904 ? "<workbookPr date1904=\"1\"/>" : "")"
                + "<sheets>\(listed.joined())</sheets></workbook>"
        )
        var targets = sheets.indices.map { ("worksheet", "worksheets/sheet\($0 + 1).xml") }
        if let texts {
            targets.append(("sharedStrings", "sharedStrings.xml"))
            add("xl/sharedStrings.xml", "<sst \(Self.main)>\(texts)</sst>")
        }
        if !formats.isEmpty {
            targets.append(("styles", "styles.xml"))
            let custom = formats.enumerated().map { "<numFmt numFmtId=\"\(164 + $0)\" formatCode=\"\($1)\"/>" }
            let styles = formats.indices.map { "<xf numFmtId=\"\(164 + $0)\"/>" }
            add(
                "xl/styles.xml",
                "<styleSheet \(Self.main)><numFmts>\(custom.joined())</numFmts>"
                    + "<cellXfs><xf numFmtId=\"0\"/>\(styles.joined())</cellXfs></styleSheet>"
            )
        }
        let related = targets.enumerated().map { index, target in
            "<Relationship Id=\"rId\(index + 1)\" Type=\"\(relations)/\(target.0)\" Target=\"\(target.1)\"/>"
        }
        add("xl/_rels/workbook.xml.rels", "<Relationships \(package)>\(related.joined())</Relationships>")
    }

    // MARK: - The archive

    /// How the archive lies about a part.
    struct Lie {
        var checksum: UInt32?
        var size: Int?
        var isEncrypted = false
    }

    /// A zip archive whose parts are stored as they are.
    ///
    /// Source: PKWARE's APPNOTE 6.3.10, section 4.3.
    func archive(lies: [String: Lie] = [:]) -> [UInt8] {
        var bytes: [UInt8] = []
        var directory: [UInt8] = []
        for (name, content) in parts {
            let lie = lies[name] ?? Lie()
            let offset = bytes.count
            var entry: [UInt8] = []
            entry.append(little: 20, bytes: 2)
            entry.append(little: lie.isEncrypted ? 1 : 0, bytes: 2)
            entry.append(little: 0, bytes: 6)
            entry.append(little: Int(lie.checksum ?? Self.checksum(content)), bytes: 4)
            entry.append(little: content.count, bytes: 4)
            entry.append(little: lie.size ?? content.count, bytes: 4)
            entry.append(little: name.utf8.count, bytes: 2)
            entry.append(little: 0, bytes: 2)
            bytes += [0x50, 0x4B, 0x03, 0x04] + entry + name.utf8 + content
            directory += [0x50, 0x4B, 0x01, 0x02, 20, 0] + entry
            directory.append(little: 0, bytes: 10)
            directory.append(little: offset, bytes: 4)
            directory += name.utf8
        }
        let start = bytes.count
        bytes += directory + [0x50, 0x4B, 0x05, 0x06, 0, 0, 0, 0]
        bytes.append(little: parts.count, bytes: 2)
        bytes.append(little: parts.count, bytes: 2)
        bytes.append(little: directory.count, bytes: 4)
        bytes.append(little: start, bytes: 4)
        bytes.append(little: 0, bytes: 2)
        return bytes
    }

    /// CRC-32 of ISO 3309, bit by bit.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(0xFFFF_FFFF as UInt32) { sum, byte in
            (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(little value: Int, bytes: Int) {
        for index in 0..<bytes { append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }
}
