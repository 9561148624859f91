package import Changes
internal import Identifiers
internal import JSON
internal import Mapping
internal import Platform
internal import SQLite
package import Time

extension SQLiteStore {
    package func applyApproved(_ lease: RunLease, now: Instant) async throws(StoreError) -> Counts {
        let context = try commitContext(lease, now)
        var counts = Counts()
        for entity in Entity.allCases {
            var stretch = ApprovedStretch(entity: entity)
            while !stretch.isLast {
                stretch = try await write(.batch) { [stretch] connection throws(StoreError) in
                    try applyStretch(stretch, connection, context)
                }
                counts += stretch.counts
            }
        }
        return counts
    }
}

/// How far the application of what was approved has come: each stretch is a transaction of its own.
private struct ApprovedStretch: Sendable {
    let entity: Entity
    /// The record after which the next stretch begins.
    var after: Int64 = -1
    /// What is left has to be exchanged: all of it together, for a half of a swap must not be seen.
    var isExchange = false
    var hasLeft = false
    /// Absent people come first: they have no records.
    var isAbsence = true
    var isLast = false
    /// Of this stretch.
    var counts = Counts()

    static let size: Int64 = 2_048
}

private func applyStretch(
    _ stretch: ApprovedStretch,
    _ connection: SQLiteConnection,
    _ context: CommitContext
) throws(StoreError) -> ApprovedStretch {
    let memory = CommitMemory.of(connection, directoryLimit: context.directoryLimit)
    return try memory.transaction(connection) { refused throws(CommitFailure) in
        try context.failpoint.step("approve.begin")
        try context.checkFence(connection)
        let work = try CommitTransaction(connection, memory, context, stretch.entity, refused: refused)
        var next = stretch
        if stretch.isAbsence {
            let count = stretch.entity == .users ? try AbsentPeople(work: work).apply("pending", limit: 2_048) : 0
            next.isAbsence = count > 0
            try work.finish(context.failpoint)
            next.counts = Counts()
            try context.failpoint.step("approve.before_commit")
            return next
        }
        let places = try inDatabase { () throws(SQLiteError) in
            try work.waiting.places(
                .held,
                after: stretch.isExchange ? -1 : stretch.after,
                limit: stretch.isExchange ? -1 : ApprovedStretch.size
            )
        }
        let exchange = WaitingExchange(work: work, hashKey: context.hashKey, which: .held, waiting: places)
        var applied = places.count
        if stretch.isExchange {
            try exchange.settle()
            next.isLast = true
        } else {
            let left = try exchange.applyFree()
            applied -= left
            next.hasLeft = stretch.hasLeft || left > 0
            next.after = places.last?.number ?? stretch.after
            let isEnd = places.count < ApprovedStretch.size
            next.isExchange = isEnd && next.hasLeft
            next.isLast = isEnd && !next.hasLeft
        }
        work.counts.setAside -= Int64(applied)
        try work.finish(context.failpoint)
        try inStore { () throws(StoreError) in
            try RunRow.addSettled(work.counts, stretch.entity, to: context.lease.run, connection)
        }
        next.counts = work.counts
        try context.failpoint.step("approve.before_commit")
        return next
    }
}

extension WaitingExchange {
    /// Applies the records that need no e-mail to be given up; answers how many are left.
    fileprivate func applyFree() throws(CommitFailure) -> Int {
        guard let first = waiting.first, let last = waiting.last else { return 0 }
        let batches = try inDatabase { () throws(SQLiteError) in
            try work.waiting.read(which, from: first.number, to: last.number)
        }
        var left = 0
        for batch in batches {
            let wishes = work.entity == .users ? try wishes(batch) : []
            let free = batch.numbers.indices.filter { row in
                row >= wishes.count || wishes[row].map(\.holders.isEmpty) ?? true
            }
            left += batch.numbers.count - free.count
            let ready = batch.keeping(free)
            // Of two that want one e-mail the first gets it.
            let verdicts = EmailExchange.decide(free.map { $0 < wishes.count ? wishes[$0] : nil })
            try apply(ready, verdicts)
        }
        return left
    }
}

extension WaitingBatch {
    /// The same with these rows alone.
    fileprivate func keeping(_ rows: [Int]) -> WaitingBatch {
        var batch = self
        batch.mapped = mapped.taking(rows)
        batch.numbers = rows.map { numbers[$0] }
        batch.sources = rows.map { sources[$0] }
        batch.raw = rows.map { raw[$0] }
        batch.shown = rows.map { shown[$0] }
        return batch
    }
}

extension MappedBatch {
    /// These rows alone, as values: what the source said, what was refused and what was warned of is left out.
    func taking(_ rows: [Int]) -> MappedBatch {
        MappedBatch(
            entity: entity,
            count: rows.count,
            columns: columns.map { $0.taking(rows) },
            accepted: rows.indices.map { Int32($0) },
            locators: rows.map { locators[$0] }
        )
    }
}

extension MappedColumn {
    fileprivate func taking(_ rows: [Int]) -> MappedColumn {
        var column = MappedColumn(target: target, write: write, empty: empty, states: [], offsets: [0], bytes: [])
        for row in rows {
            column.states.append(states[row])
            column.bytes += bytes[Int(offsets[row])..<Int(offsets[row + 1])]
            column.offsets.append(Int32(column.bytes.count))
        }
        return column
    }
}

// How a record that was approved is applied: as it was shown, or not at all.
extension CommitRecords {
    func apply(_ shown: ShownEffect, _ row: Int, _ group: Int) throws(SQLiteError) {
        if pairs?.unknown(row).isEmpty ?? true, try leads(to: shown.row, row, group) {
            let isNewLink = links.rows[group] == 0
            if isNewLink {
                links.rows[group] = shown.row
                links.owned[group] = 1
            }
            if try change(row, group, isNewLink: isNewLink, shown: shown) { return }
            if isNewLink { links.rows[group] = 0 }
        }
        refuse(row, .changedSinceShown(try work.rows.name(of: shown.row)))
    }

    /// Whether the record still means the row that was shown: by its link, or because it may take it over.
    func leads(to number: Int64, _ row: Int, _ group: Int) throws(SQLiteError) -> Bool {
        if links.rows[group] != 0 { return links.rows[group] == number }
        guard work.lease.policy.adopt, try work.rows.row(number) != nil else { return false }
        return try candidate(number).owner == .nobody
    }

    /// What the record would change now, if it is what was shown; nil if it is not, or the row is gone.
    func changesAsShown(_ shown: ShownEffect, _ row: Int) throws(SQLiteError) -> (RowChanges, StandingRow)? {
        guard try leads(to: shown.row, row, row), let standing = try rowUpdate().row(shown.row) else { return nil }
        // Who is taken over belongs to the config from then on.
        let owned = links.rows[row] == 0 || owns(row, standing)
        guard var changes = RowChanges(columns, row, standing, owned: owned) else { return nil }
        _ = try managerChange(row, standing, owned: owned, &changes)
        return shown.isStill(changes) ? (changes, standing) : nil
    }
}
