internal import ConnectorHost
internal import HTTPServer
package import Identifiers
internal import JSON
package import Time

/// A query's parameters, typed and checked as declared. Asking for one that is not declared is a mistake of the handler.
package struct QueryValues: Sendable {
    private var values: [String: JSONValue] = [:]
    private var declared: Set<String> = []

    init(_ items: [RequestTarget.QueryItem], _ checks: [ParameterCheck]) throws(Problem) {
        let checks = checks.filter { $0.parameter.place == .query }
        declared = Set(checks.map(\.parameter.name))
        for item in items where !declared.contains(item.name) {
            let meant = nearest(to: item.name, in: declared.sorted()).map { ": did you mean \($0)?" }
            let known =
                declared.isEmpty ? "none is known here" : "known are \(declared.sorted().joined(separator: ", "))"
            throw .unknownParameter(item.name, meant ?? "; \(known).")
        }
        for check in checks {
            let texts = items.filter { $0.name == check.parameter.name }.map(\.value)
            guard !texts.isEmpty else {
                guard !check.parameter.isRequired else { throw .invalidParameter(check.parameter.name, "is required") }
                continue
            }
            values[check.parameter.name] = try Self.value(texts, check)
        }
    }

    private static func value(_ texts: [String], _ check: ParameterCheck) throws(Problem) -> JSONValue {
        let name = check.parameter.name
        let schema = check.parameter.schema.json
        let value: JSONValue
        if schema["type"] == "array" {
            var items: [JSONValue] = []
            for text in texts { items.append(try typed(text, schema["items"]?["type"]?.stringValue, name)) }
            value = .array(items)
        } else {
            guard texts.count == 1 else {
                throw .invalidParameter(name, "is given \(texts.count) times; once is right")
            }
            value = try typed(texts[0], schema["type"]?.stringValue, name)
        }
        if let finding = check.schema.findings(in: value).first { throw .invalidParameter(name, finding.message) }
        return value
    }

    private static func typed(_ text: String, _ type: String?, _ name: String) throws(Problem) -> JSONValue {
        switch type {
        case "integer":
            guard let number = JSONValue(number: text), case .integer = number else {
                throw .invalidParameter(name, "must be a whole number")
            }
            return number
        case "number":
            guard let number = JSONValue(number: text) else { throw .invalidParameter(name, "must be a number") }
            return number
        case "boolean":
            guard text == "true" || text == "false" else { throw .invalidParameter(name, "must be true or false") }
            return .bool(text == "true")
        default: return .string(text)
        }
    }

    // MARK: - What handlers ask for

    package func text(_ name: String) throws -> String? { try value(name)?.stringValue }
    package func integer(_ name: String) throws -> Int64? { try value(name)?.integerValue }
    package func bool(_ name: String) throws -> Bool? { try value(name)?.boolValue }

    /// A list's texts; empty where the parameter is missing.
    package func texts(_ name: String) throws -> [String] {
        try value(name)?.arrayValue?.compactMap(\.stringValue) ?? []
    }

    package func id(_ name: String) throws -> UUID? { try text(name).flatMap(UUID.init) }

    package func time(_ name: String) throws -> Instant? {
        guard let text = try text(name) else { return nil }
        guard let time = Instant(rfc3339: text) else {
            throw Problem.invalidParameter(name, "is no point in time that can be told")
        }
        return time
    }

    package func oneOf<Choice: RawRepresentable<String>>(_ name: String, _ type: Choice.Type) throws -> Choice? {
        try text(name).flatMap(Choice.init(rawValue:))
    }

    private func value(_ name: String) throws(UndeclaredParameter) -> JSONValue? {
        guard declared.contains(name) else { throw UndeclaredParameter(name: name) }
        return values[name]
    }
}

/// A handler asks for a query parameter that its endpoint doesn't declare.
struct UndeclaredParameter: Error, CustomStringConvertible {
    var name: String
    var description: String { "the endpoint declares no query parameter \(name)" }
}

extension Problem {
    fileprivate static func unknownParameter(_ name: String, _ rest: String) -> Problem {
        var problem = Problem(.badRequest, "unknown_parameter", "The query has a parameter that isn't known\(rest)")
        problem.parameter = name
        return problem
    }
}
