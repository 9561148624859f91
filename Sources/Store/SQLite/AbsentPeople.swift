internal import Changes
internal import Identifiers
internal import JSON
internal import Mapping
internal import SQLite

/// The config's people whom a complete snapshot lacks: they lose access, unless the guard holds them, and get it back when
/// they reappear.
struct AbsentPeople {
    let work: CommitTransaction

    private var connection: SQLiteConnection { work.connection }
    private var lease: RunLease { work.lease }

    /// Whether the run has not asked yet who is absent.
    func isUndecided() throws(StoreError) -> Bool {
        try RunRow.require(connection, lease.run.id, tenant: lease.run.tenant).verdicts
            .allSatisfy { $0.entity != .users || $0.snapshot == nil }
    }

    // MARK: Proof

    /// Why nobody can be taken for absent; nil if who was not read is.
    ///
    /// - Parameter summary: of the last stream of people; the others' stand in the table.
    func doubt(_ summary: JSONValue) throws(StoreError) -> String? {
        let run = try RunRow.require(connection, lease.run.id, tenant: lease.run.tenant)
        let streams = run.streams.filter { $0.entity == .users }
        var summaries: [StreamSummary] = []
        for (position, stream) in streams.enumerated() {
            let isLast = position == streams.count - 1
            let json = isLast ? summary : try RunStreamRow.summary(of: stream, run, connection)
            summaries.append(StreamSummary(json: json, read: stream.counts.read))
        }
        let mapped = try MappingRows.read(
            connection,
            config: run.config,
            version: run.mappingVersion,
            tenant: run.tenant
        ).filter { $0.entity == .users }.map(\.stream)
        return SnapshotProof.doubt(
            summaries,
            readsAll: mapped.allSatisfy { name in streams.contains { $0.stream == name } },
            nameless: try nameless()
        )
    }

    private func nameless() throws(StoreError) -> Int64 {
        try connection.number(
            """
            SELECT count(*) FROM integration_rejects
                WHERE tenant_id = ? AND run_number = ? AND entity = 'users' AND coalesce(external_id, '') = ''
            """,
            [.id(lease.run.tenant), .integer(lease.run.number)]
        ) ?? 0
    }

    // MARK: Who is absent

    /// Sets those aside who have access and were not read. Whose record was refused, or waits for an e-mail, was: by its key,
    /// or by its e-mail where nobody has the key.
    func setAside(mostPercent: Int64) throws(SQLiteError) -> SnapshotCount {
        let seen = try seenRows()
        var count = SnapshotCount(present: 0, absent: 0, mostPercent: mostPercent)
        let standing = try connection.statement(
            """
            SELECT status FROM users WHERE number = ? AND tenant_id = ? AND config_number = ?
                AND coalesce(status, '') NOT IN ('suspended', 'inactive')
            """
        )
        try standing.bind(lease.run.tenant.bytes, at: 2)
        try standing.bind(lease.config.number, at: 3)
        try connection.withStatement(
            """
            SELECT row_number, external_id FROM integration_links
                WHERE tenant_id = ? AND config_number = ? AND entity = ? AND owned = 1
            """,
            [.id(lease.run.tenant), .integer(lease.config.number), .integer(Entity.users.number)]
        ) { link throws(SQLiteError) in
            while try link.step() {
                let row = link.int64(0)
                if seen.contains(row) {
                    count.present += 1
                    continue
                }
                try standing.bind(row, at: 1)
                defer { standing.reset() }
                guard try standing.step(), try work.shownPlan?.hasAbsent(row) ?? true else { continue }
                count.absent += 1
                try work.effects.insertAbsent(row, key: link.text(1), status: standing.optionalText(0))
            }
        }
        guard count.absent > 0 else { return count }
        // Beside those who had access before the run: who has ended long ago, or is new, says nothing of how much was cut.
        count.present = max(0, try GuardedRows(work: work).population().standing - count.absent)
        return count
    }

    private func seenRows() throws(SQLiteError) -> SeenRows {
        let seen = work.run.seen(.users)
        try connection.withStatement(
            """
            SELECT external_id, raw, '[]' FROM integration_rejects
                WHERE tenant_id = ?1 AND run_number = ?2 AND entity = 'users' AND external_id IS NOT NULL
            UNION ALL SELECT external_id, raw, record FROM integration_waiting INDEXED BY integration_waiting_emails
                WHERE tenant_id = ?1 AND run_number = ?2 AND entity = ?3 AND effect IS NULL
            """,
            [.id(lease.run.tenant), .integer(lease.run.number), .integer(Entity.users.number)]
        ) { row throws(SQLiteError) in
            while try row.step() {
                if let known = try work.rows.links.row(of: row.bytes(0)) {
                    seen.insert(known)
                    continue
                }
                // Nobody has the number. Whoever has the record's e-mail may have got a new one, and is there.
                let mapped = try WaitingJSON.cells(row.bytes(2)).filter { $0.field == "email" }.map(\.value)
                for email in try mapped + RejectJSON.fields(row.bytes(1)).compactMap(\.value) {
                    for holder in try work.rows.find(.email, AbsentPeople.address(email)) { seen.insert(holder) }
                }
            }
        }
        return seen
    }

    /// A source's value as an e-mail may be meant; empty for what can be none.
    private static func address(_ value: String) -> [UInt8] {
        let bytes = Array(value.utf8)
        // RFC 3696, erratum 1690: 254 characters at most.
        guard bytes.count <= 1_000, bytes.contains(UInt8(ascii: "@")) else { return [] }
        let blank: (UInt8) -> Bool = { $0 <= UInt8(ascii: " ") }
        return Array(bytes.drop(while: blank).reversed().drop(while: blank).reversed())
    }

    // MARK: What becomes of them

    /// Suspends some of those in the state, as they were shown; answers how many were looked at.
    func apply(_ state: String, limit: Int) throws(CommitFailure) -> Int {
        try inDatabase { () throws(SQLiteError) in
            let absent = try work.effects.absent(state, limit: limit)
            for person in absent {
                try work.effects.set(try suspend(person) ? "applied" : "conflict", person.effect)
            }
            return absent.count
        }
    }

    /// Whether the person has no access any more.
    private func suspend(_ person: AbsentPerson) throws(SQLiteError) -> Bool {
        try connection.execute(
            """
            UPDATE users SET status = 'suspended', suspended_by_run = ?4, updated_run = ?4, updated_at = ?5
                WHERE number = ?1 AND tenant_id = ?2 AND config_number = ?3 AND status IS ?6
            """,
            [
                .integer(person.row), .id(lease.run.tenant), .integer(lease.config.number), .integer(lease.run.number),
                .time(work.now), SQLiteValue(person.status),
            ]
        )
        guard connection.changes == 1 else {
            return try connection.integer(
                "SELECT 1 FROM users WHERE number = ? AND tenant_id = ? AND status IN ('suspended', 'inactive')",
                [.integer(person.row), .id(lease.run.tenant)]
            ) != nil
        }
        try work.changes.updated(
            person.row,
            before: ["status": person.status.map { .string($0) } ?? .null],
            after: ["status": "suspended"]
        )
        // Whatever the record says when it comes again, it is compared with the row.
        try connection.execute(
            """
            UPDATE integration_links SET source_hash = ~source_hash, suspended_by_run = ?5
                WHERE tenant_id = ?1 AND config_number = ?2 AND entity = ?3 AND external_id = ?4
            """,
            [
                .id(lease.run.tenant), .integer(lease.config.number), .integer(Entity.users.number), .text(person.key),
                .integer(lease.run.number),
            ]
        )
        return true
    }
}

/// Somebody whom a snapshot lacks.
struct AbsentPerson {
    var effect: Int64
    var row: Int64
    var key: String
    /// As it was shown.
    var status: String?
}

extension EffectTable {
    func insertAbsent(_ row: Int64, key: String, status: String?) throws(SQLiteError) {
        var changes = RowChanges(values: [])
        changes.before["status"] = status.map { .string($0) } ?? .null
        changes.after["status"] = "suspended"
        try insert(.absence, changes, row: row, key: key, isAbsent: true)
    }

    func absent(_ state: String, limit: Int) throws(SQLiteError) -> [AbsentPerson] {
        try connection.rows(
            """
            SELECT number, row_number, external_id, before FROM integration_effects
                WHERE tenant_id = ? AND run_number = ? AND state = ? AND absent = 1 ORDER BY number LIMIT ?
            """,
            [
                .id(lease.run.tenant), .integer(lease.run.number), .text(state), .integer(Int64(limit)),
            ]
        ) { line throws(SQLiteError) in
            AbsentPerson(
                effect: line.int64(0),
                row: line.int64(1),
                key: line.text(2),
                status: RowChanges.object(line.bytes(3))?["status"]?.stringValue
            )
        }
    }
}

// Who was suspended because a snapshot lacked them gets their access back when they reappear.
extension CommitRecords {
    /// The status from before, where the mapping doesn't say one; nil for anybody else.
    func restoredStatus(_ standing: StandingRow, _ changes: RowChanges, _ row: Int) throws(SQLiteError) -> String? {
        guard let run = standing.suspendedBy, changes.after["status"] == nil else { return nil }
        if let status = columns.status, status.write == .always, status.state(row) == .value { return nil }
        let found = try work.connection.row(
            "SELECT status FROM users WHERE number = ?",
            [.integer(standing.number)]
        ) { line throws(SQLiteError) in line.text(0) }
        guard found == "suspended" else { return nil }
        let before: String?? = try work.connection.row(
            """
            SELECT before FROM integration_effects INDEXED BY integration_effects_row
                WHERE tenant_id = ? AND run_number = ? AND entity = ? AND row_number = ? AND absent = 1
            """,
            [
                .id(work.lease.run.tenant), .integer(run), .integer(Entity.users.number), .integer(standing.number),
            ]
        ) { line throws(SQLiteError) in RowChanges.object(line.bytes(0))?["status"]?.stringValue }
        return (before ?? nil) ?? "active"
    }

    /// The person is there again: nothing says any more that a run has suspended them.
    func reappeared(_ standing: StandingRow, status: String?) throws(SQLiteError) {
        guard standing.suspendedBy != nil else { return }
        try work.connection.execute(
            "UPDATE users SET status = coalesce(?2, status), suspended_by_run = NULL WHERE number = ?1",
            [.integer(standing.number), SQLiteValue(status)]
        )
    }
}
