import Changes
import Identifiers
import JSON
import Mapping
import MappingSupport
import Platform
import Store
import Testing

@Suite struct `Replaying rejects` {
    private let columns = ["external_id", "email", "first_name"]

    /// What the store does of a replay, with a mapping that takes the fields as they are.
    private func replay(
        _ run: Run,
        _ choice: ReplayChoice = .all,
        _ world: CommitWorld,
        resumes: Bool = false
    ) async throws -> Run {
        let (store, tenant) = (world.store, world.tenant)
        if !resumes {
            let request = ReplayRequest(run: run.id, choice: choice, actor: "ann")
            _ = try await store.enqueueReplay(request, tenant: tenant, now: world.now())
        }
        let lease = try await world.claim()
        #expect(lease.run.kind == RunKind.replay)
        for stream in lease.run.streams where !stream.isFinished {
            var after: Int64 = 0
            while let reject = try await store.rejectsToReplay(lease, stream, after: after, limit: 1).first {
                let page = try await store.rejectsToReplay(lease, stream, after: after, limit: 99)
                    .prefix { $0.raw.map(\.name) == reject.raw.map(\.name) }
                let rejects = Array(page)
                let names = reject.raw.map(\.name)
                var batch = MappedBatch.table(
                    stream.entity,
                    names,
                    rejects.map { $0.raw.map(\.value) },
                    firstLine: reject.locator
                )
                batch.locators = rejects.map(\.locator)
                batch.raw = { row in rejects[row].raw }
                let step = ReplayStep(stream: stream, rejects: rejects, batch: batch)
                let outcome = try await store.replay(step, lease: lease, now: world.now())
                after = outcome.left.min().map { $0 - 1 } ?? rejects.last?.number ?? after
            }
            if lease.run.isLastOfEntity(stream) {
                _ = try await store.settle(stream.entity, summary: [:], lease, now: world.now())
                try await store.takeBackRefused(lease, now: world.now())
            }
            try await store.finishStream(stream, summary: [:], lease: lease, now: world.now())
        }
        return try await store.finishRun(lease, summary: [:], now: world.now())
    }

    private func rejects(_ run: Run, _ world: CommitWorld) async throws -> [StoredReject] {
        try await world.store.rejects(run: run.id, tenant: world.tenant, after: 0, limit: 99)
    }

    private func correct(
        _ reject: StoredReject,
        _ name: String,
        _ value: String,
        _ world: CommitWorld
    ) async throws {
        var raw = reject.raw
        let place = try #require(raw.firstIndex { $0.name == name })
        raw[place].value = value
        _ = try await world.store.changeReject(
            reject.id,
            run: reject.run,
            RejectChange(correction: .set(raw)),
            version: reject.version,
            actor: "ann",
            tenant: world.tenant,
            now: world.now()
        )
    }

    private func people(_ world: CommitWorld) throws -> [String] {
        try world.lines("SELECT external_id, email, first_name FROM users ORDER BY external_id")
    }

    @Test func `a row that another of its run was kept before is put over it only if somebody says so`() async throws {
        let world = try await CommitWorld()
        let rows: [[String?]] = [["1", "a@x.org", "Ada"], ["1", "a@x.org", "Eve"], ["1", "a@x.org", "Zoe"]]
        let run = try await world.run("a", .users, columns, [rows])
        #expect(run.counts.short == "3 1 0 0 2 0 0 0")
        let unchosen = try await replay(run, world: world)
        #expect(unchosen.counts.short == "2 0 0 0 2 0 0 0")
        #expect(try people(world) == ["1 a@x.org Ada"])
        #expect(try await rejects(run, world).map { $0.failures[0].code } == ["conflicting_rows", "conflicting_rows"])
        // One after the other, in source order: the last one stands.
        for reject in try await rejects(run, world) {
            try await correct(reject, "first_name", reject.raw[2].value == "Eve" ? "Eva" : "Zoë", world)
        }
        let chosen = try await replay(run, world: world)
        #expect(chosen.counts.short == "2 0 2 0 0 0 0 0")
        #expect(chosen.state == .done)
        #expect(try people(world) == ["1 a@x.org Zoë"])
        #expect(try await rejects(run, world).map(\.state) == ["replayed", "replayed"])
        #expect(try await rejects(run, world).allSatisfy { $0.replayRun == chosen.id })
    }

    private func replay(_ run: Run, world: CommitWorld) async throws -> Run { try await replay(run, .all, world) }

    @Test func `a later run that has brought something newer wins, and an earlier row doesn't come after a later one`()
        async throws
    {
        let world = try await CommitWorld()
        let rows: [[String?]] = [["1", "a@x.org", "Ada"], ["1", "a@x.org", "Eve"], ["1", "a@x.org", "Zoe"]]
        let run = try await world.run("a", .users, columns, [rows])
        for reject in try await rejects(run, world) {
            try await correct(reject, "first_name", reject.raw[2].value == "Eve" ? "Eva" : "Zoë", world)
        }
        let (eve, zoe) = (try await rejects(run, world)[0], try await rejects(run, world)[1])
        #expect(try await replay(run, .ids([zoe.id]), world).counts.short == "1 0 1 0 0 0 0 0")
        #expect(try await replay(run, .ids([eve.id]), world).counts.short == "1 0 0 0 1 0 0 0")
        #expect(try people(world) == ["1 a@x.org Zoë"])
        #expect(try await rejects(run, world)[0].failures.map(\.code) == ["outdated"])

        let later = try await world.run("a", .users, columns, [[["2", "b@x.org", "Bo"], ["2", "b@x.org", "Bob"]]])
        try await world.run("a", .users, columns, [[["2", "b@x.org", "Bobby"]]])
        try await correct(try await rejects(later, world)[0], "first_name", "Robert", world)
        let replayed = try await replay(later, world: world)
        #expect(replayed.counts.short == "1 0 0 0 1 0 0 0")
        #expect(try people(world) == ["1 a@x.org Zoë", "2 b@x.org Bobby"])
        // What says the same overwrites nothing.
        try await correct(try await rejects(later, world)[0], "first_name", "Bobby", world)
        #expect(try await replay(later, world: world).counts.short == "1 0 0 1 0 0 0 0")
    }

    /// Three runs: Ada, an old record of hers that can't be mapped, and what `newer` makes of the third.
    private func refusedThenRead(
        _ world: CommitWorld,
        newer: (RunLease) async throws -> Void
    ) async throws -> Run {
        try await world.run("a", .users, columns, [[["1", "a@x.org", "Ada"]]])
        func run(_ body: (RunLease) async throws -> Void) async throws -> Run {
            let lease = try await world.begin("a")
            try await body(lease)
            _ = try await world.store.settle(lease, now: world.now())
            return try await world.store.finishRun(lease, summary: [:], now: world.now())
        }
        let old = try await run { lease in
            try await world.commit(refusing(["1", "a@x.org", "Old"]), lease)
        }
        #expect(old.counts.short == "1 0 0 0 1 0 0 0")
        _ = try await run(newer)
        return old
    }

    private func refusing(_ row: [String?]) -> MappedBatch {
        var batch = MappedBatch.people(columns, [row])
        batch.accepted = []
        let raw = columns.indices.map { RawField(name: columns[$0], value: row[$0]) }
        batch.rejects = [RowReject(row: 0, locator: 2, key: row[0], failures: [.withoutKey], raw: raw)]
        return batch
    }

    private func finishStream(_ lease: RunLease, _ world: CommitWorld, summary: JSONValue) async throws {
        try await world.store.finishStream(lease.run.streams[0], summary: summary, lease: lease, now: world.now())
    }

    @Test func `an old record is not put over what a later whole export says, though that changed nothing`()
        async throws
    {
        let world = try await CommitWorld()
        let old = try await refusedThenRead(world) { lease in
            #expect(
                try await world.commit(MappedBatch.people(columns, [["1", "a@x.org", "Ada"]]), lease).unchanged == 1
            )
            try await finishStream(lease, world, summary: ["complete": true, "filtered": false])
        }
        #expect(try await replay(old, world: world).counts.short == "1 0 0 0 1 0 0 0")
        #expect(try people(world) == ["1 a@x.org Ada"])
        #expect(try await rejects(old, world)[0].failures.map(\.code) == ["outdated"])
        // Whoever isn't in yet is made all the same.
        let reject = try await rejects(old, world)[0]
        let raw = zip(columns, ["2", "b@x.org", "Bo"]).map { RawField(name: $0, value: $1) }
        _ = try await world.store.changeReject(
            reject.id,
            run: old.id,
            RejectChange(correction: .set(raw)),
            version: reject.version,
            actor: "ann",
            tenant: world.tenant,
            now: world.now()
        )
        #expect(try await replay(old, world: world).counts.short == "1 1 0 0 0 0 0 0")
    }

    @Test func `an old record is not put over what stands while a newer one is a reject too`() async throws {
        let world = try await CommitWorld()
        let old = try await refusedThenRead(world) { lease in
            try await world.commit(refusing(["1", "a@x.org", "New"]), lease)
        }
        #expect(try await replay(old, world: world).counts.short == "1 0 0 0 1 0 0 0")
        #expect(try people(world) == ["1 a@x.org Ada"])
    }

    @Test func `a later export of some records alone doesn't stand against an older record`() async throws {
        let world = try await CommitWorld()
        let old = try await refusedThenRead(world) { lease in
            try await world.commit(MappedBatch.people(columns, [["2", "b@x.org", "Bo"]]), lease)
            try await finishStream(lease, world, summary: ["complete": true, "filtered": true])
        }
        #expect(try await replay(old, world: world).counts.short == "1 0 1 0 0 0 0 0")
        #expect(try people(world) == ["1 a@x.org Old", "2 b@x.org Bo"])
    }

    @Test func `an order field tells by itself which is newer`() async throws {
        let world = try await CommitWorld()
        let policy: JSONValue = ["order_field": "attributes.changed"]
        let columns = ["external_id", "first_name", "attributes.changed"]
        let run = try await world.run(
            "a",
            .users,
            columns,
            [[["1", "Ada", "2026-01-02"], ["1", "Eve", nil]]],
            policy: policy
        )
        #expect(run.counts.short == "2 1 0 0 1 0 0 0")
        try await correct(try await rejects(run, world)[0], "attributes.changed", "2026-01-01", world)
        #expect(try await replay(run, world: world).counts.short == "1 0 0 1 0 0 0 0")
        #expect(try world.lines("SELECT first_name FROM users") == ["Ada"])
        #expect(try await rejects(run, world).map(\.state) == ["replayed"])
    }

    @Test func `what is refused only when all are read is the reject it was, with its new failure`() async throws {
        let world = try await CommitWorld()
        try await world.run("b", .users, columns, [[["9", "b@x.org", "Bea"]]])
        try await world.run("b", .users, columns, [[["8", "c@x.org", "Cem"]]])
        let run = try await world.run("a", .users, columns, [[["1", "a@x.org", "Ada"], ["1", "a@x.org", "Eve"]]])
        try await correct(try await rejects(run, world)[0], "email", "b@x.org", world)
        let replayed = try await replay(run, world: world)
        #expect(replayed.counts.agree)
        #expect(replayed.counts.rejected == 1)
        let reject = try await rejects(run, world)[0]
        #expect(reject.state == "open")
        #expect(reject.failures.map(\.code) == ["email_taken"])
        #expect(try await rejects(replayed, world).isEmpty)
        #expect(try world.lines("SELECT count(*) FROM integration_waiting") == ["0"])
    }

    @Test func `killed anywhere it ends as if undisturbed`() async throws {
        let rows: [[String?]] = (1...6).flatMap { n in [["\(n)", "p\(n)@x.org", "A"], ["\(n)", "p\(n)@x.org", "B"]] }
        func image(_ failpoint: String?) async throws -> [String] {
            let world = try await CommitWorld()
            let run = try await world.run("a", .users, columns, [rows])
            for reject in try await rejects(run, world) { try await correct(reject, "first_name", "C", world) }
            if let failpoint {
                try await world.reopen(failpoint: Failpoint(.init(failpoint, action: .fail)))
                await #expect(throws: StoreError.self) { _ = try await replay(run, world: world) }
                try await world.reopen()
            }
            let ended = try await replay(run, .all, world, resumes: failpoint != nil)
            #expect(ended.counts.short == "6 0 6 0 0 0 0 0", "\(failpoint ?? "")")
            #expect(try await rejects(run, world).allSatisfy { $0.state == "replayed" })
            return try world.image().filter { !$0.hasPrefix("run") }
                + world.lines("SELECT * FROM integration_checkpoints")
        }
        let expected = try await image(nil)
        for failpoint in ["replay.begin", "replay.before_commit", "replay.after_commit", "replay.taken_back"] {
            #expect(try await image(failpoint) == expected, "\(failpoint)")
        }
    }

    @Test func `a reject is changed in one version, and not when it is in`() async throws {
        let world = try await CommitWorld()
        let run = try await world.run("a", .users, columns, [[["1", "a@x.org", "Ada"], ["1", "a@x.org", "Eve"]]])
        let reject = try await rejects(run, world)[0]
        try await correct(reject, "first_name", "Eva", world)
        await #expect(throws: StoreError.self) { try await correct(reject, "first_name", "Evi", world) }
        let stored = try await world.store.reject(reject.id, run: run.id, tenant: world.tenant)
        #expect(stored?.correction?.raw.last?.value == "Eva")
        #expect(stored?.correction?.by == "ann")
        #expect(stored?.raw == reject.raw)
        let stranger = UUID(high: 8, low: 8)
        await #expect(throws: StoreError.self) {
            _ = try await world.store.reject(reject.id, run: run.id, tenant: stranger)
        }
        _ = try await replay(run, world: world)
        let replayed = try await rejects(run, world)[0]
        await #expect(throws: StoreError.self) { try await correct(replayed, "first_name", "Evi", world) }
        await #expect(throws: StoreError.self) { _ = try await replay(run, world: world) }
    }
}
