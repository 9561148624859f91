import Changes
import Identifiers
import JSON
import Mapping
import MappingSupport
import Store
import Testing

@Suite struct `Previews of effects` {
    private static let people = ["external_id", "email", "first_name", "status", "manager_external_id"]
    private static let standing: [[String?]] = (1...30).map {
        ["k\($0)", "p\($0)@x.org", "P\($0)", "active", $0 > 1 ? "k1" : nil]
    }
    /// Each does something else.
    private static let records: [[String?]] = [
        ["k1", "p1@x.org", "P1", "active", nil],
        ["k2", "p2@x.org", "Anna", "active", "k1"],
        ["k3", "p3@x.org", "P3", "inactive", "k1"],
        ["k4", "new4@x.org", "P4", "active", "k1"],
        ["k5", "p6@x.org", "P5", "active", "k1"],
        ["n1", "n1@x.org", "New", "active", "k2"],
        ["n1", "n1@x.org", "New", "active", "k2"],
        ["n1", "n1@x.org", "Other", "active", "k2"],
        ["n2", "joe@x.org", "Joseph", "active", "n1"],
        ["n3", "n1@x.org", "Late", "active", nil],
    ]

    private func world(_ policy: JSONValue = ["guard": [:]]) async throws -> CommitWorld {
        let world = try await CommitWorld()
        try await world.run("a", .users, Self.people, [Self.standing], policy: policy)
        try await world.addPerson(externalID: nil, email: "joe@x.org", firstName: "Joe")
        return world
    }

    private func preview(_ world: CommitWorld, _ batch: MappedBatch) async throws -> [PreviewedRecord] {
        let config = try await world.config("a")
        return try await world.store.previewEffects(
            of: batch,
            config: config.id,
            tenant: world.tenant,
            now: world.now()
        )
    }

    @Test func `tell what each record would do, and write nothing`() async throws {
        let world = try await world()
        let before = try world.image()
        let shown = try await preview(world, .table(.users, Self.people, Self.records))
        #expect(
            shown.map(\.outcome) == [
                .unchanged, .update, .setAside, .setAside, .setAside, .create, .duplicate, .reject, .link, .waits,
            ]
        )
        #expect(shown[1].fields == [.init(name: "first_name", before: "P2", after: "Anna")])
        #expect(shown[1].present?["email"] == "p2@x.org" && shown[1].rowID != nil)
        #expect(shown[2].kinds == [.deactivate] && shown[3].kinds == [.keyChange])
        #expect(shown[5].fields.contains(.init(name: "first_name", before: .null, after: "New")))
        #expect(shown[5].present == nil && shown[5].rowID == nil)
        #expect(shown[7].failures.map(\.code) == ["conflicting_rows"])
        #expect(shown[8].present?["first_name"] == "Joe" && shown[8].fields.contains { $0.name == "external_id" })
        #expect(try world.image() == before)
    }

    @Test func `agree with the run that follows`() async throws {
        // Nothing is set aside here: each record is applied as it comes.
        let world = try await world([:])
        let records = Self.records.filter { $0[0] != "n3" && $0[0] != "k5" }
        let shown = try await preview(world, .table(.users, Self.people, records))
        let run = try await world.run("a", .users, Self.people, [records])
        func count(_ outcomes: PreviewedRecord.Outcome...) -> Int64 {
            Int64(shown.count { outcomes.contains($0.outcome) })
        }
        #expect(run.counts.created == count(.create))
        #expect(run.counts.updated == count(.update, .link))
        #expect(run.counts.unchanged == count(.unchanged))
        #expect(run.counts.duplicate == count(.duplicate))
        #expect(run.counts.rejected == count(.reject))
    }

    @Test func `know courses by their codes and enrolments by whom they enrol in what`() async throws {
        let world = try await world()
        let courses = ["external_id", "code", "title"]
        try await world.run("a", .courses, courses, [[["c1", "MATH", "Maths"]]])
        let pairs = ["user_external_id", "course_external_id", "status"]
        try await world.run("a", .enrollments, pairs, [[["k1", "c1", "enrolled"], ["k2", "c1", "enrolled"]]])
        let titles = try await preview(
            world,
            .table(.courses, courses, [["c1", "MATH", "Sums"], ["c2", "ART", "Art"]])
        )
        #expect(titles.map(\.outcome) == [.update, .create])
        let enrolled = try await preview(
            world,
            .table(
                .enrollments,
                pairs,
                [
                    ["k1", "c1", "enrolled"], ["k2", "c1", "cancelled"], ["k3", "MATH", "enrolled"],
                    ["p4@x.org", "c1", "enrolled"], ["nobody", "c1", "enrolled"],
                ]
            )
        )
        #expect(enrolled.map(\.outcome) == [.unchanged, .setAside, .create, .create, .reject])
        #expect(enrolled[1].kinds == [.unenrol] && enrolled[1].present?["status"] == "enrolled")
    }

    @Test func `are a tenant's own`() async throws {
        let world = try await world()
        let config = try await world.config("a")
        await #expect(throws: StoreError.self) {
            _ = try await world.store.previewEffects(
                of: .table(.users, Self.people, Self.records),
                config: config.id,
                tenant: .init(high: 1, low: 1),
                now: world.now()
            )
        }
    }
}
