import Changes
import JSON
import Mapping
import MappingSupport
import Store
import Testing

@Suite struct `One e-mail belongs to one person` {
    private let columns = ["external_id", "email", "first_name"]

    private func people(_ world: CommitWorld) throws -> [String] {
        try world.lines("SELECT external_id, email FROM users ORDER BY external_id")
    }

    @Test(arguments: [false, true])
    func `a swap ends right, however far apart`(reopening: Bool) async throws {
        let world = try await CommitWorld()
        let filler = (0..<500).map { [String?](["m\($0 + 100)", "m\($0)@x.example", nil]) }
        let first: [[String?]] = [["a", "a@x.example", "A"]] + filler + [["z", "z@x.example", "Z"]]
        try await world.run("a", columns, [first])
        var lease = try await world.begin("a")
        try await world.commit(MappedBatch.people(columns, [["a", "z@x.example", "A"]]), lease)
        try await world.commit(MappedBatch.people(columns, filler, firstLine: 3), lease)
        if reopening {
            try await world.reopen()
            lease = try await world.claim()
        }
        let last = try await world.commit(
            MappedBatch.people(columns, [["z", "a@x.example", "Z"]], firstLine: 503),
            lease
        )
        #expect(last.waiting == 1)
        let settled = try await world.store.settle(lease, now: world.now())
        #expect(settled.short == "0 0 2 0 0 0 0 -2")
        let run = try await world.store.finishRun(lease, summary: [:], now: world.now())
        #expect(run.counts.short == "502 0 2 500 0 0 0 0")
        #expect(
            try world.lines("SELECT external_id, email FROM users WHERE external_id IN ('a', 'z')") == [
                "a z@x.example", "z a@x.example",
            ]
        )
        // Both are found under their new e-mails.
        let other = try await world.run("b", columns, [[["1", "a@x.example", nil], ["2", "z@x.example", nil]]])
        #expect(other.counts.short == "2 0 0 2 0 0 2 0")
        #expect(
            try world.lines(
                "SELECT l.external_id, u.external_id FROM integration_links l JOIN users u ON u.number = l.row_number WHERE l.config_number = 2"
            )
                == ["1 z", "2 a"]
        )
    }

    @Test func `a ring, a chain with a free end, and a chain without`() async throws {
        let world = try await CommitWorld()
        let names = ["a", "b", "c", "d", "e", "f", "g"]
        try await world.run("a", columns, [names.map { [$0, "\($0)@x.example", nil] }])
        let moved: [[String?]] = [
            ["a", "b@x.example", nil], ["b", "c@x.example", nil], ["c", "a@x.example", nil],  // a ring
            ["d", "e@x.example", nil], ["e", "new@x.example", nil],  // a chain whose end is free
            ["f", "g@x.example", nil], ["h", "f@x.example", nil],  // a chain whose end stays
        ]
        let run = try await world.run("a", columns, moved.map { [$0] })
        #expect(run.counts.short == "7 0 5 0 2 0 0 0")
        #expect(
            try people(world) == [
                "a b@x.example", "b c@x.example", "c a@x.example", "d e@x.example", "e new@x.example", "f f@x.example",
                "g g@x.example",
            ]
        )
        let rejects = try await world.store.rejects(run: run.id, tenant: world.tenant, after: 0, limit: 9)
        #expect(rejects.map(\.key) == ["f", "h"])
        #expect(rejects.allSatisfy { $0.failures.map(\.code) == ["email_taken"] })
        #expect(rejects[0].failures[0].message.contains("person g"))
        #expect(rejects[1].failures[0].message.contains("person f"))
        #expect(rejects.map(\.source) == ["people.csv", "people.csv"] && rejects.map(\.locator) == [7, 8])
    }

    @Test(arguments: [[2], [1, 1]])
    func `of two new people the earlier in the source gets it`(split: [Int]) async throws {
        let world = try await CommitWorld()
        // Key order is the other way round.
        let records: [[String?]] = [["z", "one@x.example", nil], ["a", "ONE@x.example", nil]]
        let batches = split == [2] ? [records] : records.map { [$0] }
        let run = try await world.run("a", columns, batches)
        #expect(run.counts.short == "2 1 0 0 1 0 0 0")
        #expect(try people(world) == ["z one@x.example"])
        let reject = try #require(
            try await world.store.rejects(run: run.id, tenant: world.tenant, after: 0, limit: 9).first
        )
        #expect(reject.failures[0].message.contains("person z"))
        #expect(reject.failures[0].value == "ONE@x.example")
    }

    @Test func `who waits for an e-mail gets it before those that come later`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["holder", "one@x.example", nil]]])
        let records: [[String?]] = [
            ["first", "one@x.example", nil], ["holder", "free@x.example", nil], ["second", "one@x.example", nil],
        ]
        let run = try await world.run("a", columns, [records])
        #expect(run.counts.short == "3 1 1 0 1 0 0 0")
        #expect(try people(world) == ["first one@x.example", "holder free@x.example"])
        let reject = try #require(
            try await world.store.rejects(run: run.id, tenant: world.tenant, after: 0, limit: 9).first
        )
        #expect(reject.key == "second")
        #expect(reject.failures[0].message.contains("external id first"))
    }

    @Test func `who waits for an e-mail gets it before somebody known who moves to it`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["holder", "one@x.example", nil], ["second", "two@x.example", nil]]])
        let records: [[String?]] = [
            ["first", "one@x.example", nil], ["holder", "free@x.example", nil], ["second", "one@x.example", nil],
        ]
        let run = try await world.run("a", columns, records.map { [$0] })
        #expect(run.counts.short == "3 1 1 0 1 0 0 0")
        #expect(try people(world) == ["first one@x.example", "holder free@x.example", "second two@x.example"])
        let rejects = try await world.store.rejects(run: run.id, tenant: world.tenant, after: 0, limit: 9)
        #expect(rejects.map(\.key) == ["second"])
    }

    @Test func `of two who wait for an e-mail one may be told another, and the other still waits`() async throws {
        let world = try await CommitWorld()
        let policy: JSONValue = ["order_field": "attributes.n"]
        let columns = ["external_id", "email", "attributes.n"]
        try await world.run("a", columns, [[["holder", "one@x.example", "1"]]], policy: policy)
        let records: [[String?]] = [
            ["first", "one@x.example", "1"], ["second", "one@x.example", "1"], ["first", "two@x.example", "2"],
            ["holder", "free@x.example", "2"], ["third", "one@x.example", "1"],
        ]
        let run = try await world.run("a", columns, records.map { [$0] }, policy: policy)
        #expect(run.counts.short == "5 2 1 0 1 1 0 0")
        #expect(try people(world) == ["first two@x.example", "holder free@x.example", "second one@x.example"])
    }

    @Test func `a case alone is no change of person`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["1", "ada@x.example", nil]]])
        let run = try await world.run("a", columns, [[["1", "Ada@X.example", nil]]])
        #expect(run.counts.short == "1 0 1 0 0 0 0 0")
        #expect(try people(world) == ["1 Ada@X.example"])
    }

    @Test func `a new number for a known e-mail waits, and is refused`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["1", "ada@x.example", nil]]])
        let run = try await world.run("a", columns, [[["1", "ada@x.example", nil], ["2", "ada@x.example", nil]]])
        #expect(run.counts.short == "2 0 0 1 1 0 0 0")
        // In the next run the person has left, and the number changes hands: still two people.
        let next = try await world.run("a", columns, [[["1", Cell.erased, nil], ["2", "ada@x.example", nil]]])
        #expect(next.counts.short == "2 1 1 0 0 0 0 0")
        #expect(try people(world) == ["1 -", "2 ada@x.example"])
    }

    @Test func `repeats of a record that waits are judged beside it`() async throws {
        let policy: JSONValue = ["order_field": "attributes.n"]
        let columns = ["external_id", "email", "attributes.n"]
        for reopening in [false, true] {
            let world = try await CommitWorld()
            try await world.run("a", columns, [[["h", "one@x.example", "1"]]], policy: policy)
            var lease = try await world.begin("a")
            try await world.commit(MappedBatch.people(columns, [["w", "one@x.example", "2"]]), lease)
            if reopening {
                try await world.reopen()
                lease = try await world.claim()
            }
            let rows: [[String?]] = [
                ["w", "one@x.example", "2"],  // the same
                ["w", "one@x.example", "1"],  // older
                ["w", "two@x.example", "3"],  // newer: takes its place, and need not wait
            ]
            let counts = try await world.commit(MappedBatch.people(columns, rows, firstLine: 3), lease)
            #expect(counts.short == "3 1 0 0 0 3 0 -1")
            _ = try await world.store.settle(lease, now: world.now())
            let run = try await world.store.finishRun(lease, summary: [:], now: world.now())
            #expect(run.counts.short == "4 1 0 0 0 3 0 0")
            #expect(try people(world) == ["h one@x.example", "w two@x.example"])
        }
    }

    @Test func `an e-mail that another config's person has is taken, where no rule matches by it`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["1", "ada@x.example", nil]]])
        let run = try await world.run("b", columns, [[["2", "ada@x.example", nil]]], policy: ["match": []])
        #expect(run.counts.short == "1 0 0 0 1 0 0 0")
    }

    @Test func `settling twice is settling once`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["a", "a@x.example", nil], ["b", "b@x.example", nil]]])
        let lease = try await world.begin("a")
        try await world.commit(
            MappedBatch.people(columns, [["a", "b@x.example", nil], ["b", "a@x.example", nil]]),
            lease
        )
        let once = try await world.store.settle(lease, now: world.now())
        let twice = try await world.store.settle(lease, now: world.now())
        #expect(once.short == "0 0 2 0 0 0 0 -2" && twice == Counts())
        let run = try await world.store.finishRun(lease, summary: [:], now: world.now())
        #expect(run.counts.short == "2 0 2 0 0 0 0 0")
    }

    @Test func `ten thousand swaps`() async throws {
        let world = try await CommitWorld()
        let count = 10_000
        let key = { (number: Int) in "k\(100_000 + number)" }
        try await world.run("a", columns, [(0..<count).map { [key($0), "\($0)@x.example", nil] }])
        let moved = (0..<count).map { [String?]([key($0), "\(($0 + 1) % count)@x.example", nil]) }
        let run = try await world.run("a", columns, [Array(moved[..<5_000]), Array(moved[5_000...])])
        #expect(run.counts.short == "10000 0 10000 0 0 0 0 0")
        #expect(try world.lines("SELECT count(DISTINCT email) FROM users") == ["10000"])
        #expect(try world.lines("SELECT email FROM users WHERE external_id = 'k109999'") == ["0@x.example"])
    }
}
