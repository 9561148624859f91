internal import JSON

extension Masker {
    /// The same object with every text in it masked, names too.
    func masked(_ object: JSONObject) -> JSONObject {
        var result: JSONObject = [:]
        for member in object.members { result[masked(member.name)] = masked(member.value) }
        return result
    }

    private func masked(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null, .bool: return value
        case .integer, .number:
            // A number may be a secret's digits.
            let text = masked(value.text)
            return text == value.text ? value : .string(text)
        case .string(let text): return .string(masked(text))
        case .array(let items): return .array(items.map(masked))
        case .object(let object): return .object(masked(object))
        }
    }
}
