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
    private let newPeople: NewPeople

    /// How many people without an owner have got one.
    private(set) var takenOver = 0
    private(set) var rejects: [RowReject] = []
    private(set) var warnings: [RowWarning]
    var repeats: BatchRepeats
    /// What batches before said of rows in hand.
    var mentions: [Int64: Mention] = [:]
    private var update: PersonUpdate?

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
        newPeople = try NewPeople(work, columns, room: batch.mapped.accepted.count)
        links = BatchLinks(count: batch.mapped.count)
        spoken = CommitArray(batch.mapped.count, 0)
        warnings = batch.mapped.warnings
        identification = batch.identification ?? Identification()
        managers = BatchManagers(identification.managers)
        repeats = BatchRepeats(batch.repeats)
    }

    // MARK: Steps

    /// Finds the links, and with them what is unchanged. Answers the other rows, in source order.
    func findLinks() throws(SQLiteError) -> [Int32] {
        try work.links.find(batch.order, keys, into: links)
        let run = work.run
        var others: [Int32] = []
        var unchanged: Int64 = 0
        for row in batch.order {
            let index = Int(row)
            let number = links.rows[index]
            if number != 0, links.hashes[index] == Int64(bitPattern: batch.hashes[index]), settling == nil,
                run.waiting.isEmpty || run.waiting[keys.copied(index)] == nil, !repeats.isRepeat(row),
                run.seen.insert(number)
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
        work.pending = newPeople
        if let column = columns.manager { try managers.find(rows, identification.managers, column, work) }
        for position in rows.indices {
            if position % CommitRecords.ahead == 0 { prefetch(rows[position...].prefix(CommitRecords.ahead)) }
            try apply(Int(rows[position]))
        }
        try newPeople.flush()
        work.pending = nil
        work.counts.created += Int64(newPeople.count)
        work.refusedNow.merge(newPeople.refused) { first, _ in first }
        try work.changes.created(from: newPeople.first, count: Int64(newPeople.count))
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
    }

    /// Writes the links of what was applied.
    func writeLinks() throws(SQLiteError) {
        let refused = try work.links.write(links, batch.order, keys)
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
        if settling == nil, try isSettledByAnEarlier(row, group) { return }
        if links.rows[group] != 0 {
            if try change(row, group) { return }
            // The row that the link led to is gone, or its number is another person's by now: the record is somebody
            // without a link, found or made anew, and the link leads there from then on.
            links.rows[group] = 0
        }
        try identify(row, group)
    }

    private func identify(_ row: Int, _ group: Int) throws(SQLiteError) {
        let emailKey = identification.emailKeys.isEmpty ? 0 : identification.emailKeys[row]
        // A record before this one that waits for the e-mail gets it first.
        if settling == nil, work.run.isClaimed(emailKey) { return try wait(row, group) }
        if try isNew(row, emailKey) { return try create(row, group, emailKey: emailKey, isFree: true) }
        let found = try candidates(row, emailKey)
        let identity = Identity.decide(
            matches: found.matches,
            emailHolders: settling == nil ? found.emailHolders : [],
            adopt: work.lease.policy.adopt
        )
        switch identity {
        case .create: try create(row, group, emailKey: emailKey, isFree: false)
        case .wait: try wait(row, group)
        case .ambiguous(let first, let second):
            refuse(row, .ambiguousMatch(try name(of: first), try name(of: second)))
        case .notAdopted(let number): refuse(row, .notAdopted(try name(of: number)))
        case .link(let number, let owned):
            links.rows[group] = number
            links.owned[group] = owned ? 1 : 0
            _ = try change(row, group, isNewLink: true)
        }
    }

    /// Whether nothing leads to anybody: most records of a first import end here.
    private func isNew(_ row: Int, _ emailKey: UInt64) throws(SQLiteError) -> Bool {
        guard identification.externalIDKeys.isEmpty else { return false }
        if emailKey != 0 {
            guard try work.directory.isFree(emailKey) else { return false }
        }
        guard !identification.usernameKeys.isEmpty, identification.usernameKeys[row] != 0 else { return true }
        return try work.directory.isFree(identification.usernameKeys[row])
    }

    private func create(_ row: Int, _ group: Int, emailKey: UInt64, isFree: Bool) throws(SQLiteError) {
        let manager = try namedManager(row)
        let number = newPeople.add(row, manager: manager.id)
        if isFree, emailKey != 0 {
            work.directory.addFirst(emailKey, row: number)
        } else if let email = columns.email {
            try enter(email, work.emailKeys, .email, number, row)
        }
        if let username = columns.username, let keys = work.usernameKeys {
            try enter(username, keys, .username, number, row)
        }
        switch manager {
        case .nobody, .known: break
        case .open: newPeople.opensManager()
        case .own: warn(.ownManager(row: Int32(row), locator: batch.mapped.locators[row]))
        }
        linked(row, group, to: number, owned: true)
    }

    /// Brings an existing row up to date; false if it is gone, or is not the one that the link was made for.
    private func change(_ row: Int, _ group: Int, isNewLink: Bool = false) throws(SQLiteError) -> Bool {
        // The row may be one that this batch makes.
        try newPeople.flush()
        let update = try personUpdate()
        let number = links.rows[group]
        guard let person = try update.person(number) else { return false }
        let owned = links.owned[group] == 1
        if owned, !isNewLink, isAnothers(person, row) { return false }
        let takesOwnership = isNewLink && owned
        if settling == nil, owned, !isNewLink, isOutdated(row, beside: person) {
            leave(row, group, number)
            return true
        }
        guard var changes = PersonChanges(columns, row, person, owned: owned) else {
            forgetLink(group, isNewLink)
            refuse(row, .refusedByDatabase("the attributes of \(try name(of: number)) are no JSON object"))
            return true
        }
        if settling == nil, let key = newEmailKey(changes, row, person), try isTaken(key, except: number, row) {
            forgetLink(group, isNewLink)
            try wait(row, group)
            return true
        }
        let manager = try managerChange(row, person, owned: owned, &changes)
        if !changes.isEmpty || takesOwnership {
            do throws(SQLiteError) {
                let owner = takesOwnership ? work.lease.config.number : person.owner
                try update.apply(changes, to: person, owner: owner)
            } catch {
                forgetLink(group, isNewLink)
                try refuse(row, error)
                return true
            }
        }
        if takesOwnership { takenOver += 1 }
        try enterNewKeys(changes, row, person)
        let opensManager = try apply(manager, row, number)
        try log(changes, row, person, isNewLink: isNewLink)
        if isNewLink, !owned { try work.shared.insert(number, externalID: keys.text(row) ?? "") }
        if !owned { warn(.ownedByAnother(row: Int32(row), locator: batch.mapped.locators[row])) }
        if changes.isEmpty, !takesOwnership, !opensManager {
            work.counts.unchanged += 1
        } else {
            work.counts.updated += 1
        }
        linked(row, group, to: number, owned: owned)
        return true
    }

    /// Whether neither the owner nor the external id says that the row is the one that an owned link led to: another program
    /// has given the number of a deleted row to somebody else. One of the two alone may have been edited.
    private func isAnothers(_ person: StandingPerson, _ row: Int) -> Bool {
        guard person.owner != work.lease.config.number else { return false }
        guard let position = columns.plain.firstIndex(where: { $0.name == "external_id" }) else { return false }
        return person.values[position] != keys.copied(row)
    }

    /// Made when the first row is changed: a first import has none.
    func personUpdate() throws(SQLiteError) -> PersonUpdate {
        if let update { return update }
        let update = try PersonUpdate(work.connection, columns, work.lease, work.now)
        self.update = update
        return update
    }

    private func log(
        _ changes: PersonChanges,
        _ row: Int,
        _ person: StandingPerson,
        isNewLink: Bool
    ) throws(SQLiteError) {
        if isNewLink {
            try work.changes.linked(
                person.number,
                externalID: keys.text(row) ?? "",
                before: changes.before,
                after: changes.after
            )
        } else if !changes.isEmpty {
            try work.changes.updated(person.number, before: changes.before, after: changes.after)
        }
    }

    private func forgetLink(_ group: Int, _ isNewLink: Bool) {
        if isNewLink { links.rows[group] = 0 }
    }

    /// The record is in: its link says so, and the run remembers it.
    private func linked(_ row: Int, _ group: Int, to number: Int64, owned: Bool) {
        links.rows[group] = number
        links.owned[group] = owned ? 1 : 0
        links.hashes[group] = Int64(bitPattern: batch.hashes[row])
        links.states[group] = links.states[group] == .missing || links.states[group] == .fresh ? .fresh : .changed
        spoken[row] = number
        work.run.seen.insert(number)
        repeats.keep(group, row, batch, columns.order, as: .applied)
    }

    /// The record says nothing that the row doesn't know better: link and row stay as they are.
    private func leave(_ row: Int, _ group: Int, _ number: Int64) {
        work.counts.unchanged += 1
        spoken[row] = number
        work.run.seen.insert(number)
        repeats.keep(group, row, batch, columns.order, as: .applied)
    }

    private func wait(_ row: Int, _ group: Int) throws(SQLiteError) {
        let record = WaitingRecord(
            number: work.run.nextWaiting,
            key: keys.copied(row),
            emailKey: identification.emailKeys.isEmpty ? 0 : identification.emailKeys[row],
            hash: batch.hashes[row],
            order: columns.order?.order(row),
            locator: batch.mapped.locators[row]
        )
        try work.waiting.insert(record, batch, row: row, raw: raw(row))
        work.run.add(record)
        work.counts.waiting += 1
        repeats.keep(group, row, batch, columns.order, as: .waiting)
    }

    // MARK: What comes out

    func refuse(_ row: Int, _ failure: FieldFailure) {
        work.counts.rejected += 1
        rejects.append(
            RowReject(
                row: Int32(row),
                locator: batch.mapped.locators[row],
                key: keys.text(row),
                failures: [failure],
                raw: raw(row)
            )
        )
    }

    /// A failed statement: the row is a reject if the database refused its values. A record that others count on, because
    /// it gives its e-mail up to them, is left out of a new try instead.
    private func refuse(_ row: Int, _ error: SQLiteError) throws(SQLiteError) {
        guard error.isAboutTheRow else { throw error }
        if settling != nil { work.refusedNow[keys.copied(row)] = error }
        refuse(row, .refusedByDatabase(error.message))
    }

    private func raw(_ row: Int) -> [RawField] {
        settling?.raw[row] ?? batch.mapped.raw?(row) ?? batch.mapped.mappedFields(row)
    }

    func warn(_ warning: RowWarning) {
        warnings.append(warning)
    }
}
