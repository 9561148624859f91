package import Identifiers
internal import JSON
internal import SQLite
package import Time

extension SQLiteStore {
    package func addFile(
        _ draft: FileDraft,
        quota: Int64?,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> StoredFile {
        try await transaction(.api) { connection throws(StoreError) in
            _ = try ConfigRow.require(connection, draft.config, tenant: tenant)
            if let quota, try FileRow.keptBytes(connection, tenant: tenant) > quota - draft.size {
                throw StoreError(
                    .overQuota,
                    "The tenant's uploaded files would have more than \(quota) bytes together."
                )
            }
            let id = UUID.new(now)
            try connection.change(
                """
                INSERT INTO integration_files (id, tenant_id, config_id, name, size, sha256, format, findings, content_key,
                        created_at, created_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .id(id), .id(tenant), .id(draft.config), .text(draft.name), .integer(draft.size),
                    .blob(draft.sha256), SQLiteValue(draft.format), .json(draft.findings), .text(draft.contentKey),
                    .time(now), .text(actor),
                ]
            )
            try FileRow.audit(connection, "file.added", draft, id, actor: actor, tenant: tenant, now: now)
            return StoredFile(id: id, draft: draft, createdAt: now, createdBy: actor)
        }
    }

    package func keptBytes(tenant: UUID) async throws(StoreError) -> Int64 {
        try await read { connection throws(StoreError) in try FileRow.keptBytes(connection, tenant: tenant) }
    }

    package func largestFiles(limit: Int, tenant: UUID) async throws(StoreError) -> [StoredFile] {
        try await read { connection throws(StoreError) in
            try connection.rows(
                """
                SELECT \(FileRow.columns) FROM integration_files WHERE tenant_id = ? AND archived_at IS NULL
                    ORDER BY size DESC, number LIMIT ?
                """,
                [.id(tenant), .integer(Int64(limit))]
            ) { row throws(StoreError) in try FileRow.read(row, from: 0) }
        }
    }

    package func files(config: UUID, page: PageRequest, tenant: UUID) async throws(StoreError) -> Page<StoredFile> {
        try await read { connection throws(StoreError) in
            _ = try ConfigRow.require(connection, config, tenant: tenant)
            let query = PageQuery.files(config: config, after: page.after, tenant: tenant)
            return try connection.page(query, limit: page.limit) { row throws(StoreError) in
                try FileRow.read(row, from: PageQuery.keyColumns)
            }
        }
    }

    package func file(_ id: UUID, tenant: UUID) async throws(StoreError) -> StoredFile? {
        try await read { connection throws(StoreError) in try FileRow.find(connection, id, tenant: tenant) }
    }

    package func contentKeys(tenant: UUID) async throws(StoreError) -> ContentKeys {
        try await read { connection throws(StoreError) in
            let files = try connection.rows(
                "SELECT content_key, archived_at IS NULL FROM integration_files WHERE tenant_id = ?",
                [.id(tenant)]
            ) { row throws(StoreError) in (key: row.text(0), isKept: row.int64(1) != 0) }
            return ContentKeys(
                kept: Set(files.lazy.filter { $0.isKept }.map { $0.key }),
                archived: Set(files.lazy.filter { !$0.isKept }.map { $0.key })
            )
        }
    }

    package func archiveFile(
        _ id: UUID,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> StoredFile {
        try await transaction(.api) { connection throws(StoreError) in
            guard let file = try FileRow.find(connection, id, tenant: tenant) else {
                throw StoreError(.notFound, "There is no file \(id).")
            }
            try connection.change(
                "UPDATE integration_files SET archived_at = ? WHERE tenant_id = ? AND id = ?",
                [.time(now), .id(tenant), .id(id)]
            )
            try FileRow.audit(connection, "file.archived", file.draft, id, actor: actor, tenant: tenant, now: now)
            return file
        }
    }
}

extension PageQuery {
    package static func files(config: UUID, after: PageKey?, tenant: UUID) -> PageQuery {
        var query = PageQuery(FileRow.columns, from: "integration_files", order: .newestFirst)
        query.require("tenant_id", is: tenant)
        query.require("config_id", is: config)
        query.require("archived_at IS NULL")
        query.begin(after: after)
        return query
    }
}

/// The rows of integration_files.
enum FileRow {
    fileprivate static let columns =
        "id, config_id, name, size, sha256, format, findings, content_key, created_at, created_by"

    fileprivate static func keptBytes(_ connection: SQLiteConnection, tenant: UUID) throws(StoreError) -> Int64 {
        try connection.number(
            "SELECT coalesce(sum(size), 0) FROM integration_files WHERE tenant_id = ? AND archived_at IS NULL",
            [.id(tenant)]
        ) ?? 0
    }

    /// Archives all files of a config; answers where their contents lie.
    static func archiveAll(
        _ connection: SQLiteConnection,
        of config: UUID,
        tenant: UUID,
        now: Instant
    ) throws(StoreError) -> [String] {
        let keys = try connection.rows(
            """
            SELECT content_key FROM integration_files
                WHERE tenant_id = ? AND config_id = ? AND archived_at IS NULL ORDER BY number
            """,
            [.id(tenant), .id(config)]
        ) { row throws(StoreError) in row.text(0) }
        try connection.change(
            """
            UPDATE integration_files SET archived_at = ?3
                WHERE tenant_id = ?1 AND config_id = ?2 AND archived_at IS NULL
            """,
            [.id(tenant), .id(config), .time(now)]
        )
        return keys
    }

    fileprivate static func read(_ row: SQLiteStatement, from first: Int32) throws(StoreError) -> StoredFile {
        StoredFile(
            id: try row.id(first),
            draft: FileDraft(
                config: try row.id(first + 1),
                name: row.text(first + 2),
                size: row.int64(first + 3),
                sha256: row.bytes(first + 4),
                format: row.optionalText(first + 5),
                findings: try row.json(first + 6),
                contentKey: row.text(first + 7)
            ),
            createdAt: row.time(first + 8),
            createdBy: row.text(first + 9)
        )
    }

    fileprivate static func find(
        _ connection: SQLiteConnection,
        _ id: UUID,
        tenant: UUID
    ) throws(StoreError) -> StoredFile? {
        try connection.row(
            "SELECT \(columns) FROM integration_files WHERE tenant_id = ? AND id = ? AND archived_at IS NULL",
            [.id(tenant), .id(id)]
        ) { row throws(StoreError) in try read(row, from: 0) }
    }

    fileprivate static func audit(
        _ connection: SQLiteConnection,
        _ action: String,
        _ draft: FileDraft,
        _ id: UUID,
        actor: String,
        tenant: UUID,
        now: Instant
    ) throws(StoreError) {
        let deed = AuditDeed(
            actor: actor,
            action: action,
            subject: "file",
            subjectID: id,
            detail: ["config": .string(draft.config.description), "name": .string(draft.name)]
        )
        try Audit.write(connection, deed, tenant: tenant, now: now)
    }
}
