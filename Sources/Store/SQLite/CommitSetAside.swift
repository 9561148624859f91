internal import Changes
internal import Mapping
internal import SQLite

// What a record would end, or change the key of, is not applied while the run reads: all such records are counted first.
extension CommitRecords {
    /// What has to be counted before it is applied; nil if there is no such effect.
    func guarded(_ changes: RowChanges) -> GuardedEffects? {
        guard settling == nil else { return nil }
        return guardedEffects(changes)
    }

    /// What a record would end or change the key of that has waited for its e-mail, and turns out to be somebody known now that
    /// all are counted; nil if there is no such effect, or the record was counted.
    func guardedTooLate(_ changes: RowChanges, _ row: Int) -> GuardedEffects? {
        guard let settling, settling.batch.shown[row] == nil else { return nil }
        return guardedEffects(changes)
    }

    private func guardedEffects(_ changes: RowChanges) -> GuardedEffects? {
        guard !changes.isEmpty else { return nil }
        let effects = GuardedEffects(entity, before: changes.before, after: changes.after)
        return effects.isEmpty || !work.lease.policy.guardLimits.guards(effects) ? nil : effects
    }

    /// The whole record waits: its link and its hash stay as they are, so that a run which finds it refused finds it again.
    func setAside(
        _ effects: GuardedEffects,
        _ changes: RowChanges,
        _ row: Int,
        _ group: Int,
        _ standing: StandingRow
    ) throws(SQLiteError) {
        guard !work.isReplay else {
            return refuse(row, .guardedReplay(effects.clause))
        }
        let record = WaitingRecord(
            number: work.run.nextWaiting,
            key: keys.copied(row),
            emailKey: newEmailKey(changes, row, standing) ?? 0,
            hash: batch.hashes[row],
            order: columns.order?.order(row),
            locator: batch.mapped.locators[row]
        )
        let effect = try work.effects.insert(effects, changes, row: standing.number, key: keys.text(row) ?? "")
        try work.waiting.insert(record, batch, row: row, raw: raw(row), stream: work.stream, effect: effect)
        work.run.setAside(record, entity, row: standing.number)
        work.counts.waiting += 1
        spoken[row] = standing.number
        work.seen.insert(standing.number)
        let place = SetAside(waiting: record.number, effect: effect, row: standing.number)
        repeats.keep(group, row, batch, columns.order, as: .setAside(place))
    }

    /// Whether a record before this one, which is set aside, would change the same row.
    func isSetAside(_ number: Int64) -> Bool {
        settling == nil && work.run.setAside(entity).contains(number)
    }

    /// What a batch before set aside for the row; nil if nothing.
    func keptAside(_ number: Int64) throws(SQLiteError) -> Kept? {
        guard number != 0, isSetAside(number), let found = try work.effects.record(of: number) else { return nil }
        return Kept(
            hash: found.record.hash,
            order: found.record.order,
            locator: found.record.locator,
            place: .setAside(found.place)
        )
    }

    /// A record under another external id, or one whose link is not made yet, means a row that is set aside: true if that
    /// settles it.
    func isSettledBySetAside(_ row: Int, _ group: Int, _ number: Int64) throws(SQLiteError) -> Bool {
        guard isSetAside(number), let found = try work.effects.record(of: number) else { return false }
        let kept = Kept(
            hash: found.record.hash,
            order: found.record.order,
            locator: found.record.locator,
            place: .setAside(found.place)
        )
        guard found.record.key == keys.copied(row) else {
            refuse(row, conflict(row, kept))
            return true
        }
        return try isSettled(row, group, by: kept)
    }

    /// A newer record takes the place of the one that is set aside, which then was never applied.
    func drop(_ place: SetAside) throws(SQLiteError) {
        try work.waiting.delete(place.waiting)
        try work.effects.delete(place.effect)
        work.run.setAside(entity).remove(place.row)
        work.counts.waiting -= 1
        work.counts.duplicate += 1
    }
}
