internal import ConnectorHost
internal import Identifiers
internal import JSON
internal import Mapping
internal import Store

// A line of a mapping as several topics show and take it.

extension MappingLine {
    static let schema = Schema.object(
        .required("id", .id, "Stays as long as nobody takes the line out."),
        .required("config_id", .id),
        .required("stream", .string),
        .required("target_entity", .oneOf(Entity.self)),
        .required("source_field", .string),
        .required("target_field", .string),
        .required("transform_function", .string.orNull, "A pipe of functions; null takes the value as it is."),
        .required("position", .integer, "In the whole table, from 0 on."),
        .required("write", .oneOf(WriteRule.self)),
        .required("empty", .oneOf(EmptyRule.self)),
        .required("created_at", .time),
        .required("updated_at", .time)
    )

    var json: JSONValue {
        [
            "id": .id(id), "config_id": .id(config), "stream": .string(stream),
            "target_entity": .string(entity.rawValue), "source_field": .string(row.sourceField),
            "target_field": .string(row.targetField), "transform_function": .text(row.transform),
            "position": .integer(Int64(position)), "write": .string(row.write.rawValue),
            "empty": .string(row.empty.rawValue), "created_at": .time(createdAt), "updated_at": .time(updatedAt),
        ]
    }

    /// The same line, to be kept again.
    var draft: MappingDraft { MappingDraft(id: id, stream: stream, entity: entity, row: row) }
}

extension MappingTable {
    static let schema = Schema.object(
        .required("version", .integer, "0 where nothing was ever mapped."),
        .required("items", .list(of: .reference("Mapping"))),
        .required("next_cursor", .null, "All stand on one page.")
    )

    var json: JSONValue {
        ["version": .integer(version), "items": .array(lines.map(\.json)), "next_cursor": .null]
    }
}

extension MappingDraft {
    /// Lines of a set.
    static let mostLines = MappingTable.mostLines

    private static let said: [Schema.Field] = [
        .required("stream", .text(1...200), "The source's, as discover names it."),
        .required("target_entity", .oneOf(Entity.self)),
        .required("source_field", .text(1...1_000)),
        .required("target_field", .text(1...200), "`email`, or `attributes.cost_centre` for one of the tenant's own."),
    ]

    private static let chosen: [Schema.Field] = [
        .optional("transform_function", .text(0...32_768).orNull, "A pipe of functions: `trim | lower`."),
        .optional("write", .oneOf(WriteRule.self), "When it may replace what stands there: always if not said."),
        .optional("empty", .oneOf(EmptyRule.self), "What an empty value does: ignore if not said."),
    ]

    private static let place = Schema.Field.optional(
        "position",
        .integer(0...100_000),
        "In the whole table; behind the others of its stream and entity if not said."
    )

    /// A line by itself.
    static let newSchema = Schema.object(said + chosen + [place], isClosed: true)

    /// A line of a set; as it was read it may be sent again.
    static let lineSchema = Schema.object(said + chosen + kept, isClosed: true)

    /// The same, where the table says stream and entity for all.
    static let tableLineSchema = Schema.object(
        said.map { field in
            var field = field
            field.isRequired = field.name != "stream" && field.name != "target_entity"
            return field
        } + chosen + kept,
        isClosed: true
    )

    private static let kept: [Schema.Field] = [
        .optional("id", .id, "Of the standing line that it goes on with."),
        .optional("config_id", .id, "Not looked at."),
        .optional("position", .integer(0...100_000), "Not looked at: the order counts."),
        .optional("created_at", .time, "Not looked at."),
        .optional("updated_at", .time, "Not looked at."),
    ]

    static let changeSchema = Schema.object(
        said.map { field in
            var field = field
            field.isRequired = false
            return field
        } + chosen + [place],
        isClosed: true
    )

    /// Reads a line that passed its schema. `stream` and `entity` are those of a line that doesn't say its own.
    init(
        line json: JSONValue,
        at pointer: String = "",
        stream: String? = nil,
        entity: Entity? = nil
    ) throws(JSONFieldError) {
        var fields = try JSONFields(json, at: pointer)
        let id = try fields.optionalString("id").flatMap(UUID.init)
        let position = try fields.optionalInteger("position").map(Int.init)
        let (ownStream, ownEntity) = (
            try fields.optionalString("stream"), try fields.optionalOneOf("target_entity", Entity.self)
        )
        let stream = if let own = ownStream ?? stream { own } else { try fields.string("stream") }
        let entity = if let own = ownEntity ?? entity { own } else { try fields.oneOf("target_entity", Entity.self) }
        self.init(
            id: id,
            stream: stream,
            entity: entity,
            row: MappingRow(
                sourceField: try fields.string("source_field"),
                targetField: try fields.string("target_field"),
                transform: try fields.optionalString("transform_function"),
                write: try fields.optionalOneOf("write", WriteRule.self) ?? .always,
                empty: try fields.optionalOneOf("empty", EmptyRule.self) ?? .ignore
            ),
            position: position
        )
    }

    /// Reads the lines at `/mappings`.
    static func lines(
        _ items: [JSONValue],
        stream: String? = nil,
        entity: Entity? = nil
    ) throws(JSONFieldError) -> [MappingDraft] {
        var drafts: [MappingDraft] = []
        for (index, item) in items.enumerated() {
            drafts.append(try MappingDraft(line: item, at: "/mappings/\(index)", stream: stream, entity: entity))
        }
        return drafts
    }

    /// Takes what a change names; a transform of null goes.
    mutating func apply(_ json: JSONValue) throws(JSONFieldError) {
        var fields = try JSONFields(json)
        stream = try fields.optionalString("stream") ?? stream
        entity = try fields.optionalOneOf("target_entity", Entity.self) ?? entity
        row.sourceField = try fields.optionalString("source_field") ?? row.sourceField
        row.targetField = try fields.optionalString("target_field") ?? row.targetField
        if let transform = fields.optionalValue("transform_function") { row.transform = transform.stringValue }
        row.write = try fields.optionalOneOf("write", WriteRule.self) ?? row.write
        row.empty = try fields.optionalOneOf("empty", EmptyRule.self) ?? row.empty
        position = try fields.optionalInteger("position").map(Int.init) ?? position
    }
}
