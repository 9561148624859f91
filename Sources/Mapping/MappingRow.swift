/// One line of a mapping as administrators see it: a source field, a target field, a transform.
package struct MappingRow: Sendable, Hashable {
    package var sourceField: String
    package var targetField: String
    /// A pipe (`trim | lower`), or nil for the value as it is.
    package var transform: String?
    package var write: WriteRule
    package var empty: EmptyRule

    package init(
        sourceField: String,
        targetField: String,
        transform: String? = nil,
        write: WriteRule = .always,
        empty: EmptyRule = .ignore
    ) {
        self.sourceField = sourceField
        self.targetField = targetField
        self.transform = transform
        self.write = write
        self.empty = empty
    }
}

/// When a mapped value may replace what stands in TrainFlow.
package enum WriteRule: String, Sendable, Hashable, CaseIterable {
    case always
    case whenEmpty = "when_empty"
    case onCreate = "on_create"
}

/// What an empty or null source value does.
package enum EmptyRule: String, Sendable, Hashable, CaseIterable {
    case ignore, erase
}

/// All rows that turn one stream into one entity, in order.
package struct MappingSet: Sendable, Hashable {
    package var stream: String
    package var entity: Entity
    package var rows: [MappingRow]

    package init(stream: String, entity: Entity, rows: [MappingRow]) {
        self.stream = stream
        self.entity = entity
        self.rows = rows
    }
}
