import ConnectorKit
import ConnectorKitSupport
import FileImport
import JSON

/// All that came out of a JSON file.
struct JSONReading: Equatable {
    struct Row: Equatable {
        var offset: Int64
        /// nil for null.
        var values: [String?]
        var fault: String?
        var message = ""
        var raw: [UInt8] = []
        /// The columns that the row lacks.
        var lacking: [String] = []
    }

    var columns: [String] = []
    var batches: [[Row]] = []
    var tokens: [[UInt8]] = []
    var failure: ConnectorFailure?
    var summary = PullSummary(isComplete: false, read: 0)

    var rows: [Row] { Array(batches.joined()) }
    /// The values of good rows, without the column for what has none.
    var values: [[String?]] { rows.filter { $0.fault == nil }.map { Array($0.values.dropLast()) } }
    var more: [String?] { rows.filter { $0.fault == nil }.map { $0.values.last ?? nil } }
    var faults: [String] { rows.compactMap(\.fault) }
    /// Good rows as members that are not null.
    var objects: [[String: String]] {
        rows.filter { $0.fault == nil }.map { row in
            var object: [String: String] = [:]
            for (name, value) in zip(columns, row.values) { object[name] = value }
            return object
        }
    }
}

/// Reads JSON through the reader and the Arrow arrays it hands over.
func readJSON(
    _ bytes: some Collection<UInt8>,
    lines: Bool = false,
    path: [String]? = nil,
    stream: String = "people.json",
    maxRecordBytes: Int = 16 * 1024 * 1024,
    _ ways: Ways = Ways()
) throws -> JSONReading {
    let host = TestHost()
    let descriptor = host.handIn(bytes, as: "people.json")
    defer { withExtendedLifetime(host) {} }
    var reading = JSONReading()
    do throws(ConnectorFailure) {
        var file = try InputFile(named: "people.json", descriptor: descriptor)
        file.bytesPerRead = ways.bytesPerRead
        var options = JSONFile.Options()
        options.path = path
        options.maxRecordBytes = maxRecordBytes
        let json = try JSONFile(file, isLines: lines, options, windowBytes: ways.windowBytes)
        let request = PullRequest(stream: stream, token: ways.token, limit: ways.limit, batchRows: ways.batchRows)
        let reader = try json.reader(request, host.context())
        reading.columns = reader.schema.fields.map(\.name)
        defer { reading.summary = reader.summary() }
        let schema = try wrapped {
            var schema = unsafe reader.schema.exported()
            return unsafe try ImportedSchema(&schema)
        }
        while let batch = try reader.next() {
            var array = unsafe try batch.exported(reader.schema)
            let columns = reading.columns
            let rows = try wrapped { unsafe try jsonRows(ImportedBatch(&array, schema), columns) }
            reading.batches.append(rows)
            reading.tokens.append(try reader.token())
        }
    } catch {
        reading.failure = error
    }
    return reading
}

/// The columns that a set of bits names.
func columnsLacking(_ cell: Cell, _ columns: [String]) throws -> [String] {
    guard case .bytes(let bits) = cell else { return [] }
    return try (0..<bits.count * 8).filter { bits[$0 >> 3] >> UInt8($0 & 7) & 1 == 1 }.map { place in
        guard place < columns.count else { throw Malformed("a row lacks column \(place)") }
        return columns[place]
    }
}

private func wrapped<Value>(_ body: () throws -> Value) throws(ConnectorFailure) -> Value {
    do {
        return try body()
    } catch {
        throw ConnectorFailure(.internalError, code: "test", message: "\(error)")
    }
}

private func jsonRows(_ batch: ImportedBatch, _ columns: [String]) throws -> [JSONReading.Row] {
    try (0..<batch.rows).map { row in
        func cell(_ column: String) -> Cell { batch.columns[column]?[row] ?? .null }
        guard case .integer(let offset) = cell("_tf_at") else { throw Malformed("a row without its place") }
        let values = columns.map { column in
            guard case .text(let text) = cell(column) else { return nil as String? }
            return text
        }
        guard case .text(let error) = cell("_tf_error") else {
            return JSONReading.Row(
                offset: offset,
                values: values,
                lacking: try columnsLacking(cell("_tf_absent"), columns)
            )
        }
        guard values.allSatisfy({ $0 == nil }) else { throw Malformed("byte \(offset): a spoiled row with a value") }
        guard case .bytes(let raw) = cell("_tf_raw") else {
            throw Malformed("byte \(offset): a spoiled row without raw")
        }
        let json = try JSONValue(parsing: error)
        return JSONReading.Row(
            offset: offset,
            values: values,
            fault: json["code"]?.stringValue ?? "",
            message: json["message"]?.stringValue ?? "",
            raw: raw
        )
    }
}
