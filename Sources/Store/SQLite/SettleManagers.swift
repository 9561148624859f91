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

    /// The rows whose manager is known, but was not shown by the plan that is applied: they are the next sync's.
    fileprivate var unshown: Set<Int64> = []

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
        let work = try CommitTransaction(connection, memory, context, .users, refused: refused)
        var next = stretch
        try inDatabase { () throws(SQLiteError) in
            let settlement = ManagerSettlement(work, context.hashKey)
            try settlement.settle(&next)
            if next.isLast { try settlement.warn(except: next.unshown) }
        }
        guard next.isLast else { return next }
        try context.failpoint.step("settle.after_managers")
        next.counts = work.counts
        try inStore { () throws(StoreError) in
            try RunRow.addSettled(work.counts, .users, to: context.lease.run, connection)
        }
        try context.failpoint.step("settle.before_commit")
        return next
    }
}

/// The open managers of one config.
private struct ManagerSettlement {
    private let work: CommitTransaction
    private let hashKey: SipHash

    init(_ work: CommitTransaction, _ hashKey: SipHash) {
        self.work = work
        self.hashKey = hashKey
    }

    private struct Open {
        var row: Int64
        var externalID: [UInt8]
        var onlyIfEmpty: Bool
    }

    func settle(_ stretch: inout ManagerStretch) throws(SQLiteError) {
        let open = try read(after: stretch.after)
        let known = try find(Set(open.map(\.externalID)).subtracting(stretch.missing), &stretch.missing)
        var settled: [Int64] = []
        for entry in open {
            guard let id = known[entry.externalID] else { continue }
            if try !fillNewRow(entry.row, id), try !settle(entry, id) {
                stretch.unshown.insert(entry.row)
            } else {
                settled.append(entry.row)
            }
        }
        try delete(settled, isAll: settled.count == open.count)
        stretch.after = open.last?.row ?? stretch.after
        stretch.isLast = open.count < ManagerStretch.size
    }

    private func read(after row: Int64) throws(SQLiteError) -> [Open] {
        try work.connection.rows(
            """
            SELECT row_number, external_id, only_if_empty FROM integration_open_managers
                WHERE tenant_id = ? AND config_number = ? AND row_number > ? ORDER BY row_number LIMIT ?
            """,
            [
                .id(work.lease.run.tenant), .integer(work.lease.config.number), .integer(row),
                .integer(ManagerStretch.size),
            ]
        ) { row throws(SQLiteError) in
            Open(row: row.int64(0), externalID: row.bytes(1), onlyIfEmpty: row.int64(2) != 0)
        }
    }

    /// Looks each up once, in the order of the links.
    private func find(
        _ externalIDs: Set<[UInt8]>,
        _ missing: inout Set<[UInt8]>
    ) throws(SQLiteError) -> [[UInt8]: UUIDBytes] {
        var known: [[UInt8]: UUIDBytes] = [:]
        for externalID in externalIDs.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let (hash, check) = References.hashes(of: externalID.span, hashKey)
            if let id = work.run.managers.find(hash, check) {
                known[externalID] = id
            } else if let row = try work.rows.referred(externalID), let id = try work.rows.id(row) {
                known[externalID] = id
                work.run.managers.set(hash, check, id)
            } else if missing.count < ManagerStretch.mostMissing {
                missing.insert(externalID)
            }
        }
        return known
    }

    /// A row that this run made, and that has no manager yet, is new as a whole: its image after the create is the row as it
    /// is. Answers whether it is one.
    private func fillNewRow(_ row: Int64, _ id: UUIDBytes) throws(SQLiteError) -> Bool {
        let statement = try work.connection.statement(
            """
            UPDATE users SET manager_id = ?1
                WHERE number = ?2 AND created_run = ?3 AND tenant_id = ?4 AND manager_id IS NULL AND id <> ?1
            """
        )
        try statement.bind(id.id.bytes, at: 1)
        try statement.bind(row, at: 2)
        try statement.bind(work.lease.run.number, at: 3)
        try statement.bind(work.lease.run.tenant.bytes, at: 4)
        try statement.run()
        return work.connection.changes == 1
    }

    /// Answers whether nothing is left to be done: a manager whom the applied plan hasn't shown is the next sync's.
    private func settle(_ open: Open, _ id: UUIDBytes) throws(SQLiteError) -> Bool {
        guard let standing = try standing(open.row) else { return true }
        let new = id.id.bytes
        if standing.id == new || standing.manager == new || open.onlyIfEmpty && !standing.manager.isEmpty {
            return true
        }
        let run = work.lease.run.number
        if standing.createdRun == run {
            try work.connection.execute(
                "UPDATE users SET manager_id = ? WHERE number = ?",
                [.blob(new), .integer(open.row)]
            )
            return true
        }
        if let plan = work.shownPlan, try !plan.hasManager(open.row, id.id, called: open.externalID) { return false }
        try work.connection.execute(
            "UPDATE users SET manager_id = ?, updated_run = ?, updated_at = ? WHERE number = ?",
            [.blob(new), .integer(run), .time(work.now), .integer(open.row)]
        )
        let before: JSONValue = UUID(bytes: standing.manager).map { .string($0.description) } ?? .null
        try work.changes.updated(
            open.row,
            before: ["manager_id": before],
            after: ["manager_id": .string(id.id.description)]
        )
        if let plan = work.plan, let person = try work.rows.row(open.row) {
            try plan.foundManager(of: person, before: before, manager: id.id, called: open.externalID)
        }
        return true
    }

    private func standing(
        _ number: Int64
    ) throws(SQLiteError) -> (id: [UInt8], manager: [UInt8], createdRun: Int64?)? {
        try work.connection.row(
            "SELECT id, manager_id, created_run FROM users WHERE number = ? AND tenant_id = ?",
            [.integer(number), .id(work.lease.run.tenant)]
        ) { row throws(SQLiteError) in (row.bytes(0), row.bytes(1), row.optionalInt64(2)) }
    }

    /// `isAll`: they are all that were open between the first and the last.
    private func delete(_ rows: [Int64], isAll: Bool) throws(SQLiteError) {
        guard let first = rows.first, let last = rows.last else { return }
        guard isAll else {
            for row in rows { try work.openManagers.delete(row) }
            return
        }
        try work.openManagers.delete(from: first, through: last)
    }

    /// Counts the managers that stay unknown. They are warned of once a run: a repeated settlement finds the warnings.
    func warn(except known: Set<Int64>) throws(SQLiteError) {
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
        ) { row throws(SQLiteError) in (row: row.int64(0), externalID: row.text(1)) }.filter { !known.contains($0.row) }
        for (position, open) in first.enumerated() {
            let person = try work.rows.name(of: open.row)
            try table.insert(
                .unknownManager(open.externalID, of: person, locator: open.row),
                RecordSource(locatorKind: "person", name: "", stream: ""),
                work.run,
                // The first tells a repeated settlement that they are counted.
                always: position == 0
            )
        }
        let all = try work.connection.integer(
            "SELECT count(*) FROM integration_open_managers WHERE tenant_id = ? AND config_number = ?",
            [.id(tenant), .integer(config)]
        )
        work.counts.warned += (all ?? 0) - Int64(known.count)
    }
}
