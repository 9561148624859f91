package import Changes
internal import Crypto
internal import Mapping
internal import Platform
internal import SQLite
package import Time

extension SQLiteStore {
    package func commit(
        _ batch: PreparedBatch,
        token: [UInt8],
        stream: String,
        lease: RunLease,
        now: Instant
    ) async throws(StoreError) -> Counts {
        let entity = batch.mapped.entity
        let context = try commitContext(lease, now, stream: stream)
        return try await write(.batch) { connection throws(StoreError) in
            let memory = CommitMemory.of(connection, directoryLimit: context.directoryLimit)
            let failpoint = context.failpoint
            let counts = try memory.transaction(connection) { refused throws(CommitFailure) in
                try failpoint.step("commit.begin")
                try context.checkFence(connection)
                let work = try CommitTransaction(connection, memory, context, entity, refused: refused)
                try RecordColumns.with(batch, orderField: lease.policy.orderField) {
                    columns throws(CommitFailure) in try applyRecords(batch, columns, work, failpoint)
                }
                work.counts.read = Int64(batch.mapped.count)
                try work.finish(failpoint)
                try inStore { () throws(StoreError) in
                    try RunRow.add(work.counts, to: lease.run, connection)
                    try RunStreamRow.add(work.counts, to: lease.run, stream: stream, entity, connection)
                    try saveCheckpoint(connection, token, stream: stream, lease, now)
                }
                try failpoint.step("commit.after_counts")
                try failpoint.step("commit.before_commit")
                return work.counts
            }
            try failpoint.passed("commit.after_commit")
            return counts
        }
    }

    func commitContext(_ lease: RunLease, _ now: Instant, stream: String = "") throws(StoreError) -> CommitContext {
        guard let key = SipHash(key: keptInstallation.hashKey) else {
            throw StoreError(.corrupt, "The hash key of \(path) is damaged. Restore it from a backup.")
        }
        return CommitContext(
            lease: lease,
            now: now,
            stream: stream,
            hashKey: key,
            failpoint: failpoint,
            directoryLimit: directoryLimit
        )
    }
}

/// For whom and with what a transaction commits.
struct CommitContext: Sendable {
    var lease: RunLease
    let now: Instant
    /// The stream that is read; empty beside reading.
    let stream: String
    let hashKey: SipHash
    let failpoint: Failpoint
    let directoryLimit: Int

    func checkFence(_ connection: SQLiteConnection) throws(CommitFailure) {
        try inStore { () throws(StoreError) in try Fence.check(connection, lease) }
    }
}

/// The steps of one batch, between the failpoints that show each of them interrupted.
func applyRecords(
    _ batch: PreparedBatch,
    _ columns: RecordColumns,
    _ work: CommitTransaction,
    _ failpoint: Failpoint
) throws(CommitFailure) {
    let records = try inDatabase { () throws(SQLiteError) in try CommitRecords(work, batch, columns) }
    let others = try inDatabase { () throws(SQLiteError) in try records.findLinks() }
    try failpoint.step("commit.after_lookup")
    try inDatabase { () throws(SQLiteError) in try records.apply(others) }
    try failpoint.step("commit.after_users")
    try inDatabase { () throws(SQLiteError) in try records.writeLinks() }
    try work.checkRefusals()
    try failpoint.step("commit.after_links")
    try inDatabase { () throws(SQLiteError) in try records.writeRejects() }
    try failpoint.step("commit.after_rejects")
    try inDatabase { () throws(SQLiteError) in try records.writeSeen() }
    try failpoint.step("commit.after_effects")
}

private func saveCheckpoint(
    _ connection: SQLiteConnection,
    _ token: [UInt8],
    stream: String,
    _ lease: RunLease,
    _ now: Instant
) throws(StoreError) {
    try connection.change(
        """
        INSERT OR REPLACE INTO integration_checkpoints (tenant_id, config_id, stream, run_number, token, updated_at)
            VALUES (?, ?, ?, ?, ?, ?)
        """,
        [
            .id(lease.run.tenant), .id(lease.config.id), .text(stream), .integer(lease.run.number), .blob(token),
            .time(now),
        ]
    )
}
