package import Changes
internal import Crypto
internal import Identifiers
package import JSON
package import Mapping
internal import Platform
internal import SQLite
package import Time

extension SQLiteStore {
    package func settle(
        _ entity: Entity,
        summary: JSONValue,
        _ lease: RunLease,
        now: Instant
    ) async throws(StoreError) -> Counts {
        let context = try commitContext(lease, now)
        var counts = try await write(.batch) { connection throws(StoreError) in
            try settleWaiting(connection, context, entity, summary)
        }
        guard entity == .users else { return counts }
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
    var batch: WaitingBatch
    /// The external ids of all records that wait, by their place among the wishes.
    var externalIDs: [[UInt8]]
    /// Somebody has approved what was shown: nothing else is applied.
    var isApproved = false

    func externalID(_ wish: Int) -> String {
        String(decoding: externalIDs[wish], as: UTF8.self)
    }

    /// What was shown and approved of the record; nil where nobody had to.
    func approved(_ row: Int) -> ShownEffect? { isApproved ? batch.shown[row] : nil }
}

/// Decides all records of an entity that wait, together: so that the guard has counted all, and an exchange of e-mails comes
/// out right, however far apart the two stand. One transaction: a half of a swap must not be seen.
private func settleWaiting(
    _ connection: SQLiteConnection,
    _ context: CommitContext,
    _ entity: Entity,
    _ summary: JSONValue
) throws(StoreError) -> Counts {
    let memory = CommitMemory.of(connection, directoryLimit: context.directoryLimit)
    return try memory.transaction(connection) { refused throws(CommitFailure) in
        try context.failpoint.step("settle.begin")
        try context.checkFence(connection)
        let work = try CommitTransaction(connection, memory, context, entity, refused: refused)
        let verdict = try work.guardVerdict(summary)
        guard verdict != nil || (entity == .users && !work.run.waiting.isEmpty) else { return Counts() }
        let isHeld = verdict.map { $0.isHeld && !(context.lease.run.plan?.decides($0) ?? false) } ?? false
        if isHeld {
            let held = try inDatabase { () throws(SQLiteError) in try work.effects.hold() }
            work.counts.waiting -= held
            work.counts.setAside += held
        }
        let which = isHeld ? WaitingTable.Which.emails : .all
        let waiting = try inDatabase { () throws(SQLiteError) in try work.waiting.places(which) }
        let exchange = WaitingExchange(work: work, hashKey: context.hashKey, which: which, waiting: waiting)
        try exchange.settle()
        work.counts.waiting -= Int64(waiting.count)
        if verdict != nil, !isHeld {
            let absence = AbsentPeople(work: work)
            while try absence.apply("undecided", limit: WaitingExchange.stretch) > 0 {}
        }
        try work.finish(context.failpoint)
        try inStore { () throws(StoreError) in
            if let verdict { try RunRow.set(verdict, of: context.lease.run, connection) }
            try RunRow.addSettled(work.counts, entity, to: context.lease.run, connection)
        }
        work.run.removeAllWaiting(entity)
        try context.failpoint.step("settle.after_emails")
        return work.counts
    }
}

/// Records of a run that have waited, and what becomes of them.
struct WaitingExchange {
    let work: CommitTransaction
    let hashKey: SipHash
    let which: WaitingTable.Which
    let waiting: [(number: Int64, key: [UInt8])]

    /// How many records are in memory with their values.
    static let stretch = 4_096

    /// Everything is decided beside the rows as they are, before any is changed.
    func settle() throws(CommitFailure) {
        let verdicts = try decide()
        try forEachStretch { batch, range throws(CommitFailure) in
            try apply(batch, Array(verdicts[range]))
        }
    }

    private func decide() throws(CommitFailure) -> [EmailExchange.Verdict] {
        guard work.entity == .users else { return [EmailExchange.Verdict](repeating: .granted, count: waiting.count) }
        var wishes: [EmailExchange.Wish?] = []
        try forEachStretch { batch, _ throws(CommitFailure) in wishes += try self.wishes(batch) }
        return EmailExchange.decide(wishes)
    }

    func wishes(_ batch: WaitingBatch) throws(CommitFailure) -> [EmailExchange.Wish?] {
        try records(batch, nil) { records throws(CommitFailure) in
            try inDatabase { () throws(SQLiteError) in try records.wishes() }
        }
    }

    /// Applies the records, and forgets that they waited.
    func apply(_ batch: WaitingBatch, _ verdicts: [EmailExchange.Verdict]) throws(CommitFailure) {
        try records(batch, verdicts) { records throws(CommitFailure) in
            try inDatabase { () throws(SQLiteError) in try records.apply(records.findLinks()) }
            try inDatabase { () throws(SQLiteError) in try records.writeLinks() }
            try work.checkRefusals()
            try inDatabase { () throws(SQLiteError) in
                try records.writeRejects()
                let refused = Set(records.rejects.map { Int($0.row) })
                for row in batch.numbers.indices {
                    if let shown = batch.shown[row] {
                        try work.effects.set(refused.contains(row) ? "conflict" : "applied", shown.effect)
                    }
                    try work.waiting.delete(batch.numbers[row])
                }
            }
        }
    }

    private func forEachStretch(
        _ body: (WaitingBatch, Range<Int>) throws(CommitFailure) -> Void
    ) throws(CommitFailure) {
        var start = 0
        while start < waiting.count {
            let end = min(waiting.count, start + WaitingExchange.stretch)
            let batches = try inDatabase { () throws(SQLiteError) in
                try work.waiting.read(which, from: waiting[start].number, to: waiting[end - 1].number)
            }
            for batch in batches {
                try body(batch, start..<start + batch.numbers.count)
                start += batch.numbers.count
            }
            // A record that is gone would shift all that come after it.
            guard start == end else {
                throw .store(StoreError(.bug, "Records that waited changed while they were settled."))
            }
        }
    }

    private func records<Result>(
        _ batch: WaitingBatch,
        _ verdicts: [EmailExchange.Verdict]?,
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
        let settling = Settling(
            verdicts: verdicts ?? [EmailExchange.Verdict](repeating: .granted, count: batch.numbers.count),
            batch: batch,
            externalIDs: verdicts == nil ? [] : waiting.map(\.key),
            isApproved: which == .held
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
