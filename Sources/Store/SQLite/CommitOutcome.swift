internal import Changes
internal import Mapping
internal import SQLite

/// Where a record came from, for rejects and warnings.
struct RecordSource {
    var locatorKind: String
    var name: String
    var stream: String
}

extension CommitRecords {
    /// Writes rejects and warnings, in source order.
    func writeRejects() throws(SQLiteError) {
        let all = (batch.mapped.rejects + rejects).sorted { $0.row < $1.row }
        if !all.isEmpty {
            let writer = RejectWriter(
                connection: work.connection,
                lease: work.lease,
                entity: batch.mapped.entity,
                now: work.now
            )
            let numbers = RowNumbers(
                after: try work.connection.integer("SELECT max(number) FROM integration_rejects") ?? 0,
                now: work.now
            )
            for reject in all {
                let earlier = earlierWaiting[reject.row] ?? []
                try writer.write(
                    reject,
                    source(Int(reject.row)),
                    numbers,
                    tries: earlier.map { $0.isOwn ? $0.tries : $0.tries + 1 }.max() ?? 0,
                    isSuperseded: isSuperseded(Int(reject.row))
                )
                if reject.isWaiting { work.run.hasEarlierWaiting = true }
            }
        }
        try endEarlierWaiting(refused: Set(all.map(\.row)))
        work.counts.rejected += Int64(batch.mapped.rejects.count)
        try writeWarnings(except: [])
    }

    /// - Parameter rows: whose warnings are not told.
    func writeWarnings(except rows: Set<Int32>) throws(SQLiteError) {
        let warnings = warnings.filter { !rows.contains($0.row) }
        work.counts.warned += Int64(warnings.count)
        let table = WarningTable(
            connection: work.connection,
            lease: work.lease,
            entity: batch.mapped.entity,
            now: work.now
        )
        for warning in warnings.sorted(by: { $0.row < $1.row }) {
            guard work.run.warnings < WarningTable.most else { return }
            try table.insert(warning, source(Int(warning.row)), work.run)
        }
    }

    /// Whether a later row of the batch has the key of one that waits, and is in. Where an order field tells which of them is
    /// newer, it tells so when the one that waited is tried again.
    private func isSuperseded(_ row: Int) -> Bool {
        columns.order == nil && repeats.kept[repeats.group(of: row)] != nil
    }

    /// What waited is told anew by this batch: it is in, or its new reject stands in its place.
    ///
    /// Within one run a record that is refused takes nobody's place.
    private func endEarlierWaiting(refused: Set<Int32>) throws(SQLiteError) {
        guard !earlierWaiting.isEmpty else { return }
        var ends: [Int64: String] = [:]
        for (row, rejects) in earlierWaiting {
            let isIn = !refused.contains(row)
            for reject in rejects {
                if reject.isOwn {
                    if isIn, columns.order == nil { ends[reject.number] = "dismissed" }
                } else if isIn {
                    ends[reject.number] = "replayed"
                } else if ends[reject.number] == nil {
                    ends[reject.number] = "dismissed"
                }
            }
        }
        let table = EarlierWaiting(work: work)
        for (number, state) in ends.sorted(by: { $0.key < $1.key }) { try table.set(state, number) }
    }

    private func source(_ row: Int) -> RecordSource {
        settling?.batch.sources[row]
            ?? RecordSource(locatorKind: batch.locatorKind, name: batch.source, stream: work.stream)
    }

    /// Keeps which rows the batch has spoken of, while the run is under way.
    func writeSeen() throws(SQLiteError) {
        var blob = SeenBlob(isOrdered: columns.order != nil, capacity: 4 * batch.mapped.accepted.count)
        for row in batch.mapped.accepted {
            let index = Int(row)
            guard spoken[index] != 0 else { continue }
            // The batch outlives the call.
            unsafe blob.append(
                row: spoken[index],
                locator: batch.mapped.locators[index],
                order: columns.order?.uncopied(index) ?? UnsafeRawBufferPointer(start: nil, count: 0)
            )
        }
        guard !blob.isEmpty else { return }
        try work.connection.execute(
            """
            INSERT INTO integration_seen (tenant_id, run_number, batch, entity, least_row, greatest_row, entries)
                VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .id(work.run.tenant), .integer(work.run.number), .integer(work.run.nextBatch),
                .integer(work.entity.number), .integer(blob.least), .integer(blob.greatest), .blob(blob.bytes),
            ]
        )
        work.run.nextBatch += 1
    }
}
