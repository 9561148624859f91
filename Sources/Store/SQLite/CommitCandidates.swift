internal import Changes
internal import Mapping
internal import SQLite

// Who a record could be: beside the rows of TrainFlow as they are now.
extension CommitRecords {
    /// What each match rule finds, and who has the record's e-mail.
    func candidates(
        _ row: Int,
        _ emailKey: UInt64
    ) throws(SQLiteError) -> (matches: [[Candidate]], emailHolders: [Candidate]) {
        let emailHolders = try emailHolders(row, emailKey).map { number throws(SQLiteError) in try candidate(number) }
        var matches: [[Candidate]] = []
        for rule in work.lease.policy.match {
            switch rule {
            case .email: matches.append(emailHolders)
            case .username: matches.append(try withUsername(row))
            case .externalID: matches.append(try withExternalID(row))
            }
        }
        return (matches, emailHolders)
    }

    /// The rows that have the record's e-mail now.
    func emailHolders(_ row: Int, _ emailKey: UInt64) throws(SQLiteError) -> [Int64] {
        guard emailKey != 0, let email = columns.email else { return [] }
        return try work.rows.find(.email, email.copied(row))
    }

    private func withUsername(_ row: Int) throws(SQLiteError) -> [Candidate] {
        guard let username = columns.username else { return [] }
        return try candidates(work.rows.find(.username, username.copied(row)))
    }

    /// Other configs' links with the same number, and rows that nobody owns and that have it.
    func withExternalID(_ row: Int) throws(SQLiteError) -> [Candidate] {
        let externalID = keys.copied(row)
        var numbers = try work.rows.linkedElsewhere(externalID)
        for number in try work.rows.find(.externalID, externalID) where !numbers.contains(number) {
            numbers.append(number)
        }
        return try candidates(numbers)
    }

    func candidates(_ numbers: [Int64]) throws(SQLiteError) -> [Candidate] {
        try numbers.map { number throws(SQLiteError) in try candidate(number) }
    }

    func candidate(_ number: Int64) throws(SQLiteError) -> Candidate {
        let owner = try work.rows.row(number)?.owner
        guard let owner else { return Candidate(row: number, owner: .nobody, isLinkedHere: false) }
        if work.isDeleted(owner) {
            return Candidate(row: number, owner: .nobody, isLinkedHere: try work.shared.contains(number))
        }
        if owner == work.lease.config.number {
            return Candidate(row: number, owner: .thisConfig, isLinkedHere: true)
        }
        return Candidate(row: number, owner: .anotherConfig, isLinkedHere: try work.shared.contains(number))
    }

    /// Enters the row under the value that it was just given.
    func enter(_ kind: DirectoryKind, _ value: [UInt8], _ number: Int64) throws(SQLiteError) {
        guard let keys = work.rows.keys(kind), !value.isEmpty else { return }
        let key = keys.key(value)
        if try work.directory.isFree(key) { return work.directory.addFirst(key, row: number) }
        let wanted = EntityRows.form(value, kind)
        try work.directory.add(key, row: number) { other throws(SQLiteError) in
            try work.rows.hasValue(other, kind, wanted)
        }
    }

    // MARK: E-mails

    /// The key of the e-mail that the record gives an existing row; nil if it keeps the one it has.
    func newEmailKey(_ changes: RowChanges, _ row: Int, _ person: StandingRow) -> UInt64? {
        guard let position = columns.plain.firstIndex(where: { $0.name == "email" }),
            let new = changes.values[position], !new.isEmpty
        else { return nil }
        let key = identification.emailKeys[row]
        let standing = person.values[position]
        return !standing.isEmpty && work.rows.keys(.email)?.key(standing) == key ? nil : key
    }

    /// Whether somebody else has the e-mail, or a record before this one waits for it.
    func isTaken(_ key: UInt64, except number: Int64, _ row: Int) throws(SQLiteError) -> Bool {
        if work.run.isClaimed(key) { return true }
        if try work.directory.isFree(key) { return false }
        return try emailHolders(row, key).contains { $0 != number }
    }

    /// Enters the row under what it can be found by, where that was changed.
    func enterNewKeys(_ changes: RowChanges, _ row: Int, _ standing: StandingRow) throws(SQLiteError) {
        if let email = columns.email, newEmailKey(changes, row, standing) != nil {
            try enter(.email, email.copied(row), standing.number)
        }
        for (column, kind) in [(columns.username, DirectoryKind.username), (columns.code, .code)] {
            guard let column, let position = columns.plain.firstIndex(where: { $0.name == column.name }),
                let new = changes.values[position]
            else { continue }
            try enter(kind, new, standing.number)
        }
        if let pair = changes.pair { try enter(.pair, pair.text, standing.number) }
    }

    // MARK: Names, for messages

    func name(of verdict: EmailExchange.Verdict, _ settling: Settling) throws(SQLiteError) -> String {
        switch verdict {
        case .granted: ""
        case .heldBy(let number): try work.rows.name(of: number)
        case .claimedBy(let wish): "the record before it with the external id \(settling.externalID(wish))"
        }
    }
}
