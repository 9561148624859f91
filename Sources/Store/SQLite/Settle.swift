package import Changes
internal import Crypto
internal import Identifiers
internal import Mapping
internal import Platform
internal import SQLite
package import Time

extension SQLiteStore {
    package func settle(_ lease: RunLease, now: Instant) async throws(StoreError) -> Counts {
        let context = try commitContext(lease, now)
        var counts = try await write(.batch) { connection throws(StoreError) in
            try settleEmails(connection, context)
        }
        var managers = ManagerStretch()
        while !managers.isLast {
            managers = try await write(.batch) { [managers] connection throws(StoreError) in
                try settleManagers(connection, context, managers)
            }
        }
        counts += managers.counts
        return counts
    }
}

/// What is decided about the records of a batch that have waited.
struct Settling {
    /// By row of the batch, like the next two.
    var verdicts: [EmailExchange.Verdict]
    var sources: [RecordSource]
    var raw: [[RawField]]
    /// The external ids of all records that wait, by their place among the wishes.
    var externalIDs: [[UInt8]]

    func externalID(_ wish: Int) -> String {
        String(decoding: externalIDs[wish], as: UTF8.self)
    }
}

/// Decides all records that wait for their e-mail, together: so that a swap comes out right, however far apart the two
/// stand. One transaction: a half of a swap must not be seen.
private func settleEmails(
    _ connection: SQLiteConnection,
    _ context: CommitContext
) throws(StoreError) -> Counts {
    let memory = CommitMemory.of(connection, directoryLimit: context.directoryLimit)
    return try memory.transaction(connection) { refused throws(CommitFailure) in
        try context.failpoint.step("settle.begin")
        try context.checkFence(connection)
        let work = try CommitTransaction(connection, memory, context, .users, refused: refused)
        let waiting = work.run.waiting.values.sorted { $0.number < $1.number }
        guard !waiting.isEmpty else { return Counts() }
        let exchange = WaitingExchange(work: work, hashKey: context.hashKey, waiting: waiting)
        try exchange.settle()
        work.counts.waiting -= Int64(waiting.count)
        try work.finish(context.failpoint)
        try inStore { () throws(StoreError) in
            try work.waiting.deleteAll()
            try RunRow.addSettled(work.counts, to: context.lease.run, connection)
        }
        work.run.removeAllWaiting()
        try context.failpoint.step("settle.after_emails")
        return work.counts
    }
}

/// The records of a run that wait for their e-mail, and what becomes of them.
private struct WaitingExchange {
    let work: CommitTransaction
    let hashKey: SipHash
    let waiting: [WaitingRecord]

    /// How many records are in memory with their values.
    private static let stretch = 4_096

    func settle() throws(CommitFailure) {
        // Everything is decided beside the rows as they are, before any is changed.
        var wishes: [EmailExchange.Wish?] = []
        try forEachStretch { batch, _ throws(CommitFailure) in
            wishes += try records(batch, nil) { records throws(CommitFailure) in
                try inDatabase { () throws(SQLiteError) in try records.wishes() }
            }
        }
        let verdicts = EmailExchange.decide(wishes)
        let externalIDs = waiting.map(\.key)
        try forEachStretch { batch, range throws(CommitFailure) in
            let settling = Settling(
                verdicts: Array(verdicts[range]),
                sources: batch.sources,
                raw: batch.raw,
                externalIDs: externalIDs
            )
            try records(batch, settling) { records throws(CommitFailure) in try apply(records) }
        }
    }

    private func apply(_ records: CommitRecords) throws(CommitFailure) {
        try inDatabase { () throws(SQLiteError) in try records.apply(records.findLinks()) }
        try inDatabase { () throws(SQLiteError) in try records.writeLinks() }
        try work.checkRefusals()
        try inDatabase { () throws(SQLiteError) in try records.writeRejects() }
    }

    private func forEachStretch(
        _ body: (WaitingBatch, Range<Int>) throws(CommitFailure) -> Void
    ) throws(CommitFailure) {
        var start = 0
        while start < waiting.count {
            let end = min(waiting.count, start + WaitingExchange.stretch)
            let batch = try inDatabase { () throws(SQLiteError) in
                try work.waiting.read(from: waiting[start].number, to: waiting[end - 1].number)
            }
            try body(batch, start..<end)
            start = end
        }
    }

    private func records<Result>(
        _ batch: WaitingBatch,
        _ settling: Settling?,
        _ body: (CommitRecords) throws(CommitFailure) -> Result
    ) throws(CommitFailure) -> Result {
        let prepared = PreparedBatch.prepare(
            batch.mapped,
            source: "",
            locatorKind: "",
            key: hashKey,
            tenant: work.lease.run.tenant,
            policy: work.lease.policy
        )
        return try RecordColumns.with(prepared, orderField: work.lease.policy.orderField) {
            columns throws(CommitFailure) in
            let records = try inDatabase { () throws(SQLiteError) in
                try CommitRecords(work, prepared, columns, settling: settling)
            }
            return try body(records)
        }
    }
}
