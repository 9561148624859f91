package import ConnectorKit

/// A CSV file whose header is read: the columns, and the stretch that comes next.
package struct CSVFile {
    let file: InputFile
    let layout: CSVLayout
    package private(set) var header: Header
    /// Whether nobody said that there is a header and the first record looks like data.
    private(set) var hasDoubtfulHeader = false
    /// The file's first bytes, as in `ResumeToken.start`.
    let startHash: UInt64
    /// What was let pass in the header.
    private(set) var headerLeniencies = Leniencies()
    private(set) var window: Window
    /// The next record.
    private(set) var place: Place
    private let decoder: TextDecoder?

    /// Where a record begins.
    struct Place: Equatable {
        /// In the window's text.
        var offset: Int
        /// From 1.
        var line: Int64
    }

    /// Bytes in memory at a time; more only for a record that needs it.
    package static let windowBytes = 256 * 1024
    private let windowBytes: Int

    /// Looks at the file's start and reads the header.
    package init(
        _ file: InputFile,
        _ dialect: Dialect,
        windowBytes: Int = CSVFile.windowBytes
    ) throws(ConnectorFailure) {
        self.file = file
        self.windowBytes = windowBytes
        let look = try TextLook(file, told: dialect.encoding)
        startHash = look.startHash
        decoder = TextDecoder(look.encoding.encoding)
        let layout = look.layout(dialect, decoder)
        self.layout = layout
        let begin =
            look.encoding.markBytes + layout.delimiter.hintBytes * look.encoding.encoding.unitBytes
        window = Window(offset: begin, of: file, capacity: windowBytes, decoder: decoder)
        place = Place(offset: begin, line: layout.delimiter.hintBytes == 0 ? 1 : 2)
        header = Header([])
        var table = FieldTable(columns: Header.maxColumns, isExact: false)
        repeat {
            try advance(into: &table, maxRows: 1, stopAt: .max, keepsPlace: !layout.hasHeader)
        } while table.rows == 0 && !hasEnded
        header = try Self.header(of: table, in: window.bytes.span, layout: layout, file: file)
        guard layout.hasHeader else { return }
        headerLeniencies = table.leniencies
        hasDoubtfulHeader = dialect.hasHeader == nil && header.looksLikeData
    }

    private static func header(
        of table: FieldTable,
        in window: Span<UInt8>,
        layout: CSVLayout,
        file: InputFile
    ) throws(ConnectorFailure) -> Header {
        guard table.rows == 1 else {
            throw ConnectorFailure(
                .data,
                code: "header_missing",
                message: "\(file.name) holds blank lines only; its first line must name the columns."
            )
        }
        let line = table.lines[0]
        guard table.lastFound <= Header.maxColumns else {
            throw ConnectorFailure(
                .data,
                code: "too_many_columns",
                message: "\(file.name) has \(table.lastFound) columns; \(Header.maxColumns) are possible."
            )
        }
        guard layout.hasHeader else { return Header(unnamed: table.lastFound) }
        if let fault = table.faults.first {
            let reason =
                switch fault.kind {
                case .textAfterQuote(let column, let line):
                    "text follows the closing quote of column \(column + 1) on line \(line)"
                case .notText: "\(layout.notText); \(layout.notTextAdvice)"
                case .nulByte, .fieldCount: "it holds a zero byte"
                }
            throw ConnectorFailure(
                .data,
                code: "header_broken",
                message: "The header of \(file.name) on line \(line) can't be read: \(reason)."
            )
        }
        let header = Header(
            (0..<table.lastFound).map { column in
                table.field(row: 0, column: column).text(in: window, quote: layout.quote)
            }
        )
        if let name = header.reservedName {
            throw ConnectorFailure(
                .data,
                code: "header_reserved",
                message: "The column \(name) of \(file.name) has a name that begins with _tf_; give it another one."
            )
        }
        return header
    }

    // MARK: - Going on

    /// Whether nothing comes after `place`.
    var hasEnded: Bool { window.isLast && place.offset == window.offset + window.end }

    /// Scans the next stretch into an emptied table; reads on first where the window holds no whole record.
    ///
    /// `stopAt` is an offset in the file: no record that starts there or later is wanted. With `keepsPlace` the first record
    /// in the table is the next one afterwards.
    mutating func advance(
        into table: inout FieldTable,
        maxRows: Int,
        stopAt: Int,
        keepsPlace: Bool = false
    ) throws(ConnectorFailure) {
        let scanner = RecordScanner(
            delimiter: layout.delimiter.byte,
            quote: layout.quote,
            isStrict: layout.isStrict
        )
        table.removeAll()
        while true {
            let base = window.offset
            let start = place.offset - base
            let result = scanner.scan(
                window.bytes.span,
                RecordScanner.Stretch(
                    start: start,
                    end: window.end,
                    isLast: window.isLast,
                    line: place.line,
                    stopAt: stopAt == .max ? .max : stopAt - base,
                    maxRows: maxRows,
                    maxRecordBytes: layout.maxRecordBytes
                ),
                into: &table
            )
            if table.rows > 0, keepsPlace {
                place = Place(offset: base + table.firstStart, line: table.lines[0])
                return
            }
            place = Place(offset: base + result.next, line: result.line)
            // What stands in the table is given out first; the same stop comes again at the next call.
            if table.rows > 0 { return }
            switch result.stop {
            case .limit: return
            case .tooLong: throw tooLong(result)
            case .end, .unclosedQuote:
                if window.end - result.next > layout.maxRecordBytes { throw tooLong(result) }
                if result.stop == .unclosedQuote { throw unclosedQuote(line: result.openQuoteLine ?? result.line) }
            }
            if window.isLast { return }
            try window.fill(
                keepingFrom: result.next,
                of: file,
                maxRecordBytes: layout.maxRecordBytes
            )
        }
    }

    /// Goes back to a record that stands in the table and the window still.
    mutating func goBack(to row: Int, of table: FieldTable) {
        var start = table.firstStart
        if row > 0 {
            start = table.field(row: row, column: 0).start
            let isQuoted = layout.quote != CSVLayout.noQuote && window.bytes[start - 1] == layout.quote
            if isQuoted { start -= 1 }
        }
        place = Place(offset: window.offset + start, line: table.lines[row])
    }

    /// Whether no record is left; scans on, so that what is asked is a copy.
    func hasNoMoreRecords() throws(ConnectorFailure) -> Bool {
        var csv = self
        var table = FieldTable(columns: 1, isExact: false)
        while !csv.hasEnded {
            try csv.advance(into: &table, maxRows: 1, stopAt: .max)
            if table.rows > 0 { return false }
        }
        return true
    }

    /// Goes on at an offset in the file, behind the header.
    mutating func seek(_ offset: Int, line: Int64) {
        place = Place(offset: offset, line: line)
        window = Window(offset: offset, of: file, capacity: windowBytes, decoder: decoder)
    }

    /// Where the next record begins in the file.
    var fileOffset: Int { window.fileOffset(of: place.offset) }

    private func unclosedQuote(line: Int64) -> ConnectorFailure {
        ConnectorFailure(
            .data,
            code: "unclosed_quote",
            message:
                "The quote that opens a field of \(file.name) on line \(line) is never closed; close it, or double it "
                + "if it belongs to the text."
        )
    }

    private func tooLong(_ result: RecordScanner.Result) -> ConnectorFailure {
        let quote = result.openQuoteLine.map { " A quote that opens on line \($0) may never be closed." } ?? ""
        return ConnectorFailure(
            .data,
            code: "record_too_large",
            message:
                "The record on line \(result.line) of \(file.name) is longer than \(layout.maxRecordBytes) bytes; "
                + "check its line ends and quotes, or raise max_record_bytes.\(quote)",
            pointer: "/max_record_bytes"
        )
    }
}

extension Field {
    /// The value, for names and samples.
    func text(in window: Span<UInt8>, quote: UInt8) -> String {
        String(decoding: bytes(in: window, quote: quote), as: UTF8.self)
    }

    /// The value's bytes.
    func bytes(in window: Span<UInt8>, quote: UInt8) -> [UInt8] {
        let fields = [self]
        var bytes = [UInt8](repeating: 0, count: FieldGather.byteCount(fields.span))
        var ends: [Int32] = [0]
        var text = bytes.mutableSpan
        // Any byte is a UInt8.
        var values = unsafe text.mutableBytes
        var end = ends.mutableSpan
        let used = FieldGather.copy(fields.span, of: window, quote: quote, base: 0, ends: &end, values: &values)
        bytes.removeLast(bytes.count - used)
        return bytes
    }
}
