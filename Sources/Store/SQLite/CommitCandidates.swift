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
        return try live(email, work.emailKeys, .email, row)
    }

    private func withUsername(_ row: Int) throws(SQLiteError) -> [Candidate] {
        guard let username = columns.username, let keys = work.usernameKeys else { return [] }
        return try live(username, keys, .username, row).map { number throws(SQLiteError) in try candidate(number) }
    }

    /// Other configs' links with the same number, and rows that nobody owns and that have it.
    private func withExternalID(_ row: Int) throws(SQLiteError) -> [Candidate] {
        let externalID = keys.copied(row)
        var numbers = try ReferenceSearch(work: work).linkedElsewhere(externalID)
        for number in try work.unownedRows(externalID) where !numbers.contains(number) { numbers.append(number) }
        return try numbers.map { number throws(SQLiteError) in try candidate(number) }
    }

    private func live(
        _ column: RecordColumn,
        _ keys: DirectoryKeys,
        _ kind: DirectoryKind,
        _ row: Int
    ) throws(SQLiteError) -> [Int64] {
        let value = column.copied(row)
        guard !value.isEmpty else { return [] }
        let wanted = work.form(value, kind)
        return try work.directory.find(keys.key(value)) { number throws(SQLiteError) in
            try work.hasValue(number, kind, wanted)
        }
    }

    func candidate(_ number: Int64) throws(SQLiteError) -> Candidate {
        let owner = try work.people().person(number)?.owner
        guard let owner else { return Candidate(row: number, owner: .nobody, isLinkedHere: false) }
        if owner == work.lease.config.number {
            return Candidate(row: number, owner: .thisConfig, isLinkedHere: true)
        }
        return Candidate(row: number, owner: .anotherConfig, isLinkedHere: try work.shared.contains(number))
    }

    /// Enters the row under the value that it was just given.
    func enter(
        _ column: RecordColumn,
        _ keys: DirectoryKeys,
        _ kind: DirectoryKind,
        _ number: Int64,
        _ row: Int
    ) throws(SQLiteError) {
        let value = column.copied(row)
        guard !value.isEmpty else { return }
        let key = keys.key(value)
        if try work.directory.isFree(key) { return work.directory.addFirst(key, row: number) }
        let wanted = work.form(value, kind)
        try work.directory.add(key, row: number) { other throws(SQLiteError) in
            try work.hasValue(other, kind, wanted)
        }
    }

    // MARK: E-mails

    /// The key of the e-mail that the record gives an existing row; nil if it keeps the one it has.
    func newEmailKey(_ changes: PersonChanges, _ row: Int, _ person: StandingPerson) -> UInt64? {
        guard let position = columns.plain.firstIndex(where: { $0.name == "email" }),
            let new = changes.values[position], !new.isEmpty
        else { return nil }
        let key = identification.emailKeys[row]
        let standing = person.values[position]
        return !standing.isEmpty && work.emailKeys.key(standing) == key ? nil : key
    }

    /// Whether somebody else has the e-mail, or a record before this one waits for it.
    func isTaken(_ key: UInt64, except number: Int64, _ row: Int) throws(SQLiteError) -> Bool {
        if work.run.isClaimed(key) { return true }
        if try work.directory.isFree(key) { return false }
        return try emailHolders(row, key).contains { $0 != number }
    }

    /// Enters the row under the e-mail and the username that it was given.
    func enterNewKeys(_ changes: PersonChanges, _ row: Int, _ person: StandingPerson) throws(SQLiteError) {
        if let email = columns.email, newEmailKey(changes, row, person) != nil {
            try enter(email, work.emailKeys, .email, person.number, row)
        }
        if let username = columns.username, let keys = work.usernameKeys,
            let position = columns.plain.firstIndex(where: { $0.name == "username" }), changes.values[position] != nil
        {
            try enter(username, keys, .username, person.number, row)
        }
    }

    // MARK: Names, for messages

    func name(of number: Int64) throws(SQLiteError) -> String {
        try work.people().person(number)?.name ?? "a person who is gone"
    }

    func name(of verdict: EmailExchange.Verdict, _ settling: Settling) throws(SQLiteError) -> String {
        switch verdict {
        case .granted: ""
        case .heldBy(let number): try name(of: number)
        case .claimedBy(let wish): "the record before it with the external id \(settling.externalID(wish))"
        }
    }
}

extension CommitTransaction {
    /// The form under which a value is the same as another.
    func form(_ value: [UInt8], _ kind: DirectoryKind) -> [UInt8] {
        guard kind == .email else { return value }
        var form: [UInt8] = []
        EmailAddress.appendDirectoryForm(of: value.span, to: &form)
        return form
    }

    /// Whether the row is the tenant's and has the value now: keys may lead to rows that have another by now.
    func hasValue(_ number: Int64, _ kind: DirectoryKind, _ wanted: [UInt8]) throws(SQLiteError) -> Bool {
        guard let person = try people().person(number) else { return false }
        return switch kind {
        case .email: !person.email.isEmpty && form(person.email, kind) == wanted
        case .username: person.username == wanted
        case .externalID: person.owner == nil && person.externalID.map { Array($0.utf8) } == wanted
        }
    }

    /// The rows that nobody owns and that have the external id; at most two.
    func unownedRows(_ externalID: [UInt8]) throws(SQLiteError) -> [Int64] {
        try directory.find(externalIDKeys.key(externalID)) { number throws(SQLiteError) in
            try hasValue(number, .externalID, externalID)
        }
    }
}
