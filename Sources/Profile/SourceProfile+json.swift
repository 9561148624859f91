package import JSON

extension SourceProfile {
    /// `{"rows", "columns": [{"name", "type", "date_format", "rows", "filled", "longest", "samples"}], "findings": [{"code",
    /// "weight", "columns", "count", "examples": [{"at", "value"}], "message", "fix", "transform_function"}]}`
    package var json: JSONObject {
        [
            "rows": .integer(Int64(rows)), "columns": .array(columns.map(\.json)),
            "columns_left_out": .integer(Int64(leftOut)), "findings": .array(findings.map(\.json)),
        ]
    }
}

extension ColumnProfile {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "type": .string(type.name),
            "date_format": type.datePattern.map { .string($0) } ?? .null,
            "rows": .integer(Int64(rows)), "filled": .integer(Int64(filled)), "longest": .integer(Int64(longest)),
            "samples": .array(samples.map { .string($0) }),
        ]
    }
}

extension ColumnKind {
    package static let names = ["empty", "boolean", "integer", "decimal", "date", "timestamp", "email", "text"]

    package var name: String {
        switch self {
        case .empty: "empty"
        case .boolean: "boolean"
        case .integer: "integer"
        case .decimal: "decimal"
        case .date: "date"
        case .timestamp: "timestamp"
        case .email: "email"
        case .text: "text"
        }
    }

    package var datePattern: String? {
        if case .date(let pattern) = self { pattern } else { nil }
    }
}

extension Finding {
    fileprivate var json: JSONValue {
        [
            "code": .string(code), "weight": .string(weight.rawValue), "columns": .array(columns.map { .string($0) }),
            "count": .integer(Int64(count)),
            "examples": .array(examples.map { ["at": .integer($0.at), "value": .string($0.value)] }),
            "message": .string(message), "fix": .string(fix),
            "transform_function": transform.map { .string($0) } ?? .null,
        ]
    }
}
