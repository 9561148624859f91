package import Changes
internal import Identifiers
internal import Mapping
internal import SQLite
package import Time

extension SQLiteStore {
    /// Of the records that are in memory together, as they are kept; the last may go beyond it.
    private static let mostWaitingBytes = 4 << 20

    package func waitingRejects(_ lease: RunLease, limit: Int) async throws(StoreError) -> [WaitingReject] {
        try await read { connection throws(StoreError) in
            var bytes = 0
            return try connection.rows(
                """
                SELECT reject.number, config.id, coalesce(reject.stream, ''), reject.entity, run.mapping_version,
                        reject.locator_kind, reject.source, reject.locator, reject.raw
                    FROM integration_rejects AS reject INDEXED BY integration_rejects_waiting
                        CROSS JOIN integration_configs AS config ON config.number = reject.config_number
                        CROSS JOIN integration_runs AS run ON run.number = reject.run_number
                    WHERE reject.tenant_id = ? AND reject.state = 'waiting' AND reject.tried_by < ?
                    ORDER BY reject.tried_by, reject.number LIMIT ?
                """,
                [.id(lease.run.tenant), .integer(lease.run.number), .integer(Int64(limit))]
            ) { row throws(StoreError) -> WaitingReject? in
                guard bytes < Self.mostWaitingBytes else { return nil }
                let raw = row.bytes(8)
                bytes += raw.count
                return WaitingReject(
                    number: row.int64(0),
                    origin: WaitingOrigin(
                        config: try row.id(1),
                        stream: row.text(2),
                        entity: try row.word(3),
                        mappingVersion: row.int64(4),
                        locatorKind: row.text(5),
                        source: row.text(6)
                    ),
                    locator: row.int64(7),
                    raw: try inColumn { () throws(SQLiteError) in try RejectJSON.fields(raw) }
                )
            }
            .compactMap(\.self)
        }
    }

    package func retry(_ waiting: WaitingRetry, lease: RunLease, now: Instant) async throws(StoreError) -> Counts {
        let context = try commitContext(lease, now)
        return try await write(.batch) { connection throws(StoreError) in
            let memory = CommitMemory.of(connection, directoryLimit: context.directoryLimit)
            return try memory.transaction(connection) { refused throws(CommitFailure) in
                try context.failpoint.step("retry.begin")
                try context.checkFence(connection)
                let retry = Retry(connection: connection, context: context, waiting: waiting)
                let counts = try retry.apply(memory, refused)
                try inStore { () throws(StoreError) in try RunRow.add(counts, to: lease.run, connection) }
                try context.failpoint.step("retry.before_commit")
                return counts
            }
        }
    }
}

/// Records that wait, tried again by a run that may be another config's.
private struct Retry {
    let connection: SQLiteConnection
    let context: CommitContext
    let waiting: WaitingRetry

    func apply(_ memory: CommitMemory, _ refused: [[UInt8]: SQLiteError]) throws(CommitFailure) -> Counts {
        // Another run may have tried some of them meanwhile.
        let rows = try inDatabase { () throws(SQLiteError) in try untried() }
        let config = try inStore { () throws(StoreError) in
            try ConfigRow.find(connection, waiting.origin.config, tenant: context.lease.run.tenant)
        }
        guard let batch = waiting.batch?.keeping(Set(rows.map { Int32($0) })), let config else {
            for row in rows { try waitOn(waiting.rejects[row]) }
            return Counts()
        }
        var theirs = context
        theirs.lease.config = config
        theirs.lease.policy = try inStore { () throws(StoreError) in try policy(of: config) }
        let work = try CommitTransaction(
            connection,
            memory,
            theirs,
            waiting.origin.entity,
            isReplay: true,
            refused: refused
        )
        let failed = try apply(batch, work)
        try work.finish(context.failpoint)
        let keys = RecordKey.texts(of: batch)
        for row in rows {
            try end(waiting.rejects[row], failed[Int32(row)])
            if failed[Int32(row)] == nil, theirs.lease.policy.orderField == nil, let key = keys(row) {
                try endRepeats(of: waiting.rejects[row], batch.locators[row], key, config)
            }
        }
        var counts = work.counts
        counts.rejected = 0
        counts.read = counts.created + counts.updated + counts.unchanged + counts.setAside + counts.duplicate
        counts.replayed = counts.read
        return counts
    }

    /// Answers what was refused, by row.
    private func apply(_ batch: MappedBatch, _ work: CommitTransaction) throws(CommitFailure) -> [Int32: RowReject] {
        let lease = work.lease
        let prepared = PreparedBatch.prepare(
            batch,
            source: waiting.origin.source,
            locatorKind: waiting.origin.locatorKind,
            key: context.hashKey,
            tenant: lease.run.tenant,
            policy: lease.policy
        )
        return try RecordColumns.with(prepared, orderField: lease.policy.orderField) {
            columns throws(CommitFailure) in
            let records = try inDatabase { () throws(SQLiteError) in
                let records = try CommitRecords(work, prepared, columns)
                try records.apply(records.findLinks())
                try records.writeLinks()
                return records
            }
            try work.checkRefusals()
            let failed = prepared.mapped.rejects + records.rejects
            try inDatabase { () throws(SQLiteError) in
                try records.writeWarnings(except: Set(failed.map(\.row)))
            }
            return Dictionary(failed.map { ($0.row, $0) }) { first, _ in first }
        }
    }

    private func untried() throws(SQLiteError) -> [Int] {
        var rows: [Int] = []
        for (row, reject) in waiting.rejects.enumerated() {
            if try isUntried(reject) { rows.append(row) }
        }
        return rows
    }

    private func isUntried(_ reject: Int64) throws(SQLiteError) -> Bool {
        try connection.integer(
            "SELECT 1 FROM integration_rejects WHERE number = ? AND state = 'waiting' AND tried_by < ?",
            [.integer(reject), .integer(context.lease.run.number)]
        ) != nil
    }

    // MARK: What becomes of the rejects

    private func end(_ reject: Int64, _ failed: RowReject?) throws(CommitFailure) {
        guard let failed else {
            return try change(reject, "state = 'replayed'", [])
        }
        if failed.isWaiting { return try waitOn(reject) }
        let first = failed.failures.first
        try change(
            reject,
            "state = 'open', field = ?4, code = ?5, message = ?6, failures = ?7",
            [
                .text(first?.field ?? ""), .text(first?.code ?? ""), .text(first?.message ?? ""),
                RejectJSON.text(failed.failures),
            ]
        )
    }

    /// Of records of one run with one key the first is kept, in whichever page of those that wait the others stand: the same
    /// again is settled, what differs is a reject like any that comes twice.
    private func endRepeats(of reject: Int64, _ locator: Int64, _ key: String, _ config: Config) throws(CommitFailure) {
        try inDatabase { () throws(SQLiteError) in
            let repeats = try connection.rows(
                """
                SELECT number, locator, raw IS (SELECT raw FROM integration_rejects WHERE number = ?5)
                    FROM integration_rejects INDEXED BY integration_rejects_waiting_keys
                    WHERE tenant_id = ?1 AND config_number = ?2 AND entity = ?3 AND external_id = ?4 AND state = 'waiting'
                        AND number > ?5 AND run_number = (SELECT run_number FROM integration_rejects WHERE number = ?5)
                """,
                [
                    .id(context.lease.run.tenant), .integer(config.number), .text(waiting.origin.entity.rawValue),
                    .text(key), .integer(reject),
                ]
            ) { row throws(SQLiteError) in (number: row.int64(0), locator: row.int64(1), isSame: row.int64(2) != 0) }
            for other in repeats {
                let failure = FieldFailure.conflictingRows(place(other.locator), place(locator))
                try connection.execute(
                    """
                    UPDATE integration_rejects SET state = ?2, field = ?3, code = ?4, message = ?5, failures = ?6,
                        updated_at = ?7 WHERE number = ?1
                    """,
                    [
                        .integer(other.number), .text(other.isSame ? "dismissed" : "open"), .text(failure.field),
                        .text(failure.code), .text(failure.message), RejectJSON.text([failure]),
                        .time(context.now),
                    ]
                )
            }
        }
    }

    private func place(_ locator: Int64) -> String { "\(waiting.origin.locatorKind) \(locator)" }

    private func waitOn(_ reject: Int64) throws(CommitFailure) {
        try change(
            reject,
            "state = iif(tries + 1 < ?4, 'waiting', 'open'), tries = tries + 1",
            [.integer(WaitingRecords.mostTries)]
        )
    }

    private func change(_ reject: Int64, _ assignments: String, _ values: [SQLiteValue]) throws(CommitFailure) {
        try inDatabase { () throws(SQLiteError) in
            try connection.execute(
                "UPDATE integration_rejects SET \(assignments), tried_by = ?2, updated_at = ?3 WHERE number = ?1",
                [.integer(reject), .integer(context.lease.run.number), .time(context.now)] + values
            )
        }
    }
}

extension MappedBatch {
    /// The same batch of which only these rows are looked at.
    func keeping(_ rows: Set<Int32>) -> MappedBatch {
        var batch = self
        batch.accepted = accepted.filter { rows.contains($0) }
        batch.rejects = rejects.filter { rows.contains($0.row) }
        batch.warnings = warnings.filter { rows.contains($0.row) }
        return batch
    }
}
