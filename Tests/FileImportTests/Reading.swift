import ConnectorKit
import ConnectorKitSupport
import FileImport
import JSON
import PluginABI

/// A row as it came out of the connector.
struct Row: Equatable {
    var line: Int64
    var values: [String]
    var fault: Fault?
    /// The columns that the row lacks.
    var lacking: [String] = []

    struct Fault: Equatable {
        var code: String
        var field: String?
        var message: String
        var raw: [UInt8]
    }
}

extension Dialect {
    /// UTF-8 with commas, told: nothing is found out.
    static let plain: Dialect = {
        var dialect = Dialect()
        dialect.encoding = .utf8
        dialect.delimiter = UInt8(ascii: ",")
        return dialect
    }()
}

/// How the reader is told to work: never what it reads.
struct Ways {
    var windowBytes = CSVFile.windowBytes
    var bytesPerRead = Int.max
    var batchRows = PullRequest.defaultBatchRows
    var limit: Int?
    var token: [UInt8]?
}

/// All that came out of a file.
struct Reading: Equatable {
    var columns: [String] = []
    var batches: [[Row]] = []
    /// The token after each batch.
    var tokens: [[UInt8]] = []
    var failure: ConnectorFailure?
    var isComplete = false
    var declared: Int?
    var read = 0
    var warnings: [String] = []
    var found: [String: String] = [:]

    var rows: [Row] { Array(batches.joined()) }
    /// The rows' values, spoiled rows left out.
    var values: [[String]] { rows.filter { $0.fault == nil }.map(\.values) }
    var faults: [Row] { rows.filter { $0.fault != nil } }
}

/// Reads a file through `CSVReader` and the Arrow arrays it hands over.
func read(_ bytes: some Collection<UInt8>, _ dialect: Dialect = .plain, _ ways: Ways = Ways()) throws -> Reading {
    let host = TestHost()
    let descriptor = host.handIn(bytes, as: "people.csv")
    return try read(descriptor, of: host, dialect, ways)
}

/// `between` runs after each batch.
func read(
    _ descriptor: CInt,
    of host: TestHost,
    _ dialect: Dialect = .plain,
    _ ways: Ways = Ways(),
    between: () throws -> Void = {}
) throws -> Reading {
    defer { withExtendedLifetime(host) {} }
    var reading = Reading()
    do throws(ConnectorFailure) {
        var file = try InputFile(named: "people.csv", descriptor: descriptor)
        file.bytesPerRead = ways.bytesPerRead
        let csv = try CSVFile(file, dialect, windowBytes: ways.windowBytes)
        reading.columns = csv.header.names
        let request = PullRequest(
            stream: "people.csv",
            token: ways.token,
            limit: ways.limit,
            batchRows: ways.batchRows
        )
        let reader = try CSVReader(csv, request, host.context())
        try drain(reader, into: &reading, between: between)
    } catch {
        reading.failure = error
    }
    return reading
}

private func drain(
    _ reader: CSVReader,
    into reading: inout Reading,
    between: () throws -> Void
) throws(ConnectorFailure) {
    func unwrapped<Value>(_ body: () throws -> Value) throws(ConnectorFailure) -> Value {
        do {
            return try body()
        } catch {
            throw ConnectorFailure(.internalError, code: "test", message: "\(error)")
        }
    }
    let schema = try unwrapped {
        var schema = unsafe reader.schema.exported()
        return unsafe try ImportedSchema(&schema)
    }
    defer {
        let summary = reader.summary()
        reading.isComplete = summary.isComplete
        reading.declared = summary.declaredTotal
        reading.read = summary.read
        reading.warnings = summary.warnings
        reading.found = summary.found
    }
    while let batch = try reader.next() {
        var array = unsafe try batch.exported(reader.schema)
        let rows: [Row] = try unwrapped { unsafe try rowsOf(ImportedBatch(&array, schema), reading.columns) }
        reading.batches.append(rows)
        reading.tokens.append(try reader.token())
        try unwrapped(between)
    }
}

private func rowsOf(_ batch: ImportedBatch, _ columns: [String]) throws -> [Row] {
    try (0..<batch.rows).map { row in
        func cell(_ column: String) -> Cell { batch.columns[column]?[row] ?? .null }
        guard case .integer(let line) = cell("_tf_at") else { throw Malformed("a row without its line") }
        let values = columns.map { column in
            guard case .text(let text) = cell(column) else { return nil as String? }
            return text
        }
        guard case .text(let error) = cell("_tf_error") else {
            guard cell("_tf_raw") == .null else { throw Malformed("line \(line): a good row with raw bytes") }
            let lacking = try columnsLacking(cell("_tf_absent"), columns)
            guard lacking == columns.indices.filter({ values[$0] == nil }).map({ columns[$0] }) else {
                throw Malformed("line \(line): a null that is not absent")
            }
            return Row(line: line, values: values.compactMap(\.self), lacking: lacking)
        }
        guard values.allSatisfy({ $0 == nil }) else { throw Malformed("line \(line): a spoiled row with a value") }
        guard case .bytes(let raw) = cell("_tf_raw") else { throw Malformed("line \(line): a spoiled row without raw") }
        let json = try JSONValue(parsing: error)
        return Row(
            line: line,
            values: [],
            fault: Row.Fault(
                code: json["code"]?.stringValue ?? "",
                field: json["field"]?.stringValue,
                message: json["message"]?.stringValue ?? "",
                raw: raw
            )
        )
    }
}

/// Seeded, so that a failure comes again. Source: Steele, Lea, Flood: Fast splittable pseudorandom number generators.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
