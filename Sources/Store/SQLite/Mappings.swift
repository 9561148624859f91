package import Identifiers
package import Mapping
internal import SQLite
package import Time

extension SQLiteStore {
    package func saveMappings(
        _ sets: [MappingSet],
        config: UUID,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Int64 {
        let sets = MappingRows.normalised(sets)
        return try await transaction(.api) { connection throws(StoreError) in
            _ = try ConfigRow.require(connection, config, tenant: tenant)
            let newest = try MappingRows.newestVersion(connection, config: config, tenant: tenant)
            if let newest {
                let standing = try MappingRows.read(connection, config: config, version: newest, tenant: tenant)
                if standing == sets { return newest }
            }
            let version = (newest ?? 0) + 1
            try MappingRows.write(connection, sets, config: config, version: version, tenant: tenant, now: now)
            try Audit.write(
                connection,
                "mappings.saved",
                "config",
                config,
                detail: "{\"version\":\(version)}",
                tenant: tenant,
                now: now
            )
            return version
        }
    }

    package func mappings(
        config: UUID,
        version: Int64?,
        tenant: UUID
    ) async throws(StoreError) -> [MappingSet] {
        try await read { connection throws(StoreError) in
            _ = try ConfigRow.require(connection, config, tenant: tenant)
            guard let version else {
                let newest = try MappingRows.newestVersion(connection, config: config, tenant: tenant)
                guard let newest else { return [] }
                return try MappingRows.read(connection, config: config, version: newest, tenant: tenant)
            }
            guard try MappingRows.exists(connection, config: config, version: version, tenant: tenant) else {
                throw StoreError(.notFound, "The configuration has no mapping version \(version).")
            }
            return try MappingRows.read(connection, config: config, version: version, tenant: tenant)
        }
    }
}

/// The rows of integration_mappings, and their versions.
enum MappingRows {
    /// Sets with rows only, each stream and entity once: two that look alike are one.
    static func normalised(_ sets: [MappingSet]) -> [MappingSet] {
        var result: [MappingSet] = []
        for set in sets where !set.rows.isEmpty {
            if let known = result.firstIndex(where: { $0.stream == set.stream && $0.entity == set.entity }) {
                result[known].rows += set.rows
            } else {
                result.append(set)
            }
        }
        return result
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

    static func read(
        _ connection: SQLiteConnection,
        config: UUID,
        version: Int64,
        tenant: UUID
    ) throws(StoreError) -> [MappingSet] {
        let rows = try connection.rows(
            """
            SELECT stream, target_entity, source_field, target_field, transform_function, write, empty
                FROM integration_mappings WHERE tenant_id = ? AND config_id = ? AND version = ? ORDER BY position
            """,
            [.id(tenant), .id(config), .integer(version)]
        ) { row throws(StoreError) in
            MappingSet(
                stream: row.text(0),
                entity: try row.word(1),
                rows: [
                    MappingRow(
                        sourceField: row.text(2),
                        targetField: row.text(3),
                        transform: row.optionalText(4),
                        write: try row.word(5),
                        empty: try row.word(6)
                    )
                ]
            )
        }
        return normalised(rows)
    }

    static func write(
        _ connection: SQLiteConnection,
        _ sets: [MappingSet],
        config: UUID,
        version: Int64,
        tenant: UUID,
        now: Instant
    ) throws(StoreError) {
        try connection.change(
            "INSERT INTO integration_mapping_versions (tenant_id, config_id, version, created_at) VALUES (?, ?, ?, ?)",
            [.id(tenant), .id(config), .integer(version), .time(now)]
        )
        let lines = sets.flatMap { set in set.rows.map { (set: set, row: $0) } }
        for (position, line) in lines.enumerated() {
            try connection.change(
                """
                INSERT INTO integration_mappings
                    (id, tenant_id, config_id, version, position, stream, target_entity, source_field, target_field,
                    transform_function, write, empty, created_at, updated_at)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?13)
                """,
                [
                    .id(.new(now)), .id(tenant), .id(config), .integer(version), .integer(Int64(position)),
                    .text(line.set.stream), .text(line.set.entity.rawValue), .text(line.row.sourceField),
                    .text(line.row.targetField), SQLiteValue(line.row.transform), .text(line.row.write.rawValue),
                    .text(line.row.empty.rawValue), .time(now),
                ]
            )
        }
    }
}
