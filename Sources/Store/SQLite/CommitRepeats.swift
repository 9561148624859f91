internal import Changes
internal import Mapping
internal import SQLite

/// The record of a key that was kept, beside which repeats of the key are judged.
struct Kept {
    enum Place: Equatable {
        case applied, waiting
        case setAside(SetAside)
    }

    var hash: UInt64
    var order: [UInt8]?
    var locator: Int64
    var place: Place
}

/// Where a batch before spoke of a row.
struct Mention {
    var locator: Int64
    var order: [UInt8]?
}

/// The keys that stand in a batch more than once.
struct BatchRepeats {
    private var firstOf: [Int32: Int32] = [:]
    private var groups: Set<Int32> = []
    private(set) var kept: [Int: Kept] = [:]

    init(_ repeats: [KeyRepeat]) {
        for repetition in repeats {
            let first = firstOf[repetition.earlier] ?? repetition.earlier
            firstOf[repetition.row] = first
            groups.insert(first)
        }
    }

    func isRepeat(_ row: Int32) -> Bool {
        !firstOf.isEmpty && firstOf[row] != nil
    }

    /// The first row that has the row's key: what is known of the key's link stands there.
    func group(of row: Int) -> Int {
        firstOf.isEmpty ? row : firstOf[Int32(row)].map(Int.init) ?? row
    }

    /// The row's record is the one that holds for its key.
    mutating func keep(_ group: Int, _ row: Int, _ batch: PreparedBatch, _ order: RecordColumn?, as place: Kept.Place) {
        guard !groups.isEmpty, groups.contains(Int32(group)) else { return }
        kept[group] = Kept(
            hash: batch.hashes[row],
            order: order?.order(row),
            locator: batch.mapped.locators[row],
            place: place
        )
    }

    mutating func keep(_ group: Int, _ record: Kept?) {
        guard groups.contains(Int32(group)) else { return }
        kept[group] = record
    }
}

extension RecordColumn {
    /// The order field's value; nil for none.
    func order(_ row: Int) -> [UInt8]? {
        let value = copied(row)
        return value.isEmpty ? nil : value
    }
}

extension CommitRecords {
    /// Whether an earlier record of the same key settles this one: it says the same or is newer, or nothing tells which is.
    func isSettledByAnEarlier(_ row: Int, _ group: Int) throws(SQLiteError) -> Bool {
        if let kept = repeats.kept[group] { return try isSettled(row, group, by: kept) }
        guard let kept = try keptBefore(row, group) else { return false }
        return try isSettled(row, group, by: kept)
    }

    func conflict(_ row: Int, _ kept: Kept) -> FieldFailure {
        let place = { (locator: Int64) in "\(self.batch.locatorKind) \(locator)" }
        return .conflictingRows(place(batch.mapped.locators[row]), place(kept.locator))
    }

    /// Whether the record that was kept settles this one, which has the same key.
    func isSettled(_ row: Int, _ group: Int, by kept: Kept) throws(SQLiteError) -> Bool {
        switch Repetition.decide(
            same: kept.hash == batch.hashes[row],
            kept: kept.order,
            repeated: columns.order?.order(row)
        ) {
        case .duplicate:
            work.counts.duplicate += 1
        case .conflicting:
            refuse(row, conflict(row, kept))
        case .newer:
            switch kept.place {
            case .applied: break
            case .waiting: try dropWaiting(row)
            case .setAside(let place): try drop(place)
            }
            repeats.keep(group, nil)
            return false
        }
        repeats.keep(group, kept)
        return true
    }

    /// What a batch before kept of the key.
    private func keptBefore(_ row: Int, _ group: Int) throws(SQLiteError) -> Kept? {
        guard row == group else { return nil }
        if let kept = try keptAside(links.rows[row]) { return kept }
        if !work.run.waiting.isEmpty, let record = work.run.waiting[keys.copied(row)] {
            return Kept(hash: record.hash, order: record.order, locator: record.locator, place: .waiting)
        }
        guard let mention = mentions[links.rows[row]] else { return nil }
        return Kept(
            hash: UInt64(bitPattern: links.hashes[row]),
            order: mention.order,
            locator: mention.locator,
            place: .applied
        )
    }

    /// A newer record takes the place of the one that waits, which then was never applied.
    private func dropWaiting(_ row: Int) throws(SQLiteError) {
        guard let record = work.run.waiting[keys.copied(row)] else { return }
        try work.waiting.delete(record.number)
        work.run.remove(record)
        work.counts.waiting -= 1
        work.counts.duplicate += 1
    }

    /// Looks up where batches before spoke of the rows in hand.
    func findMentions(_ rows: [Int32]) throws(SQLiteError) {
        var wanted: Set<Int64> = []
        for row in rows where !repeats.isRepeat(row) {
            let number = links.rows[Int(row)]
            if number != 0, work.seen.contains(number) { wanted.insert(number) }
        }
        guard let least = wanted.min(), let greatest = wanted.max() else { return }
        try work.connection.withStatement(
            """
            SELECT entries FROM integration_seen
                WHERE tenant_id = ? AND run_number = ? AND entity = ? AND least_row <= ? AND greatest_row >= ?
                ORDER BY batch
            """,
            [
                .id(work.run.tenant), .integer(work.run.number), .integer(work.entity.number), .integer(greatest),
                .integer(least),
            ]
        ) { statement throws(SQLiteError) in
            while try statement.step() {
                statement.withBytes(0) { bytes in
                    SeenBlob.read(bytes) { row, locator, order in
                        guard wanted.contains(row) else { return }
                        let value = order.map { range in range.map { bytes[$0] } }
                        mentions[row] = Mention(locator: locator, order: value)
                    }
                }
            }
        }
    }
}
