internal import Changes
internal import Identifiers
internal import Mapping
internal import SQLite
package import Time

extension SQLiteStore {
    package func replay(
        _ step: ReplayStep,
        lease: RunLease,
        now: Instant
    ) async throws(StoreError) -> ReplayOutcome {
        let context = try commitContext(lease, now, stream: step.stream.stream)
        let outcome = try await write(.batch) { connection throws(StoreError) in
            let memory = CommitMemory.of(connection, directoryLimit: context.directoryLimit)
            return try memory.transaction(connection) { refused throws(CommitFailure) in
                try context.failpoint.step("replay.begin")
                try context.checkFence(connection)
                let outcome = try Replay(connection: connection, context: context, step: step).apply(memory, refused)
                try inStore { () throws(StoreError) in
                    try RunRow.add(outcome.counts, to: lease.run, connection)
                    try RunStreamRow.add(
                        outcome.counts,
                        to: lease.run,
                        stream: step.stream.stream,
                        step.stream.entity,
                        connection
                    )
                }
                try context.failpoint.step("replay.before_commit")
                return outcome
            }
        }
        try failpoint.passed("replay.after_commit")
        return outcome
    }

    package func takeBackRefused(_ lease: RunLease, now: Instant) async throws(StoreError) {
        let failpoint = failpoint
        try await transaction(.batch) { connection throws(StoreError) in
            try Fence.check(connection, lease)
            let values: [SQLiteValue] = [.id(lease.run.tenant), .integer(lease.run.number), .time(now)]
            try connection.change(
                """
                UPDATE integration_rejects AS old SET state = 'open', field = new.field, code = new.code,
                        message = new.message, failures = new.failures, version = old.version + 1, updated_at = ?3
                    FROM integration_rejects AS new
                    WHERE old.tenant_id = ?1 AND old.replay_number = ?2 AND old.state = 'replayed'
                        AND new.tenant_id = ?1 AND new.run_number = ?2 AND new.entity = old.entity
                        AND new.external_id IS old.external_id AND new.locator = old.locator
                        AND new.source = old.source
                """,
                values
            )
            try connection.change(
                """
                DELETE FROM integration_rejects AS new WHERE tenant_id = ?1 AND run_number = ?2
                    AND EXISTS (SELECT 1 FROM integration_rejects AS old
                        WHERE old.tenant_id = ?1 AND old.replay_number = ?2 AND old.entity = new.entity
                            AND old.external_id IS new.external_id AND old.locator = new.locator
                            AND old.source = new.source)
                """,
                Array(values.prefix(2))
            )
            try failpoint.passed("replay.taken_back")
        }
    }
}

/// Rejects of an earlier run of the lease's config, applied again.
private struct Replay {
    let connection: SQLiteConnection
    let context: CommitContext
    let step: ReplayStep

    func apply(
        _ memory: CommitMemory,
        _ refused: [[UInt8]: SQLiteError]
    ) throws(CommitFailure) -> ReplayOutcome {
        // Somebody may have changed some of them since they were read.
        let rows = try inDatabase { () throws(SQLiteError) in try unchanged() }
        guard let batch = step.batch else {
            for row in rows { try fail(row, step.rejects[row].failures, key: nil, state: nil) }
            var counts = Counts()
            counts.read = Int64(rows.count)
            counts.rejected = counts.read
            return ReplayOutcome(counts: counts, left: [])
        }
        let (doing, left) = firsts(of: rows, batch)
        let work = try CommitTransaction(
            connection,
            memory,
            context,
            step.stream.entity,
            refused: refused
        )
        let failed = try apply(batch.keeping(Set(doing.map { Int32($0) })), work)
        try work.finish(context.failpoint)
        let keys = RecordKey.texts(of: batch)
        for row in doing {
            if let failed = failed[Int32(row)] {
                let key = keys(row) ?? failed.key
                try fail(row, failed.failures, key: key, state: failed.isWaiting ? "waiting" : "open")
            } else {
                try change(row, "state = 'replayed', external_id = ?6", [SQLiteValue(keys(row))])
            }
        }
        var counts = work.counts
        counts.read = Int64(doing.count)
        counts.rejected = Int64(failed.count)
        return ReplayOutcome(counts: counts, left: left.map { step.rejects[$0].number })
    }

    /// Of each key the first row, and the others: of one person each record is applied after the one before it.
    private func firsts(of rows: [Int], _ batch: MappedBatch) -> (firsts: [Int], others: [Int]) {
        let keys = RecordKey.texts(of: batch)
        var seen: Set<String> = []
        var (firsts, others): ([Int], [Int]) = ([], [])
        for row in rows {
            if let key = keys(row), !seen.insert(key).inserted { others.append(row) } else { firsts.append(row) }
        }
        return (firsts, others)
    }

    /// Answers what was refused, by row.
    private func apply(_ batch: MappedBatch, _ work: CommitTransaction) throws(CommitFailure) -> [Int32: RowReject] {
        let all = self.prepared(batch)
        let outdated = try inDatabase { () throws(SQLiteError) in try self.outdated(all) }
        let batch = batch.keeping(Set(batch.accepted).union(batch.rejects.map(\.row)).subtracting(outdated.keys))
        let prepared = outdated.isEmpty ? all : self.prepared(batch)
        return try RecordColumns.with(prepared, orderField: context.lease.policy.orderField) {
            columns throws(CommitFailure) in
            let records = try inDatabase { () throws(SQLiteError) in
                let records = try CommitRecords(work, prepared, columns)
                try records.apply(records.findLinks())
                try records.writeLinks()
                return records
            }
            try work.checkRefusals()
            let failed = prepared.mapped.rejects + records.rejects + outdated.values
            try inDatabase { () throws(SQLiteError) in
                try records.writeWarnings(except: Set(failed.map(\.row)))
            }
            return Dictionary(failed.map { ($0.row, $0) }) { first, _ in first }
        }
    }

    private func prepared(_ batch: MappedBatch) -> PreparedBatch {
        PreparedBatch.prepare(
            batch,
            source: step.rejects.first?.source ?? "",
            locatorKind: step.rejects.first?.locatorKind ?? "",
            key: context.hashKey,
            tenant: context.lease.run.tenant,
            policy: context.lease.policy
        )
    }

    // MARK: What must not be overwritten

    /// Records that would put something older, or something that nobody chose, over what stands; by row. Where the policy
    /// names an order field, that tells.
    private func outdated(_ batch: PreparedBatch) throws(SQLiteError) -> [Int32: RowReject] {
        guard context.lease.policy.orderField == nil else { return [:] }
        let later = try LaterSyncs(connection, context.lease, step)
        var outdated: [Int32: RowReject] = [:]
        for row in batch.order {
            let reject = step.rejects[Int(row)]
            let hash = Int64(bitPattern: batch.hashes[Int(row)])
            guard let key = batch.keys?.text(Int(row)), let known = try later.hash(of: key), known != hash else {
                continue
            }
            let failures: [FieldFailure]
            if later.haveRead(key) {
                failures = [.outdatedReject]
            } else if let standing = try standing(key), try standing > number(reject) {
                failures = [.outdatedReject]
            } else if !reject.isCorrected, reject.failures.contains(where: { $0.code == "conflicting_rows" }) {
                failures = reject.failures
            } else {
                continue
            }
            outdated[row] = RowReject(row: row, locator: reject.locator, key: key, failures: failures, raw: reject.raw)
        }
        return outdated
    }

    /// The order in which records were read: by run, and in a run by reject.
    private struct Place: Comparable {
        var run: Int64
        var reject: Int64

        static func < (left: Place, right: Place) -> Bool {
            (left.run, left.reject) < (right.run, right.reject)
        }
    }

    private func number(_ reject: RejectToReplay) throws(SQLiteError) -> Place {
        let run = try connection.integer(
            "SELECT run_number FROM integration_rejects WHERE number = ?",
            [.integer(reject.number)]
        )
        return Place(run: run ?? 0, reject: reject.number)
    }

    /// When what this config last made of the row that a key leads to was read; of a replay when the run that had refused it
    /// did, so that both compare.
    private func standing(_ key: String) throws(SQLiteError) -> Place? {
        let lease = context.lease
        let found = try connection.rows(
            """
            SELECT run.number, run.kind
                FROM integration_links AS link
                    CROSS JOIN \(step.stream.entity.rawValue) AS row ON row.number = link.row_number
                    CROSS JOIN integration_runs AS run ON run.number = coalesce(row.updated_run, row.created_run)
                WHERE link.tenant_id = ?1 AND link.config_number = ?2 AND link.entity = ?3 AND link.external_id = ?4
                    AND link.owned = 1 AND run.tenant_id = ?1 AND run.config_id = ?5
            """,
            [
                .id(lease.run.tenant), .integer(lease.config.number), .integer(step.stream.entity.number), .text(key),
                .id(lease.config.id),
            ]
        ) { row throws(SQLiteError) in (run: row.int64(0), kind: row.text(1)) }
        guard let found = found.first else { return nil }
        // Whatever a run has let in stands before what it refused.
        guard found.kind == RunKind.replay else { return Place(run: found.run, reject: 0) }
        let replayed = try connection.rows(
            """
            SELECT run_number, number FROM integration_rejects
                WHERE tenant_id = ? AND replay_number = ? AND entity = ? AND external_id = ? AND state = 'replayed'
                ORDER BY number DESC LIMIT 1
            """,
            [
                .id(lease.run.tenant), .integer(found.run), .text(step.stream.entity.rawValue), .text(key),
            ]
        ) { row throws(SQLiteError) in Place(run: row.int64(0), reject: row.int64(1)) }
        // The row was touched for another record's sake: that says nothing of how new it is.
        return replayed.first
    }

    // MARK: What becomes of the rejects

    private func unchanged() throws(SQLiteError) -> [Int] {
        var rows: [Int] = []
        for (row, reject) in step.rejects.enumerated() {
            let found = try connection.integer(
                """
                SELECT 1 FROM integration_rejects WHERE number = ? AND version = ? AND state IN ('open', 'waiting')
                    AND (replay_number IS NULL OR replay_number <> ?)
                """,
                [.integer(reject.number), .integer(reject.version), .integer(context.lease.run.number)]
            )
            if found != nil { rows.append(row) }
        }
        return rows
    }

    /// - Parameter state: nil leaves it as it is. One that begins to wait has all its tries before it.
    private func fail(
        _ row: Int,
        _ failures: [FieldFailure],
        key: String?,
        state: String?
    ) throws(CommitFailure) {
        let first = failures.first
        try change(
            row,
            """
            field = ?6, code = ?7, message = ?8, failures = ?9, external_id = coalesce(?10, external_id),
                tries = iif(state = 'waiting', tries, 0), state = coalesce(?11, state), tried_by = ?2
            """,
            [
                .text(first?.field ?? ""), .text(first?.code ?? ""), .text(first?.message ?? ""),
                RejectJSON.text(failures), SQLiteValue(key), SQLiteValue(state),
            ]
        )
    }

    private func change(_ row: Int, _ assignments: String, _ values: [SQLiteValue]) throws(CommitFailure) {
        try inDatabase { () throws(SQLiteError) in
            try connection.execute(
                """
                UPDATE integration_rejects SET \(assignments), replay_number = ?2, replay_run = ?5, version = version + 1,
                    updated_at = ?3 WHERE number = ?1 AND tenant_id = ?4
                """,
                [
                    .integer(step.rejects[row].number), .integer(context.lease.run.number), .time(context.now),
                    .id(context.lease.run.tenant), .id(context.lease.run.id),
                ] + values
            )
        }
    }
}

/// What the config's syncs after the run that refused the rejects have read: a record that says what its row says already leaves
/// no trace in it.
private struct LaterSyncs {
    private let connection: SQLiteConnection
    private let lease: RunLease
    private let step: ReplayStep
    /// One has read a whole snapshot: of whomever it was, there is a newer record, or the source has none any more.
    private let isWhole: Bool
    /// The keys of newer records that were refused.
    private let refused: Set<String>

    init(_ connection: SQLiteConnection, _ lease: RunLease, _ step: ReplayStep) throws(SQLiteError) {
        self.connection = connection
        self.lease = lease
        self.step = step
        guard let first = step.rejects.first else {
            (isWhole, refused) = (false, [])
            return
        }
        let later: [SQLiteValue] = [
            .id(lease.run.tenant), .id(lease.config.id), .integer(first.number), .text(RunKind.sync),
            .text(step.stream.entity.rawValue),
        ]
        let condition = """
            WHERE run.tenant_id = ?1 AND run.config_id = ?2 AND run.kind = ?4
                AND run.number > (SELECT run_number FROM integration_rejects WHERE number = ?3)
            """
        // The + keeps the planner from going through the streams of all later runs, once for each of them.
        isWhole =
            try connection.integer(
                """
                SELECT 1 FROM integration_runs AS run CROSS JOIN integration_run_streams AS stream
                        ON stream.tenant_id = run.tenant_id AND stream.run_number = +run.number
                    \(condition) AND stream.entity = ?5 AND stream.stream = ?6 AND stream.finished_at IS NOT NULL
                        AND json_extract(stream.summary, '$.complete') = 1
                        AND json_extract(stream.summary, '$.filtered') = 0
                    LIMIT 1
                """,
                later + [.text(step.stream.stream)]
            ) != nil
        refused =
            isWhole
            ? []
            : Set(
                try connection.rows(
                    """
                    SELECT reject.external_id FROM integration_runs AS run CROSS JOIN integration_rejects AS reject
                            INDEXED BY integration_rejects_run
                            ON reject.tenant_id = run.tenant_id AND reject.run_number = +run.number
                        \(condition) AND reject.entity = ?5 AND reject.external_id IS NOT NULL
                    """,
                    later
                ) { row throws(SQLiteError) in row.text(0) }
            )
    }

    /// Of the values that the row was last given under the key; nil where the config doesn't own one.
    func hash(of key: String) throws(SQLiteError) -> Int64? {
        try connection.integer(
            """
            SELECT source_hash FROM integration_links
                WHERE tenant_id = ? AND config_number = ? AND entity = ? AND external_id = ? AND owned = 1
            """,
            [
                .id(lease.run.tenant), .integer(lease.config.number), .integer(step.stream.entity.number), .text(key),
            ]
        )
    }

    func haveRead(_ key: String) -> Bool { isWhole || refused.contains(key) }
}
