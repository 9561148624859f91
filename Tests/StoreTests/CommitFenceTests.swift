import Changes
import Mapping
import MappingSupport
import Store
import Testing

@Suite struct `A settlement whose lease was lost` {
    private let columns = ["external_id", "email", "manager_external_id"]

    /// Two people who swap their e-mails, one of them under a manager whom nobody knows.
    private func swap(_ world: CommitWorld) async throws -> RunLease {
        try await world.run("a", columns, [[["1", "1@x.example", nil], ["2", "2@x.example", nil]]])
        let lease = try await world.begin("a")
        let records: [[String?]] = [["1", "2@x.example", nil], ["2", "1@x.example", nil], ["3", nil, "9"]]
        #expect(try await world.commit(MappedBatch.people(columns, records), lease).waiting == 2)
        return lease
    }

    private func refusal(_ world: CommitWorld, _ lease: RunLease) async throws -> StoreError.Code? {
        await #expect(throws: StoreError.self) { try await world.store.settle(lease, now: world.now()) }?.code
    }

    @Test func `moves no e-mail`() async throws {
        let world = try await CommitWorld()
        let lost = try await swap(world)
        let held = try await world.claim()
        #expect(try await refusal(world, lost) == .fenced)
        #expect(try world.lines("SELECT count(*) FROM integration_waiting") == ["2"])
        #expect(
            try world.lines("SELECT external_id, email FROM users ORDER BY 1")
                == ["1 1@x.example", "2 2@x.example", "3 -"]
        )
        #expect(try await world.store.settle(held, now: world.now()).short == "0 0 2 0 0 0 1 -2")
    }

    @Test func `after the e-mails leaves the managers to the next`() async throws {
        let world = try await CommitWorld()
        let lost = try await swap(world)
        // Another worker takes the run over as soon as the e-mails are settled.
        try await world.execute(
            """
            CREATE TRIGGER takeover AFTER DELETE ON integration_waiting BEGIN
                UPDATE integration_runs SET fence = fence + 1 WHERE number = old.run_number; END
            """
        )
        #expect(try await refusal(world, lost) == .fenced)
        #expect(
            try world.lines("SELECT external_id, email FROM users ORDER BY 1")
                == ["1 2@x.example", "2 1@x.example", "3 -"]
        )
        #expect(try world.lines("SELECT count(*) FROM integration_warnings") == ["0"])
        #expect(try world.lines("SELECT count_warned FROM integration_runs WHERE number = 2") == ["0"])
        #expect(try await world.store.settle(try await world.claim(), now: world.now()).short == "0 0 0 0 0 0 1 0")
    }
}
