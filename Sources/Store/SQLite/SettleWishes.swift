internal import Changes
internal import Mapping
internal import SQLite

extension CommitRecords {
    /// Which e-mail each record wants, and who has it now; nil for a record that needs none to be given up. By row.
    func wishes() throws(SQLiteError) -> [EmailExchange.Wish?] {
        _ = try findLinks()
        if settling?.isApproved == true, let column = columns.manager {
            try managers.find(batch.mapped.accepted, identification.managers, column, work)
        }
        return try (0..<batch.mapped.count).map { row throws(SQLiteError) in try wish(row) }
    }

    private func wish(_ row: Int) throws(SQLiteError) -> EmailExchange.Wish? {
        // What the database refuses anyway gives nothing up.
        if !work.refused.isEmpty, work.refused[keys.copied(row)] != nil { return nil }
        let emailKey = identification.emailKeys.isEmpty ? 0 : identification.emailKeys[row]
        if let shown = settling?.approved(row) {
            // What is not as it was shown keeps what it has.
            guard let (changes, person) = try changesAsShown(shown, row) else { return nil }
            return try wish(row, emailKey, person, changes)
        }
        if links.rows[row] != 0, let person = try rowUpdate().row(links.rows[row]) {
            return try wish(row, emailKey, person, owned: owns(row, person))
        }
        let identity = Identity.decide(
            matches: try candidates(row, emailKey).matches,
            emailHolders: [],
            adopt: work.lease.policy.adopt
        )
        switch identity {
        case .create:
            return EmailExchange.Wish(row: nil, email: emailKey, holders: try emailHolders(row, emailKey))
        case .link(let number, let owned):
            guard let person = try rowUpdate().row(number) else { return nil }
            return try wish(row, emailKey, person, owned: owned)
        case .ambiguous, .notAdopted, .wait:
            return nil
        }
    }

    private func wish(
        _ row: Int,
        _ emailKey: UInt64,
        _ person: StandingRow,
        owned: Bool
    ) throws(SQLiteError) -> EmailExchange.Wish? {
        // What is refused because nobody counted it gives nothing up.
        guard let changes = RowChanges(columns, row, person, owned: owned), guardedTooLate(changes, row) == nil else {
            return nil
        }
        return try wish(row, emailKey, person, changes)
    }

    private func wish(
        _ row: Int,
        _ emailKey: UInt64,
        _ person: StandingRow,
        _ changes: RowChanges
    ) throws(SQLiteError) -> EmailExchange.Wish? {
        guard let key = newEmailKey(changes, row, person) else { return nil }
        let holders = try emailHolders(row, emailKey).filter { $0 != person.number }
        return EmailExchange.Wish(row: person.number, email: key, holders: holders)
    }
}
