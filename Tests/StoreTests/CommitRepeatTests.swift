import Changes
import JSON
import Mapping
import MappingSupport
import Store
import Testing

@Suite struct `The same key twice in one snapshot` {
    private let columns = ["external_id", "first_name", "attributes.last_modified"]
    private let ordered: JSONValue = ["order_field": "attributes.last_modified"]

    /// How the records fall into batches must not matter.
    private static let splits: [[Int]] = [[4], [1, 3], [2, 2], [1, 1, 1, 1], [3, 1]]

    private func run(
        _ split: [Int],
        _ records: [[String?]],
        policy: JSONValue = [:],
        reopening: Bool = false
    ) async throws -> (world: CommitWorld, run: Run) {
        let world = try await CommitWorld()
        var lease = try await world.begin("a", policy: policy)
        var start = 0
        for size in split where start < records.count {
            let rows = Array(records[start..<min(records.count, start + size)])
            try await world.commit(MappedBatch.people(columns, rows, firstLine: Int64(start + 2)), lease)
            start += size
            if reopening {
                try await world.reopen()
                lease = try await world.claim()
            }
        }
        _ = try await world.store.settle(lease, now: world.now())
        return (world, try await world.store.finishRun(lease, summary: [:], now: world.now()))
    }

    @Test(arguments: splits, [false, true])
    func `an exact repeat is a duplicate`(split: [Int], reopening: Bool) async throws {
        let records: [[String?]] = [["1", "Ada", nil], ["2", "Bob", nil], ["1", "Ada", nil], ["1", "Ada", nil]]
        let (world, run) = try await run(split, records, reopening: reopening)
        #expect(run.counts.short == "4 2 0 0 0 2 0 0")
        #expect(try world.lines("SELECT count(*) FROM integration_changes WHERE kind = 'updated'") == ["0"])
    }

    @Test(arguments: splits, [false, true])
    func `without an order the first is kept, and the other names both lines`(split: [Int], reopening: Bool)
        async throws
    {
        let records: [[String?]] = [["1", "Ada", nil], ["2", "Bob", nil], ["1", "Eve", nil], ["1", "Ada", nil]]
        let (world, run) = try await run(split, records, reopening: reopening)
        #expect(run.counts.short == "4 2 0 0 1 1 0 0")
        #expect(try world.lines("SELECT first_name FROM users") == ["Ada", "Bob"])
        let reject = try #require(
            try await world.store.rejects(run: run.id, tenant: world.tenant, after: 0, limit: 9).first
        )
        #expect(reject.failures.map(\.code) == ["conflicting_rows"])
        #expect(reject.locator == 4)
        #expect(reject.failures[0].message.contains("line 4") && reject.failures[0].message.contains("line 2"))
    }

    @Test(arguments: splits, [false, true])
    func `with an order the newest wins wherever it stands`(split: [Int], reopening: Bool) async throws {
        let records: [[String?]] = [
            ["1", "Ada", "2024-01-02"], ["1", "Old", "2024-01-01"], ["1", "New", "2024-01-03"],
            ["1", "Mid", "2024-01-02"],
        ]
        let (world, run) = try await run(split, records, policy: ordered, reopening: reopening)
        #expect(run.counts.short == "4 1 1 0 0 2 0 0")
        #expect(
            try world.lines("SELECT first_name, attributes FROM users")
                == [#"New {"last_modified":"2024-01-03"}"#]
        )
        #expect(
            try world.lines("SELECT before FROM integration_changes WHERE kind = 'updated'")
                == [#"{"first_name":"Ada","attributes.last_modified":"2024-01-02"}"#]
        )
        // The next snapshot changes nothing: its first record is older than what the row has.
        let again = try await world.run("a", columns, [records], policy: ordered)
        #expect(again.counts.short == "4 0 0 2 0 2 0 0")
        #expect(try world.lines("SELECT first_name FROM users") == ["New"])
    }

    @Test(arguments: splits)
    func `equal order and different contents conflict`(split: [Int]) async throws {
        let records: [[String?]] = [["1", "Ada", "5"], ["2", "Bob", "9"], ["1", "Eve", "5"], ["2", "Bea", nil]]
        let (_, run) = try await run(split, records, policy: ordered)
        #expect(run.counts.short == "4 2 0 0 2 0 0 0")
    }

    @Test(arguments: splits)
    func `a repeat of an unchanged record is judged beside it`(split: [Int]) async throws {
        let (world, _) = try await run([4], [["1", "Ada", nil], ["2", "Bob", nil]])
        let lease = try await world.begin("a")
        let records: [[String?]] = [["1", "Ada", nil], ["2", "Bob", nil], ["2", "Bea", nil], ["1", "Ada", nil]]
        var counts = Counts()
        var start = 0
        for size in split where start < 4 {
            let rows = Array(records[start..<min(4, start + size)])
            counts += try await world.commit(MappedBatch.people(columns, rows, firstLine: Int64(start + 2)), lease)
            start += size
        }
        #expect(counts.short == "4 0 0 2 1 1 0 0")
    }

    @Test func `a repeat of a record that was refused is a first one`() async throws {
        let world = try await CommitWorld()
        try await world.addPerson(externalID: "x", email: "ada@x.example", firstName: nil)
        let columns = ["external_id", "email"]
        let run = try await world.run(
            "a",
            columns,
            [[["1", "ada@x.example"], ["1", "ada@y.example"], ["1", "ada@y.example"]]],
            policy: ["adopt": false]
        )
        #expect(run.counts.short == "3 1 0 0 1 1 0 0")
    }

    @Test func `what a run has seen is forgotten when it ends`() async throws {
        let (world, _) = try await run(
            [2, 2],
            [["1", "Ada", nil], ["2", "Bob", nil], ["3", "Cy", nil], ["4", "Di", nil]]
        )
        #expect(try world.lines("SELECT count(*) FROM integration_seen") == ["0"])
        let again = try await world.run("a", columns, [[["1", "Ada", nil]], [["2", "Bob", nil]]])
        #expect(again.counts.short == "2 0 0 2 0 0 0 0")
    }

    @Test func `locators may be any numbers`() async throws {
        let world = try await CommitWorld()
        let lease = try await world.begin("a")
        let locators = [Int64.max, .min, .max, 0, .min]
        let columns = ["external_id", "first_name"]
        func batch(_ name: String) -> MappedBatch {
            var batch = MappedBatch.people(columns, locators.indices.map { ["\($0)", name] })
            batch.locators = locators
            return batch
        }
        try await world.commit(batch("Ada"), lease)
        try await world.commit(batch("Bob"), lease)
        // The place of the kept one, which is the same here, is named twice.
        #expect(
            try world.lines("SELECT locator FROM integration_rejects WHERE replace(message, locator, '') = message")
                == []
        )
        let kept = try world.lines(
            """
            SELECT (length(message) - length(replace(message, 'line ' || locator, ''))) / length('line ' || locator)
                FROM integration_rejects
            """
        )
        #expect(kept == ["3", "3", "3", "3", "3"])
    }
}
