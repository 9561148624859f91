import Changes
import Mapping
import SQLite
import Store
import Testing

@Suite struct `Committing people` {
    private let columns = ["external_id", "email", "first_name", "status", "attributes.site"]

    @Test func `makes them, and again changes nothing`() async throws {
        let world = try await CommitWorld()
        let rows: [[String?]] = [
            ["1", "ada@x.example", "Ada", "active", "Jeddah"], ["2", "bob@x.example", "Bob", nil, nil],
            ["3", nil, "Cy", "suspended", nil],
        ]
        let first = try await world.run("a", columns, [rows])
        #expect(first.counts.short == "3 3 0 0 0 0 0 0")
        #expect(first.state == .done)
        #expect(
            try world.lines("SELECT external_id, email, first_name, status, attributes, config_number FROM users") == [
                #"1 ada@x.example Ada active {"site":"Jeddah"} 1"#, "2 bob@x.example Bob active - 1",
                "3 - Cy suspended - 1",
            ]
        )
        let before = try world.lines("SELECT * FROM users")
        let second = try await world.run("a", columns, [rows])
        #expect(second.counts.short == "3 0 0 3 0 0 0 0")
        #expect(try world.lines("SELECT * FROM users") == before)
        #expect(try world.lines("SELECT count(*) FROM integration_changes") == ["1"])
    }

    @Test func `an id carries its row's number`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["1", nil, nil, nil, nil], ["2", nil, nil, nil, nil]]])
        let ids = try world.rows("SELECT number, hex(id), length(id) FROM users")
        #expect(ids.map { $0[1].suffix(12) } == ["000000000001", "000000000002"])
        #expect(ids.allSatisfy { Array($0[1])[12] == "7" && $0[2] == "16" })
    }
}
