import ConnectorKit
import ConnectorKitSupport
import FileImport
import Foundation
import JSON

/// All that came out of a workbook's sheet, through the connector and the Arrow arrays it hands over.
struct SheetReading: Equatable {
    var columns: [String] = []
    var source = ""
    var locator = ""
    var rows: [Row] = []
    /// The token after each batch.
    var tokens: [[UInt8]] = []
    var failure: ConnectorFailure?
    var isComplete = false
    var declared: Int?
    var warnings: [String] = []

    /// To compare archives that differ.
    var withoutTokens: SheetReading {
        var reading = self
        reading.tokens = []
        return reading
    }

    var values: [[String]] { rows.filter { $0.fault == nil }.map(\.values) }
    var faults: [Row] { rows.filter { $0.fault != nil } }
}

/// Reads a sheet of a workbook.
func readSheet(
    _ bytes: [UInt8],
    _ options: SheetOptions = SheetOptions(),
    limits: WorkbookLimits = WorkbookLimits(),
    stream: String = "book.xlsx",
    ways: Ways = Ways(),
    usesScanner: Bool = true
) throws -> SheetReading {
    let host = TestHost()
    let descriptor = host.handIn(bytes, as: "book.xlsx")
    return try readSheet(
        descriptor,
        of: host,
        options,
        limits: limits,
        stream: stream,
        ways: ways,
        usesScanner: usesScanner
    )
}

/// `between` runs after each batch.
func readSheet(
    _ descriptor: CInt,
    of host: TestHost,
    _ options: SheetOptions = SheetOptions(),
    limits: WorkbookLimits = WorkbookLimits(),
    stream: String = "book.xlsx",
    ways: Ways = Ways(),
    usesScanner: Bool = true,
    between: () throws -> Void = {}
) throws -> SheetReading {
    defer { withExtendedLifetime(host) {} }
    var reading = SheetReading()
    do {
        var input = try InputFile(named: "book.xlsx", descriptor: descriptor)
        input.bytesPerRead = ways.bytesPerRead
        let file = try WorkbookFile(input, options, limits, host.context(), usesScanner: usesScanner)
        let request = PullRequest(stream: stream, token: ways.token, limit: ways.limit, batchRows: ways.batchRows)
        let reader = try file.reader(request, host.context())
        try drain(reader, into: &reading, between)
    } catch let failure as ConnectorFailure {
        reading.failure = failure
    }
    return reading
}

private func drain(_ reader: any RecordReader, into reading: inout SheetReading, _ between: () throws -> Void) throws {
    var exported = unsafe reader.schema.exported()
    let schema = unsafe try ImportedSchema(&exported)
    reading.source = schema.metadata["trainflow.source"] ?? ""
    reading.locator = schema.metadata["trainflow.locator"] ?? ""
    reading.columns = schema.names.filter { !$0.hasPrefix("_tf_") }
    defer {
        let summary = reader.summary()
        reading.isComplete = summary.isComplete
        reading.declared = summary.declaredTotal
        reading.warnings = summary.warnings
    }
    while let batch = try reader.next() {
        var array = unsafe try batch.exported(reader.schema)
        let imported = unsafe try ImportedBatch(&array, schema)
        for row in 0..<imported.rows { reading.rows.append(try Row(imported, row, reading.columns)) }
        reading.tokens.append(try reader.token())
        try between()
    }
}

extension Row {
    fileprivate init(_ batch: ImportedBatch, _ row: Int, _ columns: [String]) throws {
        func cell(_ name: String) -> Cell { batch.columns[name]?[row] ?? .null }
        guard case .integer(let line) = cell("_tf_at") else { throw Malformed("a row without its place") }
        let lacking = try columnsLacking(cell("_tf_absent"), columns)
        let values = columns.compactMap { column in
            guard case .text(let text) = cell(column) else { return lacking.contains(column) ? "" : nil as String? }
            return text
        }
        guard case .text(let error) = cell("_tf_error") else {
            guard values.count == columns.count else { throw Malformed("row \(line): a good row without a value") }
            self.init(line: line, values: values, lacking: lacking)
            return
        }
        guard values.isEmpty, case .bytes(let raw) = cell("_tf_raw") else {
            throw Malformed("row \(line): a spoiled row")
        }
        let json = try JSONValue(parsing: error)
        self.init(
            line: line,
            values: [],
            fault: Fault(
                code: json["code"]?.stringValue ?? "",
                field: json["field"]?.stringValue,
                message: json["message"]?.stringValue ?? "",
                raw: raw
            )
        )
    }
}
