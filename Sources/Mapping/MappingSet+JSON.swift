package import JSON

extension MappingSet {
    /// Reads `{"stream", "target_entity", "mappings": [{"source_field", "target_field", …}]}`.
    ///
    /// `stream` may be missing: it is "" then, and the caller fills it in. Of a mapping, `transform_function`, `write` and
    /// `empty` may be missing. Unknown members are refused.
    package init(json: JSONValue) throws(JSONFieldError) {
        var fields = try JSONFields(json)
        let stream = try fields.optionalString("stream") ?? ""
        let entity = try fields.oneOf("target_entity", Entity.self)
        let mappings = try fields.array("mappings")
        try fields.finish()
        var rows: [MappingRow] = []
        for (index, mapping) in mappings.enumerated() {
            let pointer = JSONPointer.appending(index, to: fields.pointer(to: "mappings"))
            rows.append(try MappingRow(json: mapping, at: pointer))
        }
        self.init(stream: stream, entity: entity, rows: rows)
    }

    /// The same, with every member but an empty `stream`.
    package var json: JSONValue {
        var object = JSONObject()
        if !stream.isEmpty { object["stream"] = .string(stream) }
        object["target_entity"] = .string(entity.rawValue)
        object["mappings"] = .array(rows.map(\.json))
        return .object(object)
    }
}

extension MappingRow {
    /// - Parameter pointer: where the row stands in the whole, for messages.
    package init(json: JSONValue, at pointer: String = "") throws(JSONFieldError) {
        var fields = try JSONFields(json, at: pointer)
        let source = try fields.string("source_field")
        let target = try fields.string("target_field")
        let transform = try fields.optionalString("transform_function")
        let write = try fields.optionalOneOf("write", WriteRule.self) ?? .always
        let empty = try fields.optionalOneOf("empty", EmptyRule.self) ?? .ignore
        try fields.finish()
        self.init(sourceField: source, targetField: target, transform: transform, write: write, empty: empty)
    }

    package var json: JSONValue {
        [
            "source_field": .string(sourceField),
            "target_field": .string(targetField),
            "transform_function": transform.map(JSONValue.string) ?? .null,
            "write": .string(write.rawValue),
            "empty": .string(empty.rawValue),
        ]
    }
}
