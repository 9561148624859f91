import API
import ConnectorHost
import JSON
import Testing

/// Holds answers against the document that describes them.
struct DocumentCheck {
    private let document: JSONValue

    init(_ document: JSONValue) {
        self.document = document
    }

    /// Statuses of the server itself, which no operation declares.
    private static let serversOwn: Set<Int> = [405, 408, 414, 431, 501]

    func check(_ answer: HTTPAnswer, _ method: String, _ target: String) {
        let path = target.split(separator: "?", omittingEmptySubsequences: false)[0]
        let operation = method == "HEAD" ? "get" : method.lowercased()
        guard method != "OPTIONS", let item = pathItem(String(path)), let declared = item[operation],
            !Self.serversOwn.contains(answer.status)
        else { return }
        guard let responses = declared["responses"], let response = responses["\(answer.status)"].map(resolved) else {
            Issue.record("\(method) \(target) answers \(answer.status), which is not declared: \(answer.text)")
            return
        }
        guard method != "HEAD", answer.status != 304 else { return }
        guard let contents = response["content"]?.objectValue else {
            #expect(answer.body.isEmpty, "\(method) \(target): \(answer.status) declares no content")
            return
        }
        let type = answer.headers["content-type"]?.split(separator: ";").first.map(String.init) ?? "none"
        guard let schema = contents[type]?["schema"] else {
            Issue.record("\(method) \(target): \(answer.status) declares no content of type \(type)")
            return
        }
        guard type.hasSuffix("json") else { return }
        for complaint in complaints(answer.json, schema, "") {
            Issue.record("\(method) \(target) \(answer.status): \(complaint) in \(answer.text.prefix(2_000))")
        }
    }

    /// The path's operations; where several patterns fit, the one with more literals.
    private func pathItem(_ path: String) -> JSONValue? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let fitting = document["paths"]?.objectValue?.members.filter { member in
            let pattern = member.name.split(separator: "/", omittingEmptySubsequences: false)
            return pattern.count == parts.count
                && zip(pattern, parts).allSatisfy { $0.first == "{" || $0 == $1 }
        }
        return fitting?.min { $0.name.count { $0 == "{" } < $1.name.count { $0 == "{" } }?.value
    }

    func resolved(_ value: JSONValue) -> JSONValue {
        guard let reference = value["$ref"]?.stringValue else { return value }
        var found: JSONValue? = document
        for name in reference.dropFirst(2).split(separator: "/") { found = found?[String(name)] }
        return found ?? .null
    }

    /// What is wrong with a value, by the keywords that answers' schemas use.
    func complaints(_ value: JSONValue, _ schema: JSONValue, _ pointer: String) -> [String] {
        let schema = resolved(schema)
        if let choices = schema["anyOf"]?.arrayValue {
            let fits = choices.contains { complaints(value, $0, pointer).isEmpty }
            return fits ? [] : ["\(pointer) fits none of anyOf"]
        }
        let types = schema["type"]?.arrayValue ?? schema["type"].map { [$0] } ?? []
        guard types.isEmpty || types.contains(where: { value.is($0.stringValue ?? "") }) else {
            return ["\(pointer) is \(value.kind), not \(types.map(\.text))"]
        }
        if let allowed = schema["enum"]?.arrayValue, !allowed.contains(value) {
            return ["\(pointer) is none of \(allowed.map(\.text))"]
        }
        switch value {
        case .string(let text):
            let format = schema["format"]?.stringValue.flatMap(SchemaFormat.init)
            return format.map { $0.accepts(text) } ?? true ? [] : ["\(pointer) is no \(schema["format"]?.text ?? "")"]
        case .array(let items):
            guard let item = schema["items"] else { return [] }
            return items.enumerated().flatMap { complaints($1, item, "\(pointer)/\($0)") }
        case .object(let object): return complaints(object, schema, pointer)
        default: return []
        }
    }

    private func complaints(_ object: JSONObject, _ schema: JSONValue, _ pointer: String) -> [String] {
        var complaints = (schema["required"]?.arrayValue ?? []).compactMap(\.stringValue)
            .filter { object[$0] == nil }.map { "\(pointer)/\($0) is missing" }
        for member in object.members {
            let place = "\(pointer)/\(member.name)"
            if let property = schema["properties"]?[member.name] {
                complaints += self.complaints(member.value, property, place)
            } else if let others = schema["additionalProperties"] {
                complaints +=
                    others == false ? ["\(place) is not declared"] : self.complaints(member.value, others, place)
            }
        }
        return complaints
    }
}

extension JSONValue {
    fileprivate func `is`(_ type: String) -> Bool {
        switch (self, type) {
        case (.null, "null"), (.bool, "boolean"), (.integer, "integer"), (.integer, "number"), (.number, "number"),
            (.string, "string"), (.array, "array"), (.object, "object"):
            true
        default: false
        }
    }
}
