import ConnectorKit
import FileImport

/// A parser as `make fuzz` feeds it: the first byte of an input says how the rest is read, and nothing may end the process,
/// become a bug's failure, or differ between two ways of reading the same.
enum FuzzedParser: String, CaseIterable {
    case csv
    case json
    case xlsx

    /// Throws where something is not as it must be.
    func feed(_ input: some Collection<UInt8>) throws {
        let way = input.first ?? 0
        let bytes = Array(input.dropFirst())
        switch self {
        case .csv: try Self.readCSV(bytes, way)
        case .json: try Self.readRecords(bytes, way)
        case .xlsx: try Self.readWorkbook(bytes, way)
        }
    }

    private static let slow = Ways(windowBytes: 24, bytesPerRead: 5, batchRows: 3)
    private static let quick = Ways(batchRows: 3)

    private static func readCSV(_ bytes: [UInt8], _ way: UInt8) throws {
        var dialect = Dialect()
        dialect.isStrict = way & 1 == 0
        if way & 2 != 0 { dialect.hasHeader = false }
        if way & 4 != 0 { dialect.delimiter = UInt8(ascii: ";") }
        dialect.encoding = [nil, .utf8, .windows1256, .utf16LE][Int(way >> 4 & 3)]
        if way & 8 != 0 { dialect.quote = nil }
        dialect.maxRecordBytes = 4096
        let reading = try read(bytes, dialect, quick)
        try check(reading.failure)
        if way & 64 != 0 { try same(reading, try read(bytes, dialect, slow), bytes) }
    }

    private static func readRecords(_ bytes: [UInt8], _ way: UInt8) throws {
        let (isLines, path) = (way & 1 != 0, way & 2 != 0 ? ["a"] : nil)
        let reading = try readJSON(bytes, lines: isLines, path: path, stream: "a", maxRecordBytes: 4096, quick)
        try check(reading.failure)
        if way & 64 != 0 {
            let slowly = try readJSON(bytes, lines: isLines, path: path, stream: "a", maxRecordBytes: 4096, slow)
            try same(reading, slowly, bytes)
        }
    }

    /// The input is an archive, or one part of an otherwise good one.
    private static func readWorkbook(_ bytes: [UInt8], _ way: UInt8) throws {
        var options = SheetOptions()
        options.isStrict = way & 32 == 0
        var limits = WorkbookLimits()
        if way & 128 != 0 { limits.sharedTextBytes = 64 }
        let names = [
            "", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml",
            "xl/_rels/workbook.xml.rels", "_rels/.rels",
        ]
        let name = names[Int(way & 15) % names.count]
        let archive = name.isEmpty ? bytes : book(with: name, bytes)
        let reading = try readSheet(archive, options, limits: limits, stream: "Data", ways: quick)
        try check(reading.failure)
        if way & 64 != 0 {
            let parsed = try readSheet(archive, options, limits: limits, stream: "Data", ways: slow, usesScanner: false)
            // What no XML parser takes (junk in the declaration, say) the scanner may read all the same, or come upon
            // something else first.
            if parsed.failure == nil { try same(reading, parsed, bytes) }
        }
    }

    private static func book(with name: String, _ bytes: [UInt8]) -> [UInt8] {
        let rows = #"""
            <row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="str"><v>n</v></c><c r="C1" t="str"><v>d</v></c></row>
            <row r="2"><c r="A2" t="s"><v>1</v></c><c r="B2" s="1"><v>12</v></c><c r="C2" s="2"><v>45351.5</v></c></row>
            """#
        var maker = WorkbookMaker.sheet(
            rows,
            texts: "<si><t>a</t></si><si><r><t>b</t></r><r><t> c</t></r></si>",
            formats: ["0000", "dd/mm/yyyy"]
        )
        maker.add(name, bytes)
        return maker.archive()
    }

    // MARK: - What must not be

    private static func check(_ failure: ConnectorFailure?) throws {
        if let failure, failure.failureClass == .internalError || failure.message.isEmpty {
            throw FuzzFinding(what: "failed as no input may: \(failure)")
        }
    }

    private static func same<Reading: Equatable>(_ one: Reading, _ other: Reading, _ bytes: [UInt8]) throws {
        guard one != other else { return }
        throw FuzzFinding(what: "was read in two ways:\n\(one)\n\(other)")
    }
}

struct FuzzFinding: Error {
    var what: String
}
