/// Who of the records that wait for an e-mail gets it, when the run is at its end.
///
/// A record gets its e-mail if it is the first in the source that wants it, and every row that has it gives it up: that
/// is, is the row of another record that gets a different one. So a swap is applied, and a ring of any length, and a
/// chain whose last e-mail is free; a chain that ends at somebody who keeps theirs is refused from there back.
package struct EmailExchange: Sendable {
    /// One waiting record.
    package struct Wish: Sendable, Equatable {
        /// The row that it is about; nil if it will be a new one.
        package var row: Int64?
        /// The directory's key of the e-mail that it wants.
        package var email: UInt64
        /// The rows that have that e-mail now, but for its own.
        package var holders: [Int64]

        package init(row: Int64?, email: UInt64, holders: [Int64]) {
            self.row = row
            self.email = email
            self.holders = holders
        }
    }

    package enum Verdict: Sendable, Equatable {
        case granted
        /// The row keeps its e-mail.
        case heldBy(row: Int64)
        /// The record at that position of the wishes comes before and gets it.
        case claimedBy(wish: Int)
    }

    /// The records stand in source order, nil for one that needs no e-mail to be given up; one verdict for each.
    package static func decide(_ wishes: [Wish?]) -> [Verdict] {
        var verdicts = [Verdict](repeating: .granted, count: wishes.count)
        // Whoever fails keeps the e-mail of their row: that may fail others, until nothing changes any more.
        var wishOfRow: [Int64: Int] = [:]
        var claimant: [UInt64: Int] = [:]
        var waitingFor: [Int64: [Int]] = [:]
        var failed: [Int] = []
        for (position, wish) in wishes.enumerated() {
            guard let wish else { continue }
            if let row = wish.row, wishOfRow[row] == nil { wishOfRow[row] = position }
            for holder in wish.holders { waitingFor[holder, default: []].append(position) }
        }
        for (position, wish) in wishes.enumerated() {
            guard let wish else { continue }
            if let first = claimant[wish.email] {
                verdicts[position] = .claimedBy(wish: first)
                failed.append(position)
            } else {
                claimant[wish.email] = position
            }
            if let stays = wish.holders.first(where: { wishOfRow[$0] == nil }) {
                if verdicts[position] == .granted { failed.append(position) }
                verdicts[position] = .heldBy(row: stays)
            }
        }
        while let position = failed.popLast() {
            guard let row = wishes[position]?.row, wishOfRow[row] == position else { continue }
            for dependent in waitingFor[row, default: []] where verdicts[dependent] == .granted {
                verdicts[dependent] = .heldBy(row: row)
                failed.append(dependent)
            }
        }
        // Where the first claimant goes empty-handed, it is for the same reason that those after it do.
        for (position, verdict) in verdicts.enumerated() {
            if case .claimedBy(let first) = verdict, verdicts[first] != .granted {
                verdicts[position] = verdicts[first]
            }
        }
        return verdicts
    }
}
