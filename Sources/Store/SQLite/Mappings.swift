package import Identifiers
package import Mapping
internal import SQLite
package import Time

extension SQLiteStore {
    package func saveMappings(
        _ sets: [MappingSet],
        config: UUID,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Int64 {
        let drafts = sets.flatMap { set in
            set.rows.map { MappingDraft(stream: set.stream, entity: set.entity, row: $0) }
        }
        return try await editMappings(config, version: nil, actor, tenant, now) { edit in
            edit.replaceAll(with: drafts)
        }.version
    }

    package func mappings(
        config: UUID,
        version: Int64?,
        tenant: UUID
    ) async throws(StoreError) -> [MappingSet] {
        try await mappingTable(config: config, version: version, tenant: tenant).sets
    }

    package func mappingTable(config: UUID, version: Int64?, tenant: UUID) async throws(StoreError) -> MappingTable {
        try await read { connection throws(StoreError) in
            _ = try ConfigRow.require(connection, config, tenant: tenant)
            guard let version else { return try MappingRows.newest(connection, config: config, tenant: tenant) }
            guard try MappingRows.exists(connection, config: config, version: version, tenant: tenant) else {
                throw StoreError(.notFound, "The configuration has no mapping version \(version).")
            }
            return try MappingRows.table(connection, config: config, version: version, tenant: tenant)
        }
    }

    package func mappingVersions(
        config: UUID,
        page: PageRequest,
        tenant: UUID
    ) async throws(StoreError) -> Page<MappingVersion> {
        try await read { connection throws(StoreError) in
            _ = try ConfigRow.require(connection, config, tenant: tenant)
            let found = try connection.rows(
                """
                SELECT version, created_at, coalesce(created_by, ''),
                        (SELECT count(*) FROM integration_mappings AS line WHERE line.tenant_id = saved.tenant_id
                            AND line.config_id = saved.config_id AND line.version = saved.version)
                    FROM integration_mapping_versions AS saved
                    WHERE tenant_id = ? AND config_id = ? AND version < ? ORDER BY version DESC LIMIT ?
                """,
                [
                    .id(tenant), .id(config), .integer(page.after?.major ?? .max), .integer(Int64(page.limit) + 1),
                ]
            ) { row throws(StoreError) in
                Placed(
                    key: PageKey(row.int64(0), 0),
                    item: MappingVersion(
                        version: row.int64(0),
                        lines: row.int64(3),
                        createdAt: row.time(1),
                        createdBy: row.text(2)
                    )
                )
            }
            return Page(found, limit: page.limit)
        }
    }

    // MARK: Line by line

    package func addMapping(
        _ draft: MappingDraft,
        config: UUID,
        version: Int64?,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> MappingEdit {
        let id = UUID.new(now)
        let edited = try await editMappings(config, version: version, actor, tenant, now) { edit in
            edit.add(draft, id: id)
        }
        return try edited.edit(of: id)
    }

    package func changeMapping(
        _ id: UUID,
        to draft: MappingDraft,
        config: UUID,
        version: Int64?,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> MappingEdit {
        let edited = try await editMappings(config, version: version, actor, tenant, now) { edit throws(StoreError) in
            try edit.change(id, to: draft)
        }
        return try edited.edit(of: id)
    }

    package func deleteMapping(
        _ id: UUID,
        config: UUID,
        version: Int64?,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Int64 {
        try await editMappings(config, version: version, actor, tenant, now) { edit throws(StoreError) in
            try edit.delete(id)
        }.version
    }

    package func replaceMappings(
        _ drafts: [MappingDraft],
        config: UUID,
        version: Int64?,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> MappingTable {
        try await editMappings(config, version: version, actor, tenant, now) { edit throws(StoreError) in
            try edit.checkIDs(of: drafts)
            edit.replaceAll(with: drafts)
        }
    }

    /// Makes the next version of the newest, unless the edit leaves all as it is.
    private func editMappings(
        _ config: UUID,
        version: Int64?,
        _ actor: String,
        _ tenant: UUID,
        _ now: Instant,
        _ body: @escaping @Sendable (inout MappingTableEdit) throws(StoreError) -> Void
    ) async throws(StoreError) -> MappingTable {
        try await transaction(.api) { connection throws(StoreError) in
            _ = try ConfigRow.require(connection, config, tenant: tenant)
            let newest = try MappingRows.newest(connection, config: config, tenant: tenant)
            if let version, version != newest.version {
                throw StoreError(
                    .stale,
                    "The mappings were changed meanwhile: they are at version \(newest.version), not \(version). "
                        + "Read them again and repeat the change."
                )
            }
            var edit = MappingTableEdit(newest, now: now)
            try body(&edit)
            guard edit.changes(newest) else { return newest }
            try edit.checkSize(after: newest)
            let next = MappingRows.Version(
                config: config,
                number: newest.version + 1,
                actor: actor,
                tenant: tenant,
                now: now
            )
            try MappingRows.write(connection, edit.lines, as: next)
            try Audit.write(
                connection,
                "mappings.saved",
                "config",
                config,
                detail: "{\"version\":\(next.number)}",
                actor: actor,
                tenant: tenant,
                now: now
            )
            return try MappingRows.table(connection, config: config, version: next.number, tenant: tenant)
        }
    }
}

extension MappingTable {
    fileprivate func edit(of id: UUID) throws(StoreError) -> MappingEdit {
        guard let line = lines.first(where: { $0.id == id }) else {
            throw StoreError(.bug, "The mapping \(id) is gone as soon as it was saved.")
        }
        return MappingEdit(version: version, line: line)
    }
}
