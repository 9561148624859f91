internal import Changes
internal import Mapping
internal import SQLite

// What is peculiar to people: one e-mail belongs to one person, and managers.
extension CommitRecords {
    func identifyPerson(_ row: Int, _ group: Int) throws(SQLiteError) {
        let emailKey = identification.emailKeys.isEmpty ? 0 : identification.emailKeys[row]
        // A record before this one that waits for the e-mail gets it first.
        if settling == nil, work.run.isClaimed(emailKey) { return try waitForEmail(row, group) }
        if try isNew(row, emailKey) { return try create(row, group, emailKey: emailKey, isFree: true) }
        let found = try candidates(row, emailKey)
        let identity = Identity.decide(
            matches: found.matches,
            emailHolders: settling == nil ? found.emailHolders : [],
            adopt: work.lease.policy.adopt
        )
        switch identity {
        case .create: try create(row, group, emailKey: emailKey, isFree: false)
        case .wait: try waitForEmail(row, group)
        case .link, .ambiguous, .notAdopted: try link(row, group, identity)
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
        guard try mayCreate(row) else { return }
        let manager = try namedManager(row)
        let number = newRows.add(row, manager: manager.id)
        if isFree, emailKey != 0 {
            work.directory.addFirst(emailKey, row: number)
        } else if let email = columns.email {
            try enter(.email, email.copied(row), number)
        }
        if let username = columns.username { try enter(.username, username.copied(row), number) }
        switch manager {
        case .nobody, .known: break
        case .open: newRows.opensManager()
        case .own: warn(.ownManager(row: Int32(row), locator: batch.mapped.locators[row]))
        }
        linked(row, group, to: number, owned: true)
    }

    /// The e-mail is another's: the record is decided when the run ends.
    func waitForEmail(_ row: Int, _ group: Int) throws(SQLiteError) {
        let record = WaitingRecord(
            number: work.run.nextWaiting,
            key: keys.copied(row),
            emailKey: identification.emailKeys.isEmpty ? 0 : identification.emailKeys[row],
            hash: batch.hashes[row],
            order: columns.order?.order(row),
            locator: batch.mapped.locators[row]
        )
        try work.waiting.insert(record, batch, row: row, raw: raw(row), stream: work.stream)
        work.run.add(record)
        work.counts.waiting += 1
        repeats.keep(group, row, batch, columns.order, as: .waiting)
    }
}
