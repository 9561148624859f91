internal import Columns
internal import ConnectorHost
internal import JSON
internal import Mapping

/// A few rows of a source as texts, as a mapping sees them.
struct SampleRows: Sendable {
    /// Without reserved ones.
    private(set) var names: [String]
    /// The stream's fields, reserved ones or not; nil where only the rows tell.
    private(set) var fields: [Field]?
    /// `line row byte_offset index`
    private(set) var locatorKind: String
    /// The file or object that was read.
    private(set) var source: String
    private(set) var rows: [Row] = []
    private var bytes = 0

    struct Row: Sendable {
        var at: Int64
        /// Like `names`; nil for null.
        var values: [String?]
        /// Places of the values that it lacks.
        var absent: Set<Int> = []
        /// What the source found wrong with it, as it says it.
        var error: String?
        /// As it stands in the source, where it can't be taken apart.
        var raw: String?
        var isDeletion = false
    }

    /// Rows of a request or an answer.
    static let mostRows = 200
    /// Bytes of one value; what is longer is cut.
    static let largestValue = 64 << 10
    /// Bytes of all values with what they cost beside: a row more is not read.
    private static let mostBytes = 4 << 20
    /// Beside a value's name and text.
    private static let valueBytes = 32
    /// Different fields of a request's rows together.
    static let mostNames = 1_000
    /// A request's rows times their fields: each row has a value for each.
    static let mostValues = 100_000

    init(_ schema: SourceSchema) {
        fields = schema.fields
        names = schema.fields.map(\.name).filter { !$0.hasPrefix(Self.reserved) }
        locatorKind = schema.locatorKind
        source = schema.source
    }

    private static let reserved = "_tf_"

    func isFull(_ limit: Int) -> Bool { rows.count >= limit || bytes >= Self.mostBytes }

    mutating func add(_ batch: Batch, limit: Int) {
        let known = Dictionary(batch.columns.map { ($0.field.name, $0) }) { first, _ in first }
        let columns = names.map { known[$0] }
        let (at, operation, error, raw) = (known["_tf_at"], known["_tf_op"], known["_tf_error"], known["_tf_raw"])
        let absent = AbsentValues(batch)
        let weight = names.reduce(0) { $0 + $1.utf8.count + Self.valueBytes }
        for row in 0..<batch.count where !isFull(limit) {
            let values = columns.map { $0?.displayText(row, limit: Self.largestValue) }
            let shown = Row(
                at: at?.integer(row) ?? Int64(rows.count),
                values: values,
                absent: Set(absent?.columns(ofRow: row) ?? []),
                error: error?.displayText(row, limit: Self.largestValue),
                raw: raw?.displayText(row, limit: Self.largestValue),
                isDeletion: operation?.integer(row) == 1
            )
            bytes += (values + [shown.error, shown.raw]).reduce(weight) { $0 + ($1?.utf8.count ?? 0) }
            rows.append(shown)
        }
    }

    /// The same source's rows, these and no others.
    func with(_ rows: [Row]) -> SampleRows {
        var sample = self
        sample.rows = rows
        return sample
    }

    // MARK: - From a request

    /// Rows as `[{"email": "a@example.org"}]`: texts, numbers, true and false, null. Refuses
    /// more than `mostNames` fields, and more than `mostValues` values with those that rows lack: a small request can ask for
    /// very many.
    init(json items: [JSONValue], at pointer: String) throws(Problem) {
        var places: [String: Int] = [:]
        (names, fields, locatorKind, source) = ([], nil, "index", "")
        for (index, item) in items.enumerated() {
            var values = [String?](repeating: nil, count: names.count)
            var absent = Set(names.indices)
            for member in item.objectValue?.members ?? [] {
                let place = JSONPointer.appending(member.name, to: JSONPointer.appending(index, to: pointer))
                let value = try Self.text(member.value, at: place)
                guard !member.name.isEmpty, !member.name.hasPrefix(Self.reserved) else {
                    throw .invalid(place, "bad_field", "A source field has a name, and none that begins with _tf_.")
                }
                if let known = places[member.name] {
                    values[known] = value
                    absent.remove(known)
                } else {
                    guard names.count < Self.mostNames else {
                        throw .invalid(
                            pointer,
                            "too_many_fields",
                            "The rows have more than \(Self.mostNames) different fields together."
                        )
                    }
                    places[member.name] = names.count
                    names.append(member.name)
                    values.append(value)
                }
            }
            rows.append(Row(at: Int64(index), values: values, absent: absent))
        }
        guard rows.count * names.count <= Self.mostValues else {
            throw .invalid(
                pointer,
                "too_many_values",
                "\(rows.count) rows of \(names.count) different fields are more than \(Self.mostValues) values. "
                    + "Send fewer rows, or leave out fields that no mapping reads."
            )
        }
        for row in rows.indices {
            rows[row].absent.formUnion(rows[row].values.count..<names.count)
            rows[row].values += [String?](repeating: nil, count: names.count - rows[row].values.count)
        }
    }

    static func text(_ value: JSONValue, at pointer: String) throws(Problem) -> String? {
        let text: String
        switch value {
        case .null: return nil
        case .string(let value): text = value
        case .bool, .integer, .number: text = value.text
        case .array, .object:
            throw .invalid(pointer, "bad_value", "A source's value is a text, a number, true, false or null.")
        }
        guard text.utf8.count <= largestValue else {
            throw .invalid(pointer, "value_too_long", "A sample's value has at most \(largestValue) bytes.")
        }
        return text
    }

    // MARK: - What is made of them

    /// As the mapping takes them.
    var batch: Batch {
        var columns = names.indices.map { index in
            var builder = TextColumnBuilder(rows: rows.count)
            for row in rows {
                if let value = row.values[index] { builder.append(value) } else { builder.appendNull() }
            }
            return builder.finish(name: names[index])
        }
        columns.append(
            Column(
                field: Field(name: "_tf_at", type: .int64, isNullable: false),
                count: rows.count,
                bytes: rows.flatMap { row in (0..<8).map { UInt8(truncatingIfNeeded: row.at >> (8 * $0)) } }
            )
        )
        if rows.contains(where: { $0.error != nil }) {
            var builder = TextColumnBuilder(rows: rows.count)
            for row in rows {
                if let error = row.error { builder.append(error) } else { builder.appendNull() }
            }
            columns.append(builder.finish(name: "_tf_error"))
        }
        if rows.contains(where: \.isDeletion) {
            columns.append(
                Column(
                    field: Field(name: "_tf_op", type: .int8, isNullable: false),
                    count: rows.count,
                    bytes: rows.map { $0.isDeletion ? 1 : 0 }
                )
            )
        }
        if rows.contains(where: { !$0.absent.isEmpty }) { columns.append(AbsentValues.column(rows.map(\.absent))) }
        return Batch(columns: columns, count: rows.count)
    }

    /// A row's values by name, without those that it lacks.
    func values(_ row: Int) -> JSONValue {
        let there = names.indices.filter { !rows[row].absent.contains($0) }
        return .object(JSONObject(firstOfEach: there.map { (names[$0], JSONValue.text(rows[row].values[$0])) }))
    }
}

extension ColumnType {
    /// As people call it.
    var plainName: String {
        switch self {
        case .bool: "boolean"
        case .int8, .uint8, .int16, .uint16, .int32, .uint32, .int64, .uint64: "integer"
        case .float32, .float64: "number"
        case .decimal: "decimal"
        case .utf8: "text"
        case .binary: "binary"
        case .date32: "date"
        case .time: "time"
        case .timestamp: "timestamp"
        case .structure: "object"
        case .list: "list"
        }
    }

    static let plainNames = [
        "boolean", "integer", "number", "decimal", "text", "binary", "date", "time", "timestamp", "object", "list",
    ]
}
