import Changes
import Identifiers
import JSON
import Mapping
import Platform
import Store
import TestSupport
import Testing
import Time

// What somebody has approved is what is done: nothing of it is refused, nothing else comes besides.
@Suite struct `Applied plans` {
    private static let people = ["external_id", "email", "first_name", "status", "manager_external_id"]
    private static let courses = ["external_id", "code", "title"]
    private static let enrollments = ["external_id", "user_external_id", "course_external_id", "status"]
    private static let guarded: JSONValue = ["guard": [:]]

    /// External ids as many systems have them, which a row's own id could be taken for.
    private static func id(_ number: Int) -> String {
        UUID(high: 0x0198_0000_0000_7000, low: UInt64(number)).description
    }

    private static func company(_ people: [[String?]], _ courses: [[String?]], _ enrollments: [[String?]])
        -> [PlanSource]
    {
        [
            PlanSource(.users, Self.people, people), PlanSource(.courses, Self.courses, courses),
            PlanSource(.enrollments, Self.enrollments, enrollments),
        ]
    }

    private static let standing = company(
        [[id(1), "a@x.org", "Ann", "active", nil], [id(2), "b@x.org", "Ben", "active", id(1)]],
        [[id(11), "ART", "Art"]],
        [[id(21), id(1), id(11), "enrolled"], [id(22), id(2), id(11), "enrolled"]]
    )

    /// New people become the managers of old ones, before and after them in the export; enrolments go to new people and courses.
    private static let moving = company(
        [
            [id(3), "c@x.org", "Cid", "active", id(2)], [id(1), "a@x.org", "Ann", "active", id(3)],
            [id(2), "b@x.org", "Ben", "active", id(4)], [id(4), "d@x.org", "Dot", "active", id(3)],
        ],
        [[id(11), "ART", "Art"], [id(12), "BIO", "Biology"]],
        [[id(21), id(3), id(11), "enrolled"], [id(22), id(4), id(12), "in_progress"]]
    )

    @Test(arguments: [CommitWorld.unguarded, [:]])
    func `point known rows at new ones, whatever their external ids look like`(limits: JSONValue) async throws {
        let plans = try await expectPlannedAsRun([Self.standing, Self.moving, Self.moving], policy: ["guard": limits])
        #expect(plans[1].counts.rejected == 0 && plans[2].counts.updated == 0)
    }

    @Test func `beyond the guard's limits point known rows at new ones, too`() async throws {
        let limit: JSONValue = ["percent": 0, "absolute": 0]
        let policy: JSONValue = ["guard": ["deactivate": limit, "unenrol": limit, "key_change": limit]]
        var moving = Self.moving
        // Of whom access ends the manager is new as well.
        moving[0].batches[0][1][3] = "inactive"
        let plans = try await expectPlannedAsRun([Self.standing, moving, moving], policy: policy)
        #expect(plans[1].verdicts.filter(\.isHeld).map(\.entity) == [.users, .enrollments])
        #expect(plans[1].counts.rejected == 0 && plans[1].counts.setAside == 0)
    }

    @Test func `say the same of a row that two records change, the first to somebody new`() async throws {
        let policy: JSONValue = ["order_field": "attributes.version"]
        let columns = Self.people + ["attributes.version"]
        let first = [PlanSource(.users, columns, [[Self.id(1), "a@x.org", "Ann", "active", nil, "1"]])]
        let second = [
            PlanSource(
                .users,
                columns,
                [
                    [Self.id(2), "b@x.org", "Ben", "active", nil, "1"],
                    [Self.id(3), "c@x.org", "Cid", "active", nil, "1"],
                    [Self.id(1), "a@x.org", "Ann", "active", Self.id(2), "2"],
                ],
                [[Self.id(1), "a@x.org", "Ann", "active", Self.id(3), "3"]]
            )
        ]
        let plans = try await expectPlannedAsRun([first, second], policy: policy)
        #expect(plans[1].counts.rejected == 0)
    }

    @Test(arguments: [CommitWorld.unguarded, [:]])
    func `refuse a taken e-mail as it was shown`(limits: JSONValue) async throws {
        let first = [
            PlanSource(
                .users,
                Self.people,
                [["1", "a@x.org", "Ann", "active", nil], ["2", "b@x.org", "Ben", "active", nil]],
                [["3", "c@x.org", "Cid", "active", nil]]
            )
        ]
        // Known and new ones want what 2 keeps; 3 wants what 1 would give up, who can't; 1 and 5 differ besides.
        let second = [
            PlanSource(
                .users,
                Self.people,
                [
                    ["1", "b@x.org", "Anna", "active", nil], ["2", "b@x.org", "Ben", "active", nil],
                    ["3", "a@x.org", "Cid", "inactive", nil],
                ],
                [["5", "b@x.org", "Eve", "active", nil], ["6", "f@x.org", "Fay", "active", nil]]
            )
        ]
        let plans = try await expectPlannedAsRun([first, second, second], policy: ["guard": limits])
        #expect(plans[1].counts.rejected == 3 && plans[1].counts.created == 1)
    }

    @Test func `change nobody who would do more by now than was shown, where an e-mail was taken`() async throws {
        let world = try await CommitWorld()
        let first = [
            PlanSource(
                .users,
                Self.people,
                [["1", "a@x.org", "Ann", "active", nil], ["2", "b@x.org", "Ben", "active", nil]]
            )
        ]
        _ = try await world.apply(try await world.plan("a", first, policy: Self.guarded), first)
        let second = [PlanSource(.users, Self.people, [["1", "b@x.org", "Ann", "active", nil]])]
        let plan = try await world.plan("a", second)
        #expect(try await world.refusals(plan) == ["1 email_taken"])
        try await world.approve(plan)
        // The e-mail is free by now: the record would do what nobody was shown.
        try await world.execute("UPDATE users SET email = 'z@x.org' WHERE external_id = '2'")
        let run = try await world.applied(second)
        #expect(try await world.refusals(run) == ["1 changed_since_shown"])
        #expect(try world.lines("SELECT email FROM users ORDER BY 1") == ["a@x.org", "z@x.org"])
    }

    @Test func `point nobody at somebody else who came meanwhile under the same number`() async throws {
        let world = try await CommitWorld()
        let first = [PlanSource(.users, Self.people, [["1", "a@x.org", "Ann", "active", nil]])]
        _ = try await world.apply(try await world.plan("a", first), first)
        let second = [
            PlanSource(
                .users,
                Self.people,
                [["1", "a@x.org", "Ann", "active", "9"], ["9", "i@x.org", "Ivy", "active", nil]]
            )
        ]
        let plan = try await world.plan("a", second)
        try await world.approve(plan)
        try await world.addPerson(externalID: "9", email: "other@x.org", firstName: "Ida")
        let run = try await world.applied(second)
        let managers = "SELECT m.email FROM users u JOIN users m ON m.id = u.manager_id"
        #expect(try world.lines(managers) != ["other@x.org"], "\(run.message)")
    }

    @Test func `give nobody a manager who came meanwhile in place of the one who was shown`() async throws {
        let world = try await CommitWorld()
        let first = [
            PlanSource(
                .users,
                Self.people,
                [["1", "a@x.org", "Ann", "active", "8"], ["2", "b@x.org", "Ben", "active", nil]]
            )
        ]
        _ = try await world.apply(try await world.plan("a", first), first)
        // 1 has waited for 8 since the first run; 2 waits for 9 within this one.
        let second = [
            PlanSource(
                .users,
                Self.people,
                [["2", "b@x.org", "Ben", "active", "9"]],
                [["8", "h@x.org", "Hal", "active", nil], ["9", "i@x.org", "Ivy", "active", nil]]
            )
        ]
        let plan = try await world.plan("a", second)
        #expect(try await world.shown(plan).filter { $0.contains("manager_id") }.count == 2)
        try await world.approve(plan)
        // Another program makes both: neither record makes anybody, and 2 would get somebody else.
        try await world.addPerson(externalID: "8", email: "h@x.org", firstName: "Hugo")
        try await world.addPerson(externalID: "9", email: "i@x.org", firstName: "Ida")
        let run = try await world.applied(second)
        #expect(try await world.refusals(run) == ["2", "8", "9"].map { "\($0) changed_since_shown" })
        #expect(try world.lines("SELECT count(*) FROM users WHERE manager_id IS NOT NULL") == ["0"])
        // Somebody has the number by now: there is nothing to bring in, and nothing to warn of.
        let warned = "SELECT count(*) FROM integration_warnings WHERE run_number = \(run.number)"
        #expect(run.counts.warned == 0)
        #expect(try world.lines(warned) == ["0"])
        // The next sync has no plan to keep to: it takes both over, with what their records say.
        _ = try await world.queue("a", second, isDryRun: false)
        _ = try await world.read(second, try await world.claim(), on: world.store)
        let managers = "SELECT u.external_id, m.first_name FROM users u JOIN users m ON m.id = u.manager_id ORDER BY 1"
        #expect(try world.lines(managers) == ["1 Hal", "2 Ivy"])
    }

    @Test func `are approved by one of two who do it at once`() async throws {
        let world = try await CommitWorld()
        let plan = try await world.plan("a", Self.standing)
        let (store, tenant, now) = (world.store, world.tenant, world.now())
        let hash = try #require(plan.plan?.hash)
        let outcomes = await withTaskGroup(of: StoreError?.self) { group in
            for actor in ["ann", "ben", "cid"] {
                group.addTask {
                    do throws(StoreError) {
                        _ = try await store.applyPlan(plan.id, hash: hash, actor: actor, tenant: tenant, now: now)
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1?.code) }
        }
        #expect(outcomes.count { $0 == nil } == 1 && outcomes.count { $0 == .conflict } == 2, "\(outcomes)")
        #expect(try world.lines("SELECT count(*) FROM integration_audit WHERE action = 'run.plan_approved'") == ["1"])
        #expect(try await world.applied(Self.standing).state == .done)
    }

    @Test(arguments: ["settle.begin", "settle.after_emails", "settle.before_commit", "finish.before_commit"])
    func `beyond a limit go on where they were ended, and are decided about all the same`(failpoint: String)
        async throws
    {
        let world = try await CommitWorld()
        _ = try await world.apply(try await world.plan("a", Self.staff(60), policy: Self.guarded), Self.staff(60))
        let after = Self.staff(60, ending: 30)
        let plan = try await world.plan("a", after)
        #expect(plan.verdicts.first?.isHeld == true)
        try await world.approve(plan)
        try await world.reopen(failpoint: Failpoint(.init(parsing: "\(failpoint):error")))
        await #expect(throws: StoreError.self) { _ = try await world.applied(after) }
        try await world.reopen()
        // Everything is read: what is left is to decide.
        let lease = try await world.claim()
        #expect(lease.run.plan?.phase == .applied && lease.run.decision == nil)
        let summary: JSONValue = ["complete": true, "filtered": false]
        _ = try await world.store.settle(.users, summary: summary, lease, now: world.now())
        let run = try await world.store.finishRun(lease, summary: summary, now: world.now())
        #expect(run.state == .done && run.counts == plan.counts && run.decision?.kind == .approved, "\(run.message)")
        #expect(try world.lines("SELECT count(*) FROM users WHERE status = 'inactive'") == ["30"])
    }

    // MARK: The guard

    /// So many people, of whom the first some are not active any more.
    private static func staff(_ count: Int, ending: Int = 0) -> [PlanSource] {
        let rows = (1...count).map { number -> [String?] in
            ["k\(number)", "p\(number)@x.org", "P", number <= ending ? "inactive" : "active", nil]
        }
        return [PlanSource(.users, people, rows)]
    }

    @Test func `are held where the guard has a reason by now that was not shown`() async throws {
        let world = try await CommitWorld()
        _ = try await world.apply(try await world.plan("a", Self.staff(24), policy: Self.guarded), Self.staff(24))
        let after = Self.staff(24, ending: 10)
        let plan = try await world.plan("a", after)
        // Ten may always, of twenty or more.
        #expect(plan.verdicts.first?.isHeld == false)
        try await world.approve(plan)
        // Others are gone meanwhile: ten are more than half of the eighteen who are left.
        try await world.execute("DELETE FROM users WHERE CAST(substr(external_id, 2) AS INTEGER) > 18")
        let held = try await world.applied(after)
        #expect(held.state == .held && held.verdicts.first?.isHeld == true && held.decision == nil, "\(held.message)")
        #expect(try world.lines("SELECT count(*) FROM users WHERE status = 'inactive'") == ["0"])
        // Whoever names the plan has said all about it: what is held is another decision.
        let again = await #expect(throws: StoreError.self) { try await world.approve(plan) }
        #expect(again?.code == .conflict && again?.message.contains("the guard holds some of it") == true)
        #expect(try await world.store.run(plan.id, tenant: world.tenant)?.state == .held)
        #expect(try await world.approveHeld(held).counts.updated == 10)
    }

    @Test func `that were shown beyond a limit are held only where more is beyond it`() {
        func verdict(_ count: Int64, of whole: Int64, absent: Int64 = 0) -> GuardVerdict {
            GuardVerdict.decide(
                .users,
                [GuardVerdict.Group(kinds: [.deactivate], causes: [.absent], count: count)],
                population: GuardPopulation(owned: whole, standing: whole),
                limits: GuardLimits(),
                snapshot: absent == 0 ? nil : SnapshotCount(present: whole - absent, absent: absent, mostPercent: 20)
            )
        }
        let shown = verdict(30, of: 100)
        #expect(shown.isHeld && verdict(30, of: 50).isDecided(by: shown) && verdict(29, of: 100).isDecided(by: shown))
        #expect(!verdict(31, of: 100).isDecided(by: shown))
        #expect(!shown.isDecided(by: verdict(10, of: 100)))
        let cut = verdict(30, of: 100, absent: 30)
        #expect(!cut.isDecided(by: shown) && cut.isDecided(by: cut))
        #expect(!verdict(30, of: 100, absent: 31).isDecided(by: cut))
    }

    // MARK: Not applied

    @Test func `that fail before anything is written say so, and count nothing`() async throws {
        let world = try await CommitWorld()
        let plan = try await world.plan("a", Self.standing)
        try await world.approve(plan)
        let failure = RunFailure(
            errorClass: "data",
            code: "plan_stale",
            message: "person 1 was changed since the plan was made. Nothing was written: plan again."
        )
        let run = try await world.store.failRun(
            try await world.claim(),
            failure: failure,
            retryAt: nil,
            now: world.now()
        )
        #expect(run.state == .failed && run.message == failure.message)
        #expect(run.counts == Counts() && run.streams.allSatisfy { $0.counts == Counts() } && run.verdicts.isEmpty)
        #expect(try await world.refusals(run).isEmpty)
        let gone = try await world.plan("a", Self.standing)
        try await world.approve(gone)
        let cancelled = try await world.store.cancelRun(
            gone.id,
            reason: "asked",
            actor: "boss",
            tenant: world.tenant,
            now: world.now()
        )
        #expect(cancelled.message == "The run was cancelled. Nothing was written." && cancelled.counts == Counts())
        #expect(try world.lines("SELECT count(*) FROM users") == ["0"])
    }

    @Test func `are decided about once, and under their own name`() async throws {
        let world = try await CommitWorld()
        let plan = try await world.plan("a", Self.standing)
        let hash = try #require(plan.plan?.hash)
        func refusal(_ hash: String) async throws -> StoreError? {
            await #expect(throws: StoreError.self) {
                _ = try await world.store.applyPlan(
                    plan.id,
                    hash: hash,
                    actor: "eve",
                    tenant: world.tenant,
                    now: world.now()
                )
            }
        }
        let wrong = String(repeating: "0", count: 64)
        #expect(try await refusal(wrong)?.code == .stale)
        try await world.approve(plan)
        #expect(try await refusal(wrong)?.code == .stale)
        let decided = try await refusal(hash)
        #expect(decided?.code == .conflict)
        #expect(decided?.message == "The plan of run \(plan.id) was approved by boss already: the run is queued.")
        let done = try await world.applied(Self.standing)
        #expect(try await refusal(hash)?.message.contains("the run is done") == true && done.state == .done)
    }

    @Test func `leave files alone that only look like a copy's`() async throws {
        let world = try await CommitWorld()
        let name = "trainflow.db.plan-\(UUID(high: 1, low: 2))"
        let theirs = [
            "trainflow.db.plan-notes.txt", "trainflow.db.plan-", "trainflow.db.plan-b", "\(name).txt",
            "\(name)-wal.bak",
            "other.db.plan-\(UUID(high: 1, low: 2))", name.uppercased(),
        ]
        let ours = ["", "-wal", "-shm", "-journal", ".lock"].map { name + $0 }
        for file in theirs + ours { _ = try world.folder.write("x".utf8, to: file) }
        try await world.reopen()
        let left = try world.folderNames()
        #expect(theirs.allSatisfy(left.contains) && !ours.contains(where: left.contains), "\(left)")
    }
}
