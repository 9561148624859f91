/// A row that somebody could mean, found by something else than a link.
package struct Candidate: Sendable, Equatable {
    /// The row's number.
    package var row: Int64
    package var owner: Owner
    /// Whether the record's config has a link to the row already, under another external id.
    package var isLinkedHere: Bool

    package enum Owner: Sendable, Equatable {
        case nobody, thisConfig, anotherConfig
    }

    package init(row: Int64, owner: Owner, isLinkedHere: Bool) {
        self.row = row
        self.owner = owner
        // A config has a link to every row that it owns.
        self.isLinkedHere = isLinkedHere || owner == .thisConfig
    }
}

/// Who a record without a link is.
package enum Identity: Sendable, Equatable {
    /// An existing row gets a link, and an owner if it had none.
    case link(row: Int64, owned: Bool)
    case create
    /// Two rows are meant.
    case ambiguous(Int64, Int64)
    /// One row is meant, nobody owns it, and the policy forbids to take it over.
    case notAdopted(Int64)
    /// Its e-mail belongs to a row that it can't be: decided when the run ends.
    case wait(holder: Int64)

    /// Decides by what the match rules found.
    ///
    /// * `matches`: what each rule of the policy found, in its order; up to the sixteenth row of each.
    /// * `emailHolders`: the rows that have the record's e-mail, whether a rule asks for it or not.
    ///
    /// A row that the config has a link to already is somebody else: the source told them apart. Where such a row has
    /// the record's e-mail, the record waits whatever the other rules say: an e-mail belongs to one person.
    package static func decide(matches: [[Candidate]], emailHolders: [Candidate], adopt: Bool) -> Identity {
        if let holder = emailHolders.first(where: \.isLinkedHere) { return .wait(holder: holder.row) }
        var meant: [Candidate] = []
        for candidate in matches.joined() where !candidate.isLinkedHere {
            if !meant.contains(where: { $0.row == candidate.row }) { meant.append(candidate) }
        }
        guard let match = meant.first else {
            return emailHolders.first.map { .wait(holder: $0.row) } ?? .create
        }
        if meant.count > 1 { return .ambiguous(match.row, meant[1].row) }
        if let holder = emailHolders.first(where: { $0.row != match.row }) { return .wait(holder: holder.row) }
        if match.owner == .nobody { return adopt ? .link(row: match.row, owned: true) : .notAdopted(match.row) }
        return .link(row: match.row, owned: false)
    }
}
