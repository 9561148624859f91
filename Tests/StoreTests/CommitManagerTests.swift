import Changes
import JSON
import Mapping
import MappingSupport
import Store
import Testing

@Suite struct `Managers` {
    private let columns = ["external_id", "manager_external_id"]

    private func managers(_ world: CommitWorld) throws -> [String] {
        try world.lines(
            """
            SELECT u.external_id, m.external_id FROM users u LEFT JOIN users m ON m.id = u.manager_id
                ORDER BY u.external_id
            """
        )
    }

    @Test(arguments: [1, 2, 4])
    func `are found wherever they stand`(size: Int) async throws {
        let world = try await CommitWorld()
        let records: [[String?]] = [["1", "4"], ["2", "1"], ["3", nil], ["4", "3"]]
        let batches = stride(from: 0, to: 4, by: size).map { Array(records[$0..<min(4, $0 + size)]) }
        let run = try await world.run("a", columns, batches)
        #expect(run.counts.short == "4 4 0 0 0 0 0 0")
        #expect(try managers(world) == ["1 4", "2 1", "3 -", "4 3"])
        #expect(try world.lines("SELECT count(*) FROM integration_open_managers") == ["0"])
        #expect(try world.lines("SELECT kind, count FROM integration_changes WHERE kind <> 'created'") == [])
        let again = try await world.run("a", columns, batches)
        #expect(again.counts.short == "4 0 0 4 0 0 0 0")
    }

    @Test func `may come in another run: a warning until then`() async throws {
        let world = try await CommitWorld()
        let first = try await world.run("a", columns, [[["1", "9"], ["2", "9"]]])
        #expect(first.counts.short == "2 2 0 0 0 0 2 0")
        let warnings = try world.lines("SELECT code, message FROM integration_warnings ORDER BY number")
        #expect(warnings.count == 2 && warnings[0].contains("unknown_manager") && warnings[0].contains("person 1"))
        let again = try await world.run("a", columns, [[["1", "9"], ["2", "9"]]])
        #expect(again.counts.short == "2 0 0 2 0 0 2 0")
        let last = try await world.run("a", columns, [[["9", nil]]])
        #expect(last.counts.short == "1 1 0 0 0 0 0 0")
        #expect(try managers(world) == ["1 9", "2 9", "9 -"])
        #expect(
            try world.lines(
                "SELECT kind, row_number, json_extract(before, '$.manager_id') FROM integration_changes WHERE kind = 'updated'"
            )
                == ["updated 1 -", "updated 2 -"]
        )
        #expect(try world.lines("SELECT updated_run FROM users WHERE external_id < '9'") == ["3", "3"])
    }

    @Test func `settling twice warns once`() async throws {
        let world = try await CommitWorld()
        let lease = try await world.begin("a")
        try await world.commit(MappedBatch.people(columns, [["1", "9"]]), lease)
        #expect(try await world.store.settle(lease, now: world.now()).warned == 1)
        #expect(try await world.store.settle(lease, now: world.now()).warned == 0)
        #expect(try await world.store.finishRun(lease, summary: [:], now: world.now()).counts.warned == 1)
    }

    @Test func `settling twice counts once, also beyond the most warnings`() async throws {
        let world = try await CommitWorld()
        let lease = try await world.begin("a")
        try await world.commit(MappedBatch.people(columns, [["1", "9"], ["2", "9"]]), lease)
        try await world.execute(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
            INSERT INTO integration_warnings (tenant_id, run_number, entity, locator_kind, locator, source, field, code,
                    message, created_at)
                SELECT r.tenant_id, r.number, 'users', 'line', i, '', 'phone', 'other', '', 1 FROM n, integration_runs r
            """
        )
        #expect(try await world.store.settle(lease, now: world.now()).warned == 2)
        try await world.reopen()
        #expect(try await world.store.settle(lease, now: world.now()).warned == 0)
        #expect(try await world.store.finishRun(lease, summary: [:], now: world.now()).counts.warned == 2)
    }

    @Test func `change, go, and are never oneself`() async throws {
        let world = try await CommitWorld()
        try await world.run(
            "a",
            columns,
            [[["1", nil], ["2", nil], ["3", "1"], ["4", "1"], ["5", "1"], ["6", "6"]]]
        )
        #expect(try managers(world) == ["1 -", "2 -", "3 1", "4 1", "5 1", "6 -"])
        #expect(try world.lines("SELECT code FROM integration_warnings") == ["own_manager"])
        let records: [[String?]] = [["3", "2"], ["4", Cell.erased], ["5", nil]]
        let run = try await world.run("a", columns, [records])
        #expect(run.counts.short == "3 0 2 1 0 0 0 0")
        #expect(try managers(world) == ["1 -", "2 -", "3 2", "4 -", "5 1", "6 -"])
    }

    @Test func `keep their place until the new one is known`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["1", nil], ["2", "1"]]])
        let run = try await world.run("a", columns, [[["2", "9"]]])
        #expect(run.counts.short == "1 0 1 0 0 0 1 0")
        #expect(try managers(world) == ["1 -", "2 1"])
        // Who is named instead meanwhile is what counts.
        try await world.run("a", columns, [[["2", nil]], [["3", nil]]])
        let other = try await world.run("a", columns, [[["2", "3"], ["9", nil]]])
        #expect(other.counts.short == "2 1 1 0 0 0 0 0")
        #expect(try managers(world) == ["1 -", "2 3", "3 -", "9 -"])
        #expect(try world.lines("SELECT count(*) FROM integration_open_managers") == ["0"])
    }

    @Test func `are found among another config's people where they are one`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["boss", nil], ["twice", nil]]])
        try await world.run("b", columns, [[["twice", nil]]])
        let run = try await world.run("c", columns, [[["x", "boss"], ["y", "twice"]]])
        #expect(run.counts.short == "2 2 0 0 0 0 1 0")
        #expect(try managers(world) == ["boss -", "twice -", "twice -", "x boss", "y -"])
    }

    @Test func `are found among people of the tenant's own`() async throws {
        let world = try await CommitWorld()
        try await world.addPerson(externalID: "boss", email: nil, firstName: nil)
        try await world.run("a", columns, [[["x", "boss"]]])
        #expect(try managers(world) == ["boss -", "x boss"])
    }

    @Test func `of another's person are only filled in`() async throws {
        let world = try await CommitWorld()
        let columns = ["external_id", "email", "manager_external_id"]
        try await world.run(
            "a",
            columns,
            [[["1", "1@x.example", nil], ["2", "2@x.example", "1"], ["3", "3@x.example", nil]]]
        )
        let run = try await world.run(
            "b",
            columns,
            [[["B2", "2@x.example", "B3"], ["B3", "3@x.example", "B9"], ["B9", "9@x.example", nil]]]
        )
        #expect(run.counts.short == "3 1 1 1 0 0 2 0")
        #expect(try managers(world) == ["1 -", "2 1", "3 B9", "B9 -"])
    }

    @Test func `that come late leave another's person the one it has got meanwhile`() async throws {
        let world = try await CommitWorld()
        let columns = ["external_id", "email", "manager_external_id"]
        try await world.run("a", columns, [[["1", "1@x.example", nil], ["2", "2@x.example", nil]]])
        try await world.run("b", columns, [[["B2", "2@x.example", "B9"]]])
        try await world.run("a", columns, [[["2", "2@x.example", "1"]]])
        #expect(try world.lines("SELECT only_if_empty, external_id FROM integration_open_managers") == ["1 B9"])
        let run = try await world.run("b", columns, [[["B9", "9@x.example", nil]]])
        #expect(run.counts.short == "1 1 0 0 0 0 0 0")
        #expect(try managers(world) == ["1 -", "2 1", "B9 -"])
        #expect(try world.lines("SELECT count(*) FROM integration_open_managers") == ["0"])
    }

    @Test func `that come late leave a new person the one it was told meanwhile, where only empty fields are filled`()
        async throws
    {
        let world = try await CommitWorld()
        let columns = ["external_id", "manager_external_id", "attributes.n"]
        let records: [[String?]] = [
            ["boss", nil, nil], ["1", nil, "1"], ["1", "late", "2"], ["1", "boss", "3"], ["late", nil, nil],
        ]
        let run = try await world.run(
            "a",
            columns,
            records.map { [$0] },
            policy: ["order_field": "attributes.n"],
            write: ["manager_external_id": .whenEmpty]
        )
        #expect(run.counts.short == "5 3 2 0 0 0 0 0")
        #expect(try managers(world) == ["1 boss", "boss -", "late -"])
    }

    @Test(arguments: [1, 3])
    func `who is taken over is not found under the old number any more`(size: Int) async throws {
        let world = try await CommitWorld()
        try await world.addPerson(externalID: "boss", email: "boss@x.example", firstName: nil)
        let records: [[String?]] = [["1", nil, "boss"], ["77", "boss@x.example", nil], ["2", nil, "boss"]]
        let batches = stride(from: 0, to: 3, by: size).map { Array(records[$0..<$0 + size]) }
        let run = try await world.run("a", ["external_id", "email", "manager_external_id"], batches)
        #expect(run.counts.short == "3 2 1 0 0 0 1 0")
        #expect(try managers(world) == ["1 77", "2 -", "77 -"])
    }

    @Test func `many, and none of them ever known`() async throws {
        let world = try await CommitWorld()
        let count = 9_000
        let rows = (0..<count).map { [String?](["k\(100_000 + $0)", "nobody \($0)"]) }
        let run = try await world.run("a", columns, [rows + [["last", "k100000"]]])
        #expect(run.counts.short == "9001 9001 0 0 0 0 9000 0")
        #expect(try world.lines("SELECT count(*) FROM integration_open_managers") == ["9000"])
    }

    @Test func `many, all forward`() async throws {
        let world = try await CommitWorld()
        let count = 20_000
        let key = { (number: Int) in "k\(100_000 + number)" }
        let rows = (0..<count).map { [String?]([key($0), key(count - 1 - $0)]) }
        let run = try await world.run(
            "a",
            columns,
            stride(from: 0, to: count, by: 4_000).map { Array(rows[$0..<$0 + 4_000]) }
        )
        #expect(run.counts.short == "20000 20000 0 0 0 0 0 0")
        #expect(
            try world.lines(
                """
                SELECT count(*) FROM users u JOIN users m ON m.id = u.manager_id
                    WHERE substr(u.external_id, 2) + substr(m.external_id, 2) = 219999
                """
            ) == ["20000"]
        )
    }
}
