package import JSON

/// A JSON Schema (2020-12), as the document shows it and as request bodies and parameters are checked by it.
///
/// Schemas of what clients send keep to what `JSONSchema` checks; those of answers may be anything.
package struct Schema: Sendable, Equatable {
    package var json: JSONValue

    package init(_ json: JSONValue) {
        self.json = json
    }

    // MARK: - Texts

    /// A text in an answer.
    package static let string = Schema(["type": "string"])

    /// A text that clients send: no NUL, which no database keeps.
    package static func text(_ length: ClosedRange<Int>) -> Schema {
        var schema: JSONObject = ["type": "string", "maxLength": .integer(Int64(length.upperBound))]
        if length.lowerBound > 0 { schema["minLength"] = .integer(Int64(length.lowerBound)) }
        schema["pattern"] = "^[^\\u0000]*$"
        return Schema(.object(schema))
    }

    package static let id = Schema(["type": "string", "format": "uuid"])
    /// RFC 3339, answers in UTC.
    package static let time = Schema(["type": "string", "format": "date-time"])

    package static func oneOf(_ texts: [String]) -> Schema {
        Schema(["type": "string", "enum": .array(texts.map { .string($0) })])
    }

    package static func oneOf<Choice: RawRepresentable<String> & CaseIterable>(_ type: Choice.Type) -> Schema {
        oneOf(type.allCases.map(\.rawValue))
    }

    // MARK: - Numbers and truths

    package static let integer = Schema(["type": "integer", "format": "int64"])
    package static let number = Schema(["type": "number"])
    package static let bool = Schema(["type": "boolean"])

    package static func integer(_ range: ClosedRange<Int64>) -> Schema {
        Schema(["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)])
    }

    // MARK: - Lists and objects

    package static func list(of item: Schema) -> Schema {
        Schema(["type": "array", "items": item.json])
    }

    package static func list(of item: Schema, count: ClosedRange<Int>) -> Schema {
        Schema([
            "type": "array", "items": item.json, "minItems": .integer(Int64(count.lowerBound)),
            "maxItems": .integer(Int64(count.upperBound)),
        ])
    }

    /// Any object: settings, whose members the connector's own schema says.
    package static let anyObject = Schema(["type": "object"])
    /// Any value.
    package static let any = Schema([:])

    /// An object in an answer: more members may come.
    package static func object(_ fields: Field...) -> Schema { object(fields, isClosed: false) }

    /// An object that clients send: other members are refused.
    package static func closed(_ fields: Field...) -> Schema { object(fields, isClosed: true) }

    package static func object(_ fields: [Field], isClosed: Bool) -> Schema {
        var properties: JSONObject = [:]
        for field in fields { properties[field.name] = field.schema.json }
        var schema: JSONObject = ["type": "object", "properties": .object(properties)]
        let required = fields.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { schema["required"] = .array(required) }
        if isClosed { schema["additionalProperties"] = false }
        return Schema(.object(schema))
    }

    /// An object whose members are all alike.
    package static func map(of value: Schema) -> Schema {
        Schema(["type": "object", "additionalProperties": value.json])
    }

    /// One page of a list.
    package static func page(of item: Schema) -> Schema {
        object(
            .required("items", .list(of: item)),
            .required("next_cursor", .string.orNull, "For the next page's `cursor`; null on the last page.")
        )
    }

    /// A schema that a topic declares by this name.
    package static func reference(_ name: String) -> Schema {
        Schema(["$ref": .string(referencePrefix + name)])
    }

    static let referencePrefix = "#/components/schemas/"

    // MARK: - Variants

    /// The same, or null.
    package var orNull: Schema {
        guard var object = json.objectValue, let type = object["type"]?.stringValue else {
            return Schema(["anyOf": [json, ["type": "null"]]])
        }
        object["type"] = [.string(type), "null"]
        if let choices = object["enum"]?.arrayValue { object["enum"] = .array(choices + [.null]) }
        return Schema(.object(object))
    }

    package func described(_ text: String) -> Schema { with("description", .string(text)) }

    package func with(_ keyword: String, _ value: JSONValue) -> Schema {
        guard var object = json.objectValue else { return self }
        object[keyword] = value
        return Schema(.object(object))
    }
}

extension Schema {
    /// A member of an object.
    package struct Field: Sendable {
        var name: String
        var schema: Schema
        var isRequired: Bool

        package static func required(_ name: String, _ schema: Schema, _ description: String? = nil) -> Field {
            Field(name: name, schema: described(schema, description), isRequired: true)
        }

        package static func optional(_ name: String, _ schema: Schema, _ description: String? = nil) -> Field {
            Field(name: name, schema: described(schema, description), isRequired: false)
        }

        private static func described(_ schema: Schema, _ description: String?) -> Schema {
            description.map(schema.described) ?? schema
        }
    }
}
