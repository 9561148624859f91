package import Identifiers
internal import JSON
internal import Mapping
internal import SQLite
package import Time

extension SQLiteStore {
    package func lookups(tenant: UUID) async throws(StoreError) -> [Lookup] {
        try await read { connection throws(StoreError) in
            try connection.rows(
                "SELECT \(LookupRow.columns) FROM integration_lookups WHERE tenant_id = ? ORDER BY name",
                [.id(tenant)]
            ) { row throws(StoreError) in LookupRow.read(row) }
        }
    }

    package func lookup(
        _ name: String,
        tenant: UUID
    ) async throws(StoreError) -> (lookup: Lookup, entries: [LookupEntry])? {
        try await read { connection throws(StoreError) in
            guard let lookup = try LookupRow.find(connection, name, tenant: tenant) else { return nil }
            return (lookup, try LookupRow.entries(connection, name, tenant: tenant))
        }
    }

    package func lookupEntries(
        _ names: Set<String>,
        tenant: UUID
    ) async throws(StoreError) -> [String: [LookupEntry]] {
        guard !names.isEmpty else { return [:] }
        return try await read { connection throws(StoreError) in
            var tables: [String: [LookupEntry]] = [:]
            for name in names where try LookupRow.find(connection, name, tenant: tenant) != nil {
                tables[name] = try LookupRow.entries(connection, name, tenant: tenant)
            }
            return tables
        }
    }

    package func saveLookup(
        _ name: String,
        entries: [LookupEntry],
        version: Int64?,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Lookup {
        try await transaction(.api) { connection throws(StoreError) in
            let standing = try LookupRow.find(connection, name, tenant: tenant)
            try LookupRow.requireMatch(standing, version: version)
            if standing == nil { try LookupRow.requireRoom(connection, tenant: tenant) }
            let lookup = Lookup(
                name: name,
                version: max(now.microseconds, (standing?.version ?? 0) + 1),
                count: Int64(entries.count),
                createdAt: standing?.createdAt ?? now,
                updatedAt: now,
                updatedBy: actor
            )
            try LookupRow.write(connection, lookup, entries, tenant: tenant)
            let detail: JSONValue = ["name": .string(name), "count": .integer(lookup.count)]
            try LookupRow.audit(
                connection,
                standing == nil ? "lookup.created" : "lookup.replaced",
                detail,
                actor,
                tenant,
                now
            )
            return lookup
        }
    }

    package func deleteLookup(
        _ name: String,
        version: Int64?,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) {
        try await transaction(.api) { connection throws(StoreError) in
            guard let standing = try LookupRow.find(connection, name, tenant: tenant) else {
                throw StoreError(.notFound, "There is no such lookup table.")
            }
            try LookupRow.requireMatch(standing, version: version)
            if let config = try LookupRow.user(connection, name, tenant: tenant) {
                throw StoreError(
                    .conflict,
                    "The mappings of the configuration \"\(config)\" use the lookup table \(name): change them first."
                )
            }
            try LookupRow.delete(connection, name, tenant: tenant)
            try LookupRow.audit(connection, "lookup.deleted", ["name": .string(name)], actor, tenant, now)
        }
    }
}

/// The rows of integration_lookups and integration_lookup_entries.
private enum LookupRow {
    static let columns = "name, version, count, created_at, updated_at, updated_by"

    static func read(_ row: SQLiteStatement) -> Lookup {
        Lookup(
            name: row.text(0),
            version: row.int64(1),
            count: row.int64(2),
            createdAt: row.time(3),
            updatedAt: row.time(4),
            updatedBy: row.text(5)
        )
    }

    static func find(_ connection: SQLiteConnection, _ name: String, tenant: UUID) throws(StoreError) -> Lookup? {
        try connection.row(
            "SELECT \(columns) FROM integration_lookups WHERE tenant_id = ? AND name = ?",
            [.id(tenant), .text(name)]
        ) { row throws(StoreError) in read(row) }
    }

    static func entries(
        _ connection: SQLiteConnection,
        _ name: String,
        tenant: UUID
    ) throws(StoreError) -> [LookupEntry] {
        try connection.rows(
            "SELECT key, value FROM integration_lookup_entries WHERE tenant_id = ? AND name = ? ORDER BY position",
            [.id(tenant), .text(name)]
        ) { row throws(StoreError) in LookupEntry(key: row.text(0), value: row.text(1)) }
    }

    static func requireMatch(_ standing: Lookup?, version: Int64?) throws(StoreError) {
        guard let version, version != standing?.version ?? 0 else { return }
        throw StoreError(.stale, "The lookup table was changed meanwhile.")
    }

    static func requireRoom(_ connection: SQLiteConnection, tenant: UUID) throws(StoreError) {
        let count = try connection.number("SELECT count(*) FROM integration_lookups WHERE tenant_id = ?", [.id(tenant)])
        guard count ?? 0 >= Lookup.mostTables else { return }
        throw StoreError(.invalid, "A tenant has at most \(Lookup.mostTables) lookup tables: delete one first.")
    }

    static func write(
        _ connection: SQLiteConnection,
        _ lookup: Lookup,
        _ entries: [LookupEntry],
        tenant: UUID
    ) throws(StoreError) {
        try connection.change(
            """
            INSERT INTO integration_lookups (tenant_id, name, version, count, created_at, updated_at, updated_by)
                VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET version = excluded.version,
                    count = excluded.count, updated_at = excluded.updated_at, updated_by = excluded.updated_by
            """,
            [
                .id(tenant), .text(lookup.name), .integer(lookup.version), .integer(lookup.count),
                .time(lookup.createdAt), .time(lookup.updatedAt), .text(lookup.updatedBy),
            ]
        )
        try deleteEntries(connection, lookup.name, tenant: tenant)
        for (position, entry) in entries.enumerated() {
            try connection.change(
                """
                INSERT INTO integration_lookup_entries (tenant_id, name, position, key, value) VALUES (?, ?, ?, ?, ?)
                """,
                [.id(tenant), .text(lookup.name), .integer(Int64(position)), .text(entry.key), .text(entry.value)]
            )
        }
    }

    static func delete(_ connection: SQLiteConnection, _ name: String, tenant: UUID) throws(StoreError) {
        try deleteEntries(connection, name, tenant: tenant)
        try connection.change(
            "DELETE FROM integration_lookups WHERE tenant_id = ? AND name = ?",
            [.id(tenant), .text(name)]
        )
    }

    private static func deleteEntries(
        _ connection: SQLiteConnection,
        _ name: String,
        tenant: UUID
    ) throws(StoreError) {
        try connection.change(
            "DELETE FROM integration_lookup_entries WHERE tenant_id = ? AND name = ?",
            [.id(tenant), .text(name)]
        )
    }

    /// The name of a configuration whose newest mappings use the table.
    static func user(_ connection: SQLiteConnection, _ name: String, tenant: UUID) throws(StoreError) -> String? {
        let candidates = try connection.rows(
            """
            SELECT c.name, m.stream, m.source_field, m.target_field, m.transform_function
                FROM integration_configs c JOIN integration_mappings m ON m.tenant_id = c.tenant_id AND m.config_id = c.id
                WHERE c.tenant_id = ?1 AND c.archived_at IS NULL AND m.transform_function LIKE '%lookup%'
                    AND m.version = (SELECT max(v.version) FROM integration_mapping_versions v
                        WHERE v.tenant_id = ?1 AND v.config_id = c.id)
            """,
            [.id(tenant)]
        ) { row throws(StoreError) in
            (
                config: row.text(0),
                set: MappingSet(
                    stream: row.text(1),
                    entity: .users,
                    rows: [MappingRow(sourceField: row.text(2), targetField: row.text(3), transform: row.text(4))]
                )
            )
        }
        return candidates.first { $0.set.needs.tables.contains(name) }?.config
    }

    static func audit(
        _ connection: SQLiteConnection,
        _ action: String,
        _ detail: JSONValue,
        _ actor: String,
        _ tenant: UUID,
        _ now: Instant
    ) throws(StoreError) {
        let deed = AuditDeed(actor: actor, action: action, subject: "lookup", detail: detail)
        try Audit.write(connection, deed, tenant: tenant, now: now)
    }
}
