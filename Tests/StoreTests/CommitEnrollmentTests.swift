import Changes
import Identifiers
import JSON
import Mapping
import MappingSupport
import Platform
import Store
import Testing

@Suite struct `Committing enrolments` {
    private let columns = ["external_id", "user_external_id", "course_external_id", "status", "score"]
    private let all = """
        SELECT e.external_id, u.external_id, c.external_id, e.status, e.score, e.config_number FROM enrollments e
            JOIN users u ON u.number = e.user_number JOIN courses c ON c.number = e.course_number ORDER BY e.number
        """

    /// Two people and two courses of config a.
    private func world() async throws -> CommitWorld {
        let world = try await CommitWorld()
        try await world.run("a", ["external_id", "email"], [[["1", "ada@x.example"], ["2", "bob@x.example"]]])
        try await world.run("a", .courses, ["external_id", "code"], [[["10", "SAF-1"], ["20", "LDR-1"]]])
        return world
    }

    private func rejects(_ run: Run, _ world: CommitWorld) async throws -> [StoredReject] {
        try await world.store.rejects(run: run.id, tenant: world.tenant, after: 0, limit: 99)
    }

    @Test func `makes them, and again changes nothing`() async throws {
        let world = try await world()
        let rows: [[String?]] = [
            ["E1", "1", "10", "completed", "87.5"], ["E2", "2", "10", nil, "90"], ["E3", "1", "20", nil, nil],
        ]
        #expect(try await world.run("a", .enrollments, columns, [rows]).counts.short == "3 3 0 0 0 0 0 0")
        #expect(
            try world.lines(all) == [
                "E1 1 10 completed 87.5 1", "E2 2 10 enrolled 90.0 1", "E3 1 20 enrolled - 1",
            ]
        )
        let before = try world.lines("SELECT * FROM enrollments")
        #expect(try await world.run("a", .enrollments, columns, [rows]).counts.short == "3 0 0 3 0 0 0 0")
        #expect(try world.lines("SELECT * FROM enrollments") == before)
    }

    @Test func `a number that is written otherwise is the same number`() async throws {
        let world = try await world()
        try await world.run("a", .enrollments, columns, [[["E1", "1", "10", "enrolled", "90"]]])
        let run = try await world.run("a", .enrollments, columns, [[["E1", "1", "10", "completed", "90"]]])
        let changes = try await world.store.changes(run: run.id, page: PageRequest(limit: 9), tenant: world.tenant)
        #expect(changes.items.map(\.fields) == [[.init(name: "status", before: "enrolled", after: "completed")]])
    }

    @Test func `people and courses are meant by link, e-mail, code or id, where it is one`() async throws {
        let world = try await world()
        let id = try #require(try world.lines("SELECT hex(id) FROM courses WHERE code = 'LDR-1'").first)
        var dashed = Array(id.lowercased())
        for place in [20, 16, 12, 8] { dashed.insert("-", at: place) }
        let rows: [[String?]] = [
            ["E1", "ADA@x.example", "SAF-1", nil, nil], ["E2", "2", "LDR-1", nil, nil],
            ["E3", "bob@x.example", "10", nil, nil], ["E4", "1", String(dashed), nil, nil],
        ]
        // Another config knows nobody by number, but there is one link of any config.
        #expect(try await world.run("b", .enrollments, columns, [rows]).counts.short == "4 4 0 0 0 0 0 0")
        #expect(
            try world.lines(all) == [
                "E1 1 10 enrolled - 2", "E2 2 20 enrolled - 2", "E3 2 10 enrolled - 2", "E4 1 20 enrolled - 2",
            ]
        )
        // A third config has a person 1 of its own: now the number is two people's, but for whoever has a link.
        try await world.run("c", ["external_id"], [[["1"]]])
        let ambiguous = try await world.run("b", .enrollments, columns, [[["E5", "1", "10", nil, nil]]])
        #expect(ambiguous.counts.rejected == 1)
        let own = try await world.run("c", .enrollments, columns, [[["E6", "1", "10", nil, nil]]])
        #expect(own.counts.created == 1)
    }

    @Test func `without an external id the pair is the key, whatever the two are called`() async throws {
        let world = try await world()
        let rows: [[String?]] = [
            [nil, "1", "10", "enrolled", nil], [nil, "2", "10", "enrolled", nil], [nil, "1", "10", "enrolled", nil],
            [nil, "2", "10", "failed", nil],
        ]
        let first = try await world.run("a", .enrollments, columns, [rows])
        #expect(first.counts.short == "4 2 0 0 1 1 0 0")
        #expect(try await rejects(first, world).map(\.key) == ["2 in 10"])
        let again = try await world.run("a", .enrollments, columns, [Array(rows.prefix(2))])
        #expect(again.counts.short == "2 0 0 2 0 0 0 0")
        let renamed: [[String?]] = [
            [nil, "ada@x.example", "SAF-1", "completed", nil], [nil, "1", "SAF-1", "completed", nil],
        ]
        let run = try await world.run("a", .enrollments, columns, [renamed])
        #expect(run.counts.short == "2 0 1 0 1 0 0 0")
        #expect(try await rejects(run, world).map { $0.failures[0].code } == ["conflicting_rows"])
        #expect(try world.lines(all) == ["- 1 10 completed - 1", "- 2 10 enrolled - 1"])
    }

    @Test func `a course may be taken again under another external id`() async throws {
        let world = try await world()
        let rows: [[String?]] = [["E1", "1", "10", "failed", nil], ["E2", "1", "10", "enrolled", nil]]
        #expect(try await world.run("a", .enrollments, columns, [rows]).counts.short == "2 2 0 0 0 0 0 0")
        let other = try await world.run("b", .enrollments, columns, [[["X", "1", "10", nil, nil]]])
        #expect(try await rejects(other, world).map { $0.failures[0].code } == ["ambiguous_match"])
    }

    @Test func `an enrolment moves to another course, and the change names both`() async throws {
        let world = try await world()
        try await world.run("a", .enrollments, columns, [[["E1", "1", "10", nil, nil]]])
        let run = try await world.run("a", .enrollments, columns, [[["E1", "1", "20", nil, nil]]])
        #expect(run.counts.short == "1 0 1 0 0 0 0 0")
        #expect(try world.lines(all) == ["E1 1 20 enrolled - 1"])
        let ids = try world.rows("SELECT lower(hex(id)) FROM courses ORDER BY external_id").map { $0[0] }
        let changes = try await world.store.changes(run: run.id, page: PageRequest(limit: 9), tenant: world.tenant)
        let field = try #require(changes.items.first?.fields.first)
        #expect(field.name == "course_id")
        #expect([field.before, field.after].map { $0.stringValue?.filter { $0 != "-" } } == ids)
    }

    @Test func `what somebody else's config brought is only filled up`() async throws {
        let world = try await world()
        try await world.run("a", .enrollments, columns, [[["E1", "1", "10", "enrolled", nil]]])
        let run = try await world.run("b", .enrollments, columns, [[["X", "1", "10", "failed", "50"]]])
        #expect(run.counts.short == "1 0 1 0 0 0 1 0")
        #expect(try world.lines(all) == ["E1 1 10 enrolled 50.0 1"])
    }

    @Test func `write rules hold for them too`() async throws {
        let world = try await world()
        let write: [String: WriteRule] = ["status": .onCreate, "score": .whenEmpty]
        try await world.run("a", .enrollments, columns, [[["E1", "1", "10", "enrolled", nil]]], write: write)
        try await world.run("a", .enrollments, columns, [[["E1", "1", "10", "failed", "60"]]], write: write)
        try await world.run("a", .enrollments, columns, [[["E1", "1", "10", "failed", "70"]]], write: write)
        #expect(try world.lines(all) == ["E1 1 10 enrolled 60.0 1"])
        try await world.run("a", .enrollments, columns, [[["E1", "1", "10", Cell.erased, Cell.erased]]])
        // Nobody is left without a status.
        #expect(try world.lines(all) == ["E1 1 10 enrolled - 1"])
    }

    // MARK: Waiting

    @Test func `one whose course is not known waits, and is let through by a later run of the tenant`() async throws {
        let world = try await world()
        let rows: [[String?]] = [["E1", "1", "10", nil, nil], ["E2", "9", "30", "completed", nil]]
        let first = try await world.run("a", .enrollments, columns, [rows])
        #expect(first.counts.short == "2 1 0 0 1 0 0 0" && first.state == .doneWithRejects)
        let reject = try #require(try await rejects(first, world).first)
        #expect(reject.state == "waiting")
        #expect(reject.failures.map(\.code) == ["unknown_person", "unknown_course"])
        #expect(reject.failures.map(\.value) == ["9", "30"])
        // Another config brings the course, then the person.
        let courses = try await world.run("b", .courses, ["external_id", "code"], [[["30", nil]]])
        #expect(courses.counts.short == "1 1 0 0 0 0 0 0")
        #expect(try await rejects(first, world).map(\.state) == ["waiting"])
        let people = try await world.run("b", ["external_id"], [[["9"]]])
        #expect(people.counts.short == "2 2 0 0 0 0 0 0" && people.counts.replayed == 1)
    }

    @Test func `what gets through counts as read by the run that let it through`() async throws {
        let world = try await world()
        let first = try await world.run("a", .enrollments, columns, [[["E2", "1", "30", "completed", nil]]])
        let courses = try await world.run("b", .courses, ["external_id", "code"], [[["30", nil]]])
        #expect(courses.counts.short == "2 2 0 0 0 0 0 0" && courses.counts.replayed == 1)
        #expect(courses.state == .done && courses.counts.agree)
        #expect(courses.message.hasPrefix("1 course and 1 that had waited since earlier runs read: 2 created."))
        #expect(courses.streams.map(\.counts.read) == [1])
        #expect(try await rejects(first, world).map(\.state) == ["replayed"])
        #expect(try world.lines(all) == ["E2 1 30 completed - 1"])
        #expect(
            try world.lines("SELECT run_number, config_number FROM integration_changes WHERE entity = 3") == ["4 1"]
        )
        // Its own config knows it now.
        let again = try await world.run("a", .enrollments, columns, [[["E2", "1", "30", "completed", nil]]])
        #expect(again.counts.short == "1 0 0 1 0 0 0 0")
    }

    @Test func `five runs look again, then it is a reject like any other`() async throws {
        let world = try await world()
        let first = try await world.run("a", .enrollments, columns, [[["E2", "1", "30", nil, nil]]])
        for tries in 1...5 {
            #expect(try await rejects(first, world).map(\.state) == ["waiting"], "before try \(tries)")
            let run = try await world.run("b", ["external_id"], [[["5"]]])
            #expect(run.counts.read == 1)
        }
        #expect(try await rejects(first, world).map(\.state) == ["open"])
        try await world.run("b", .courses, ["external_id", "code"], [[["30", nil]]])
        #expect(try world.lines(all).isEmpty)
    }

    @Test func `a newer record takes the place of one that waits`() async throws {
        let world = try await world()
        let first = try await world.run("a", .enrollments, columns, [[["E2", "1", "30", "enrolled", nil]]])
        let second = try await world.run("a", .enrollments, columns, [[["E2", "1", "30", "completed", nil]]])
        #expect(try await rejects(first, world).map(\.state) == ["dismissed"])
        #expect(try await rejects(second, world).map(\.state) == ["waiting"])
        // The older one must not come over the newer one.
        try await world.run("b", .courses, ["external_id", "code"], [[["30", nil]]])
        #expect(try world.lines(all) == ["E2 1 30 completed - 1"])
        // The same record in every snapshot doesn't wait for ever.
        var states: [String] = []
        for _ in 0...5 {
            let run = try await world.run("a", .enrollments, columns, [[["E9", "1", "90", nil, nil]]])
            states += try await rejects(run, world).map(\.state)
        }
        #expect(states == Array(repeating: "waiting", count: 5) + ["open"])
    }

    @Test func `of several of one run that wait under one key the first is kept, in whichever page the others come`()
        async throws
    {
        let world = try await world()
        let rows: [[String?]] = [
            ["E1", "1", "30", "enrolled", nil], ["E1", "1", "30", "failed", nil], ["E1", "1", "30", "enrolled", nil],
        ]
        let first = try await world.run("a", .enrollments, columns, [rows])
        #expect(try await rejects(first, world).map(\.state) == ["waiting", "waiting", "waiting"])
        let late = try await world.run("b", .courses, ["external_id", "code"], [[["30", nil]]])
        #expect(late.counts.short == "2 2 0 0 0 0 0 0")
        #expect(try world.lines(all) == ["E1 1 30 enrolled - 1"])
        #expect(try await rejects(first, world).map(\.state) == ["replayed", "open", "dismissed"])
        #expect(try await rejects(first, world)[1].failures.map(\.code) == ["conflicting_rows"])
    }

    @Test func `of several that wait under one key none comes over a newer record`() async throws {
        let world = try await world()
        let both: [[String?]] = [["E1", "1", "30", "enrolled", nil], ["E1", "1", "30", "failed", nil]]
        let first = try await world.run("a", .enrollments, columns, [both])
        #expect(try await rejects(first, world).map(\.state) == ["waiting", "waiting"])
        try await world.run("a", .enrollments, columns, [[["E1", "1", "20", "completed", nil]]])
        #expect(try await rejects(first, world).map(\.state) == ["replayed", "replayed"])
        let late = try await world.run("b", .courses, ["external_id", "code"], [[["30", nil]]])
        #expect(late.counts.short == "1 1 0 0 0 0 0 0")
        #expect(try world.lines(all) == ["E1 1 20 completed - 1"])
    }

    @Test(arguments: [1, 2])
    func `one that waits gives way to a later one of the same run that is in`(batches: Int) async throws {
        let world = try await world()
        let rows: [[String?]] = [["E3", "1", "30", "enrolled", nil], ["E3", "1", "20", "completed", nil]]
        let first = try await world.run("a", .enrollments, columns, batches == 1 ? [rows] : rows.map { [$0] })
        #expect(first.counts.short == "2 1 0 0 1 0 0 0")
        #expect(try await rejects(first, world).map(\.state) == ["dismissed"])
        let late = try await world.run("b", .courses, ["external_id", "code"], [[["30", nil]]])
        #expect(late.counts.short == "1 1 0 0 0 0 0 0")
        #expect(try world.lines(all) == ["E3 1 20 completed - 1"])
    }

    @Test func `the mapping's refusal of a newer record ends the one that waits`() async throws {
        let world = try await world()
        let first = try await world.run("a", .enrollments, columns, [[["E4", "1", "30", "enrolled", nil]]])
        let lease = try await world.begin("a", [.enrollments])
        var newer = MappedBatch.table(.enrollments, columns, [["E4", "1", "30", "completed", nil]])
        newer.accepted = []
        newer.rejects = [
            RowReject(
                row: 0,
                locator: 2,
                key: "E4",
                failures: [.unknownReference("course_external_id", to: .courses, "40")],
                raw: []
            )
        ]
        #expect(try await world.commit(newer, lease).short == "1 0 0 0 1 0 0 0")
        _ = try await world.store.finishRun(lease, summary: [:], now: world.now())
        #expect(try await rejects(first, world).map(\.state) == ["dismissed"])
        try await world.run("b", .courses, ["external_id", "code"], [[["30", nil]]])
        #expect(try world.lines(all).isEmpty)
    }

    @Test func `a run that was interrupted tries nothing twice`() async throws {
        let world = try await world()
        let first = try await world.run(
            "a",
            .enrollments,
            columns,
            [[["E1", "1", "30", nil, nil], ["E2", "1", "40", nil, nil]]]
        )
        let lease = try await world.begin("b", [.courses])
        try await world.commit(MappedBatch.table(.courses, ["external_id"], [["30"]]), lease)
        try await world.retryWaiting(lease)
        let again = try await world.claim()
        #expect(try await world.store.waitingRejects(again, limit: 9).isEmpty)
        let run = try await world.store.finishRun(again, summary: [:], now: world.now())
        #expect(run.counts.short == "2 2 0 0 0 0 0 0")
        #expect(try await rejects(first, world).map(\.state) == ["replayed", "waiting"])
    }

    @Test func `whoever tries them first, the newest record of a config stands`() async throws {
        let world = try await world()
        try await world.run("a", .enrollments, columns, [[["E1", "1", "30", "enrolled", nil]]])
        let own = try await world.begin("a", [.enrollments])
        // Another config's run, queued after it, tries the waiting record while the config's own run is under way.
        let queued = try await world.store.enqueueSync(
            SyncRequest(
                config: try await world.config("b").id,
                trigger: "manual",
                stream: "people",
                entity: .users,
                mappingVersion: 1,
                input: [:]
            ),
            tenant: world.tenant,
            now: world.now()
        )
        let job = try await world.store.claimJob(
            owner: "another",
            leaseFor: .seconds(60),
            perTenant: 9,
            abandoned: false,
            run: queued.id,
            now: world.now()
        )
        let other = try await world.store.beginRun(try #require(job), now: world.now())
        try await world.retryWaiting(other)
        let batch = MappedBatch.table(.enrollments, columns, [["E1", "1", "30", "completed", nil]])
        #expect(try await world.commit(batch, own).short == "1 0 0 0 1 0 0 0")
        #expect(
            try world.lines("SELECT run_number, state, tries FROM integration_rejects ORDER BY 1") == [
                "3 dismissed 1", "4 waiting 2",
            ]
        )
    }

    @Test(arguments: ["commit.begin", "commit.after_links", "commit.before_commit", "retry.before_commit"])
    func `an interrupted transaction leaves nothing`(step: String) async throws {
        let world = try await world()
        try await world.run("a", .enrollments, columns, [[["E1", "1", "30", nil, nil]]])
        let lease = try await world.begin("b", [.courses, .enrollments])
        let image = try world.image()
        try await world.reopen(failpoint: Failpoint(.init(step, action: .fail)))
        await #expect(throws: StoreError.self) {
            try await world.commit(MappedBatch.table(.courses, ["external_id"], [["30"]]), lease)
            try await world.commit(MappedBatch.table(.enrollments, columns, [["X", "1", "10", nil, nil]]), lease)
            try await world.retryWaiting(lease)
        }
        if step != "retry.before_commit" { #expect(try world.image() == image) }
        try await world.reopen()
        if step != "retry.before_commit" {
            try await world.commit(MappedBatch.table(.courses, ["external_id"], [["30"]]), lease)
            try await world.commit(MappedBatch.table(.enrollments, columns, [["X", "1", "10", nil, nil]]), lease)
        }
        try await world.retryWaiting(lease)
        let run = try await world.store.finishRun(lease, summary: [:], now: world.now())
        #expect(run.counts.short == "3 3 0 0 0 0 0 0" && run.counts.replayed == 1)
        #expect(try world.lines(all) == ["X 1 10 enrolled - 2", "E1 1 30 enrolled - 1"])
    }

    @Test func `a reject whose config is gone waits no longer than others, and harms nobody`() async throws {
        let world = try await world()
        let gone = try await world.run("z", .enrollments, columns, [[["E1", "1", "30", nil, nil]]])
        _ = try await world.store.archiveConfig(
            gone.config,
            version: nil,
            actor: "test",
            tenant: world.tenant,
            now: world.now()
        )
        let run = try await world.run("b", .courses, ["external_id"], [[["30"]]])
        #expect(run.counts.short == "1 1 0 0 0 0 0 0")
        #expect(try await rejects(gone, world).map(\.state) == ["waiting"])
    }
}
