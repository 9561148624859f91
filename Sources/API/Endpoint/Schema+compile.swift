internal import ConnectorHost
internal import JSON

extension Schema {
    /// The checker of this schema. `definitions`: what its references name.
    func compiled(_ definitions: [String: Schema]) throws(JSONSchema.Refusal) -> JSONSchema {
        var needed: [String: Schema] = [:]
        Self.collect(json, definitions, into: &needed)
        guard var root = Self.checkable(json).objectValue else { return try JSONSchema(compiling: json) }
        if !needed.isEmpty {
            var defined: JSONObject = [:]
            for (name, schema) in needed.sorted(by: { $0.key < $1.key }) {
                defined[name] = Self.checkable(schema.json)
            }
            root["$defs"] = .object(defined)
        }
        return try JSONSchema(compiling: .object(root))
    }

    private static func collect(_ value: JSONValue, _ all: [String: Schema], into needed: inout [String: Schema]) {
        switch value {
        case .array(let items): for item in items { collect(item, all, into: &needed) }
        case .object(let object):
            if let name = object["$ref"]?.stringValue?.dropping(referencePrefix), needed[name] == nil,
                let schema = all[name]
            {
                needed[name] = schema
                collect(schema.json, all, into: &needed)
            }
            for member in object.members { collect(member.value, all, into: &needed) }
        default: break
        }
    }

    /// Without what the checker doesn't know: the one pattern there is (no NUL) is checked apart, for all texts.
    private static func checkable(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let items): return .array(items.map(checkable))
        case .object(let object):
            var result: JSONObject = [:]
            for member in object.members {
                switch (member.name, member.value) {
                case ("pattern", .string), ("format", "int64"): continue
                case ("$ref", .string(let text)):
                    result["$ref"] = .string("#/$defs/" + (text.dropping(referencePrefix) ?? text))
                case ("properties", .object(let properties)):
                    // Their names are no keywords.
                    var kept: JSONObject = [:]
                    for property in properties.members { kept[property.name] = checkable(property.value) }
                    result["properties"] = .object(kept)
                case ("default", let value), ("const", let value), ("enum", let value), ("examples", let value):
                    result[member.name] = value
                case (let name, let value): result[name] = checkable(value)
                }
            }
            return .object(result)
        default: return value
        }
    }
}

extension String {
    /// What follows the prefix; nil without it.
    func dropping(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
