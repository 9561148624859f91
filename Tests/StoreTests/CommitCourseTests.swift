import Changes
import JSON
import Mapping
import MappingSupport
import Store
import Testing

@Suite struct `Committing courses` {
    private let columns = ["external_id", "code", "title", "duration_minutes", "attributes.price"]
    private let all =
        "SELECT external_id, code, title, status, duration_minutes, attributes, config_number FROM courses"

    @Test func `makes them, and again changes nothing`() async throws {
        let world = try await CommitWorld()
        let rows: [[String?]] = [
            ["1", "SAF-1", "Fire safety", "90", "12.50"], ["2", nil, "Coaching", nil, nil],
        ]
        let first = try await world.run("a", .courses, columns, [rows])
        #expect(first.counts.short == "2 2 0 0 0 0 0 0")
        #expect(
            try world.lines(all) == [
                #"1 SAF-1 Fire safety active 90 {"price":"12.50"} 1"#, "2 - Coaching active - - 1",
            ]
        )
        let before = try world.lines("SELECT * FROM courses")
        #expect(try await world.run("a", .courses, columns, [rows]).counts.short == "2 0 0 2 0 0 0 0")
        #expect(try world.lines("SELECT * FROM courses") == before)
    }

    @Test func `a change keeps what it was and what it is, numbers as numbers`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", .courses, columns, [[["1", "SAF-1", "Fire", "90", nil]]])
        let run = try await world.run("a", .courses, columns, [[["1", "SAF-2", "Fire safety", "120", "7"]]])
        #expect(run.counts.short == "1 0 1 0 0 0 0 0")
        let changes = try await world.store.changes(run: run.id, page: PageRequest(limit: 9), tenant: world.tenant)
        let change = try #require(changes.items.first)
        #expect(change.entity == .courses && change.externalID == "1")
        #expect(
            change.fields == [
                .init(name: "code", before: "SAF-1", after: "SAF-2"),
                .init(name: "title", before: "Fire", after: "Fire safety"),
                .init(name: "duration_minutes", before: 90, after: 120),
                .init(name: "attributes.price", before: .null, after: "7"),
            ]
        )
    }

    @Test func `a code that one course has says which is meant, a title never`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", .courses, columns, [[["1", "SAF-1", "Fire safety", nil, nil]]])
        let other = try await world.run(
            "b",
            .courses,
            columns,
            [[["X", "SAF-1", "Brand", "60", nil], ["Y", nil, "Fire safety", nil, nil]]]
        )
        #expect(other.counts.short == "2 1 1 0 0 0 1 0")
        #expect(
            try world.lines(all) == ["1 SAF-1 Fire safety active 60 - 1", "Y - Fire safety active - - 2"]
        )
    }

    @Test func `one config's courses with one code stay two, and another's record of it is ambiguous`() async throws {
        let world = try await CommitWorld()
        let two: [[String?]] = [["1", "SAF-1", "A", nil, nil], ["2", "SAF-1", "B", nil, nil]]
        #expect(try await world.run("a", .courses, columns, [two]).counts.short == "2 2 0 0 0 0 0 0")
        let other = try await world.run("b", .courses, columns, [[["X", "SAF-1", "C", nil, nil]]])
        #expect(other.counts.short == "1 0 0 0 1 0 0 0")
        let reject = try #require(
            try await world.store.rejects(run: other.id, tenant: world.tenant, after: 0, limit: 9).first
        )
        #expect(reject.failures.map(\.code) == ["ambiguous_match"])
        #expect(reject.failures[0].message.contains("course 1 ("))
    }

    @Test func `courses that TrainFlow made itself, and edits of their codes, are found`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", .courses, columns, [[["9", "OLD", "Old", nil, nil]]])
        try await world.execute(
            """
            INSERT INTO courses (number, tenant_id, id, code, title, created_at, updated_at)
                SELECT 7, tenant_id, randomblob(16), 'SAF-7', 'Hand-made', 1, 1 FROM courses
            """
        )
        try await world.execute("UPDATE courses SET code = 'NEW' WHERE code = 'OLD'")
        let run = try await world.run(
            "b",
            .courses,
            columns,
            [[["X", "SAF-7", "First aid", nil, nil], ["Y", "NEW", nil, nil, nil], ["Z", "OLD", "Free", nil, nil]]]
        )
        #expect(run.counts.short == "3 1 2 0 0 0 1 0" || run.counts.short == "3 1 1 1 0 0 1 0")
        #expect(try world.lines("SELECT number, code FROM courses ORDER BY 1") == ["1 NEW", "7 SAF-7", "8 OLD"])
        #expect(try world.lines("SELECT title, config_number FROM courses WHERE number = 7") == ["First aid 2"])
    }

    @Test func `numbers of people and courses don't mix`() async throws {
        let world = try await CommitWorld()
        let lease = try await world.begin("a", [.users, .courses])
        try await world.commit(MappedBatch.people(["external_id"], [["1"], ["2"]]), lease)
        let courses = MappedBatch.table(.courses, ["external_id"], [["1"], ["2"], ["1"]])
        #expect(try await world.commit(courses, lease).short == "3 2 0 0 0 1 0 0")
        let again = try await world.claim()
        #expect(try await world.commit(MappedBatch.people(["external_id"], [["1"]]), again).short == "1 0 0 0 0 1 0 0")
        _ = try await world.store.settle(again, now: world.now())
        let run = try await world.store.finishRun(again, summary: [:], now: world.now())
        #expect(run.streams.map(\.counts.short) == ["3 2 0 0 0 1 0 0", "3 2 0 0 0 1 0 0"])
        #expect(run.stream.isEmpty && run.entity == .users)
        #expect(run.message.hasPrefix("3 people and 3 courses read: 4 created, 2 duplicate."))
    }
}
