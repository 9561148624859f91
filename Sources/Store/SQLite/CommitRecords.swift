internal import Changes
internal import Identifiers
internal import JSON
internal import Mapping
internal import SQLite

/// What one batch does: as if its records were applied one by one, in source order.
///
/// The rows of TrainFlow are written in source order (each takes the next number), the links after them in key order: so
/// both trees grow at their right edge where the source is in key order.
final class CommitRecords {
    let work: CommitTransaction
    let batch: PreparedBatch
    let columns: RecordColumns
    let keys: RecordColumn
    /// The records have waited, and this is decided about them; nil while the run reads.
    let settling: Settling?
    let links: BatchLinks
    /// Per row: the row of TrainFlow that it speaks of; 0 for none.
    let spoken: CommitArray<Int64>
    private(set) var identification: Identification
    private(set) var managers: BatchManagers
    /// Of enrolments.
    private(set) var pairs: BatchPairs?
    let newRows: NewRows

    /// How many people without an owner have got one.
    private(set) var takenOver = 0
    private(set) var rejects: [RowReject] = []
    private(set) var warnings: [RowWarning]
    var repeats: BatchRepeats
    /// What batches before said of rows in hand.
    var mentions: [Int64: Mention] = [:]
    /// Rejects that wait under the batch's keys, by row: what the batch says is newer, also where its mapping refused it.
    private(set) var earlierWaiting: [Int32: [EarlierWaiting.Reject]] = [:]
    private var update: RowUpdate?

    init(
        _ work: CommitTransaction,
        _ batch: PreparedBatch,
        _ columns: RecordColumns,
        settling: Settling? = nil
    ) throws(SQLiteError) {
        self.work = work
        self.batch = batch
        self.columns = columns
        self.settling = settling
        keys = columns.key
        newRows = try NewRows(work, columns, room: batch.mapped.accepted.count)
        links = BatchLinks(count: batch.mapped.count)
        spoken = CommitArray(batch.mapped.count, 0)
        warnings = batch.mapped.warnings
        identification = batch.identification ?? Identification()
        managers = BatchManagers(identification.managers)
        repeats = BatchRepeats(batch.repeats)
    }

    var entity: Entity { work.entity }

    // MARK: Steps

    /// Finds the links, and with them what is unchanged. Answers the other rows, in source order.
    func findLinks() throws(SQLiteError) -> [Int32] {
        try work.rows.links.find(batch.order, keys, into: links)
        if entity == .enrollments, try work.hasEarlierWaiting() {
            earlierWaiting = try EarlierWaiting(work: work).find(
                batch.order + batch.mapped.rejects.map(\.row),
                keys
            )
        }
        let run = work.run
        var others: [Int32] = []
        var unchanged: Int64 = 0
        for row in batch.order {
            let index = Int(row)
            let number = links.rows[index]
            if number != 0, links.hashes[index] == Int64(bitPattern: batch.hashes[index]), settling == nil,
                run.waiting.isEmpty || run.waiting[keys.copied(index)] == nil, !repeats.isRepeat(row),
                work.seen.insert(number)
            {
                unchanged += 1
                spoken[index] = number
                repeats.keep(index, index, batch, columns.order, as: .applied)
            } else {
                others.append(row)
            }
        }
        work.counts.unchanged += unchanged
        if !batch.isInKeyOrder { others.sort() }
        return others
    }

    /// Decides and applies the rows that are not unchanged.
    func apply(_ rows: [Int32]) throws(SQLiteError) {
        if batch.identification == nil, !rows.isEmpty { identify(rows) }
        if settling == nil { try findMentions(rows) }
        work.rows.pending = newRows
        if let column = columns.manager { try managers.find(rows, identification.managers, column, work) }
        if entity == .enrollments { pairs = try findPairs(rows) }
        for position in rows.indices {
            if position % CommitRecords.ahead == 0 { prefetch(rows[position...].prefix(CommitRecords.ahead)) }
            try apply(Int(rows[position]))
        }
        try newRows.flush()
        work.rows.pending = nil
        work.counts.created += Int64(newRows.count)
        work.refusedNow.merge(newRows.refused) { first, _ in first }
        try work.changes.created(from: newRows.first, count: Int64(newRows.count))
        try work.plan?.created(self)
    }

    /// Of a batch most of which was taken for unchanged.
    private func identify(_ rows: [Int32]) {
        identification = batch.identify(
            rows,
            key: work.hashKey,
            tenant: work.lease.run.tenant,
            policy: work.lease.policy
        )
        managers = BatchManagers(identification.managers)
    }

    /// How many rows ahead the directory's memory is fetched: few enough to be there still when they are asked for.
    private static let ahead = 64

    private func prefetch(_ rows: ArraySlice<Int32>) {
        if !identification.emailKeys.isEmpty { work.directory.prefetch(identification.emailKeys, rows) }
        if !identification.usernameKeys.isEmpty { work.directory.prefetch(identification.usernameKeys, rows) }
        if let pairs { work.directory.prefetch(pairs.keys, rows) }
    }

    /// Writes the links of what was applied.
    func writeLinks() throws(SQLiteError) {
        let refused = try work.rows.links.write(links, batch.order, keys)
        work.refusedNow.merge(refused) { first, _ in first }
    }

    // MARK: One record

    private func apply(_ row: Int) throws(SQLiteError) {
        if !work.refused.isEmpty, let error = work.refused[keys.copied(row)] {
            return refuse(row, .refusedByDatabase(error.message))
        }
        if let settling, settling.verdicts[row] != .granted {
            let name = try name(of: settling.verdicts[row], settling)
            return refuse(row, .emailTaken(columns.email?.text(row) ?? "", by: name))
        }
        let group = repeats.group(of: row)
        if let shown = settling?.approved(row) { return try apply(shown, row, group) }
        if settling == nil, try isSettledByAnEarlier(row, group) { return }
        if let unknown = pairs?.unknown(row), !unknown.isEmpty { return refuse(row, unknown, isWaiting: true) }
        if links.rows[group] != 0 {
            if try change(row, group) { return }
            // The row that the link led to is gone, or its number is another person's by now: the record is somebody
            // without a link, found or made anew, and the link leads there from then on.
            links.rows[group] = 0
        }
        try identify(row, group)
    }

    /// Finds out who a record without a link is, and applies it.
    private func identify(_ row: Int, _ group: Int) throws(SQLiteError) {
        switch entity {
        case .users: try identifyPerson(row, group)
        case .courses: try identifyCourse(row, group)
        case .enrollments: try identifyEnrollment(row, group)
        }
    }

    /// Links the record to the row that it was found to be, unless it can't be told which or may not be taken over.
    func link(_ row: Int, _ group: Int, _ identity: Identity) throws(SQLiteError) {
        switch identity {
        case .create, .wait: return
        case .ambiguous(let first, let second):
            refuse(row, .ambiguousMatch(try work.rows.name(of: first), try work.rows.name(of: second)))
        case .notAdopted(let number): refuse(row, .notAdopted(try work.rows.name(of: number)))
        case .link(let number, let owned):
            links.rows[group] = number
            links.owned[group] = owned ? 1 : 0
            _ = try change(row, group, isNewLink: true)
        }
    }

    /// Brings an existing row up to date; false if it is gone, or is not the one that the link was made for.
    ///
    /// - Parameter shown: what was approved; anything else is refused.
    func change(
        _ row: Int,
        _ group: Int,
        isNewLink: Bool = false,
        shown: ShownEffect? = nil
    ) throws(SQLiteError) -> Bool {
        // The row may be one that this batch makes.
        try newRows.flush()
        let update = try rowUpdate()
        let number = links.rows[group]
        guard let standing = try update.row(number) else { return false }
        let owned = owns(group, standing)
        if links.owned[group] == 1, !isNewLink, isAnothers(standing, row) { return false }
        // A row whose owner was deleted passes to the next config that has something new to say of it.
        let inherits = owned && links.owned[group] == 0
        let takesOwnership = inherits || (isNewLink && owned)
        if try isSettledBySetAside(row, group, number) {
            forgetLink(group, isNewLink)
            return true
        }
        if settling == nil, owned, !isNewLink, isOutdated(row, beside: standing) {
            leave(row, group, number)
            return true
        }
        guard var changes = RowChanges(columns, row, standing, owned: owned) else {
            forgetLink(group, isNewLink)
            refuse(row, .refusedByDatabase("the attributes of \(try work.rows.name(of: number)) are no JSON object"))
            return true
        }
        let manager = try managerChange(row, standing, owned: owned, &changes)
        try addPair(row, standing, owned: owned, &changes)
        let restored = owned ? try restoredStatus(standing, changes, row) : nil
        if let restored {
            changes.before["status"] = "suspended"
            changes.after["status"] = .string(restored)
        }
        if let shown, !changes.isEmpty, !shown.isStill(changes) {
            forgetLink(group, isNewLink)
            refuse(row, .changedSinceShown(try work.rows.name(of: number)))
            return true
        }
        if let effects = guardedTooLate(changes, row) {
            forgetLink(group, isNewLink)
            refuse(row, .guardedTooLate(effects.clause))
            return true
        }
        let isEmailTaken =
            if settling == nil, let key = newEmailKey(changes, row, standing) {
                try isTaken(key, except: number, row)
            } else {
                false
            }
        // Who wants a taken e-mail is looked at when it is decided who gets it: before that nothing is changed, and the plan
        // may have shown that the record is refused then.
        if shown == nil, !isEmailTaken, !changes.isEmpty || isNewLink, let plan = work.shownPlan,
            try !plan.hasChanged(self, row, number, changes)
        {
            forgetLink(group, isNewLink)
            refuse(row, .changedSinceShown(try work.rows.name(of: number)))
            return true
        }
        if let effects = guarded(changes) {
            forgetLink(group, isNewLink)
            try setAside(effects, changes, row, group, standing)
            return true
        }
        if isEmailTaken {
            forgetLink(group, isNewLink)
            try waitForEmail(row, group)
            return true
        }
        if !changes.isEmpty || takesOwnership {
            do throws(SQLiteError) {
                let owner = takesOwnership ? work.lease.config.number : standing.owner
                try update.apply(changes, to: standing, owner: owner)
            } catch {
                forgetLink(group, isNewLink)
                try refuse(row, error)
                return true
            }
        }
        if takesOwnership { takenOver += 1 }
        if owned { try reappeared(standing, status: restored) }
        try enterNewKeys(changes, row, standing)
        let opensManager = try apply(manager, row, number)
        try log(changes, row, standing, isNewLink: isNewLink)
        if !changes.isEmpty || isNewLink {
            try work.plan?.changed(self, row, number, changes, isNewLink: isNewLink)
        }
        if isNewLink, !owned { try work.shared.insert(number, externalID: keys.text(row) ?? "") }
        if inherits { try work.shared.delete(number) }
        if !owned { warn(.ownedByAnother(entity, row: Int32(row), locator: batch.mapped.locators[row])) }
        if changes.isEmpty, !takesOwnership, !opensManager {
            work.counts.unchanged += 1
        } else {
            work.counts.updated += 1
        }
        linked(row, group, to: number, owned: owned)
        return true
    }

    /// Whether the config may change the row that the link of the record leads to.
    func owns(_ group: Int, _ standing: StandingRow) -> Bool {
        links.owned[group] == 1 || (work.lease.policy.adopt && work.isDeleted(standing.owner))
    }

    /// Whether neither the owner nor the external id says that the row is the one that an owned link led to: another program
    /// has given the number of a deleted row to somebody else. One of the two alone may have been edited. An enrolment without
    /// an external id is told by its person and course.
    private func isAnothers(_ standing: StandingRow, _ row: Int) -> Bool {
        guard standing.owner != work.lease.config.number else { return false }
        if let pairs, let pair = pairs.pair(row), pair == standing.pair { return false }
        guard let position = columns.plain.firstIndex(where: { $0.name == "external_id" }) else { return false }
        return standing.values[position] != keys.copied(row)
    }

    /// Whether the record may make a row: where a plan is applied, one that was shown.
    func mayCreate(_ row: Int) throws(SQLiteError) -> Bool {
        guard let plan = work.shownPlan, try !plan.hasCreated(keys.text(row) ?? "", batch.hashes[row]) else {
            return true
        }
        refuse(row, .changedSinceShown("a new \(entity.noun)"))
        return false
    }

    /// Made when the first row is changed: a first import has none.
    func rowUpdate() throws(SQLiteError) -> RowUpdate {
        if let update { return update }
        let update = try RowUpdate(work.connection, entity, columns, work.lease, work.now)
        self.update = update
        return update
    }

    private func log(
        _ changes: RowChanges,
        _ row: Int,
        _ standing: StandingRow,
        isNewLink: Bool
    ) throws(SQLiteError) {
        if isNewLink {
            try work.changes.linked(
                standing.number,
                externalID: keys.text(row) ?? "",
                before: changes.before,
                after: changes.after
            )
        } else if !changes.isEmpty {
            try work.changes.updated(standing.number, before: changes.before, after: changes.after)
        }
    }

    private func forgetLink(_ group: Int, _ isNewLink: Bool) {
        if isNewLink { links.rows[group] = 0 }
    }

    /// The record is in: its link says so, and the run remembers it.
    func linked(_ row: Int, _ group: Int, to number: Int64, owned: Bool) {
        links.rows[group] = number
        links.owned[group] = owned ? 1 : 0
        links.hashes[group] = Int64(bitPattern: batch.hashes[row])
        links.states[group] = links.states[group] == .missing || links.states[group] == .fresh ? .fresh : .changed
        spoken[row] = number
        work.seen.insert(number)
        repeats.keep(group, row, batch, columns.order, as: .applied)
    }

    /// The record says nothing that the row doesn't know better: link and row stay as they are.
    private func leave(_ row: Int, _ group: Int, _ number: Int64) {
        work.counts.unchanged += 1
        spoken[row] = number
        work.seen.insert(number)
        repeats.keep(group, row, batch, columns.order, as: .applied)
    }

    // MARK: What comes out

    func refuse(_ row: Int, _ failure: FieldFailure) { refuse(row, [failure]) }

    /// - Parameter isWaiting: later runs try again.
    func refuse(_ row: Int, _ failures: [FieldFailure], isWaiting: Bool = false) {
        work.counts.rejected += 1
        var reject = RowReject(
            row: Int32(row),
            locator: batch.mapped.locators[row],
            key: keys.text(row),
            failures: failures,
            raw: raw(row)
        )
        reject.isWaiting = isWaiting
        rejects.append(reject)
    }

    /// A failed statement: the row is a reject if the database refused its values. A record that others count on, because
    /// it gives its e-mail up to them, is left out of a new try instead.
    private func refuse(_ row: Int, _ error: SQLiteError) throws(SQLiteError) {
        guard error.isAboutTheRow else { throw error }
        if settling != nil { work.refusedNow[keys.copied(row)] = error }
        refuse(row, .refusedByDatabase(error.message))
    }

    func raw(_ row: Int) -> [RawField] {
        settling?.batch.raw[row] ?? batch.mapped.raw?(row) ?? batch.mapped.mappedFields(row)
    }

    func warn(_ warning: RowWarning) {
        warnings.append(warning)
    }
}
