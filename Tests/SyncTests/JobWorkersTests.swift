import Changes
import ConnectorHost
import Identifiers
import JSON
import Store
import Sync
import Synchronization
import TestSupport
import Testing
import Time

@Suite(.timeLimit(.minutes(2))) struct JobWorkersTests {
    // MARK: - Working

    @Test func `what is queued is worked, before and after the start`() async throws {
        let world = try await SyncWorld()
        let first = try await world.queued("first", ["rows": 20])
        let workers = world.workers()
        let service = Task { await workers.run() }
        #expect(try await world.end(of: first).state == .doneWithRejects)
        let second = try await world.queued("second", ["rows": 20], tenant: SyncWorld.ben)
        workers.wake()
        #expect(try await world.end(of: second).counts.created == 18)
        await workers.stop(within: .seconds(30))
        await service.value
    }

    @Test func `two tenants with three jobs each share the workers`() async throws {
        let world = try await SyncWorld()
        var gates: [String: Gate] = [:]
        var runs: [String: Run] = [:]
        for (letter, tenant) in [("a", SyncWorld.anna), ("b", SyncWorld.ben)] {
            for number in 1...3 {
                let name = "\(letter)\(number)"
                let gate = try Gate(name, in: world.folder)
                gates[name] = gate
                runs[name] = try await world.queued(
                    name,
                    ["rows": 20, "at": 10, "do": "gate"],
                    tenant: tenant,
                    input: gate.input
                )
            }
        }
        func began(_ name: String) async throws {
            try await world.wait(for: try #require(runs[name])) { $0.phase != nil }
        }
        func end(_ name: String) async throws {
            try #require(gates[name]).open()
            #expect(try await world.end(of: try #require(runs[name])).state == .doneWithRejects)
        }
        func states() async throws -> String {
            var text = ""
            for name in runs.keys.sorted() {
                let state = try await world.run(try #require(runs[name])).state
                text += state == .running ? "R" : state == .queued ? "-" : "x"
            }
            return text
        }
        let workers = world.workers()
        let service = Task { await workers.run() }
        try await began("a1")
        try await began("b1")
        #expect(try await states() == "R--R--")
        try await end("a1")
        try await began("a2")
        #expect(try await states() == "xR-R--")
        try await end("b1")
        try await began("b2")
        try await end("b2")
        try await began("b3")
        #expect(try await states() == "xR-xxR")
        // Ben has nothing left that waits: Anna may have both.
        try await end("b3")
        try await began("a3")
        #expect(try await states() == "xRRxxx")
        try await end("a2")
        try await end("a3")
        await workers.stop(within: .seconds(30))
        await service.value
    }

    // MARK: - Waiting

    @Test func `a rate limit waits exactly as long as it was told`() async throws {
        let world = try await SyncWorld()
        let queued = try await world.queued(
            "people",
            ["rows": 40, "at": 20, "do": "rate_limit", "when": "first", "retry_ms": 7_500]
        )
        let workers = world.workers()
        let service = Task { await workers.run() }
        let due = ManualClock.start + .milliseconds(7_500)
        await world.clock.sleeper(until: due)
        let waiting = try await world.run(queued)
        #expect(waiting.state == .queued && waiting.counts.read == 20)
        #expect(waiting.failure?.errorClass == "rate_limit")
        #expect(world.clock.sleepers == [due])
        #expect(world.clock.advance(by: .microseconds(7_499_999)) == 0)
        #expect(world.clock.advance(by: .microseconds(1)) == 1)
        let run = try await world.end(of: queued)
        #expect(run.state == .doneWithRejects && run.attempt == 2 && run.counts.read == 40)
        await workers.stop(within: .seconds(30))
        await service.value
    }

    @Test func `with nothing to do nothing is waited for`() async throws {
        let world = try await SyncWorld()
        let queued = try await world.queued("people", ["rows": 10])
        let workers = world.workers()
        let service = Task { await workers.run() }
        _ = try await world.end(of: queued)
        await workers.stop(within: .seconds(30))
        await service.value
        #expect(world.clock.sleepers == [])
    }

    @Test func `a store that fails is left alone, longer each time`() async throws {
        let world = try await SyncWorld()
        try await world.store.close()
        let workers = world.workers {
            $0.firstPause = .seconds(1)
            $0.longestPause = .seconds(3)
        }
        let service = Task { await workers.run() }
        var time = ManualClock.start
        for pause in [1, 2, 3, 3] {
            time = time + .seconds(pause)
            await world.clock.sleeper(until: time)
            // Being woken does not shorten it: the lines below would be more.
            workers.wake()
            world.clock.set(time)
        }
        await world.clock.sleeper(until: time + .seconds(3))
        #expect(world.lines.lines.count { $0.contains("the queue can't be read") } == 5)
        await workers.stop(within: .seconds(30))
        await service.value
        #expect(world.clock.sleepers == [])
    }

    @Test func `who watches a run that the store can't tell of any more is let go`() async throws {
        let world = try await SyncWorld()
        let gate = try Gate("a", in: world.folder)
        let queued = try await world.queued("people", ["rows": 100, "at": 50, "do": "gate"], input: gate.input)
        let workers = world.workers()
        let service = Task { await workers.run() }
        try await world.wait(for: queued) { $0.counts.read >= 20 }
        let events = try await world.events(of: queued)
        try await world.store.close()
        try gate.open()
        var last: RunStatus?
        for await status in events { last = status }
        #expect(last?.state.hasEnded == false)
        #expect(world.board.status(of: queued) == nil && world.board.listeners == 0)
        await workers.stop(within: .seconds(30))
        await service.value
    }

    // MARK: - Cancelling

    @Test(arguments: ["wait", "sleep"])
    func `a cancelled run is over, however its connector hangs`(how: String) async throws {
        let world = try await SyncWorld()
        let queued = try await world.queued("people", ["rows": 100, "at": 50, "do": .string(how)])
        let next = try await world.queued("next", ["rows": 10])
        let ends = Mutex<[UUID]>([])
        let workers = world.workers(configure: { $0.limit = 1 }, ended: { run in ends.withLock { $0.append(run.id) } })
        let service = Task { await workers.run() }
        try await world.wait(for: queued) { $0.counts.read >= 20 }
        let events = try await world.events(of: queued)
        let run = try await workers.cancel(run: queued.id, reason: "Enough.", tenant: queued.tenant)
        #expect(run.state == .cancelled)
        #expect(run.message.hasPrefix("The run was cancelled. What was committed stays"))
        var last: RunStatus?
        for await status in events { last = status }
        #expect(last?.state == .cancelled)
        // Its worker is free for the next: the runner is gone.
        #expect(try await world.end(of: next).state == .doneWithRejects)
        #expect(try await world.run(queued).counts == run.counts)
        #expect(try world.outcomes(of: queued) == ["success"])
        let error = await #expect(throws: StoreError.self) {
            try await workers.cancel(run: queued.id, reason: "Enough.", tenant: queued.tenant)
        }
        #expect(error?.code == .conflict)
        await workers.stop(within: .seconds(30))
        await service.value
        // Each is counted once, however it ended.
        #expect(ends.withLock { $0 } == [queued.id, next.id])
    }

    @Test func `a run that waits is cancelled, and another tenant's is not found`() async throws {
        let world = try await SyncWorld()
        let queued = try await world.queued()
        let ends = Mutex<[Run]>([])
        let workers = world.workers(ended: { run in ends.withLock { $0.append(run) } })
        let error = await #expect(throws: StoreError.self) {
            try await workers.cancel(run: queued.id, reason: "Enough.", tenant: SyncWorld.ben)
        }
        #expect(ends.withLock { $0.isEmpty })
        #expect(error?.code == .notFound)
        let events = try await world.events(of: queued)
        _ = try await workers.cancel(run: queued.id, reason: "Enough.", tenant: queued.tenant)
        var states: [RunState] = []
        for await status in events { states.append(status.state) }
        #expect(states.last == .cancelled)
        #expect(ends.withLock { $0.map(\.state) } == [.cancelled])
        #expect(try await world.store.nextJobDue(now: world.clock.now()) == nil)
    }

    // MARK: - Stopping

    @Test func `what is handed back goes on elsewhere, and ends as an undisturbed run`() async throws {
        let world = try await SyncWorld()
        let plain = try await world.queued("plain", ["rows": 100], tenant: SyncWorld.ben)
        _ = try await world.worker().runNext(abandoned: false)
        let queued = try await world.queued("people", ["rows": 100, "at": 50, "do": "wait", "when": "first"])
        let first = world.workers("one")
        let service = Task { await first.run() }
        try await world.wait(for: queued) { $0.counts.read >= 20 }
        await first.stop(within: .seconds(30))
        await service.value
        let waiting = try await world.run(queued)
        #expect(waiting.state == .queued && waiting.attempt == 0 && waiting.failure == nil)
        #expect(waiting.counts.read >= 20)
        #expect(world.clock.sleepers == [])
        #expect(try world.outcomes(of: queued) == [])
        let second = world.workers("two")
        let successor = Task { await second.run() }
        let run = try await world.end(of: queued)
        #expect(run.attempt == 1)
        #expect(try await world.outcome(of: queued) == world.outcome(of: plain))
        await second.stop(within: .seconds(30))
        await successor.value
    }

    @Test func `a connector that does not let go is handed back all the same`() async throws {
        let world = try await SyncWorld()
        let queued = try await world.queued("people", ["rows": 100, "at": 50, "do": "sleep", "when": "first"])
        let first = world.workers("one")
        let service = Task { await first.run() }
        try await world.wait(for: queued) { $0.counts.read >= 20 }
        await first.stop(within: .zero)
        #expect(try await world.run(queued).state == .queued)
        await service.value
        let second = world.workers("two")
        let successor = Task { await second.run() }
        #expect(try await world.end(of: queued).counts.read == 100)
        await second.stop(within: .seconds(30))
        await successor.value
    }

    @Test func `a cancelled service hands back, too`() async throws {
        let world = try await SyncWorld()
        let queued = try await world.queued("people", ["rows": 100, "at": 50, "do": "wait"])
        let workers = world.workers()
        let service = Task { await workers.run() }
        try await world.wait(for: queued) { $0.counts.read >= 20 }
        service.cancel()
        await service.value
        #expect(try await world.run(queued).state == .queued)
    }

    @Test func `leases of the dead are taken over at once by a host that is alone`() async throws {
        let world = try await SyncWorld()
        let queued = try await world.queued("people", ["rows": 20])
        _ = try await world.claim("the dead")
        let workers = world.workers { $0.isAlone = true }
        let service = Task { await workers.run() }
        #expect(try await world.end(of: queued).state == .doneWithRejects)
        await workers.stop(within: .seconds(30))
        await service.value
    }

    @Test func `a host that was frozen for longer than its lease ends the run once`() async throws {
        let world = try await SyncWorld()
        let plain = try await world.queued("plain", ["rows": 100], tenant: SyncWorld.ben)
        _ = try await world.worker().runNext(abandoned: false)
        let gate = try Gate("a", in: world.folder)
        let queued = try await world.queued("people", ["rows": 100, "at": 50, "do": "gate"], input: gate.input)
        let workers = world.workers()
        let service = Task { await workers.run() }
        try await world.wait(for: queued) { $0.counts.read >= 20 }
        await world.clock.sleeper(until: ManualClock.start + .seconds(30))
        // Its heartbeat and its claim of what is overdue race now: either may be first.
        world.clock.advance(by: .seconds(40))
        try gate.open()
        #expect(try await world.end(of: queued).state == .doneWithRejects)
        #expect(try await world.outcome(of: queued) == world.outcome(of: plain))
        #expect(try world.outcomes(of: queued) == ["success"])
        await workers.stop(within: .seconds(30))
        await service.value
        #expect(await workers.inHand == 0)
    }

    @Test func `a lease of another host is waited for`() async throws {
        let world = try await SyncWorld()
        let queued = try await world.queued("people", ["rows": 20])
        _ = try await world.claim("another")
        let workers = world.workers()
        let service = Task { await workers.run() }
        let over = ManualClock.start + .seconds(30)
        await world.clock.sleeper(until: over)
        world.clock.set(over)
        #expect(try await world.end(of: queued).attempt == 2)
        await workers.stop(within: .seconds(30))
        await service.value
    }
}
