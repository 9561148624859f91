import Changes
import JSON
import Mapping
import MappingSupport
import Platform
import Store
import Testing

/// A hundred people, of whom the guard lets ten lose access and ten change their keys.
private struct GuardedWorld {
    let world: CommitWorld
    static let columns = ["external_id", "email", "first_name", "status"]
    static let guarded: JSONValue = ["guard": [:]]

    init(_ policy: JSONValue = guarded) async throws {
        world = try await CommitWorld()
        try await world.run("a", GuardedWorld.columns, [GuardedWorld.people()], policy: policy)
    }

    /// - Parameter change: what a person's row says: number, e-mail, first name, status.
    static func people(_ count: Int = 100, _ change: (Int, inout [String?]) -> Void = { _, _ in }) -> [[String?]] {
        (1...count).map { number in
            var row: [String?] = ["k\(1_000 + number)", "p\(number)@x.example", "P\(number)", "active"]
            change(number, &row)
            return row
        }
    }

    static func ending(_ count: Int) -> [[String?]] {
        people { number, row in if number <= count { row[3] = "inactive" } }
    }

    func run(_ rows: [[String?]], split: Int = 100) async throws -> Run {
        let batches = stride(from: 0, to: rows.count, by: split).map { Array(rows[$0..<min(rows.count, $0 + split)]) }
        return try await world.run("a", GuardedWorld.columns, batches)
    }

    func people() throws -> [String] {
        try world.lines("SELECT external_id, email, first_name, status FROM users ORDER BY external_id")
    }

    func effects(_ run: Run, _ filter: EffectFilter = EffectFilter()) async throws -> [RecordedEffect] {
        try await world.store.effects(run: run.id, filter, page: PageRequest(limit: 200), tenant: world.tenant).items
    }

    func rejects(_ run: Run) async throws -> [StoredReject] {
        try await world.store.rejects(run: run.id, tenant: world.tenant, after: 0, limit: 200)
    }

    func approve(_ run: Run) async throws {
        _ = try await world.store.approveRun(run.id, actor: "boss", tenant: world.tenant, now: world.now())
    }

    /// What the worker does with an approved run.
    func applyApproved() async throws -> Run {
        let lease = try await world.claim()
        #expect(lease.run.decision?.kind == .approved)
        _ = try await world.store.applyApproved(lease, now: world.now())
        return try await world.store.finishRun(lease, summary: [:], now: world.now())
    }

    /// A day goes by.
    func forgetEarlier() async throws {
        try await world.execute("UPDATE integration_effects SET updated_at = updated_at - 86400000000")
    }

    func left() throws -> [String] {
        try world.lines("SELECT count(*), (SELECT count(*) FROM integration_seen) FROM integration_waiting")
    }
}

extension Counts {
    /// `read created updated unchanged setAside rejected duplicate waiting`
    var accounts: String {
        "\(read) \(created) \(updated) \(unchanged) \(setAside) \(rejected) \(duplicate) \(waiting)"
    }
}

@Suite struct `The guard` {
    private typealias G = GuardedWorld

    @Test func `applies what is within the limits in the same run`() async throws {
        let test = try await GuardedWorld()
        let run = try await test.run(G.ending(10))
        #expect(run.state == .done)
        #expect(run.counts.accounts == "100 0 10 90 0 0 0 0")
        #expect(try test.world.lines("SELECT count(*) FROM users WHERE status = 'inactive'") == ["10"])
        #expect(run.verdicts.map(\.isHeld) == [false])
        #expect(try await test.effects(run).map(\.state) == Array(repeating: .applied, count: 10))
        #expect(try test.left() == ["0 0"])
        // The links know it: the same file again changes nothing.
        #expect(try await test.run(G.ending(10)).counts.accounts == "100 0 0 100 0 0 0 0")
    }

    @Test(arguments: [100, 7])
    func `holds what is beyond them, and the rest goes in`(split: Int) async throws {
        let test = try await GuardedWorld()
        let before = try test.people()
        var rows = G.ending(11)
        rows[99][2] = "New name"
        rows.append(["k2000", "new@x.example", "New", "inactive"])
        let run = try await test.run(rows, split: split)
        #expect(run.state == .held && run.finishedAt == nil)
        #expect(run.counts.accounts == "101 1 1 88 11 0 0 0")
        let sentence = "11 of 100 people would lose access (limit 10): status turns from active to inactive."
        #expect(run.message.hasPrefix("Held: \(sentence) "))
        #expect(run.verdicts.map(\.sentence) == [sentence])
        #expect(try Array(test.people()[..<99]) == Array(before[..<99]))
        #expect(
            try test.people()[99...] == ["k1100 p100@x.example New name active", "k2000 new@x.example New inactive"]
        )
        let effects = try await test.effects(run)
        #expect(effects.count == 11 && effects.allSatisfy { $0.state == .pending && $0.kinds == [.deactivate] })
        #expect(effects[0].externalID == "k1001" && effects[0].name == "P1")
        #expect(effects[0].fields == [.init(name: "status", before: "active", after: "inactive")])
        #expect(try await test.effects(run, EffectFilter(kind: .keyChange)) == [])
        #expect(try await test.effects(run, EffectFilter(kind: .deactivate, state: .pending)).count == 11)
        #expect(try test.world.lines("SELECT state FROM integration_jobs ORDER BY number") == ["done", "done"])
        #expect(try test.left() == ["11 0"])
    }

    @Test func `pages through what it has set aside`() async throws {
        let test = try await GuardedWorld()
        let run = try await test.run(G.ending(30))
        var found: [String] = []
        var after: PageKey?
        repeat {
            let page = try await test.world.store.effects(
                run: run.id,
                EffectFilter(kind: .deactivate),
                page: PageRequest(after: after, limit: 7),
                tenant: test.world.tenant
            )
            found += page.items.map(\.externalID)
            after = page.next
        } while after != nil
        #expect(found == (1...30).map { "k\(1_000 + $0)" })
    }

    @Test func `what was approved is applied, and nothing else`() async throws {
        let test = try await GuardedWorld()
        var rows = G.ending(40)
        for place in 0..<40 { rows[place][2] = "Left" }
        let held = try await test.run(rows)
        #expect(held.counts.accounts == "100 0 0 60 40 0 0 0")
        // One was edited since, one is what it is to be already, one is gone.
        try await test.world.execute("UPDATE users SET first_name = 'Edited' WHERE external_id = 'k1001'")
        try await test.world.execute(
            "UPDATE users SET first_name = 'Left', status = 'inactive' WHERE external_id = 'k1002'"
        )
        try await test.world.execute("DELETE FROM users WHERE external_id = 'k1003'")
        try await test.approve(held)
        let run = try await test.applyApproved()
        #expect(run.id == held.id && run.state == .doneWithRejects)
        #expect(run.counts.accounts == "100 0 37 61 0 2 0 0")
        let rejects = try await test.rejects(run)
        #expect(rejects.map(\.key) == ["k1001", "k1003"])
        #expect(rejects.allSatisfy { $0.failures.map(\.code) == ["changed_since_shown"] })
        #expect(rejects.map(\.locator) == [2, 4] && rejects.allSatisfy { $0.source == "people.csv" })
        #expect(try await test.effects(run, EffectFilter(state: .conflict)).map(\.externalID) == ["k1001", "k1003"])
        #expect(try await test.effects(run, EffectFilter(state: .applied)).count == 38)
        #expect(try test.people()[0] == "k1001 p1@x.example Edited active")
        #expect(try test.world.lines("SELECT count(*) FROM users WHERE status = 'inactive'") == ["38"])
        #expect(try test.left() == ["0 0"])
        #expect(
            try test.world.lines(
                "SELECT event, level FROM integration_logs WHERE run_id = (SELECT id FROM integration_runs WHERE number = 2) ORDER BY number"
            )
                == ["outcome warning", "outcome warning"]
        )
    }

    @Test func `what was refused stays, and the next run finds it again`() async throws {
        let test = try await GuardedWorld()
        let before = try test.people()
        let held = try await test.run(G.ending(40))
        let run = try await test.world.store.refuseRun(
            held.id,
            actor: "boss",
            tenant: test.world.tenant,
            now: test.world.now()
        )
        #expect(run.state == .done && run.decision?.kind == .refused && run.decision?.actor == "boss")
        #expect(run.counts.accounts == "100 0 0 60 40 0 0 0")
        #expect(run.message.contains("the next sync finds it again"))
        #expect(try test.people() == before)
        #expect(try await test.effects(run).allSatisfy { $0.state == .refused })
        #expect(try test.left() == ["0 0"])
        let again = try await test.run(G.ending(40))
        #expect(again.state == .held && again.counts.setAside == 40)
        // And an export that is right again is as if nothing had been.
        let right = try await test.run(G.people())
        #expect(right.state == .done && right.counts.accounts == "100 0 0 100 0 0 0 0")
    }

    @Test func `only what is held can be decided, and once`() async throws {
        let test = try await GuardedWorld()
        let done = try await test.run(G.people())
        let held = try await test.run(G.ending(40))
        _ = try await test.world.store.refuseRun(held.id, actor: "x", tenant: test.world.tenant, now: test.world.now())
        for run in [done, held] {
            let approval = await #expect(throws: StoreError.self) { try await test.approve(run) }
            #expect(approval?.code == .conflict)
            let refusal = await #expect(throws: StoreError.self) {
                try await test.world.store.refuseRun(
                    run.id,
                    actor: "x",
                    tenant: test.world.tenant,
                    now: test.world.now()
                )
            }
            #expect(refusal?.code == .conflict)
        }
    }

    @Test func `a newer sync takes the place of one that is held`() async throws {
        let test = try await GuardedWorld()
        let held = try await test.run(G.ending(40))
        #expect(try await test.world.store.unfinishedRun(config: held.config, tenant: test.world.tenant) == nil)
        let next = try await test.run(G.ending(5))
        #expect(next.state == .done && next.counts.accounts == "100 0 5 95 0 0 0 0")
        let run = try #require(try await test.world.store.run(held.id, tenant: test.world.tenant))
        #expect(run.state == .done && run.decision?.kind == .superseded)
        #expect(run.message.contains("a newer sync came"))
        #expect(try await test.effects(run).allSatisfy { $0.state == .superseded })
    }

    @Test func `a held run can be cancelled, and its config deleted`() async throws {
        let test = try await GuardedWorld()
        let held = try await test.run(G.ending(40))
        let cancelled = try await test.world.store.cancelRun(
            held.id,
            reason: "x",
            tenant: test.world.tenant,
            now: test.world.now()
        )
        #expect(cancelled.state == .cancelled)
        #expect(try await test.effects(held).allSatisfy { $0.state == .superseded })
        let again = try await test.run(G.ending(40))
        _ = try await test.world.store.archiveConfig(
            again.config,
            version: nil,
            actor: "x",
            tenant: test.world.tenant,
            now: test.world.now()
        )
        #expect(try await test.world.store.run(again.id, tenant: test.world.tenant)?.state == .done)
        #expect(try test.left() == ["0 0"])
    }

    @Test func `a kind that is switched off is applied at once`() async throws {
        let test = try await GuardedWorld(["guard": ["deactivate": ["percent": 100]]])
        let lease = try await test.world.begin("a")
        let counts = try await test.world.commit(MappedBatch.people(G.columns, G.ending(40)), lease)
        #expect(counts.updated == 40 && counts.waiting == 0)
    }

    @Test func `people whom the run makes are no part of the whole`() async throws {
        let test = try await GuardedWorld()
        let rows = G.people(1_000) { number, row in if number <= 11 { row[3] = "suspended" } }
        #expect(try await test.run(rows).verdicts.map(\.population) == [100])
    }

    @Test func `those who have ended are no part of the whole`() async throws {
        let test = try await GuardedWorld()
        try await test.approve(try await test.run(G.ending(88)))
        #expect(try await test.applyApproved().state == .done)
        // Twelve are left: of few no more than half.
        #expect(try await test.run(G.ending(94)).state == .done)
        try await test.forgetEarlier()
        let run = try await test.run(G.ending(98))
        #expect(run.message.hasPrefix("Held: 4 of 6 people would lose access (limit 3): "), "\(run.message)")
        #expect(run.verdicts.map(\.population) == [100])
    }

    @Test func `enrolments that were completed are no part of the whole`() async throws {
        let world = try await CommitWorld()
        try await world.run("a", .users, ["external_id"], [(1...30).map { ["p\($0)"] }])
        try await world.run("a", .courses, ["external_id"], [(1...11).map { ["c\($0)"] }])
        let columns = ["user_external_id", "course_external_id", "status"]
        func enrolments(_ status: String) -> [[String?]] {
            (1...30).flatMap { person in
                (1...11).map { ["p\(person)", "c\($0)", $0 == 11 ? status : "completed"] }
            }
        }
        try await world.run("b", .enrollments, columns, [enrolments("enrolled")], policy: G.guarded)
        let run = try await world.run("b", .enrollments, columns, [enrolments("cancelled")])
        #expect(run.message.hasPrefix("Held: 30 of 30 enrolments would end (limit 25): "), "\(run.message)")
    }

    @Test func `many small runs are one`() async throws {
        let test = try await GuardedWorld()
        #expect(try await test.run(G.ending(6)).state == .done)
        #expect(try await test.run(G.ending(10)).state == .done)
        let held = try await test.run(G.ending(11))
        #expect(
            held.message.hasPrefix(
                "Held: 1 of 90 people would lose access, after 10 in runs shortly before (limit 10)"
            ),
            "\(held.message)"
        )
        // What somebody has approved is no part of what happened by itself.
        try await test.approve(held)
        #expect(try await test.applyApproved().state == .done)
        try await test.forgetEarlier()
        #expect(try await test.run(G.ending(21)).state == .done)
        #expect(try await test.run(G.ending(22)).state == .held)
    }

    @Test func `each run stands alone where the policy says so`() async throws {
        let test = try await GuardedWorld(["guard": ["window_hours": 0]])
        for count in [10, 20, 30] { #expect(try await test.run(G.ending(count)).state == .done) }
    }

    @Test func `whom the run itself has made is no part of the whole, also when it began anew`() async throws {
        let test = try await GuardedWorld()
        let rows = G.people(1_000) { number, row in if number <= 11 { row[3] = "suspended" } }
        var lease = try await test.world.begin("a")
        try await test.world.commit(MappedBatch.people(G.columns, rows), lease)
        let failure = RunFailure(errorClass: "state_lost", code: "x", message: "m")
        _ = try await test.world.store.failRun(
            lease,
            failure: failure,
            retryAt: test.world.now(),
            now: test.world.now()
        )
        lease = try await test.world.claim()
        try await test.world.commit(MappedBatch.people(G.columns, rows), lease)
        _ = try await test.world.store.settle(lease, now: test.world.now())
        let run = try await test.world.store.finishRun(lease, summary: [:], now: test.world.now())
        #expect(run.state == .held && run.verdicts.map(\.population) == [100])
    }

    @Test func `whom a config does not own is not its to end`() async throws {
        let test = try await GuardedWorld()
        let run = try await test.world.run("b", G.columns, [G.ending(40)], policy: G.guarded)
        #expect(run.state == .done && run.counts.unchanged == 100)
        #expect(run.verdicts == [])
    }

    @Test(arguments: [false, true])
    func `whom a deleted config owned are guarded when they are taken over`(knownBefore: Bool) async throws {
        let test = try await GuardedWorld()
        if knownBefore { try await test.world.run("b", G.columns, [G.people()], policy: G.guarded) }
        _ = try await test.world.store.archiveConfig(
            try await test.world.config("a").id,
            version: nil,
            actor: "x",
            tenant: test.world.tenant,
            now: test.world.now()
        )
        let held = try await test.world.run("b", G.columns, [G.ending(40)], policy: G.guarded)
        #expect(
            held.message.hasPrefix("Held: 40 of \(knownBefore ? 40 : 100) people would lose access"),
            "\(held.message)"
        )
        try await test.approve(held)
        #expect(
            try await test.applyApproved().counts.accounts
                == "100 0 \(knownBefore ? 40 : 100) \(knownBefore ? 60 : 0) 0 0 0 0"
        )
        #expect(try test.world.lines("SELECT count(*) FROM users WHERE status = 'inactive'") == ["40"])
    }

    @Test func `taking somebody over by another key is guarded too`() async throws {
        let world = try await CommitWorld()
        for number in 1...4 {
            try await world.addPerson(
                externalID: nil,
                email: "p\(number)@x.example",
                firstName: "P",
                username: "u\(number)"
            )
        }
        let rows = (1...4).map { [String?](["k\($0)", "p\($0)@x.example", "new\($0)"]) }
        let names = ["external_id", "email", "username"]
        // The same key once more, and another for the same person.
        let more: [[String?]] = [["k1", "p1@x.example", "new1"], ["k9", "p2@x.example", "new9"]]
        let held = try await world.run("a", names, [rows, more], policy: G.guarded)
        #expect(held.state == .held && held.counts.accounts == "6 0 0 0 4 1 1 0")
        #expect(held.verdicts.map(\.population) == [4])
        #expect(try world.lines("SELECT count(*) FROM integration_links") == ["0"])
        _ = try await world.store.approveRun(held.id, actor: "boss", tenant: world.tenant, now: world.now())
        let lease = try await world.claim()
        #expect(try await world.store.applyApproved(lease, now: world.now()).updated == 4)
        #expect(
            try world.lines("SELECT external_id, username, config_number FROM users ORDER BY 1")
                == (1...4).map { "k\($0) new\($0) 1" }
        )
    }
}

@Suite struct `What is set aside while a run reads` {
    private typealias G = GuardedWorld

    @Test(arguments: [false, true])
    func `is judged beside its repeats`(reopening: Bool) async throws {
        let test = try await GuardedWorld(["guard": [:], "order_field": "first_name"])
        var lease = try await test.world.begin("a")
        func commit(_ rows: [[String?]], line: Int64) async throws -> Counts {
            try await test.world.commit(MappedBatch.people(G.columns, rows, firstLine: line), lease)
        }
        let first: [[String?]] = [
            ["k1001", "p1@x.example", "P2", "inactive"], ["k1002", "p2@x.example", "P2", "inactive"],
        ]
        #expect(try await commit(first, line: 2).waiting == 2)
        if reopening {
            try await test.world.reopen()
            lease = try await test.world.claim()
        }
        let more: [[String?]] = [
            ["k1001", "p1@x.example", "P2", "inactive"],  // the same
            ["k1001", "p1@x.example", "P1", "active"],  // older, though it is what the link knows
            ["k1002", "p2@x.example", "P3", "active"],  // newer: takes its place
            ["k1002", "p2@x.example", "P2", "inactive"],  // older than that
        ]
        #expect(try await commit(more, line: 4).accounts == "4 0 1 0 0 0 4 -1")
        _ = try await test.world.store.settle(lease, now: test.world.now())
        let run = try await test.world.store.finishRun(lease, summary: [:], now: test.world.now())
        #expect(run.state == .done && run.counts.accounts == "6 0 2 0 0 0 4 0")
        #expect(
            try Array(test.people()[..<2]) == ["k1001 p1@x.example P2 inactive", "k1002 p2@x.example P3 active"]
        )
    }

    @Test func `is no duplicate of what differs`() async throws {
        let test = try await GuardedWorld()
        let rows: [[String?]] = [
            ["k1001", "p1@x.example", "P1", "inactive"], ["k1001", "p1@x.example", "P1", "active"],
        ]
        for batches in [[rows], rows.map { [$0] }] {
            let run = try await test.world.run("a", G.columns, batches)
            #expect(run.counts.accounts == "2 0 1 0 0 1 0 0" || run.counts.accounts == "2 0 0 1 0 1 0 0")
            #expect(try await test.rejects(run).map { $0.failures[0].code } == ["conflicting_rows"])
        }
    }

    @Test func `keeps its place in the exchange of e-mails`() async throws {
        let test = try await GuardedWorld()
        // Ten in a ring, and somebody new who wants an e-mail that one of them gives up.
        var rows = G.people { number, row in
            if number <= 9 { row[1] = "p\(number + 1)@x.example" }
            if number == 10 { row[1] = "fresh@x.example" }
        }
        rows.append(["k2000", "p1@x.example", "New", "active"])
        rows.append(["k2001", "fresh@x.example", "Later", "active"])
        let run = try await test.run(rows)
        #expect(run.counts.accounts == "102 1 10 90 0 1 0 0")
        #expect(try await test.rejects(run).map(\.key) == ["k2001"])
        #expect(try test.people().first == "k1001 p2@x.example P1 active")
        #expect(try test.people().last == "k2000 p1@x.example New active")
    }

    @Test func `who turns out at the end to be somebody known is refused, for nobody has counted it`() async throws {
        let test = try await GuardedWorld(["guard": [:], "match": ["email", "username"]])
        // Somebody whom nobody owns, and a record of theirs whose e-mail one before it wants that is set aside.
        try await test.world.addPerson(externalID: "own", email: "boss@x.example", firstName: "B", username: "boss")
        var rows = G.people { number, row in if number == 1 { row[1] = "boss@x.example" } }
        rows.append(["k2000", "boss@x.example", "Boss", "inactive"])
        let run = try await test.run(rows)
        #expect(run.counts.accounts == "101 0 0 99 0 2 0 0", "\(run.counts.accounts)")
        let rejects = try await test.rejects(run).map { "\($0.key ?? "") \($0.failures[0].code)" }
        #expect(rejects.sorted() == ["k1001 email_taken", "k2000 guarded"])
        #expect(
            try test.world.lines("SELECT external_id, status FROM users WHERE email = 'boss@x.example'") == [
                "own active"
            ]
        )
    }

    @Test func `keeps its e-mail while it is held, and gets the new one when it is approved`() async throws {
        let test = try await GuardedWorld()
        var rows = G.people { number, row in row[1] = "p\(number % 100 + 1)@x.example" }
        rows.append(["k2000", "p5@x.example", "New", "active"])
        rows[99][1] = "free@x.example"  // k1100: so that p1@ is free when all have moved
        let held = try await test.run(rows)
        #expect(held.state == .held && held.counts.accounts == "101 0 0 0 100 1 0 0")
        #expect(held.message.contains("100 of 100 people would be known by something else (limit 10): email changes."))
        #expect(try await test.rejects(held).map { $0.failures[0].code } == ["email_taken"])
        #expect(try test.people() == G.people().map { $0.map { $0 ?? "-" }.joined(separator: " ") })
        try await test.approve(held)
        let run = try await test.applyApproved()
        #expect(run.counts.accounts == "101 0 100 0 0 1 0 0")
        #expect(
            try test.world.lines("SELECT external_id, email FROM users ORDER BY 1")
                == rows.dropLast().map { "\($0[0] ?? "") \($0[1] ?? "")" }
        )
        #expect(try test.world.lines("SELECT count(DISTINCT email) FROM users") == ["100"])
    }

    @Test func `one who was edited since keeps their e-mail, and who counted on it is refused`() async throws {
        let test = try await GuardedWorld()
        let rows = G.people(50) { number, row in
            row[1] = number % 2 == 1 ? "p\(number + 1)@x.example" : "p\(number - 1)@x.example"
        }
        let held = try await test.run(rows)
        #expect(held.counts.setAside == 50)
        try await test.world.execute(
            "UPDATE users SET first_name = 'X', email = 'x@x.example' WHERE external_id = 'k1002'"
        )
        try await test.world.execute("UPDATE users SET first_name = 'Y' WHERE external_id = 'k1003'")
        try await test.approve(held)
        let run = try await test.applyApproved()
        // k1001 gets p2@, which is free by now; k1004 can't get p3@, which k1003 keeps.
        #expect(run.counts.accounts == "50 0 47 0 0 3 0 0")
        #expect(
            try await test.rejects(run).map { "\($0.key ?? "") \($0.failures[0].code)" }.sorted() == [
                "k1002 changed_since_shown", "k1003 changed_since_shown", "k1004 email_taken",
            ]
        )
        #expect(try test.world.lines("SELECT email FROM users WHERE external_id = 'k1001'") == ["p2@x.example"])
        #expect(try test.world.lines("SELECT count(DISTINCT email) FROM users") == ["100"])
    }

    @Test(arguments: ["approve.begin", "approve.before_commit", "finish.before_commit"], [1, 2])
    func `is applied once, however often the host ends while it is`(step: String, occasion: Int) async throws {
        let world = try await CommitWorld()
        let count = 5_000
        try await world.run("a", G.columns, [G.people(count)], policy: G.guarded)
        let held = try await world.run(
            "a",
            G.columns,
            [
                G.people(count) { number, row in
                    row[3] = "suspended"
                    if number > count - 10 { row[1] = "p\(number == count ? count - 9 : number + 1)@x.example" }
                }
            ]
        )
        #expect(held.counts.setAside == Int64(count))
        _ = try await world.store.approveRun(held.id, actor: "boss", tenant: world.tenant, now: world.now())
        try await world.reopen(failpoint: Failpoint(.init(step, occasion: occasion, action: .fail)))
        let lease = try await world.claim()
        do {
            _ = try await world.store.applyApproved(lease, now: world.now())
            _ = try await world.store.finishRun(lease, summary: [:], now: world.now())
            #expect(step == "finish.before_commit" && occasion == 2)
            return
        } catch {
            #expect(error.code == .unavailable)
        }
        try await world.reopen()
        let again = try await world.claim()
        _ = try await world.store.applyApproved(again, now: world.now())
        let run = try await world.store.finishRun(again, summary: [:], now: world.now())
        #expect(run.counts.accounts == "\(count) 0 \(count) 0 0 0 0 0")
        #expect(
            try world.lines("SELECT count(*), count(DISTINCT email) FROM users WHERE status = 'suspended'") == [
                "\(count) \(count)"
            ]
        )
        #expect(try world.lines("SELECT count(*) FROM integration_changes WHERE kind = 'updated'") == ["\(count)"])
        #expect(try world.lines("SELECT state, count(*) FROM integration_effects GROUP BY 1") == ["applied \(count)"])
        #expect(try world.lines("SELECT count(*) FROM integration_waiting") == ["0"])
    }

    @Test func `may be more than one statement decides about`() async throws {
        let world = try await CommitWorld()
        let count = 9_000
        try await world.run("a", G.columns, [G.people(count)], policy: G.guarded)
        let ended = G.people(count) { _, row in row[3] = "suspended" }
        let held = try await world.run("a", G.columns, [ended])
        #expect(held.counts.setAside == Int64(count))
        let states = "SELECT state, count(*) FROM integration_effects GROUP BY 1"
        #expect(try world.lines(states) == ["pending \(count)"])
        _ = try await world.store.refuseRun(held.id, actor: "boss", tenant: world.tenant, now: world.now())
        #expect(try world.lines(states) == ["refused \(count)"])
        #expect(try world.lines("SELECT count(*) FROM users WHERE status = 'active'") == ["\(count)"])
    }

    @Test func `settling twice is settling once`() async throws {
        let test = try await GuardedWorld()
        let lease = try await test.world.begin("a")
        try await test.world.commit(MappedBatch.people(G.columns, G.ending(40)), lease)
        #expect(try await test.world.store.settle(lease, now: test.world.now()).accounts == "0 0 0 0 40 0 0 -40")
        #expect(try await test.world.store.settle(lease, now: test.world.now()) == Counts())
        try await test.world.reopen()
        let again = try await test.world.claim()
        #expect(try await test.world.store.settle(again, now: test.world.now()) == Counts())
        #expect(try await test.world.store.finishRun(again, summary: [:], now: test.world.now()).state == .held)
    }

    @Test func `is forgotten where a source has to be read from its beginning`() async throws {
        let test = try await GuardedWorld()
        let lease = try await test.world.begin("a")
        try await test.world.commit(MappedBatch.people(G.columns, G.ending(40)), lease)
        _ = try await test.world.store.settle(lease, now: test.world.now())
        _ = try await test.world.store.failRun(
            lease,
            failure: RunFailure(errorClass: "state_lost", code: "x", message: "x"),
            retryAt: test.world.now(),
            now: test.world.now()
        )
        let again = try await test.world.claim()
        try await test.world.commit(MappedBatch.people(G.columns, G.people()), again)
        _ = try await test.world.store.settle(again, now: test.world.now())
        let run = try await test.world.store.finishRun(again, summary: [:], now: test.world.now())
        #expect(run.state == .done && run.verdicts == [] && run.counts.accounts == "100 0 0 100 0 0 0 0")
    }
}

@Suite struct `Courses and enrolments that are set aside` {
    private let columns = ["external_id", "user_external_id", "course_external_id", "status"]

    private func world() async throws -> CommitWorld {
        let world = try await CommitWorld()
        let people = (1...60).map { [String?](["\($0)", "p\($0)@x.example"]) }
        try await world.run("a", ["external_id", "email"], [people], policy: ["guard": [:]])
        let courses = (1...30).map { [String?](["c\($0)", "SAF-\($0)", "active"]) }
        try await world.run("a", .courses, ["external_id", "code", "status"], [courses])
        return world
    }

    private func apply(_ run: Run, _ world: CommitWorld) async throws -> Run {
        _ = try await world.store.approveRun(run.id, actor: "boss", tenant: world.tenant, now: world.now())
        let lease = try await world.claim()
        _ = try await world.store.applyApproved(lease, now: world.now())
        return try await world.store.finishRun(lease, summary: [:], now: world.now())
    }

    @Test func `courses that close or get another code`() async throws {
        let world = try await world()
        let before = try world.lines("SELECT external_id, code, status FROM courses ORDER BY number")
        let rows = (1...30).map {
            [String?](["c\($0)", $0 > 28 ? "NEW-\($0)" : "SAF-\($0)", $0 < 15 ? "archived" : "active"])
        }
        let held = try await world.run("a", .courses, ["external_id", "code", "status"], [rows])
        #expect(held.state == .held && held.counts.accounts == "30 0 0 14 16 0 0 0")
        #expect(
            held.verdicts.map(\.sentence) == [
                "14 of 30 courses would be closed (limit 10): status turns from active to archived."
            ]
        )
        #expect(try world.lines("SELECT external_id, code, status FROM courses ORDER BY number") == before)
        #expect(try await apply(held, world).counts.accounts == "30 0 16 14 0 0 0 0")
        #expect(try world.lines("SELECT count(*) FROM courses WHERE status = 'archived'") == ["14"])
        // The new codes are found.
        let next = try await world.run("b", .courses, ["external_id", "code", "status"], [[["x", "NEW-30", nil]]])
        #expect(next.counts.created == 0)
    }

    @Test(arguments: [false, true])
    func `enrolments that end or go to another person`(hasKey: Bool) async throws {
        let world = try await world()
        func rows(_ change: (Int, inout [String?]) -> Void = { _, _ in }) -> [[String?]] {
            (1...60).map { number in
                var row: [String?] = [hasKey ? "E\(number)" : nil, "\(number)", "c\(number % 30 + 1)", "enrolled"]
                change(number, &row)
                return row
            }
        }
        let columns = hasKey ? columns : Array(columns.dropFirst())
        func given(_ rows: [[String?]]) -> [[String?]] { hasKey ? rows : rows.map { Array($0.dropFirst()) } }
        try await world.run("a", .enrollments, columns, [given(rows())])
        let before = try world.lines("SELECT user_number, course_number, status FROM enrollments ORDER BY number")
        let changed = given(
            rows { number, row in
                if number <= 30 { row[3] = "cancelled" }
                if hasKey, number > 40 { row[1] = "\(101 - number)" }
            }
        )
        let held = try await world.run("a", .enrollments, columns, [changed])
        #expect(held.state == .held)
        #expect(held.counts.accounts == (hasKey ? "60 0 0 10 50 0 0 0" : "60 0 0 30 30 0 0 0"))
        #expect(
            held.message.contains("30 of 60 enrolments would end (limit 25): status turns from enrolled to cancelled.")
        )
        #expect(
            held.message.contains("20 of 60 enrolments would go to another person or course (limit 10): user changes.")
                == hasKey
        )
        #expect(try world.lines("SELECT user_number, course_number, status FROM enrollments ORDER BY number") == before)
        let effects = try await world.store.effects(
            run: held.id,
            EffectFilter(kind: .unenrol),
            page: PageRequest(limit: 1),
            tenant: world.tenant
        )
        #expect(effects.items.first?.name == "p1@x.example in SAF-2")
        let run = try await apply(held, world)
        #expect(run.counts.accounts == (hasKey ? "60 0 50 10 0 0 0 0" : "60 0 30 30 0 0 0 0"))
        #expect(try world.lines("SELECT count(*) FROM enrollments WHERE status = 'cancelled'") == ["30"])
        #expect(try await world.run("a", .enrollments, columns, [changed]).counts.unchanged == 60)
    }

    @Test func `a record that another run tries again ends nothing`() async throws {
        let world = try await world()
        try await world.run("a", .enrollments, columns, [[["E1", "1", "c1", "enrolled"]]])
        let waits = try await world.run("a", .enrollments, columns, [[["E1", "99", "c1", "cancelled"]]])
        #expect(waits.counts.rejected == 1)
        let people: [[String?]] = (1...60).map { ["\($0)", "p\($0)@x.example"] } + [["99", "p99@x.example"]]
        let lease = try await world.begin("a")
        try await world.commit(MappedBatch.people(["external_id", "email"], people), lease)
        _ = try await world.store.settle(lease, now: world.now())
        try await world.retryWaiting(lease)
        let run = try await world.store.finishRun(lease, summary: [:], now: world.now())
        #expect(run.state == .done)
        let rejects = try await world.store.rejects(run: waits.id, tenant: world.tenant, after: 0, limit: 9)
        #expect(rejects.map { "\($0.state) \($0.failures[0].code)" } == ["open guarded"])
        #expect(try world.lines("SELECT status FROM enrollments") == ["enrolled"])
    }
}
