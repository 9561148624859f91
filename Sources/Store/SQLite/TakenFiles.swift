package import Identifiers
internal import JSON
internal import SQLite
package import Time

extension SQLiteStore {
    package func takenFiles(run: UUID, tenant: UUID) async throws(StoreError) -> [TakenFile] {
        try await read { connection throws(StoreError) in
            try TakenFileRow.all(connection, "file.tenant_id = ? AND file.run_id = ?", [.id(tenant), .id(run)])
        }
    }

    package func knownFiles(config: UUID, since run: UUID?, tenant: UUID) async throws(StoreError) -> [TakenFile] {
        try await read { connection throws(StoreError) in
            let from = try run.map { id throws(StoreError) in try RunRow.require(connection, id, tenant: tenant).number
            }
            return try TakenFileRow.all(
                connection,
                "file.tenant_id = ? AND file.config_id = ? AND run.number >= ? AND \(TakenFileRow.isKnown)",
                [.id(tenant), .id(config), .integer(from ?? -1)]
            )
        }
    }

    package func takeFile(
        _ draft: TakenFileDraft,
        lease: RunLease,
        now: Instant
    ) async throws(StoreError) -> TakenFile {
        let (run, failpoint) = (lease.run, failpoint)
        let file = try await transaction(.batch) { connection throws(StoreError) in
            try Fence.check(connection, lease)
            if draft.sameAs == nil {
                try connection.change(
                    "DELETE FROM integration_taken_files WHERE tenant_id = ? AND run_id = ? AND same_as IS NULL",
                    [.id(run.tenant), .id(run.id)]
                )
                // Now there is something newer than what a held run has read. A dry run brings nothing yet.
                if run.plan?.isRehearsal != true {
                    try RunRow.supersede(connection, config: run.config, actor: Actor.host, tenant: run.tenant, now)
                }
            }
            try connection.change(
                """
                INSERT INTO integration_taken_files (tenant_id, config_id, run_id, path, size, modified, inode, changed,
                        sha256, declared, after, same_as, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    .id(run.tenant), .id(run.config), .id(run.id), .text(draft.path), .integer(draft.size),
                    .integer(draft.modified), .integer(Int64(bitPattern: draft.inode)), .integer(draft.changed),
                    .blob(draft.sha256), .json(draft.declared), .text(draft.after),
                    draft.sameAs.map { .integer($0) } ?? .null, .time(now),
                ]
            )
            guard let number = try connection.number("SELECT last_insert_rowid()") else {
                throw StoreError(.bug, "A taken file has no number.")
            }
            return TakenFile(
                number: number,
                tenant: run.tenant,
                config: run.config,
                run: run.id,
                draft: draft,
                archivedAs: nil,
                createdAt: now,
                settledAt: nil,
                runState: run.state
            )
        }
        try failpoint.passed("folder.taken")
        return file
    }

    package func forgetFile(_ lease: RunLease) async throws(StoreError) {
        let run = lease.run
        try await transaction(.batch) { connection throws(StoreError) in
            try Fence.check(connection, lease)
            try connection.change(
                "DELETE FROM integration_taken_files WHERE tenant_id = ? AND run_id = ? AND same_as IS NULL",
                [.id(run.tenant), .id(run.id)]
            )
        }
    }

    package func noteArchived(_ number: Int64, as path: String, tenant: UUID) async throws(StoreError) {
        try failpoint.passed("folder.before_archived")
        _ = try await transaction(.batch) { connection throws(StoreError) in
            try connection.change(
                "UPDATE integration_taken_files SET archived_as = ?3 WHERE tenant_id = ?1 AND number = ?2",
                [.id(tenant), .integer(number), .text(path)]
            )
        }
    }

    package func settleFiles(_ numbers: [Int64], tenant: UUID, now: Instant) async throws(StoreError) {
        try failpoint.passed("folder.before_settled")
        try await transaction(.batch) { connection throws(StoreError) in
            for number in numbers {
                try connection.change(
                    """
                    UPDATE integration_taken_files SET settled_at = ?3
                        WHERE tenant_id = ?1 AND number = ?2 AND settled_at IS NULL
                    """,
                    [.id(tenant), .integer(number), .time(now)]
                )
            }
        }
    }

    package func unsettledFiles(config: UUID?, limit: Int) async throws(StoreError) -> [TakenFile] {
        try await read { connection throws(StoreError) in
            try TakenFileRow.all(
                connection,
                "file.settled_at IS NULL AND (?1 IS NULL OR file.config_id = ?1) AND \(TakenFileRow.isKnown)",
                [.id(config)],
                limit: limit
            )
        }
    }

    package func takenFiles(config: UUID, page: PageRequest, tenant: UUID) async throws(StoreError) -> Page<TakenFile> {
        try await read { connection throws(StoreError) in
            _ = try ConfigRow.require(connection, config, tenant: tenant)
            let query = PageQuery.takenFiles(config: config, after: page.after, tenant: tenant)
            return try connection.page(query, limit: page.limit) { row throws(StoreError) in
                try TakenFileRow.read(row, from: PageQuery.keyColumns)
            }
        }
    }
}

extension PageQuery {
    package static func takenFiles(config: UUID, after: PageKey?, tenant: UUID) -> PageQuery {
        var query = PageQuery(TakenFileRow.columns, from: "integration_taken_files AS file", order: .newestFirst)
        query.require("tenant_id", is: tenant)
        query.require("config_id", is: config)
        query.begin(after: after)
        return query
    }
}

/// The rows of integration_taken_files.
enum TakenFileRow {
    fileprivate static let columns = """
        file.number, file.tenant_id, file.config_id, file.run_id, file.path, file.size, file.modified, file.inode,
        file.changed, file.sha256, file.declared, file.after, file.same_as, file.archived_as, file.created_at,
        file.settled_at,
        (SELECT state FROM integration_runs AS run WHERE run.tenant_id = file.tenant_id AND run.id = file.run_id)
        """

    /// Whether its content was taken: with `run`, the row of its run.
    fileprivate static let isKnown = "(file.same_as IS NOT NULL OR run.state IN ('done', 'done_with_rejects', 'held'))"

    fileprivate static func all(
        _ connection: SQLiteConnection,
        _ condition: String,
        _ values: [SQLiteValue],
        limit: Int = .max
    ) throws(StoreError) -> [TakenFile] {
        try connection.rows(
            """
            SELECT \(columns) FROM integration_taken_files AS file
                JOIN integration_runs AS run ON run.tenant_id = file.tenant_id AND run.id = file.run_id
                WHERE \(condition) ORDER BY file.number LIMIT \(limit)
            """,
            values
        ) { row throws(StoreError) in try read(row, from: 0) }
    }

    fileprivate static func read(_ row: SQLiteStatement, from first: Int32) throws(StoreError) -> TakenFile {
        TakenFile(
            number: row.int64(first),
            tenant: try row.id(first + 1),
            config: try row.id(first + 2),
            run: try row.id(first + 3),
            draft: TakenFileDraft(
                path: row.text(first + 4),
                size: row.int64(first + 5),
                modified: row.int64(first + 6),
                inode: UInt64(bitPattern: row.int64(first + 7)),
                changed: row.int64(first + 8),
                sha256: row.bytes(first + 9),
                declared: try row.json(first + 10),
                after: row.text(first + 11),
                sameAs: row.optionalInt64(first + 12)
            ),
            archivedAs: row.optionalText(first + 13),
            createdAt: row.time(first + 14),
            settledAt: row.optionalTime(first + 15),
            runState: try row.word(first + 16)
        )
    }
}
