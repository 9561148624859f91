internal import Identifiers
internal import Mapping
internal import SQLite
internal import Time

/// The rows of integration_mappings, and their versions.
enum MappingRows {
    /// A line without its place.
    struct Line: Equatable {
        var id: UUID
        var stream: String
        var entity: Entity
        var row: MappingRow
        var createdAt: Instant
        var updatedAt: Instant
    }

    struct Version {
        var config: UUID
        var number: Int64
        var actor: String
        var tenant: UUID
        var now: Instant
    }

    static func newestVersion(
        _ connection: SQLiteConnection,
        config: UUID,
        tenant: UUID
    ) throws(StoreError) -> Int64? {
        try connection.number(
            "SELECT max(version) FROM integration_mapping_versions WHERE tenant_id = ? AND config_id = ?",
            [.id(tenant), .id(config)]
        )
    }

    static func exists(
        _ connection: SQLiteConnection,
        config: UUID,
        version: Int64,
        tenant: UUID
    ) throws(StoreError) -> Bool {
        let number = try connection.number(
            "SELECT number FROM integration_mapping_versions WHERE tenant_id = ? AND config_id = ? AND version = ?",
            [.id(tenant), .id(config), .integer(version)]
        )
        return number != nil
    }

    /// The newest version; version 0 without lines if none was ever saved.
    static func newest(_ connection: SQLiteConnection, config: UUID, tenant: UUID) throws(StoreError) -> MappingTable {
        guard let version = try newestVersion(connection, config: config, tenant: tenant) else {
            return MappingTable(version: 0, lines: [])
        }
        return try table(connection, config: config, version: version, tenant: tenant)
    }

    static func table(
        _ connection: SQLiteConnection,
        config: UUID,
        version: Int64,
        tenant: UUID
    ) throws(StoreError) -> MappingTable {
        let lines = try connection.rows(
            """
            SELECT coalesce(row_id, id), stream, target_entity, source_field, target_field, transform_function, write,
                    empty, position, created_at, updated_at
                FROM integration_mappings WHERE tenant_id = ? AND config_id = ? AND version = ? ORDER BY position
            """,
            [.id(tenant), .id(config), .integer(version)]
        ) { row throws(StoreError) in
            MappingLine(
                id: try row.id(0),
                config: config,
                stream: row.text(1),
                entity: try row.word(2),
                row: MappingRow(
                    sourceField: row.text(3),
                    targetField: row.text(4),
                    transform: row.optionalText(5),
                    write: try row.word(6),
                    empty: try row.word(7)
                ),
                position: Int(row.int64(8)),
                createdAt: row.time(9),
                updatedAt: row.time(10)
            )
        }
        return MappingTable(version: version, lines: lines)
    }

    /// The same as runs use it.
    static func read(
        _ connection: SQLiteConnection,
        config: UUID,
        version: Int64,
        tenant: UUID
    ) throws(StoreError) -> [MappingSet] {
        try table(connection, config: config, version: version, tenant: tenant).sets
    }

    static func write(_ connection: SQLiteConnection, _ lines: [Line], as version: Version) throws(StoreError) {
        try connection.change(
            """
            INSERT INTO integration_mapping_versions (tenant_id, config_id, version, created_at, created_by)
                VALUES (?, ?, ?, ?, ?)
            """,
            [
                .id(version.tenant), .id(version.config), .integer(version.number), .time(version.now),
                .text(version.actor),
            ]
        )
        for (position, line) in lines.enumerated() {
            try connection.change(
                """
                INSERT INTO integration_mappings
                    (id, row_id, tenant_id, config_id, version, position, stream, target_entity, source_field,
                    target_field, transform_function, write, empty, created_at, updated_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .id(.new(version.now)), .id(line.id), .id(version.tenant), .id(version.config),
                    .integer(version.number), .integer(Int64(position)), .text(line.stream),
                    .text(line.entity.rawValue), .text(line.row.sourceField), .text(line.row.targetField),
                    SQLiteValue(line.row.transform), .text(line.row.write.rawValue), .text(line.row.empty.rawValue),
                    .time(line.createdAt), .time(line.updatedAt),
                ]
            )
        }
    }
}

extension MappingRows.Line {
    init(_ line: MappingLine) {
        self.init(
            id: line.id,
            stream: line.stream,
            entity: line.entity,
            row: line.row,
            createdAt: line.createdAt,
            updatedAt: line.updatedAt
        )
    }

    init(_ draft: MappingDraft, id: UUID, now: Instant) {
        self.init(
            id: id,
            stream: draft.stream,
            entity: draft.entity,
            row: draft.row,
            createdAt: now,
            updatedAt: now
        )
    }

    /// Another config's own line that says the same.
    init(copying line: MappingLine, id: UUID, now: Instant) {
        self.init(line)
        self.id = id
        createdAt = now
        updatedAt = now
    }
}

extension MappingTable {
    /// Lines of one stream and entity stand together.
    var sets: [MappingSet] {
        var sets: [MappingSet] = []
        for line in lines {
            if let last = sets.last, last.stream == line.stream, last.entity == line.entity {
                sets[sets.count - 1].rows.append(line.row)
            } else {
                sets.append(MappingSet(stream: line.stream, entity: line.entity, rows: [line.row]))
            }
        }
        return sets
    }
}
