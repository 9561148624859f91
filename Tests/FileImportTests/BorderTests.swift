import ConnectorKit
import FileImport
import Testing

@Suite struct `Windows and their borders` {
    /// Bytes that CSV is made of, and some that break it.
    private static func randomBytes(using random: inout SplitMix64) -> [UInt8] {
        let pieces: [[UInt8]] = [
            [0x2C], [0x2C], [0x2C], [0x22], [0x22], [0x22, 0x22], [0x0A], [0x0A], [0x0D, 0x0A], [0x0D], [0x61],
            Array("bc de".utf8), Array("1,2,3\n".utf8), Array("\"x\",\"y\"\"\",\"z\n\"\n".utf8), Array("é".utf8),
            [0xC3], [0xFF], [0x3B], Array("abcdefghijklmnop".utf8),
        ]
        var bytes: [UInt8] = Bool.random(using: &random) ? [] : Array("a,b,c\n".utf8)
        if UInt8.random(in: 0..<8, using: &random) == 0 { bytes = [0xEF, 0xBB, 0xBF] + bytes }
        for _ in 0..<Int.random(in: 0..<60, using: &random) {
            bytes += pieces[Int.random(in: pieces.indices, using: &random)]
        }
        return bytes
    }

    /// What the reader should make of the records.
    private static func expectation(_ naive: NaiveParser) -> (columns: Int, rows: [Row])? {
        guard let header = naive.records.first, !header.hasTextAfterQuote,
            String(validating: header.bytes, as: UTF8.self) != nil
        else { return nil }
        let rows = naive.records.dropFirst().map { record in
            let code = record.fault(columns: header.fields.count)
            return Row(
                line: record.line,
                values: code == nil ? record.fields.map { String(decoding: $0, as: UTF8.self) } : [],
                fault: code.map { Row.Fault(code: $0, field: nil, message: "", raw: record.bytes) }
            )
        }
        return (header.fields.count, rows)
    }

    /// Leaves out what a reference can't know: wording.
    private static func plain(_ rows: [Row]) -> [Row] {
        rows.map { row in
            var row = row
            row.fault?.field = nil
            row.fault?.message = ""
            return row
        }
    }

    @Test func `random files are read as a naive parser reads them, through any window`() throws {
        var random = SplitMix64(state: 4)
        var rows = 0
        var faults = 0
        for _ in 0..<1500 {
            let bytes = Self.randomBytes(using: &random)
            let naive = NaiveParser(bytes)
            let ways = Ways(
                windowBytes: Int.random(in: 1...40, using: &random),
                bytesPerRead: Int.random(in: 1...17, using: &random),
                batchRows: Int.random(in: 1...5, using: &random)
            )
            let reading = try read(bytes, .plain, ways)
            let whole = try read(bytes, .plain, Ways(batchRows: ways.batchRows))
            #expect(reading == whole, "bytes \(bytes), \(ways)")
            guard let expected = Self.expectation(naive) else {
                #expect(reading.failure != nil, "bytes \(bytes)")
                continue
            }
            #expect(reading.columns.count == expected.columns, "bytes \(bytes)")
            #expect(Self.plain(reading.rows) == expected.rows, "bytes \(bytes)")
            #expect(reading.failure?.code == naive.unclosedQuote.map { _ in "unclosed_quote" }, "bytes \(bytes)")
            #expect(reading.isComplete == (naive.unclosedQuote == nil))
            if let line = naive.unclosedQuote { #expect(reading.failure?.message.contains("line \(line) ") == true) }
            rows += reading.rows.count
            faults += reading.faults.count
        }
        // The files are worth reading.
        #expect(rows > 2000 && faults > 500 && rows - faults > 500)
    }

    @Test func `read leniently, random files are the same through any window, and no row is lost`() throws {
        var random = SplitMix64(state: 9)
        var dialect = Dialect.plain
        dialect.isStrict = false
        var lenient = 0
        for _ in 0..<600 {
            let bytes = Self.randomBytes(using: &random)
            let ways = Ways(
                windowBytes: Int.random(in: 1...40, using: &random),
                bytesPerRead: Int.random(in: 1...17, using: &random),
                batchRows: Int.random(in: 1...5, using: &random)
            )
            let whole = try read(bytes, dialect, Ways(batchRows: ways.batchRows))
            #expect(try read(bytes, dialect, ways) == whole, "bytes \(bytes), \(ways)")
            let strict = try read(bytes, .plain, Ways(batchRows: ways.batchRows))
            guard strict.failure == nil, !whole.warnings.contains(where: { $0.contains("of spaces") }) else { continue }
            #expect(whole.rows.map(\.line) == strict.rows.map(\.line), "bytes \(bytes)")
            #expect(whole.faults.count <= strict.faults.count)
            lenient += strict.faults.count - whole.faults.count
        }
        #expect(lenient > 100)
    }

    @Test(arguments: 1...17) func `reads of a few bytes make the same rows as one read`(bytesPerRead: Int) throws {
        var text = "id,\"na\nme\",mail\r\n"
        for number in 0..<200 {
            text +=
                "\(number),\"Ann \"\"A\"\" é \(number)\r\nx\",a\(number)@example.org\(number % 3 == 0 ? "\r\n" : "\n")"
        }
        let whole = try read(text.utf8)
        #expect(whole.rows.count == 200 && whole.isComplete && whole.faults.isEmpty)
        for window in [bytesPerRead, 64, CSVFile.windowBytes] {
            #expect(try read(text.utf8, .plain, Ways(windowBytes: window, bytesPerRead: bytesPerRead)) == whole)
        }
    }
}
