import Changes
import JSON
import Mapping
import MappingSupport
import Platform
import Store
import Testing

@Suite struct `Whom a complete snapshot lacks` {
    private static let columns = ["external_id", "email", "first_name", "status"]
    private static let policy: JSONValue = ["guard": [:], "leavers": ["action": "suspend"]]
    private static let complete: JSONValue = ["complete": true, "filtered": false, "declared_total": nil]

    private static func people(_ range: ClosedRange<Int> = 1...100, status: String? = "active") -> [[String?]] {
        range.map { ["k\(1_000 + $0)", "p\($0)@x.example", "P\($0)", status] }
    }

    /// A hundred people.
    private func world(_ policy: JSONValue = policy) async throws -> CommitWorld {
        let world = try await CommitWorld()
        try await world.run("a", Self.columns, [Self.people()], policy: policy)
        return world
    }

    private func run(
        _ world: CommitWorld,
        _ rows: [[String?]],
        columns: [String] = columns,
        summary: JSONValue = complete,
        refused: [RowReject] = []
    ) async throws -> Run {
        let lease = try await world.begin("a")
        var batch = MappedBatch.people(columns, rows)
        batch.rejects = refused
        batch.accepted.removeAll { row in refused.contains { $0.row == row } }
        try await world.commit(batch, lease)
        _ = try await world.store.settle(.users, summary: summary, lease, now: world.now())
        return try await world.store.finishRun(lease, summary: summary, now: world.now())
    }

    private func suspended(_ world: CommitWorld) throws -> [String] {
        try world.lines(
            "SELECT external_id FROM users WHERE status = 'suspended' AND suspended_by_run IS NOT NULL ORDER BY 1"
        )
    }

    @Test func `is suspended, and comes back when they reappear`() async throws {
        let world = try await world()
        let run = try await run(world, Self.people(1...95))
        #expect(run.state == .done)
        #expect(run.message.contains("5 people whom the export lacked were suspended."), "\(run.message)")
        #expect(run.counts.unchanged == 95 && run.counts.read == 95)
        #expect(try suspended(world) == (96...100).map { "k\(1_000 + $0)" })
        let changes = try await world.store.changes(run: run.id, page: PageRequest(limit: 9), tenant: world.tenant)
        #expect(changes.items.map(\.externalID) == (96...100).map { "k\(1_000 + $0)" })
        // They stay away: nothing more happens.
        let again = try await self.run(world, Self.people(1...95))
        #expect(again.state == .done && again.counts.unchanged == 95 && !again.message.contains("suspended"))
        // They are there again, with the very record that they had.
        let back = try await self.run(world, Self.people())
        #expect(back.counts.updated == 5 && back.counts.unchanged == 95)
        #expect(try suspended(world) == [])
        #expect(
            try world.lines("SELECT count(*) FROM users WHERE status = 'active' AND suspended_by_run IS NULL") == [
                "100"
            ]
        )
        #expect(try await self.run(world, Self.people()).counts.unchanged == 100)
    }

    @Test func `gets the status from before where no mapping says one`() async throws {
        let world = try await CommitWorld()
        let columns = Array(Self.columns.dropLast())
        let rows = Self.people().map { Array($0.dropLast()) }
        try await world.run("a", columns, [rows], policy: Self.policy)
        try await world.execute("UPDATE users SET status = 'on_leave' WHERE external_id = 'k1099'")
        _ = try await run(world, Array(rows[..<97]), columns: columns)
        #expect(try suspended(world) == ["k1098", "k1099", "k1100"])
        // One of them was ended by hand since.
        try await world.execute("UPDATE users SET status = 'inactive' WHERE external_id = 'k1100'")
        let back = try await run(world, rows, columns: columns)
        #expect(
            try world.lines(
                "SELECT external_id, status, suspended_by_run FROM users WHERE external_id > 'k1097' ORDER BY 1"
            )
                == ["k1098 active -", "k1099 on_leave -", "k1100 inactive -"]
        )
        #expect(back.counts.updated == 2 && back.counts.unchanged == 98)
    }

    @Test func `is held beyond the limit, and suspended when somebody approves`() async throws {
        let world = try await world()
        let held = try await run(world, Self.people(1...85))
        #expect(held.state == .held && held.counts.setAside == 0 && held.counts.read == 85)
        #expect(
            held.message.hasPrefix("Held: 15 of 100 people would lose access (limit 10): missing from the export."),
            "\(held.message)"
        )
        #expect(try suspended(world) == [])
        try await world.execute("UPDATE users SET status = 'on_leave' WHERE external_id = 'k1100'")
        _ = try await world.store.approveRun(held.id, actor: "boss", tenant: world.tenant, now: world.now())
        let lease = try await world.claim()
        _ = try await world.store.applyApproved(lease, now: world.now())
        let run = try await world.store.finishRun(lease, summary: [:], now: world.now())
        #expect(run.state == .done && run.counts.accounts == held.counts.accounts)
        #expect(try suspended(world).count == 14)
        #expect(
            try world.lines("SELECT state, count(*) FROM integration_effects GROUP BY 1") == [
                "applied 14", "conflict 1",
            ]
        )
    }

    @Test func `is not believed of an export that was cut`() async throws {
        // Even where any number may be deactivated.
        let world = try await world(["guard": ["deactivate": ["percent": 100]], "leavers": ["action": "suspend"]])
        let held = try await run(world, Self.people(1...50))
        #expect(held.state == .held)
        #expect(
            held.message.hasPrefix(
                "Held: The export may be cut: 50 of the 100 people of this configuration were in it (20 % may be missing)."
            ),
            "\(held.message)"
        )
        #expect(try suspended(world) == [])
        let right = try await run(world, Self.people())
        #expect(right.state == .done && right.counts.unchanged == 100)
        #expect(try suspended(world) == [])
    }

    @Test func `counts beside those who had access, not beside the ended and the new`() async throws {
        let world = try await world(["guard": ["deactivate": ["percent": 100]], "leavers": ["action": "suspend"]])
        try await world.execute("UPDATE users SET status = 'inactive' WHERE number > 50")
        // Eleven of fifty lack, and there are twenty new ones: a fifth may be missing.
        let rows = Self.people(12...120)
        let held = try await run(world, rows.map { Array($0.dropLast()) }, columns: Array(Self.columns.dropLast()))
        #expect(held.state == .held)
        #expect(held.message.contains("39 of the 50 people of this configuration were in it"), "\(held.message)")
        #expect(try suspended(world) == [])
    }

    private static let doubts: [(summary: JSONValue, reason: String)] = [
        (["complete": false, "filtered": false], "does not say that it gave everything"),
        (["complete": true, "filtered": true], "some of its records only"),
        (["complete": true, "filtered": false, "declared_total": 100], "declares 100 records, and 98 came"),
        ([:], "does not say"),
    ]

    @Test(arguments: doubts)
    func `is nobody where the source gives no proof`(summary: JSONValue, reason: String) async throws {
        let world = try await world()
        let run = try await run(world, Self.people(1...98), summary: summary)
        #expect(run.state == .done && run.message.contains(reason), "\(run.message)")
        #expect(try suspended(world) == [])
    }

    @Test func `is nobody whose record was refused or waits for an e-mail`() async throws {
        let world = try await world()
        var rows = Self.people(1...99)
        rows[0][1] = "p2@x.example"
        func reject(_ row: Int32, _ key: String?) -> RowReject {
            RowReject(row: row, locator: Int64(row), key: key, failures: [.withoutKey], raw: [])
        }
        let run = try await run(world, rows, refused: [reject(4, "k1005")])
        #expect(run.state == .doneWithRejects && run.counts.rejected == 2)
        #expect(try suspended(world) == ["k1100"])
        // A reject that could be anybody.
        let next = try await self.run(world, Self.people(1...98), refused: [reject(4, nil)])
        #expect(next.message.contains("could be anybody"))
        #expect(try suspended(world) == ["k1100"])
    }

    @Test func `is nobody who is there under a new number`() async throws {
        let world = try await world()
        // Whose number has lost its zeros: their e-mail tells. One record can't even be mapped.
        var rows = Self.people(1...99)
        for place in 0..<3 { rows[place][0] = "new\(place)" }
        let spoiled = RowReject(
            row: 1,
            locator: 1,
            key: "new1",
            failures: [.withoutKey],
            raw: [RawField(name: "Mail", value: " P2@X.example ")]
        )
        let run = try await run(world, rows, refused: [spoiled])
        #expect(run.state == .doneWithRejects && run.counts.rejected == 3)
        #expect(try suspended(world) == ["k1100"])
    }

    @Test func `is nobody of another config, and nobody where a stream was left out`() async throws {
        let world = try await world()
        try await world.run("b", Self.columns, [[["x1", "x1@x.example", "X", "active"]]], policy: Self.policy)
        _ = try await run(world, Self.people(1...99))
        #expect(try suspended(world) == ["k1100"])
        let config = try await world.config("a")
        let rows = [MappingRow(sourceField: "id", targetField: "external_id")]
        _ = try await world.store.saveMappings(
            [
                MappingSet(stream: "people", entity: .users, rows: rows),
                MappingSet(stream: "contractors", entity: .users, rows: rows),
            ],
            config: config.id,
            tenant: world.tenant,
            now: world.now()
        )
        let request = SyncRequest(
            config: config.id,
            trigger: "manual",
            stream: "people",
            entity: .users,
            mappingVersion: 2,
            input: [:]
        )
        _ = try await world.store.enqueueSync(request, tenant: world.tenant, now: world.now())
        let lease = try await world.claim()
        try await world.commit(MappedBatch.people(Self.columns, Self.people(1...98)), lease)
        _ = try await world.store.settle(.users, summary: Self.complete, lease, now: world.now())
        let run = try await world.store.finishRun(lease, summary: [:], now: world.now())
        #expect(run.message.contains("not every mapped stream"))
        #expect(try suspended(world) == ["k1100"])
    }

    @Test func `counts together with those whose status ends`() async throws {
        let world = try await world()
        var rows = Self.people(1...94)
        for place in 0..<5 { rows[place][3] = "inactive" }
        let run = try await run(world, rows)
        #expect(run.state == .held && run.counts.setAside == 5)
        #expect(run.verdicts.first?.counts.first?.count == 11)
        #expect(try world.lines("SELECT count(*) FROM users WHERE status = 'active'") == ["100"])
    }

    @Test(arguments: ["settle.after_emails", "settle.before_commit", "finish.before_commit"])
    func `is suspended once, wherever the host ends`(step: String) async throws {
        let world = try await world()
        var lease = try await world.begin("a")
        try await world.commit(MappedBatch.people(Self.columns, Self.people(1...95)), lease)
        try await world.reopen(failpoint: Failpoint(.init(step, action: .fail)))
        lease = try await world.claim()
        do {
            _ = try await world.store.settle(.users, summary: Self.complete, lease, now: world.now())
            _ = try await world.store.finishRun(lease, summary: Self.complete, now: world.now())
            Issue.record("the failpoint was not reached")
        } catch {
            #expect(error.code == .unavailable)
        }
        try await world.reopen()
        lease = try await world.claim()
        _ = try await world.store.settle(.users, summary: Self.complete, lease, now: world.now())
        let run = try await world.store.finishRun(lease, summary: Self.complete, now: world.now())
        #expect(run.state == .done)
        #expect(try suspended(world).count == 5)
        #expect(try world.lines("SELECT count(*) FROM integration_changes WHERE kind = 'updated'") == ["5"])
        #expect(try world.lines("SELECT state, count(*) FROM integration_effects GROUP BY 1") == ["applied 5"])
    }

    @Test func `is left alone where leavers are ignored, and the run says that the export may be cut`() async throws {
        let world = try await world(["guard": [:]])
        let run = try await run(world, Self.people(1...50))
        #expect(run.state == .done)
        #expect(run.message.contains("it has 50 records, the one before had 100"), "\(run.message)")
        #expect(try suspended(world) == [])
    }
}
