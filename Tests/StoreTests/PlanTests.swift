import Changes
import Identifiers
import JSON
import Mapping
import MappingSupport
import Platform
import Store
import TestSupport
import Testing
import Time

@Suite struct `Plans` {
    private static let people = ["external_id", "email", "first_name", "status", "manager_external_id"]
    private static let courses = ["external_id", "code", "title"]
    private static let enrollments = ["user_external_id", "course_external_id", "status"]

    /// People who refer forward and back, exchange e-mails and come twice; courses; enrolments of both.
    private static let first = [
        PlanSource(
            .users,
            people,
            [["1", "a@x.org", "Ann", "active", "3"], ["2", "b@x.org", "Ben", "active", "1"]],
            [["3", "c@x.org", "Cid", "active", nil], ["4", "d@x.org", "Dot", "active", "9"]]
        ),
        PlanSource(.courses, courses, [["c1", "MATH", "Maths"], ["c2", "ART", "Art"]]),
        PlanSource(
            .enrollments,
            enrollments,
            [["1", "c1", "enrolled"], ["2", "c2", "enrolled"], ["7", "c1", "enrolled"]]
        ),
    ]
    private static let second = [
        PlanSource(
            .users,
            people,
            // 1 and 2 exchange their e-mails; 3 is as it was; 4 gets a manager who comes with this export.
            [["1", "b@x.org", "Anna", "active", "9"], ["2", "a@x.org", "Ben", "active", "1"]],
            [["3", "c@x.org", "Cid", "active", nil], ["4", "d@x.org", "Dot", "active", "9"]],
            [
                ["9", "i@x.org", "Ivy", "active", "1"], ["9", "i@x.org", "Ivy", "active", "1"],
                ["9", "j@x.org", "Ivo", "active", "1"],
            ]
        ),
        PlanSource(.courses, courses, [["c1", "MATH", "Mathematics"], ["c3", "BIO", "Biology"]]),
        PlanSource(
            .enrollments,
            enrollments,
            [["1", "c1", "in_progress"], ["2", "c2", "enrolled"], ["9", "c3", "enrolled"], ["4", "c9", "enrolled"]]
        ),
    ]

    @Test func `write nothing, and show what would be`() async throws {
        let world = try await CommitWorld()
        let empty = try world.everything()
        let first = try await world.plan("a", Self.first)
        #expect(first.state == .planned && first.plan?.phase == .planned)
        #expect(first.counts.short == "9 8 0 0 1 0 1 0")
        #expect(try world.everything() == empty)
        #expect(
            try await world.shown(first) == [
                #"created users 1 external_id:null>"1" email:null>"a@x.org" first_name:null>"Ann" status:null>"active" manager_external_id:null>"3""#,
                #"created users 2 external_id:null>"2" email:null>"b@x.org" first_name:null>"Ben" status:null>"active" manager_external_id:null>"1""#,
                #"created users 3 external_id:null>"3" email:null>"c@x.org" first_name:null>"Cid" status:null>"active""#,
                #"created users 4 external_id:null>"4" email:null>"d@x.org" first_name:null>"Dot" status:null>"active" manager_external_id:null>"9""#,
                #"created courses c1 external_id:null>"c1" code:null>"MATH" title:null>"Maths""#,
                #"created courses c2 external_id:null>"c2" code:null>"ART" title:null>"Art""#,
                #"created enrollments 1 in c1 status:null>"enrolled" user_external_id:null>"1" course_external_id:null>"c1""#,
                #"created enrollments 2 in c2 status:null>"enrolled" user_external_id:null>"2" course_external_id:null>"c2""#,
            ]
        )
        // What waits in a run is only shown in a plan: no other run tries it again.
        let rejects = try await world.store.rejects(run: first.id, tenant: world.tenant, after: 0, limit: 9)
        #expect(rejects.map(\.state) == ["open"] && rejects.map(\.failures.first?.code) == ["unknown_person"])
        #expect(first.message.hasPrefix("Planned: of 4 people, 2 courses and 3 enrolments read"))
    }

    @Test func `are applied as a run without one would have been`() async throws {
        _ = try await expectPlannedAsRun([Self.first, Self.second, Self.second])
    }

    /// A hundred people, of whom some are missing, and some are anything but active.
    private static func export(without absent: Set<Int> = [], _ statuses: [Int: String?] = [:]) -> [PlanSource] {
        let rows = (1...100).filter { !absent.contains($0) }.map { number -> [String?] in
            ["k\(number)", "p\(number)@x.org", "P", statuses[number] ?? "active", nil]
        }
        return [PlanSource(.users, people, rows)]
    }

    @Test func `show who is absent, who is back, and what runs before have used up of the limits`()
        async throws
    {
        let steps = [
            Self.export(),
            // Three have left, and four lose their access: seven of the ten that may.
            Self.export(without: [50, 51, 52], [1: "inactive", 2: "inactive", 3: "inactive", 4: "suspended"]),
            // Two are there again, one of them without a status of its own.
            Self.export(without: [52], [1: "inactive", 2: "inactive", 3: "inactive", 4: "suspended", 51: nil]),
            // Four more are too many, after those seven.
            Self.export(without: [52, 60, 61, 62, 63], [1: "inactive", 2: "inactive", 3: "inactive", 4: "suspended"]),
        ]
        let plans = try await expectPlannedAsRun(steps, policy: ["guard": [:], "leavers": ["action": "suspend"]])
        #expect(plans[1].message.hasSuffix(" 3 people whom the export lacks would be suspended."))
        #expect(plans[1].verdicts.first?.counts.first?.count == 7 && plans[1].verdicts.first?.isHeld == false)
        #expect(plans[2].counts.updated == 2)
        let last = try #require(plans[3].verdicts.first)
        #expect(last.isHeld && last.counts.map(\.count) == [4] && last.counts.map(\.earlier) == [7])
        #expect(plans[3].message.contains("after 7 in runs shortly before"))
    }

    @Test func `tell why nobody is taken for absent, as the run would`() async throws {
        let policy: JSONValue = ["guard": [:], "leavers": ["action": "suspend"]]
        var short = Self.export(without: [50])
        // Whoever has no number could be anybody.
        short[0].batches[0].append([nil, nil, "N", "active", nil])
        let plans = try await expectPlannedAsRun([Self.export(), short], policy: policy)
        #expect(plans[1].counts.rejected == 1 && plans[1].message.contains("Nobody was taken for absent: 1 reject"))
    }

    @Test func `are the same where nothing has changed, and others where something has`() async throws {
        let world = try await CommitWorld()
        let first = try await world.plan("a", Self.first)
        let again = try await world.plan("a", Self.first)
        #expect(first.plan?.hash == again.plan?.hash && first.plan?.hash?.count == 64)
        // The newer one has taken the place of the older.
        #expect(try await world.store.run(first.id, tenant: world.tenant)?.plan?.phase == .superseded)
        #expect(try await world.effects(first).isEmpty)
        var other = Self.first
        other[0].batches[0][0][2] = "Anne"
        #expect(try await world.plan("a", other).plan?.hash != first.plan?.hash)
    }

    @Test func `that don't hold any more are told`() async throws {
        let world = try await CommitWorld()
        _ = try await world.apply(try await world.plan("a", Self.first), Self.first)
        let plan = try await world.plan("a", Self.second)
        #expect(try await world.store.planDrift(plan, most: nil) == nil)
        try await world.execute("UPDATE users SET first_name = 'Hanna' WHERE external_id = '1'")
        let drift = try await world.store.planDrift(plan, most: nil)
        #expect(drift == "person 1 was changed since the plan was made. Nothing was written: plan again.")
        try await world.execute("UPDATE users SET first_name = 'Ann' WHERE external_id = '1'")
        #expect(try await world.store.planDrift(plan, most: nil) == nil)
        try await world.addPerson(externalID: "x", email: "j@x.org", firstName: "Joe")
        let new = try await world.store.planDrift(plan, most: nil)
        #expect(new == "New people have come since the plan was made. Nothing was written: plan again.")
    }

    @Test func `change nothing else, whatever happens between the look and the deed`() async throws {
        let world = try await CommitWorld()
        _ = try await world.apply(try await world.plan("a", Self.first), Self.first)
        let plan = try await world.plan("a", Self.second)
        try await world.approve(plan)
        // Somebody was faster: one has another name by now, another e-mail is taken.
        try await world.execute("UPDATE users SET first_name = 'Hanna' WHERE external_id = '1'")
        try await world.addPerson(externalID: nil, email: "j@x.org", firstName: "Joe")
        try await world.execute("UPDATE courses SET title = 'Sums' WHERE external_id = 'c1'")
        let run = try await world.applied(Self.second)
        #expect(run.state == .doneWithRejects)
        let rejects = try await world.store.rejects(run: run.id, tenant: world.tenant, after: 0, limit: 20)
        let changed = rejects.filter { $0.failures.first?.code == "changed_since_shown" }.compactMap(\.key)
        #expect(changed.contains("1") && changed.contains("c1"))
        #expect(try world.lines("SELECT first_name, email FROM users WHERE external_id = '1'") == ["Hanna a@x.org"])
        #expect(try world.lines("SELECT first_name, config_number FROM users WHERE email = 'j@x.org'") == ["Joe -"])
        #expect(try world.lines("SELECT title FROM courses WHERE external_id = 'c1'") == ["Sums"])
    }

    @Test func `say what the guard would hold, and who applies them decides about that, too`() async throws {
        let world = try await CommitWorld()
        let all = (1...100).map { ["k\($0)", "p\($0)@x.org", "P", "active", nil] as [String?] }
        let policy: JSONValue = ["guard": [:], "leavers": ["action": "suspend"]]
        let before = [PlanSource(.users, Self.people, all)]
        _ = try await world.apply(try await world.plan("a", before, policy: policy), before)
        let ending = all.enumerated().map { position, row in
            var row = row
            if position < 30 { row[3] = "inactive" }
            if position == 99 { row[2] = "Q" }
            return row
        }
        // One is missing besides.
        let after = [PlanSource(.users, Self.people, ending.filter { $0[0] != "k50" })]
        let plan = try await world.plan("a", after)
        #expect(plan.verdicts.first?.isHeld == true && plan.message.contains("The guard would hold"))
        #expect(plan.counts.updated == 31 && plan.counts.setAside == 0)
        let guarded = try await world.effects(plan, EffectFilter(kind: .deactivate))
        #expect(guarded.count == 31 && guarded.allSatisfy { $0.effect == .updated && $0.state == .pending })
        #expect(try await world.effects(plan).count == 32)
        let done = try await world.apply(plan, after)
        #expect(done.state == .done && done.counts == plan.counts && done.verdicts == plan.verdicts)
        #expect(done.decision?.kind == .approved && done.decision?.actor == "boss")
        #expect(
            try world.lines("SELECT status, count(*) FROM users GROUP BY 1 ORDER BY 1")
                == ["active 69", "inactive 30", "suspended 1"]
        )
        // What somebody has approved uses up nothing of the limits.
        var more = ending.filter { $0[0] != "k50" }
        for position in 30..<34 { more[position][3] = "inactive" }
        let next = try await world.plan("a", [PlanSource(.users, Self.people, more)])
        #expect(next.verdicts.first?.counts.map(\.earlier) == [0] && next.verdicts.first?.isHeld == false)
    }

    @Test func `end what is held once they are applied, not before`() async throws {
        let world = try await CommitWorld()
        let all = (1...100).map { ["k\($0)", "p\($0)@x.org", "P", "active", nil] as [String?] }
        let before = [PlanSource(.users, Self.people, all)]
        _ = try await world.apply(try await world.plan("a", before, policy: ["guard": [:]]), before)
        let ending = [PlanSource(.users, Self.people, all.map { Array($0[..<3]) + ["inactive", nil] })]
        _ = try await world.queue("a", ending, isDryRun: false)
        let held = try await world.read(ending, try await world.claim(), on: world.store)
        #expect(held.state == .held)
        // To look at another export decides nothing about the one that is held.
        let look = try await world.plan("a", ending)
        _ = try await world.store.dropPlan(look.id, hash: nil, actor: "boss", tenant: world.tenant, now: world.now())
        #expect(try await world.store.run(held.id, tenant: world.tenant)?.state == .held)
        let better = try await world.plan("a", before)
        try await world.approve(better)
        #expect(try await world.store.run(held.id, tenant: world.tenant)?.state == .held)
        #expect(try await world.applied(before).state == .done)
        let ended = try #require(try await world.store.run(held.id, tenant: world.tenant))
        #expect(ended.state == .done && ended.decision?.kind == .superseded)
        #expect(try world.lines("SELECT status, count(*) FROM users GROUP BY 1") == ["active 100"])
    }

    @Test func `within the guard's limits are applied whole`() async throws {
        let world = try await CommitWorld()
        let all = (1...100).map { ["k\($0)", "p\($0)@x.org", "P", "active", nil] as [String?] }
        let policy: JSONValue = ["guard": [:], "leavers": ["action": "suspend"]]
        let before = [PlanSource(.users, Self.people, all)]
        _ = try await world.apply(try await world.plan("a", before, policy: policy), before)
        var ending = all
        for position in 0..<4 { ending[position][3] = "inactive" }
        let after = [PlanSource(.users, Self.people, ending.filter { $0[0] != "k50" })]
        let plan = try await world.plan("a", after)
        #expect(try await world.effects(plan).map { $0.kinds } == Array(repeating: [.deactivate], count: 5))
        let run = try await world.apply(plan, after)
        #expect(run.state == .done && run.counts == plan.counts)
        #expect(
            try world.lines("SELECT status, count(*) FROM users GROUP BY 1 ORDER BY 1")
                == ["active 95", "inactive 4", "suspended 1"]
        )
    }

    @Test func `are dropped, by name or by a newer sync, and their rows are forgotten`() async throws {
        let world = try await CommitWorld()
        let plan = try await world.plan("a", Self.first)
        await #expect(throws: StoreError.self) {
            _ = try await world.store.applyPlan(
                plan.id,
                hash: "00",
                actor: "boss",
                tenant: world.tenant,
                now: world.now()
            )
        }
        let dropped = try await world.store.dropPlan(
            plan.id,
            hash: nil,
            actor: "boss",
            tenant: world.tenant,
            now: world.now()
        )
        #expect(dropped.state == .cancelled && dropped.plan?.phase == .dropped && dropped.finishedAt != nil)
        #expect(dropped.message == "The plan was dropped by boss. Nothing was written.")
        let rejects = try await world.store.rejects(run: plan.id, tenant: world.tenant, after: 0, limit: 9)
        #expect(rejects.map(\.state) == ["dismissed"])
        await #expect(throws: StoreError.self) { try await world.approve(plan) }
        #expect(try world.lines("SELECT count(*) FROM integration_effects") == ["8"])
        #expect(try await world.store.forgetEffects(decidedBefore: world.now(), after: 0, limit: 100) == nil)
        #expect(try world.lines("SELECT count(*) FROM integration_effects") == ["0"])
        let old = try await world.plan("a", Self.first)
        #expect(try await world.store.expirePlans(madeBefore: old.createdAt, limit: 9, now: world.now()) == 0)
        #expect(try await world.store.forgetEffects(decidedBefore: world.now(), after: 0, limit: 100) == nil)
        #expect(try await world.effects(old).count == 8)
        #expect(try await world.store.expirePlans(madeBefore: world.now(), limit: 9, now: world.now()) == 1)
        #expect(try await world.store.run(old.id, tenant: world.tenant)?.state == .cancelled)
    }

    @Test func `take the place of a first run where the policy says so`() async throws {
        let world = try await CommitWorld()
        let policy: JSONValue = ["first_run": "plan"]
        let first = try await world.queue("a", Self.first, policy: policy, isDryRun: nil)
        #expect(first.plan?.phase == .planning)
        let plan = try await world.keepPlan(Self.first, try await world.claim())
        // Still nothing was applied.
        #expect(try await world.queue("a", Self.first, isDryRun: nil).plan?.phase == .planning)
        let second = try await world.keepPlan(Self.first, try await world.claim())
        #expect(second.plan?.hash == plan.plan?.hash)
        _ = try await world.apply(second, Self.first)
        #expect(try await world.queue("a", Self.first, isDryRun: nil).plan == nil)
    }

    @Test(arguments: ["plan.rehearsed", "plan.part", "plan.part:2", "plan.part:3", "plan.before_commit"])
    func `that end in the middle are begun anew, and keep each effect once`(failpoint: String) async throws {
        let world = try await CommitWorld()
        let whole = try await world.plan("a", Self.first)
        let effects = try await world.shown(whole)
        try await world.reopen(failpoint: Failpoint(.init(parsing: "\(failpoint):error")))
        _ = try await world.queue("a", Self.first, isDryRun: true)
        await #expect(throws: StoreError.self) { _ = try await world.keepPlan(Self.first, try await world.claim()) }
        try await world.reopen()
        let again = try await world.keepPlan(Self.first, try await world.claim())
        #expect(again.plan?.hash == whole.plan?.hash && again.counts == whole.counts)
        #expect(try await world.shown(again) == effects)
        #expect(try await world.store.rejects(run: again.id, tenant: world.tenant, after: 0, limit: 9).count == 1)
        _ = try await world.apply(again, Self.first)
        #expect(try world.lines("SELECT count(*) FROM users") == ["4"])
    }

    @Test func `keep other tenants' rows to themselves`() async throws {
        let world = try await CommitWorld()
        _ = try await world.apply(try await world.plan("a", Self.first), Self.first)
        let before = try world.everything()
        world.tenant = UUID(high: 8, low: 8)
        let plan = try await world.plan("b", Self.first)
        // The same e-mails are other people's there.
        #expect(plan.counts.short == "9 8 0 0 1 0 1 0")
        #expect(try world.everything() == before)
        #expect(!(try world.folderNames()).contains { $0.contains(".plan-") })
    }
}
