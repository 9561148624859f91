import Changes
import JSON
import Mapping
import MappingSupport
import Platform
import SQLite
import Store
import Testing

/// An import with everything in it, that can be interrupted anywhere and goes on from its checkpoint.
private struct Film {
    let columns = ["external_id", "email", "first_name", "manager_external_id", "attributes.n"]
    let policy: JSONValue = ["order_field": "attributes.n"]

    /// What was there before.
    var before: [[String?]] {
        (0..<40).map { ["p\($0 + 100)", "\($0)@x.example", "P", nil, "1"] }
    }

    /// Creates, updates, unchanged, rejects, repeats, swaps, managers before and after their people; token: how far.
    var batches: [[[String?]]] {
        [
            (0..<30).map {
                ["p\($0 + 100)", "\($0 ^ 1)@x.example", "P", $0 == 3 ? "z9" : "p\(100 + $0 * 7 % 40)", "2"]
            },
            (30..<40).map { ["p\($0 + 100)", "\($0)@x.example", "P", nil, "1"] }
                + (0..<20).map { ["n\($0 + 100)", "n\($0)@x.example", "N", "n\(119 - $0)", "1"] },
            [
                ["p100", "1@x.example", "late", "p107", "3"], ["p101", "0@x.example", "old", nil, "0"],
                ["n100", "n0@x.example", "N", "n119", "1"], ["n101", "n5@x.example", "N2", nil, "1"],
                ["q1", "n0@x.example", nil, nil, nil], ["q2", "39@x.example", nil, "q2", nil],
                ["q3", nil, nil, "nobody", nil],
            ],
            (0..<10).map { ["r\($0)", "r\($0)@x.example", "R", "p\(100 + $0)", nil] },
        ]
    }

    func begin(_ world: CommitWorld) async throws -> RunLease {
        try await world.run("a", columns, [before], policy: policy)
        return try await world.begin("a")
    }

    /// Goes on from the checkpoint, settles, finishes.
    func go(_ world: CommitWorld, _ lease: RunLease) async throws {
        let done = Int(try await world.store.checkpoint(lease, stream: "people")?.first ?? 0)
        for number in done..<batches.count {
            let line = 2 + batches[..<number].reduce(0) { $0 + $1.count }
            let batch = MappedBatch.people(columns, batches[number], firstLine: Int64(line))
            try await world.commit(batch, lease, token: [UInt8(number + 1)])
        }
        _ = try await world.store.settle(lease, now: world.now())
        _ = try await world.store.finishRun(lease, summary: [:], now: world.now())
    }

    static let steps = [
        "commit.begin", "commit.after_lookup", "commit.after_users", "commit.after_links", "commit.after_rejects",
        "commit.after_counts", "commit.before_commit", "commit.after_commit", "directory.before_merge",
        "directory.after_merge", "settle.begin", "settle.after_emails", "settle.after_managers", "settle.before_commit",
    ]
}

@Suite struct `A commit that is interrupted` {
    private let film = Film()

    private func undisturbed() async throws -> [String] {
        let world = try await CommitWorld()
        try await film.go(world, try await film.begin(world))
        return try world.image()
    }

    @Test func `the film has everything in it`() async throws {
        let world = try await CommitWorld()
        try await film.go(world, try await film.begin(world))
        let counts = try world.lines(
            "SELECT count_created, count_updated, count_unchanged, count_rejected, count_duplicate, count_warned FROM integration_runs WHERE number = 2"
        )
        #expect(counts == ["31 30 10 3 3 3"], "\(counts)")
    }

    @Test(arguments: Film.steps, [1, 2, 4])
    func `ends as an undisturbed one`(step: String, occasion: Int) async throws {
        let expected = try await undisturbed()
        let world = try await CommitWorld()
        var lease = try await film.begin(world)
        try await world.reopen(
            failpoint: Failpoint(Failpoint.Setting(step, occasion: occasion, action: .fail)),
            directoryLimit: 8
        )
        lease = try await world.claim()
        var wasReached = false
        do {
            try await film.go(world, lease)
        } catch let error as StoreError {
            #expect(error.message.contains("failpoint \(step)"), "\(error.debugDescription)")
            wasReached = true
        }
        #expect(wasReached || occasion > 1)
        guard wasReached else { return }
        try await world.reopen(directoryLimit: 8)
        try await film.go(world, try await world.claim())
        #expect(try world.image().difference(from: expected).map { $0 } == [])
    }

    @Test(arguments: Film.steps)
    func `goes on in the same process as well`(step: String) async throws {
        let expected = try await undisturbed()
        let world = try await CommitWorld()
        _ = try await film.begin(world)
        try await world.reopen(
            failpoint: Failpoint(Failpoint.Setting(step, occasion: 1, action: .fail)),
            directoryLimit: 8
        )
        do {
            try await film.go(world, try await world.claim())
            Issue.record("\(step) was not reached")
        } catch is StoreError {}
        try await film.go(world, try await world.claim())
        #expect(try world.image().difference(from: expected).map { $0 } == [])
    }

    @Test func `a full disk takes the batch back, and the run goes on when there is room`() async throws {
        let world = try await CommitWorld()
        let lease = try await world.begin("a")
        let text = String(repeating: "x", count: 500)
        let columns = ["external_id", "first_name"]
        let key = { (number: Int) in "k\(100_000 + number)" }
        try await world.commit(MappedBatch.people(columns, (0..<100).map { [key($0), text] }), lease, token: [1])
        let pages = Int64(try world.lines("PRAGMA page_count")[0]) ?? 0
        try await world.reopen(maximumPages: pages + 20)
        let full = try await world.claim()
        let many = MappedBatch.people(columns, (100..<2_100).map { [key($0), text] }, firstLine: 102)
        let error = await #expect(throws: StoreError.self) { try await world.commit(many, full, token: [2]) }
        #expect(error?.code == .full)
        #expect(try world.lines("SELECT count(*) FROM users") == ["100"])
        #expect(try world.lines("SELECT count(*) FROM integration_links") == ["100"])
        #expect(try await world.store.checkpoint(full, stream: "people") == [1])
        // A smaller batch still fits: nothing of the one that failed is remembered.
        #expect(try await world.commit(MappedBatch.people(columns, [[key(100), nil]]), full, token: [2]).created == 1)
        try await world.reopen()
        let again = try await world.claim()
        let rest = MappedBatch.people(columns, (101..<2_100).map { [key($0), text] }, firstLine: 103)
        #expect(try await world.commit(rest, again, token: [3]).created == 1_999)
        #expect(try world.lines("SELECT count(*), max(number) FROM users") == ["2100 2100"])
    }

    @Test func `a lost lease commits nothing`() async throws {
        let world = try await CommitWorld()
        let lost = try await world.begin("a")
        let held = try await world.claim()
        let batch = MappedBatch.people(["external_id"], [["1"]])
        for attempt in 0..<2 {
            let error = await #expect(throws: StoreError.self) {
                if attempt == 0 {
                    try await world.commit(batch, lost)
                } else {
                    _ = try await world.store.settle(lost, now: world.now())
                }
            }
            #expect(error?.code == .fenced)
        }
        #expect(try world.lines("SELECT count(*) FROM users") == ["0"])
        #expect(try await world.commit(batch, held).created == 1)
    }

    @Test func `rows that the database refuses are rejects, and the rest goes in`() async throws {
        let world = try await CommitWorld()
        let columns = ["external_id", "email", "first_name", "manager_external_id"]
        try await world.run(
            "a",
            columns,
            [[["u1", "u1@x.example", "fine", nil], ["u2", "u2@x.example", "fine", nil]]]
        )
        try await world.execute(
            """
            CREATE TRIGGER no_bad BEFORE INSERT ON users WHEN new.first_name = 'bad' BEGIN
                SELECT RAISE(ABORT, 'no bad names'); END
            """
        )
        try await world.execute(
            """
            CREATE TRIGGER no_worse BEFORE UPDATE ON users WHEN new.first_name = 'bad' BEGIN
                SELECT RAISE(ABORT, 'no bad names'); END
            """
        )
        try await world.execute(
            """
            CREATE TRIGGER no_link BEFORE INSERT ON integration_links WHEN new.external_id = 'unlinked' BEGIN
                SELECT RAISE(ABORT, 'no such links'); END
            """
        )
        let records: [[String?]] = [
            ["1", "1@x.example", "bad", nil], ["2", "2@x.example", "ok", "1"], ["3", "3@x.example", "ok", "2"],
            ["4", "1@x.example", "ok", nil],  // the e-mail is free: its first owner was refused
            ["unlinked", "5@x.example", "ok", nil], ["6", "5@x.example", "ok", "unlinked"],
            ["u1", "u1@x.example", "bad", nil], ["u2", "u2@x.example", "better", nil],
        ]
        let run = try await world.run("a", columns, [records])
        #expect(run.counts.short == "8 4 1 0 3 0 2 0")
        let rejects = try await world.store.rejects(run: run.id, tenant: world.tenant, after: 0, limit: 9)
        #expect(rejects.map(\.key) == ["1", "unlinked", "u1"])
        #expect(rejects.allSatisfy { $0.failures.map(\.code) == ["refused_by_database"] })
        #expect(rejects[0].failures[0].message.contains("no bad names"))
        #expect(
            try world.lines("SELECT external_id, email, first_name, number FROM users ORDER BY number") == [
                "u1 u1@x.example fine 1", "u2 u2@x.example better 2", "2 2@x.example ok 3", "3 3@x.example ok 4",
                "4 1@x.example ok 5", "6 5@x.example ok 6",
            ]
        )
    }

    @Test func `who is refused gives no e-mail up`() async throws {
        let world = try await CommitWorld()
        let columns = ["external_id", "email", "first_name"]
        try await world.run("a", columns, [[["1", "1@x.example", nil], ["2", "2@x.example", nil]]])
        try await world.execute(
            """
            CREATE TRIGGER no_bad BEFORE UPDATE ON users WHEN new.first_name = 'bad' BEGIN
                SELECT RAISE(ABORT, 'no bad names'); END
            """
        )
        let run = try await world.run("a", columns, [[["1", "2@x.example", "ok"], ["2", "1@x.example", "bad"]]])
        #expect(run.counts.short == "2 0 0 0 2 0 0 0")
        let rejects = try await world.store.rejects(run: run.id, tenant: world.tenant, after: 0, limit: 9)
        #expect(rejects.map { $0.failures[0].code } == ["email_taken", "refused_by_database"])
        #expect(try world.lines("SELECT external_id, email FROM users") == ["1 1@x.example", "2 2@x.example"])
    }

    @Test func `a run that begins anew has forgotten who waited`() async throws {
        let world = try await CommitWorld()
        let columns = ["external_id", "email"]
        try await world.run("a", columns, [[["holder", "one@x.example"]]])
        let lease = try await world.begin("a")
        let first: [[String?]] = [["next", "one@x.example"]]
        #expect(try await world.commit(MappedBatch.people(columns, first), lease).waiting == 1)
        let failure = RunFailure(errorClass: "state_lost", code: "gone", message: "the cursor expired")
        _ = try await world.store.failRun(lease, failure: failure, retryAt: world.now(), now: world.now())
        let again = try await world.claim()
        let all = first + [["holder", "two@x.example"]]
        #expect(try await world.commit(MappedBatch.people(columns, all), again).short == "2 0 1 0 0 0 0 1")
        _ = try await world.store.settle(again, now: world.now())
        let run = try await world.store.finishRun(again, summary: [:], now: world.now())
        #expect(run.counts.short == "2 1 1 0 0 0 0 0")
    }

    @Test func `a run that begins anew counts and refuses anew`() async throws {
        let world = try await CommitWorld()
        let lease = try await world.begin("a")
        let columns = ["external_id", "first_name"]
        try await world.commit(MappedBatch.people(columns, [["1", "a"], ["1", "b"], ["2", nil]]), lease, token: [1])
        let failure = RunFailure(errorClass: "state_lost", code: "gone", message: "the cursor expired")
        _ = try await world.store.failRun(lease, failure: failure, retryAt: world.now(), now: world.now())
        let again = try await world.claim()
        #expect(try await world.store.checkpoint(again, stream: "people") == nil)
        #expect(try world.lines("SELECT count(*) FROM integration_rejects") == ["0"])
        let counts = try await world.commit(
            MappedBatch.people(columns, [["1", "a"], ["1", "b"], ["2", nil]]),
            again
        )
        #expect(counts.short == "3 0 0 2 1 0 0 0")
    }
}
