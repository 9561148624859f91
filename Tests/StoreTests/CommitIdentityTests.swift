import Changes
import Identifiers
import JSON
import Mapping
import MappingSupport
import SQLite
import Store
import Testing

@Suite struct `Who is who` {
    private let columns = ["external_id", "email", "username", "first_name"]

    @Test func `two configs that bring one person make one, owned by the first`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["A1", "ada@x.example", nil, "Ada"]]])
        let second = try await world.run("b", columns, [[["B9", "Ada@X.example", "ada", "Augusta"]]])
        #expect(second.counts.short == "1 0 1 0 0 0 1 0")
        #expect(
            try world.lines("SELECT external_id, email, username, first_name, config_number FROM users")
                == ["A1 ada@x.example ada Ada 1"]
        )
        #expect(
            try world.lines("SELECT config_number, external_id, row_number, owned FROM integration_links")
                == ["1 A1 1 1", "2 B9 1 0"]
        )
        #expect(
            try world.lines("SELECT code FROM integration_warnings") == ["owned_by_another"]
        )
        #expect(
            try world.lines("SELECT kind, external_id, before, after FROM integration_changes WHERE run_number = 2")
                == [#"linked B9 {"username":null} {"username":"ada"}"#]
        )
        // Unchanged, it is not even looked at.
        let third = try await world.run("b", columns, [[["B9", "Ada@X.example", "ada", "Augusta"]]])
        #expect(third.counts.short == "1 0 0 1 0 0 0 0")
    }

    private func delete(_ name: String, _ world: CommitWorld) async throws {
        let config = try await world.config(name)
        _ = try await world.store.archiveConfig(
            config.id,
            version: nil,
            actor: "x",
            tenant: world.tenant,
            now: world.now()
        )
    }

    @Test func `whom a deleted config owned are taken over by the next that brings them`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["1", "ada@x.example", nil, "Ada"], ["2", "bo@x.example", nil, "Bo"]]])
        try await delete("a", world)
        let run = try await world.run("b", columns, [[["1", "ada@x.example", nil, "Augusta"]]])
        #expect(run.counts.short == "1 0 1 0 0 0 0 0")
        #expect(
            try world.lines("SELECT external_id, first_name, config_number FROM users") == ["1 Augusta 2", "2 Bo 1"]
        )
        let strict = try await world.run("c", columns, [[["2", "bo@x.example", nil, "B"]]], policy: ["adopt": false])
        #expect(strict.counts.short == "1 0 0 0 1 0 0 0")
    }

    @Test func `whom a deleted config owned pass to one that knew them beside it, when it has something new`()
        async throws
    {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["1", "ada@x.example", nil, "Ada"]]])
        try await world.run("b", columns, [[["B9", "ada@x.example", nil, "Augusta"]]])
        try await delete("a", world)
        #expect(
            try await world.run("b", columns, [[["B9", "ada@x.example", nil, "Gus"]]]).counts.short == "1 0 1 0 0 0 0 0"
        )
        #expect(try world.lines("SELECT external_id, first_name, config_number FROM users") == ["B9 Gus 2"])
        #expect(try world.lines("SELECT owned FROM integration_links WHERE config_number = 2") == ["1"])
        #expect(try world.lines("SELECT count(*) FROM integration_shared_rows") == ["0"])
    }

    @Test func `equal numbers of two systems are two people`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["001", "ada@x.example", nil, nil]]])
        let second = try await world.run("b", columns, [[["001", "bob@x.example", nil, nil]]])
        #expect(second.counts.short == "1 1 0 0 0 0 0 0")
        #expect(try world.lines("SELECT external_id, email FROM users") == ["001 ada@x.example", "001 bob@x.example"])
    }

    @Test func `equal numbers are one person where the policy says so`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["001", "ada@x.example", nil, nil]]])
        let second = try await world.run(
            "b",
            columns,
            [[["001", "bob@x.example", "ada", nil]]],
            policy: ["match": ["external_id"]]
        )
        #expect(second.counts.short == "1 0 1 0 0 0 1 0")
        #expect(try world.lines("SELECT external_id, email, username FROM users") == ["001 ada@x.example ada"])
    }

    @Test func `a person whom nobody owns is taken over`() async throws {
        let world = try await CommitWorld()
        try await world.addPerson(externalID: nil, email: "ADA@x.example", firstName: "A.")
        let run = try await world.run("a", columns, [[["7", "ada@x.example", nil, "Ada"]]])
        #expect(run.counts.short == "1 0 1 0 0 0 0 0")
        #expect(
            try world.lines("SELECT external_id, email, first_name, config_number FROM users")
                == ["7 ada@x.example Ada 1"]
        )
        #expect(
            try world.lines("SELECT kind, external_id, after FROM integration_changes")
                == [#"linked 7 {"external_id":"7","email":"ada@x.example","first_name":"Ada"}"#]
        )
    }

    @Test func `or not, where the policy forbids it`() async throws {
        let world = try await CommitWorld()
        try await world.addPerson(externalID: "old", email: "ada@x.example", firstName: nil)
        let run = try await world.run("a", columns, [[["7", "ada@x.example", nil, nil]]], policy: ["adopt": false])
        #expect(run.counts.short == "1 0 0 0 1 0 0 0")
        let reject = try #require(
            try await world.store.rejects(run: run.id, tenant: world.tenant, after: 0, limit: 9).first
        )
        #expect(reject.failures.map(\.code) == ["not_adopted"])
        #expect(reject.failures[0].message.contains("person old"))
    }

    @Test func `a person of the tenant's own with the number is found by it`() async throws {
        let world = try await CommitWorld()
        try await world.addPerson(externalID: "007", email: nil, firstName: "James")
        let policy: JSONValue = ["match": ["email", "external_id"]]
        let run = try await world.run(
            "a",
            columns,
            [[["007", "j@x.example", nil, nil], ["8", nil, nil, nil]]],
            policy: policy
        )
        #expect(run.counts.short == "2 1 1 0 0 0 0 0")
        #expect(
            try world.lines("SELECT external_id, email, first_name, config_number FROM users ORDER BY external_id")
                == ["007 j@x.example James 1", "8 - - 1"]
        )
    }

    @Test func `an ambiguous match is refused and names both`() async throws {
        let world = try await CommitWorld()
        try await world.addPerson(externalID: "one", email: "ada@x.example", firstName: nil)
        try await world.addPerson(externalID: "two", email: nil, firstName: nil, username: "ada")
        let policy: JSONValue = ["match": ["email", "username"]]
        let run = try await world.run("a", columns, [[["7", "ada@x.example", "ada", nil]]], policy: policy)
        #expect(run.state == .doneWithRejects)
        let reject = try #require(
            try await world.store.rejects(run: run.id, tenant: world.tenant, after: 0, limit: 9).first
        )
        #expect(reject.failures.map(\.code) == ["ambiguous_match"])
        #expect(reject.failures[0].message.contains("person one") && reject.failures[0].message.contains("person two"))
        #expect(
            reject.key == "7" && reject.locator == 2 && reject.locatorKind == "line" && reject.source == "people.csv"
        )
        #expect(reject.raw.map(\.value) == ["7", "ada@x.example", "ada", nil])
        #expect(try world.lines("SELECT count(*) FROM users") == ["2"])
    }

    @Test func `two people with one e-mail are ambiguous`() async throws {
        let world = try await CommitWorld()
        try await world.addPerson(externalID: "one", email: "ada@x.example", firstName: nil)
        try await world.addPerson(externalID: "two", email: "Ada@x.example", firstName: nil)
        let run = try await world.run("a", columns, [[["7", "ada@x.example", nil, nil]]])
        #expect(run.counts.short == "1 0 0 0 1 0 0 0")
    }

    @Test func `usernames are known also of people made before anybody asked for them`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["1", nil, "ada", nil], ["2", nil, "bob", nil]]])
        let policy: JSONValue = ["match": ["username"]]
        let second = try await world.run(
            "b",
            columns,
            [[["x", nil, "bob", "Bob"], ["y", nil, "eve", nil]]],
            policy: policy
        )
        #expect(second.counts.short == "2 1 1 0 0 0 1 0")
        // A config that does not match by usernames makes people, and changes one: both are found.
        try await world.run("a", columns, [[["1", nil, "adah", nil], ["3", nil, "cy", nil]]])
        let third = try await world.run(
            "b",
            columns,
            [[["z", nil, "cy", nil], ["w", nil, "adah", nil], ["v", nil, "ada", nil]]]
        )
        #expect(third.counts.short == "3 1 0 2 0 0 2 0")
        #expect(
            try world.lines(
                "SELECT external_id, row_number FROM integration_links WHERE config_number = 2 ORDER BY row_number, 1"
            )
                == ["w 1", "x 2", "y 3", "z 4", "v 5"]
        )
    }

    @Test func `a person of another tenant is nobody`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["1", "ada@x.example", nil, nil]]])
        try await world.execute("UPDATE users SET tenant_id = zeroblob(16)")
        let run = try await world.run("b", columns, [[["2", "ada@x.example", nil, nil]]])
        #expect(run.counts.short == "1 1 0 0 0 0 0 0")
    }

    @Test func `a record whose person is gone is made anew`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["1", "ada@x.example", nil, nil], ["2", "b@x.example", nil, nil]]])
        try await world.execute("DELETE FROM users WHERE external_id = '1'")
        let run = try await world.run(
            "a",
            columns,
            [[["1", "ada@x.example", nil, "Ada"], ["2", "b@x.example", nil, nil]]]
        )
        #expect(run.counts.short == "2 1 0 1 0 0 0 0")
        #expect(
            try world.lines(
                "SELECT l.external_id, first_name FROM integration_links l JOIN users u ON u.number = l.row_number"
            )
                == ["1 Ada", "2 -"]
        )
    }

    @Test func `a record whose person is another tenant's by now is made anew`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["1", "ada@x.example", nil, "Ada"]]])
        try await world.execute("UPDATE users SET tenant_id = zeroblob(16)")
        let run = try await world.run("a", columns, [[["1", "ada@x.example", nil, "Changed"]]])
        #expect(run.counts.short == "1 1 0 0 0 0 0 0")
        #expect(try world.lines("SELECT number, first_name FROM users ORDER BY 1") == ["1 Ada", "2 Changed"])
        #expect(try world.lines("SELECT external_id, row_number FROM integration_links") == ["1 2"])
    }

    @Test func `nobody gets the number of somebody who is gone`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["1", "a@x.example", nil, nil], ["2", "b@x.example", nil, nil]]])
        try await world.execute("DELETE FROM users WHERE external_id = '2'")
        try await world.run("a", columns, [[["3", "c@x.example", nil, nil]]])
        try await world.run("a", columns, [[["2", "b@x.example", nil, "back"]]])
        #expect(
            try world.lines("SELECT number, external_id, first_name FROM users ORDER BY number")
                == ["1 1 -", "3 3 -", "4 2 back"]
        )
    }

    @Test func `tenants share a store and nothing else, however their runs mix`() async throws {
        let world = try await CommitWorld()
        try await world.reopen(directoryLimit: 5)
        let key = { (number: Int) in "\(1_000 + number)" }
        for round in 0..<12 {
            world.tenant = UUID(high: 7, low: UInt64(round % 3))
            let people = (0..<4).map {
                [String?]([key(round / 3 * 4 + $0), "\(round / 3 * 4 + $0)@x.example", nil, nil])
            }
            let run = try await world.run("a\(round % 3)", columns, [people])
            #expect(run.counts.created == 4)
        }
        for number in 0..<3 {
            world.tenant = UUID(high: 7, low: UInt64(number))
            let people = (0..<16).map { [String?](["o\($0)", "\($0)@x.example", nil, nil]) }
            let run = try await world.run("b\(number)", columns, [people])
            #expect(run.counts.short == "16 0 0 16 0 0 16 0")
        }
        #expect(try world.lines("SELECT count(*), count(DISTINCT tenant_id) FROM users") == ["48 3"])
    }

    @Test func `people made before the directory was are in it, of every tenant`() async throws {
        let world = try await CommitWorld()
        for number in 0..<30 {
            world.tenant = UUID(high: 7, low: UInt64(number % 3))
            try await world.addPerson(externalID: nil, email: "\(number / 3)@x.example", firstName: nil)
        }
        try await world.reopen(directoryLimit: 5)
        // The tenant whose row was read last comes first.
        for number in [2, 0, 1] {
            world.tenant = UUID(high: 7, low: UInt64(number))
            let people = (0..<10).map { [String?](["o\($0)", "\($0)@x.example", nil, nil]) }
            let run = try await world.run("b\(number)", columns, [people])
            #expect(run.counts.short == "10 0 10 0 0 0 0 0")
        }
    }

    @Test func `thousands may share a username`() async throws {
        let world = try await CommitWorld()
        let many = (0..<3_000).map { [String?]([String(format4($0)), nil, "n/a", nil]) }
        let policy: JSONValue = ["match": ["username"]]
        let run = try await world.run("a", columns, [many], policy: policy)
        #expect(run.counts.created == 3_000)
        let second = try await world.run("b", columns, [[["x", nil, "n/a", nil]]], policy: policy)
        #expect(second.counts.short == "1 0 0 0 1 0 0 0")
    }

    private func format4(_ number: Int) -> String { String(repeating: "0", count: 5 - "\(number)".count) + "\(number)" }

    @Test func `a number is not given again after its row is deleted`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["A1", nil, nil, "A"], ["B2", nil, nil, "B"], ["C3", nil, nil, "C"]]])
        try await world.execute("DELETE FROM users WHERE external_id = 'C3'")
        try await world.run("a", columns, [[["D4", nil, nil, "D"]]])
        let last = try await world.run("a", columns, [[["C3", nil, nil, "Changed"]]])
        #expect(last.counts.short == "1 1 0 0 0 0 0 0")
        #expect(
            try world.lines("SELECT number, external_id, first_name FROM users ORDER BY number")
                == ["1 A1 A", "2 B2 B", "4 D4 D", "5 C3 Changed"]
        )
        #expect(
            try world.lines("SELECT external_id, row_number FROM integration_links ORDER BY 1")
                == ["A1 1", "B2 2", "C3 5", "D4 4"]
        )
    }

    @Test func `a link is not followed to somebody whom another program gave the number`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["A1", nil, nil, "A"], ["B2", nil, nil, "B"]]])
        try await world.execute("DELETE FROM users WHERE external_id = 'B2'")
        // Takes the number 2.
        try await world.addPerson(externalID: nil, email: nil, firstName: "Somebody")
        let run = try await world.run("a", columns, [[["B2", nil, nil, "Changed"]]])
        #expect(run.counts.short == "1 1 0 0 0 0 0 0")
        #expect(
            try world.lines("SELECT number, external_id, first_name FROM users ORDER BY number")
                == ["1 A1 A", "2 - Somebody", "3 B2 Changed"]
        )
    }

    @Test func `people of many tenants that stood before are found after a merge`() async throws {
        let world = try await CommitWorld()
        let people = 60
        // Every twentieth is the tenant's, the last of all too: its pages were looked at last before the merge.
        try await world.execute(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(people)),
                t(i, id) AS MATERIALIZED (SELECT i, randomblob(16) FROM n WHERE i < 20)
            INSERT INTO users (number, tenant_id, id, email, created_at, updated_at)
                SELECT n.i, coalesce(t.id, X'00000000000000070000000000000007'), randomblob(16),
                    'p' || n.i || '@x.example', 1, 1 FROM n LEFT JOIN t ON t.i = n.i % 20 ORDER BY n.i
            """
        )
        try await world.reopen(directoryLimit: 8)
        let records: [[String?]] = [20, 40, 60].map { ["\($0)", "p\($0)@x.example", nil, nil] }
        let run = try await world.run("a", columns, [records])
        #expect(run.counts.short == "3 0 3 0 0 0 0 0")
        #expect(try world.lines("SELECT count(*) FROM users") == ["\(people)"])
    }

    @Test func `what a commit itself changes is not left to be taken in`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["1", "old@x.example", nil, nil]]])
        let lease = try await world.begin("a")
        let changed = MappedBatch.people(columns, [["1", "new@x.example", nil, nil]])
        #expect(try await world.commit(changed, lease).updated == 1)
        #expect(try world.lines("SELECT count(*) FROM integration_directory_edits") == ["0"])
    }

    @Test func `everybody is found after many merges into pages that must be split`() async throws {
        let world = try await CommitWorld()
        try await world.reopen(directoryLimit: 100)
        let people = (0..<3_000).map { [String?](["\(10_000 + $0)", "\($0)@x.example", nil, nil]) }
        try await world.run("a", columns, stride(from: 0, to: 3_000, by: 250).map { Array(people[$0..<$0 + 250]) })
        #expect(try world.lines("SELECT count(*) > 20 FROM integration_directory") == ["1"])
        try await world.reopen()
        let others = people.map { [String?](["b\($0[0] ?? "")", $0[1], nil, nil]) }
        let run = try await world.run("b", columns, [others])
        #expect(run.counts.short == "3000 0 0 3000 0 0 3000 0")
    }

    @Test func `an e-mail edited in TrainFlow leads to its person`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["A1", "old@x.example", nil, "Ada"], ["A2", "two@x.example", nil, nil]]])
        // A config's own changes leave nothing to be taken in.
        let own = try await world.run("a", columns, [[["A2", "second@x.example", nil, nil]]])
        #expect(own.counts.short == "1 0 1 0 0 0 0 0")
        #expect(try world.lines("SELECT count(*) FROM integration_directory_edits") == ["0"])
        try await world.execute("UPDATE users SET email = 'new@x.example' WHERE external_id = 'A1'")
        let other = try await world.run("b", columns, [[["B9", "New@x.example", nil, nil]]])
        #expect(other.counts.short == "1 0 1 0 0 0 1 0" || other.counts.short == "1 0 0 1 0 0 1 0")
        #expect(
            try world.lines("SELECT config_number, external_id, row_number FROM integration_links WHERE row_number = 1")
                == ["1 A1 1", "2 B9 1"]
        )
        #expect(try world.lines("SELECT count(*) FROM users") == ["2"])
        #expect(try world.lines("SELECT count(*) FROM integration_directory_edits") == ["0"])
    }

    @Test func `somebody whom another program gave a deleted row's number is found`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", columns, [[["A1", "ada@x.example", nil, nil], ["B2", "bob@x.example", nil, nil]]])
        try await world.execute("DELETE FROM users WHERE external_id = 'B2'")
        try await world.addPerson(externalID: nil, email: "eve@x.example", firstName: nil)
        let run = try await world.run("b", columns, [[["7", "eve@x.example", nil, nil]]])
        #expect(run.counts.short == "1 0 1 0 0 0 0 0")
        #expect(try world.lines("SELECT number, external_id FROM users") == ["1 A1", "2 7"])
    }
}
