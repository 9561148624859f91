internal import Changes
package import Identifiers
package import JSON
internal import SQLite
package import Time

extension SQLiteStore {
    package func config(named name: String, tenant: UUID) async throws(StoreError) -> Config? {
        try await read { connection throws(StoreError) in
            try ConfigRow.first(
                connection,
                "tenant_id = ? AND name = ? AND archived_at IS NULL",
                [.id(tenant), .text(name)]
            )
        }
    }

    package func config(_ id: UUID, tenant: UUID) async throws(StoreError) -> Config? {
        try await read { connection throws(StoreError) in try ConfigRow.find(connection, id, tenant: tenant) }
    }

    package func createConfig(_ draft: ConfigDraft, tenant: UUID, now: Instant) async throws(StoreError) -> Config {
        try ConfigRow.check(draft.policy)
        return try await transaction(.api) { connection throws(StoreError) in
            let standing = try ConfigRow.first(
                connection,
                "tenant_id = ? AND name = ? AND archived_at IS NULL",
                [.id(tenant), .text(draft.name)]
            )
            if let standing {
                throw StoreError(
                    .conflict,
                    "There is a configuration named \"\(draft.name)\" already (\(standing.id)). "
                        + "Choose another name, or change that one."
                )
            }
            let id = UUID.new(now)
            try connection.change(
                """
                INSERT INTO integration_configs
                    (id, tenant_id, name, provider, type, settings, policy, created_at, updated_at)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)
                """,
                [
                    .id(id), .id(tenant), .text(draft.name), .text(draft.provider), .text(draft.type),
                    .json(draft.settings), .json(draft.policy), .time(now),
                ]
            )
            try Audit.write(connection, "config.created", "config", id, tenant: tenant, now: now)
            return try ConfigRow.require(connection, id, tenant: tenant)
        }
    }

    package func updateConfig(
        _ id: UUID,
        settings: JSONValue,
        policy: JSONValue,
        version: Int64,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Config {
        try ConfigRow.check(policy)
        return try await transaction(.api) { connection throws(StoreError) in
            let standing = try ConfigRow.require(connection, id, tenant: tenant)
            guard standing.version == version else {
                throw StoreError(
                    .conflict,
                    "The configuration \"\(standing.name)\" was changed meanwhile: it is at version "
                        + "\(standing.version), not \(version). Read it again and repeat the change."
                )
            }
            try connection.change(
                """
                UPDATE integration_configs SET settings = ?3, policy = ?4, version = version + 1, updated_at = ?5
                    WHERE tenant_id = ?1 AND id = ?2
                """,
                [.id(tenant), .id(id), .json(settings), .json(policy), .time(now)]
            )
            try Audit.write(connection, "config.changed", "config", id, tenant: tenant, now: now)
            return try ConfigRow.require(connection, id, tenant: tenant)
        }
    }
}

/// The rows of integration_configs.
enum ConfigRow {
    /// A config that is not archived, of this tenant.
    static func find(_ connection: SQLiteConnection, _ id: UUID, tenant: UUID) throws(StoreError) -> Config? {
        try first(connection, "tenant_id = ? AND id = ? AND archived_at IS NULL", [.id(tenant), .id(id)])
    }

    static func require(_ connection: SQLiteConnection, _ id: UUID, tenant: UUID) throws(StoreError) -> Config {
        guard let config = try find(connection, id, tenant: tenant) else {
            throw StoreError(.notFound, "There is no configuration \(id).")
        }
        return config
    }

    /// For a run that was queued before its config was archived.
    static func requireWithArchived(
        _ connection: SQLiteConnection,
        _ id: UUID,
        tenant: UUID
    ) throws(StoreError) -> Config {
        guard let config = try first(connection, "tenant_id = ? AND id = ?", [.id(tenant), .id(id)]) else {
            throw StoreError(.notFound, "There is no configuration \(id).")
        }
        return config
    }

    static func first(
        _ connection: SQLiteConnection,
        _ condition: String,
        _ values: [SQLiteValue]
    ) throws(StoreError) -> Config? {
        let columns =
            "number, id, tenant_id, name, provider, type, is_active, settings, policy, version, created_at, updated_at"
        return try connection.row("SELECT \(columns) FROM integration_configs WHERE \(condition)", values) {
            row throws(StoreError) in
            Config(
                id: try row.id(1),
                tenant: try row.id(2),
                number: row.int64(0),
                name: row.text(3),
                provider: row.text(4),
                type: row.text(5),
                isActive: row.int64(6) != 0,
                settings: try row.json(7),
                policy: try row.json(8),
                version: row.int64(9),
                createdAt: row.time(10),
                updatedAt: row.time(11)
            )
        }
    }

    /// A policy that can't be read would stop every run of the config.
    static func check(_ policy: JSONValue) throws(StoreError) {
        do throws(JSONFieldError) {
            _ = try Policy(json: policy)
        } catch {
            throw StoreError(.invalid, "The policy can't be kept: \(error).")
        }
    }
}
