internal import Changes
internal import Crypto
internal import Identifiers
internal import JSON
internal import Mapping
internal import Platform
internal import SQLite
internal import Time

/// How far the search for managers has come: each stretch is a transaction of its own, so that others get their turn.
struct ManagerStretch: Sendable {
    fileprivate(set) var isLast = false
    fileprivate(set) var counts = Counts()
    /// The row after which the next stretch begins.
    fileprivate var after: Int64 = 0
    /// External ids that nobody has: not looked for again.
    fileprivate var missing: Set<[UInt8]> = []

    fileprivate static let size: Int64 = 8_192
    fileprivate static let mostMissing = 65_536
}

/// Looks for the managers that were not known when their people were written. Safe to repeat: what was found is no longer
/// open.
func settleManagers(
    _ connection: SQLiteConnection,
    _ context: CommitContext,
    _ stretch: ManagerStretch
) throws(StoreError) -> ManagerStretch {
    let memory = CommitMemory.of(connection, directoryLimit: context.directoryLimit)
    return try memory.transaction(connection) { refused throws(CommitFailure) in
        try context.checkFence(connection)
        let work = try CommitTransaction(connection, memory, context, refused: refused)
        var next = stretch
        try inDatabase { () throws(SQLiteError) in
            try ManagerSettlement(work).settle(&next)
            guard next.isLast else { return }
            try ManagerSettlement(work).warn()
        }
        guard next.isLast else { return next }
        try context.failpoint.step("settle.after_managers")
        next.counts = work.counts
        try inStore { () throws(StoreError) in try RunRow.add(work.counts, to: context.lease.run.number, connection) }
        try context.failpoint.step("settle.before_commit")
        return next
    }
}

/// The open managers of one config.
private struct ManagerSettlement {
    private let work: CommitTransaction

    init(_ work: CommitTransaction) {
        self.work = work
    }

    private struct Open {
        var row: Int64
        var externalID: [UInt8]
        var onlyIfEmpty: Bool
    }

    func settle(_ stretch: inout ManagerStretch) throws(SQLiteError) {
        let open = try work.connection.rows(
            """
            SELECT row_number, external_id, only_if_empty FROM integration_open_managers
                WHERE tenant_id = ? AND config_number = ? AND row_number > ? ORDER BY row_number LIMIT ?
            """,
            [
                .id(work.lease.run.tenant), .integer(work.lease.config.number), .integer(stretch.after),
                .integer(ManagerStretch.size),
            ]
        ) { row throws(SQLiteError) in
            Open(row: row.int64(0), externalID: row.bytes(1), onlyIfEmpty: row.int64(2) != 0)
        }
        let search = ReferenceSearch(work: work)
        for entry in open where !stretch.missing.contains(entry.externalID) {
            if let known = try search.find(entry.externalID) {
                try settle(entry, known)
            } else if stretch.missing.count < ManagerStretch.mostMissing {
                stretch.missing.insert(entry.externalID)
            }
        }
        stretch.after = open.last?.row ?? stretch.after
        stretch.isLast = open.count < ManagerStretch.size
    }

    private func settle(_ open: Open, _ known: KnownRow) throws(SQLiteError) {
        try work.openManagers.delete(open.row)
        guard open.row != known.number, let standing = try standing(open.row) else { return }
        let isSettled = standing.manager == known.id.bytes || open.onlyIfEmpty && !standing.manager.isEmpty
        if isSettled { return }
        let run = work.lease.run.number
        // A row that this run made is new as a whole: its image after the create is the row as it is.
        if standing.createdRun == run {
            try work.connection.execute(
                "UPDATE users SET manager_id = ? WHERE number = ?",
                [.id(known.id), .integer(open.row)]
            )
            return
        }
        try work.connection.execute(
            "UPDATE users SET manager_id = ?, updated_run = ?, updated_at = ? WHERE number = ?",
            [.id(known.id), .integer(run), .time(work.now), .integer(open.row)]
        )
        let before: JSONValue = UUID(bytes: standing.manager).map { .string($0.description) } ?? .null
        try work.changes.updated(
            open.row,
            before: ["manager_id": before],
            after: ["manager_id": .string(known.id.description)]
        )
    }

    private func standing(_ number: Int64) throws(SQLiteError) -> (manager: [UInt8], createdRun: Int64?)? {
        try work.connection.row(
            "SELECT manager_id, created_run FROM users WHERE number = ? AND tenant_id = ?",
            [.integer(number), .id(work.lease.run.tenant)]
        ) { row throws(SQLiteError) in (row.bytes(0), row.optionalInt64(1)) }
    }

    /// Counts the managers that stay unknown. They are warned of once a run: a repeated settlement finds the warnings.
    func warn() throws(SQLiteError) {
        let (tenant, config, run) = (work.lease.run.tenant, work.lease.config.number, work.lease.run.number)
        let warned = try work.connection.integer(
            """
            SELECT 1 FROM integration_warnings WHERE tenant_id = ? AND run_number = ? AND code = 'unknown_manager' LIMIT 1
            """,
            [.id(tenant), .integer(run)]
        )
        guard warned == nil else { return }
        let table = WarningTable(connection: work.connection, lease: work.lease, entity: work.entity, now: work.now)
        let first = try work.connection.rows(
            """
            SELECT row_number, external_id FROM integration_open_managers
                WHERE tenant_id = ? AND config_number = ? ORDER BY row_number LIMIT ?
            """,
            [.id(tenant), .integer(config), .integer(max(1, WarningTable.most - work.run.warnings))]
        ) { row throws(SQLiteError) in (row: row.int64(0), externalID: row.text(1)) }
        for open in first {
            let person = try work.people().person(open.row)?.name ?? "a person who is gone"
            try table.insert(
                .unknownManager(open.externalID, of: person, locator: open.row),
                RecordSource(locatorKind: "person", name: ""),
                work.run
            )
        }
        work.counts.warned +=
            try work.connection.integer(
                "SELECT count(*) FROM integration_open_managers WHERE tenant_id = ? AND config_number = ?",
                [.id(tenant), .integer(config)]
            ) ?? 0
    }
}
