import Changes
import Identifiers
import JSON
import Mapping
import MappingSupport
import Store
import Testing

@Suite struct `What a record writes` {
    private let erased = Cell.erased

    @Test func `write rules`() async throws {
        let world = try await CommitWorld()
        let columns = ["external_id", "first_name", "last_name", "department", "attributes.a", "attributes.b"]
        let write: [String: WriteRule] = [
            "last_name": .whenEmpty, "department": .onCreate, "attributes.b": .whenEmpty,
        ]
        try await world.run("a", columns, [[["1", "f", "l", "d", "a", nil]]], write: write)
        let run = try await world.run("a", columns, [[["1", "F", "L", "D", "A", "B"]]], write: write)
        #expect(run.counts.short == "1 0 1 0 0 0 0 0")
        #expect(
            try world.lines("SELECT first_name, last_name, department, attributes FROM users")
                == [#"F l d {"a":"A","b":"B"}"#]
        )
        #expect(
            try world.lines("SELECT before, after FROM integration_changes WHERE kind = 'updated'") == [
                #"{"first_name":"f","attributes.a":"a","attributes.b":null} "#
                    + #"{"first_name":"F","attributes.a":"A","attributes.b":"B"}"#
            ]
        )
    }

    @Test func `a rule that changes acts on the next run`() async throws {
        let world = try await CommitWorld()
        let columns = ["external_id", "first_name"]
        try await world.run("a", columns, [[["1", "f"]]])
        try await world.execute("UPDATE users SET first_name = 'by hand'")
        // What someone edited in TrainFlow stays until the source changes.
        #expect(try await world.run("a", columns, [[["1", "f"]]]).counts.unchanged == 1)
        let run = try await world.run("a", columns, [[["1", "f"]]], write: ["first_name": .whenEmpty])
        #expect(run.counts.short == "1 0 0 1 0 0 0 0")
        #expect(try world.lines("SELECT first_name FROM users") == ["by hand"])
    }

    @Test func `erasing, saying nothing, and a status that can't be erased`() async throws {
        let world = try await CommitWorld()
        let columns = ["external_id", "first_name", "last_name", "status", "attributes.a"]
        try await world.run("a", columns, [[["1", "f", "l", "suspended", "x"]]])
        let run = try await world.run("a", columns, [[["1", erased, nil, erased, erased]]])
        #expect(run.counts.short == "1 0 1 0 0 0 0 0")
        #expect(try world.lines("SELECT first_name, last_name, status, attributes FROM users") == ["- l suspended -"])
    }

    @Test func `another's person gets only what they lack`() async throws {
        let world = try await CommitWorld()
        let columns = ["external_id", "email", "first_name", "phone", "attributes.a", "attributes.b"]
        try await world.run("a", columns, [[["1", "a@x.example", "Ada", nil, "1", nil]]])
        let run = try await world.run("b", columns, [[["x", "a@x.example", "Augusta", "+1", "2", "3"]]])
        #expect(run.counts.short == "1 0 1 0 0 0 1 0")
        #expect(
            try world.lines("SELECT external_id, first_name, phone, attributes, config_number FROM users")
                == [#"1 Ada +1 {"a":"1","b":"3"} 1"#]
        )
        // Its owner may change everything.
        try await world.run("a", columns, [[["1", "a@x.example", "Ada", "+2", "1", nil]]])
        #expect(try world.lines("SELECT phone FROM users") == ["+2"])
        // The other's next change fills nothing any more: unchanged, with a warning.
        let next = try await world.run("b", columns, [[["x", "new@x.example", "Augusta", "+3", "2", "3"]]])
        #expect(next.counts.short == "1 0 0 1 0 0 1 0")
    }

    @Test func `numbers in attributes stay numbers`() async throws {
        let world = try await CommitWorld()
        let lease = try await world.begin("a")
        var batch = MappedBatch.people(["external_id", "attributes.level"], [["1", "12"]])
        batch.columns[1].target = TargetField("attributes.level", .integer(0...99))
        try await world.commit(batch, lease)
        #expect(try world.lines("SELECT attributes FROM users") == [#"{"level":12}"#])
    }

    @Test func `rejects of the mapping are kept beside`() async throws {
        let world = try await CommitWorld()
        let lease = try await world.begin("a")
        var batch = MappedBatch.people(["external_id", "email"], [["1", "a@x.example"], ["2", "bad"], ["3", nil]])
        batch.accepted = [0, 2]
        let failure = FieldFailure(
            field: "email",
            source: "mail",
            code: "invalid_email",
            message: "no @",
            hint: "correct it",
            value: "bad"
        )
        batch.rejects = [
            RowReject(row: 1, locator: 3, key: "2", failures: [failure], raw: [RawField(name: "mail", value: "bad")])
        ]
        batch.warnings = [RowWarning(row: 0, locator: 2, field: "hire_date", code: "future", message: "hired tomorrow")]
        let counts = try await world.commit(batch, lease)
        #expect(counts.short == "3 2 0 0 1 0 1 0")
        let rejects = try await world.store.rejects(run: lease.run.id, tenant: world.tenant, after: 0, limit: 9)
        #expect(rejects.map(\.failures) == [[failure]] && rejects.map(\.raw) == [batch.rejects[0].raw])
        #expect(rejects[0].id.row == rejects[0].number && rejects[0].state == "open")
        #expect(
            try await world.store.rejects(run: lease.run.id, tenant: world.tenant, after: rejects[0].number, limit: 9)
                .isEmpty
        )
        var onlyRejects = MappedBatch.people([], [[], []])
        onlyRejects.accepted = []
        onlyRejects.rejects = [0, 1].map { RowReject(row: $0, locator: 9, key: nil, failures: [failure], raw: []) }
        #expect(try await world.commit(onlyRejects, lease).short == "2 0 0 0 2 0 0 0")
    }
}
