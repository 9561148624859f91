internal import Columns
internal import ConnectorHost
internal import JSON
internal import Mapping

/// The first records of a source, as a connector reads them and before anything is mapped.
struct SourceSample: Sendable {
    struct Row: Sendable {
        /// Where it stands in the source.
        var at: Int64?
        /// A text for each field; nil where there is no value.
        var values: [String?]
        /// Why the source itself gives it up: `code`, `field`, `message`.
        var error: JSONValue?
        /// As it stands in the source, where it can't be taken apart.
        var raw: String?
    }

    /// Bytes of a value that are shown.
    private static let longestValue = 1_000

    let schema: SourceSchema
    private(set) var rows: [Row] = []

    /// Reads until there are so many rows, or no more.
    init(reading request: PullRequest, limit: Int, from connectors: ConnectorHost) async throws {
        let operation = try await connectors.pull(request)
        do {
            schema = try await operation.schema()
            while rows.count < limit, let batch = try await operation.next()?.batch {
                add(batch, atMost: limit - rows.count)
            }
        } catch {
            operation.cancel()
            throw error
        }
        // Whoever gives more than was asked for is not listened to.
        operation.cancel()
    }

    private var fields: [Field] { schema.fields.filter { !Self.isReserved($0.name) } }

    /// The ABI's own columns: docs/wire.md.
    private static func isReserved(_ name: String) -> Bool { name.hasPrefix("_tf_") }

    private mutating func add(_ batch: Batch, atMost limit: Int) {
        let columns = batch.columns.filter { !Self.isReserved($0.field.name) }
        func reserved(_ name: String) -> Column? { batch.columns.first { $0.field.name == name } }
        let (at, error, raw) = (reserved("_tf_at"), reserved("_tf_error"), reserved("_tf_raw"))
        for row in 0..<min(batch.count, limit) {
            rows.append(
                Row(
                    at: at?.integer(row),
                    values: columns.map { $0.displayText(row, limit: Self.longestValue) },
                    error: error?.displayText(row).map(Self.failure),
                    raw: raw?.displayText(row, limit: Self.longestValue)
                )
            )
        }
    }

    /// The connector's JSON, or the text that stands in its place.
    private static func failure(_ text: String) -> JSONValue {
        let value: JSONValue?
        do throws(JSONError) {
            value = try JSONValue(parsing: Array(text.utf8), limits: JSONLimits(depth: 4))
        } catch {
            value = nil
        }
        return [
            "code": value?["code"].flatMap { $0.stringValue.map { .string($0) } } ?? "unreadable",
            "message": value?["message"].flatMap { $0.stringValue.map { .string($0) } } ?? .string(text),
        ]
    }

    // MARK: - As an answer

    static let schema = Schema.object(
        .required("source", .string, "The file or object that was read."),
        .required("locator", .string, "What `at` counts: line, row, byte_offset or index."),
        .required("fields", .list(of: .object(.required("name", .string), .required("type", .string)))),
        .required(
            "rows",
            .list(
                of: .object(
                    .required("at", .integer.orNull, "Where it stands in the source."),
                    .required("values", .map(of: .string.orNull), "By field; null where there is no value."),
                    .required(
                        "error",
                        Schema.object(.required("code", .string), .required("message", .string)).orNull,
                        "Why this record can't be read."
                    ),
                    .required("raw", .string.orNull, "A record that can't be read, as it stands.")
                )
            )
        )
    )

    var json: JSONValue {
        let fields = fields
        return [
            "source": .string(schema.source), "locator": .string(schema.locatorKind),
            "fields": .array(fields.map { ["name": .string($0.name), "type": .string($0.type.name)] }),
            "rows": .array(rows.map { $0.json(fields) }),
        ]
    }
}

extension SourceSample.Row {
    fileprivate func json(_ fields: [Field]) -> JSONValue {
        var object: JSONObject = [:]
        for (field, value) in zip(fields, values) { object[field.name] = value.map { .string($0) } ?? .null }
        return [
            "at": at.map { .integer($0) } ?? .null, "values": .object(object), "error": error ?? .null,
            "raw": raw.map { .string($0) } ?? .null,
        ]
    }
}

extension ColumnType {
    /// For people, without widths and units.
    fileprivate var name: String {
        switch self {
        case .bool: "boolean"
        case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64: "integer"
        case .float32, .float64: "number"
        case .decimal: "decimal"
        case .utf8: "text"
        case .binary: "bytes"
        case .date32: "date"
        case .time: "time"
        case .timestamp: "timestamp"
        case .structure: "structure"
        case .list: "list"
        }
    }
}
