import Changes
import Testing

@Suite struct EmailExchangeTests {
    private typealias Wish = EmailExchange.Wish

    @Test func `a swap is granted`() {
        let wishes = [Wish(row: 1, email: 22, holders: [2]), Wish(row: 2, email: 11, holders: [1])]
        #expect(EmailExchange.decide(wishes) == [.granted, .granted])
    }

    @Test func `a chain with a free end is granted`() {
        let wishes = [
            Wish(row: nil, email: 11, holders: [1]), Wish(row: 1, email: 22, holders: [2]),
            Wish(row: 2, email: 33, holders: []),
        ]
        #expect(EmailExchange.decide(wishes) == [.granted, .granted, .granted])
    }

    @Test func `a chain that ends at somebody who keeps theirs is refused from there back`() {
        let wishes = [
            Wish(row: nil, email: 11, holders: [1]), Wish(row: 1, email: 22, holders: [2]),
            Wish(row: 2, email: 33, holders: [3]),
        ]
        #expect(EmailExchange.decide(wishes) == [.heldBy(row: 1), .heldBy(row: 2), .heldBy(row: 3)])
    }

    @Test func `of two who want it the first in the source gets it`() {
        let wishes = [
            Wish(row: nil, email: 11, holders: [1]), Wish(row: nil, email: 11, holders: [1]),
            Wish(row: 1, email: 22, holders: []),
        ]
        #expect(EmailExchange.decide(wishes) == [.granted, .claimedBy(wish: 0), .granted])
    }

    @Test func `if nobody gets it, both are told who has it`() {
        let wishes = [Wish(row: nil, email: 11, holders: [1]), Wish(row: nil, email: 11, holders: [1])]
        #expect(EmailExchange.decide(wishes) == [.heldBy(row: 1), .heldBy(row: 1)])
        let further = wishes + [Wish(row: 1, email: 22, holders: [2])]
        #expect(EmailExchange.decide(further) == [.heldBy(row: 1), .heldBy(row: 1), .heldBy(row: 2)])
    }

    @Test func `of two wishes for one row the first is the one that gives its e-mail up`() {
        let wishes = [
            Wish(row: 1, email: 33, holders: []), Wish(row: 1, email: 44, holders: [9]),
            Wish(row: 2, email: 11, holders: [1]),
        ]
        #expect(EmailExchange.decide(wishes) == [.granted, .heldBy(row: 9), .granted])
    }

    @Test func `whoever loses to an earlier claim keeps what they have`() {
        let wishes = [
            Wish(row: nil, email: 33, holders: []), Wish(row: 1, email: 33, holders: []),
            Wish(row: nil, email: 11, holders: [1]),
        ]
        #expect(EmailExchange.decide(wishes) == [.granted, .claimedBy(wish: 0), .heldBy(row: 1)])
    }

    /// All subsets are tried: the greatest one after which no two rows share an e-mail is what is granted.
    @Test func `as many as possible are granted`() {
        var random = Deterministic(seed: 3)
        for _ in 0..<2_000 {
            // Rows 0… have e-mail of the same number; some records want another's, or a free one.
            let rows = Int.random(in: 1...5, using: &random)
            var targets: [Int64?] = (0..<rows).map { Int64($0) }.shuffled(using: &random)
            targets = Array(targets.prefix(Int.random(in: 0...rows, using: &random)))
            targets += Array(repeating: nil, count: Int.random(in: 0...2, using: &random))
            targets.shuffle(using: &random)
            let wishes = targets.map { target in
                var email = Int64.random(in: 0..<Int64(rows + 2), using: &random)
                while email == target { email = Int64.random(in: 0..<Int64(rows + 2), using: &random) }
                return Wish(row: target, email: UInt64(email), holders: email < rows ? [email] : [])
            }
            let granted = EmailExchange.decide(wishes).map { $0 == .granted }
            #expect(granted == greatest(wishes, rows: rows), "\(wishes)")
        }
    }

    private func greatest(_ wishes: [Wish], rows: Int) -> [Bool] {
        var best: [Bool] = Array(repeating: false, count: wishes.count)
        for subset in 0..<(1 << wishes.count) {
            let chosen = wishes.indices.map { subset >> $0 & 1 == 1 }
            var emails = Array(0..<UInt64(rows))
            for (wish, isChosen) in zip(wishes, chosen) where isChosen {
                if let row = wish.row { emails[Int(row)] = wish.email } else { emails.append(wish.email) }
            }
            let isFirst = wishes.indices.allSatisfy { position in
                !chosen[position] || !wishes[..<position].contains { $0.email == wishes[position].email }
            }
            let isBetter = chosen.filter { $0 }.count > best.filter { $0 }.count
            if isFirst, isBetter, Set(emails).count == emails.count { best = chosen }
        }
        return best
    }
}
