internal import Changes
package import Identifiers
internal import JSON
internal import SQLite
package import Time

extension SQLiteStore {
    package func config(named name: String, tenant: UUID) async throws(StoreError) -> Config? {
        try await read { connection throws(StoreError) in
            try ConfigRow.find(connection, named: name, tenant: tenant)
        }
    }

    package func config(_ id: UUID, tenant: UUID) async throws(StoreError) -> Config? {
        try await read { connection throws(StoreError) in try ConfigRow.find(connection, id, tenant: tenant) }
    }

    package func createConfig(
        _ draft: ConfigDraft,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Config {
        try ConfigRow.check(draft.policy)
        return try await transaction(.api) { connection throws(StoreError) in
            try ConfigRow.requireFree(connection, draft.name, tenant: tenant)
            let config = try ConfigRow.insert(connection, draft, tenant: tenant, now: now)
            try Audit.write(connection, "config.created", "config", config.id, actor: actor, tenant: tenant, now: now)
            return config
        }
    }

    package func importConfig(
        _ draft: ConfigDraft,
        mappings: [MappingDraft],
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Config {
        try ConfigRow.check(draft.policy)
        return try await transaction(.api) { connection throws(StoreError) in
            try ConfigRow.requireFree(connection, draft.name, tenant: tenant)
            let config = try ConfigRow.insert(connection, draft, tenant: tenant, now: now)
            if !mappings.isEmpty {
                let nothing = MappingTable(version: 0, lines: [])
                var edit = MappingTableEdit(nothing, now: now)
                edit.replaceAll(with: mappings)
                try edit.checkSize(after: nothing)
                let version = MappingRows.Version(config: config.id, number: 1, actor: actor, tenant: tenant, now: now)
                try MappingRows.write(connection, edit.lines, as: version)
            }
            let deed = AuditDeed(
                actor: actor,
                action: "config.imported",
                subject: "config",
                subjectID: config.id,
                detail: ["mappings": .integer(Int64(mappings.count))]
            )
            try Audit.write(connection, deed, tenant: tenant, now: now)
            return config
        }
    }

    package func changeConfig(
        _ id: UUID,
        _ change: ConfigChange,
        version: Int64?,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Config {
        if let policy = change.policy { try ConfigRow.check(policy) }
        return try await transaction(.api) { connection throws(StoreError) in
            let standing = try ConfigRow.require(connection, id, version: version, tenant: tenant)
            let (changed, members) = standing.applying(change)
            guard !members.isEmpty else { return standing }
            if changed.name != standing.name {
                try ConfigRow.requireFree(connection, changed.name, except: id, tenant: tenant)
            }
            try connection.change(
                """
                UPDATE integration_configs SET name = ?3, type = ?4, is_active = ?5, settings = ?6, policy = ?7,
                    version = version + 1, updated_at = ?8 WHERE tenant_id = ?1 AND id = ?2
                """,
                [
                    .id(tenant), .id(id), .text(changed.name), .text(changed.type), SQLiteValue(changed.isActive),
                    .json(changed.settings), .json(changed.policy), .time(now),
                ]
            )
            let deed = AuditDeed(
                actor: actor,
                action: "config.changed",
                subject: "config",
                subjectID: id,
                detail: [
                    "changed": .array(members.map { .string($0) }), "version": .integer(standing.version + 1),
                ]
            )
            try Audit.write(connection, deed, tenant: tenant, now: now)
            return try ConfigRow.require(connection, id, tenant: tenant)
        }
    }

    package func copyConfig(_ id: UUID, actor: String, tenant: UUID, now: Instant) async throws(StoreError) -> Config {
        try await transaction(.api) { connection throws(StoreError) in
            let original = try ConfigRow.require(connection, id, tenant: tenant)
            let draft = ConfigDraft(
                name: try ConfigRow.freeName(connection, copyOf: original.name, tenant: tenant),
                provider: original.provider,
                type: original.type,
                settings: original.settings,
                policy: original.policy,
                isActive: false
            )
            let copy = try ConfigRow.insert(connection, draft, tenant: tenant, now: now)
            let table = try MappingRows.newest(connection, config: id, tenant: tenant)
            if !table.lines.isEmpty {
                let lines = table.lines.map { MappingRows.Line(copying: $0, id: .new(now), now: now) }
                let version = MappingRows.Version(config: copy.id, number: 1, actor: actor, tenant: tenant, now: now)
                try MappingRows.write(connection, lines, as: version)
            }
            let deed = AuditDeed(
                actor: actor,
                action: "config.copied",
                subject: "config",
                subjectID: copy.id,
                detail: ["from": .string(id.description)]
            )
            try Audit.write(connection, deed, tenant: tenant, now: now)
            return copy
        }
    }

    package func archiveConfig(
        _ id: UUID,
        version: Int64?,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> ArchivedConfig {
        try await transaction(.api) { connection throws(StoreError) in
            let config = try ConfigRow.require(connection, id, version: version, tenant: tenant)
            var cancelled: Run?
            if let run = try RunRow.unfinished(connection, config: id, tenant: tenant) {
                guard run.state == .queued else {
                    throw StoreError(
                        .conflict,
                        "The configuration \"\(config.name)\" has a run in hand: \(run.id) is \(run.state.rawValue). "
                            + "Wait until it has ended, or cancel it."
                    )
                }
                let reason = "The configuration was deleted."
                cancelled = try RunRow.cancel(connection, run, reason: reason, actor: actor, now: now)
            }
            try RunRow.supersede(connection, config: id, actor: actor, tenant: tenant, now)
            let keys = try FileRow.archiveAll(connection, of: id, tenant: tenant, now: now)
            try connection.change(
                "DELETE FROM integration_credentials WHERE tenant_id = ? AND config_id = ?",
                [.id(tenant), .id(id)]
            )
            try connection.change(
                """
                UPDATE integration_configs SET archived_at = ?3, is_active = 0, version = version + 1, updated_at = ?3
                    WHERE tenant_id = ?1 AND id = ?2
                """,
                [.id(tenant), .id(id), .time(now)]
            )
            let deed = AuditDeed(
                actor: actor,
                action: "config.archived",
                subject: "config",
                subjectID: id,
                detail: ["files": .integer(Int64(keys.count))]
            )
            try Audit.write(connection, deed, tenant: tenant, now: now)
            return ArchivedConfig(cancelled: cancelled, contentKeys: keys)
        }
    }
}

extension Config {
    /// The config after the change, and the members that it changes.
    fileprivate func applying(_ change: ConfigChange) -> (Config, members: [String]) {
        var changed = self
        var members: [String] = []
        if let name = change.name, name != self.name {
            changed.name = name
            members.append("name")
        }
        if let type = change.type, type != self.type {
            changed.type = type
            members.append("type")
        }
        if let isActive = change.isActive, isActive != self.isActive {
            changed.isActive = isActive
            members.append("is_active")
        }
        if let settings = change.settings, settings != self.settings {
            changed.settings = settings
            members.append("settings")
        }
        if let policy = change.policy, policy != self.policy {
            changed.policy = policy
            members.append("policy")
        }
        return (changed, members)
    }
}

/// The rows of integration_configs.
enum ConfigRow {
    static let columns =
        "number, id, tenant_id, name, provider, type, is_active, settings, policy, version, created_at, updated_at"

    static func read(_ row: SQLiteStatement, from first: Int32 = 0) throws(StoreError) -> Config {
        Config(
            id: try row.id(first + 1),
            tenant: try row.id(first + 2),
            number: row.int64(first),
            name: row.text(first + 3),
            provider: row.text(first + 4),
            type: row.text(first + 5),
            isActive: row.int64(first + 6) != 0,
            settings: try row.json(first + 7),
            policy: try row.json(first + 8),
            version: row.int64(first + 9),
            createdAt: row.time(first + 10),
            updatedAt: row.time(first + 11)
        )
    }

    // MARK: Finding

    /// A config that is not archived, of this tenant.
    static func find(_ connection: SQLiteConnection, _ id: UUID, tenant: UUID) throws(StoreError) -> Config? {
        try first(connection, "tenant_id = ? AND id = ? AND archived_at IS NULL", [.id(tenant), .id(id)])
    }

    static func find(
        _ connection: SQLiteConnection,
        named name: String,
        tenant: UUID
    ) throws(StoreError) -> Config? {
        try first(connection, "tenant_id = ? AND name = ? AND archived_at IS NULL", [.id(tenant), .text(name)])
    }

    static func require(_ connection: SQLiteConnection, _ id: UUID, tenant: UUID) throws(StoreError) -> Config {
        guard let config = try find(connection, id, tenant: tenant) else { throw missing(id) }
        return config
    }

    /// The config in this version; `stale` if it is at another by now.
    static func require(
        _ connection: SQLiteConnection,
        _ id: UUID,
        version: Int64?,
        tenant: UUID
    ) throws(StoreError) -> Config {
        let config = try require(connection, id, tenant: tenant)
        guard let version, version != config.version else { return config }
        throw StoreError(
            .stale,
            "The configuration \"\(config.name)\" was changed meanwhile: it is at version \(config.version), not "
                + "\(version). Read it again and repeat the change."
        )
    }

    /// For what outlives its config: runs, logs.
    static func requireWithArchived(
        _ connection: SQLiteConnection,
        _ id: UUID,
        tenant: UUID
    ) throws(StoreError) -> Config {
        guard let config = try first(connection, "tenant_id = ? AND id = ?", [.id(tenant), .id(id)]) else {
            throw missing(id)
        }
        return config
    }

    /// Refuses to start anything for a config that is off, or whose provider is.
    static func requireSwitchedOn(_ connection: SQLiteConnection, _ config: Config) throws(StoreError) {
        guard config.isActive else {
            throw StoreError(
                .inactive,
                "The configuration \"\(config.name)\" is switched off. Switch it on, then sync."
            )
        }
        guard try ProviderRow.isEnabled(connection, config.provider, tenant: config.tenant) else {
            throw StoreError(
                .providerOff,
                "The provider \"\(config.provider)\" is switched off. An administrator can switch it on, then sync."
            )
        }
    }

    private static func missing(_ id: UUID) -> StoreError {
        StoreError(.notFound, "There is no configuration \(id).")
    }

    private static func first(
        _ connection: SQLiteConnection,
        _ condition: String,
        _ values: [SQLiteValue]
    ) throws(StoreError) -> Config? {
        try connection.row("SELECT \(columns) FROM integration_configs WHERE \(condition)", values) {
            row throws(StoreError) in try read(row)
        }
    }

    // MARK: Writing

    static func insert(
        _ connection: SQLiteConnection,
        _ draft: ConfigDraft,
        tenant: UUID,
        now: Instant
    ) throws(StoreError) -> Config {
        let id = UUID.new(now)
        try connection.change(
            """
            INSERT INTO integration_configs
                (id, tenant_id, name, provider, type, is_active, settings, policy, created_at, updated_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)
            """,
            [
                .id(id), .id(tenant), .text(draft.name), .text(draft.provider), .text(draft.type),
                SQLiteValue(draft.isActive), .json(draft.settings), .json(draft.policy), .time(now),
            ]
        )
        return try require(connection, id, tenant: tenant)
    }

    /// `conflict` if another config of the tenant has the name.
    static func requireFree(
        _ connection: SQLiteConnection,
        _ name: String,
        except id: UUID? = nil,
        tenant: UUID
    ) throws(StoreError) {
        guard let standing = try find(connection, named: name, tenant: tenant), standing.id != id else { return }
        throw StoreError(
            .conflict,
            "There is a configuration named \"\(name)\" already (\(standing.id)). "
                + "Choose another name, or change that one."
        )
    }

    /// `X (copy)`, or the first of `X (copy 2)`, `X (copy 3)` … that nobody has; a long name is cut to have room for that.
    static func freeName(
        _ connection: SQLiteConnection,
        copyOf name: String,
        tenant: UUID
    ) throws(StoreError) -> String {
        let base = name.prefix(180)
        var candidate = "\(base) (copy)"
        var number = 2
        while try find(connection, named: candidate, tenant: tenant) != nil {
            candidate = "\(base) (copy \(number))"
            number += 1
        }
        return candidate
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
