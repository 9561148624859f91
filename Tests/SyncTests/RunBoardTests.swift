import Changes
import Identifiers
import JSON
import Store
import Sync
import Testing
import Time

@Suite(.timeLimit(.minutes(2))) struct RunBoardTests {
    private func reading(_ rows: Int64, bytes: Int64 = 0) -> SyncProgress {
        var counts = Counts()
        counts.read = rows
        return SyncProgress(phase: .reading, counts: counts, bytesRead: bytes)
    }

    @Test func `nobody watches another tenant's run, or none`() async throws {
        let world = try await SyncWorld()
        let run = try await world.queued()
        #expect(try await world.board.events(for: run.id, tenant: SyncWorld.ben, in: world.store) == nil)
        let unknown = UUID(high: 9, low: 9)
        #expect(try await world.board.events(for: unknown, tenant: SyncWorld.anna, in: world.store) == nil)
        #expect(world.board.listeners == 0)
    }

    @Test func `a run that has ended is told once`() async throws {
        let world = try await SyncWorld()
        let run = try await world.queued("people", ["rows": 10])
        _ = try await world.worker().runNext(abandoned: false)
        var told: [RunState] = []
        for await status in try await world.events(of: run) { told.append(status.state) }
        #expect(told == [.doneWithRejects])
        #expect(world.board.listeners == 0)
    }

    @Test func `changes that follow closely become one, and the end is always told`() async throws {
        let world = try await SyncWorld()
        let board = RunBoard(clock: world.clock)
        let run = try await world.queued()
        let events = try #require(try await board.events(for: run.id, tenant: run.tenant, in: world.store))
        var told = events.makeAsyncIterator()
        #expect(await told.next()?.state == .queued)
        board.began(run)
        #expect(await told.next()?.phase == .starting)
        for rows in 1...1_000 { board.progressed(run.id, reading(Int64(rows))) }
        let soon = ManualClock.start + .milliseconds(250)
        await world.clock.sleeper(until: soon)
        #expect(world.clock.sleepers == [soon])
        world.clock.set(soon)
        let status = await told.next()
        #expect(status?.counts.read == 1_000 && status?.phase == .reading)
        board.progressed(run.id, reading(2_000))
        let ended = try await world.store.cancelRun(run.id, reason: "x", tenant: run.tenant, now: world.clock.now())
        // Its worker may be at what comes after: the store's end is not undone by what the board has still.
        #expect(board.status(of: run)?.phase == .reading && board.status(of: ended) == nil)
        board.left(ended)
        #expect(await told.next()?.state == .cancelled)
        #expect(await told.next() == nil)
        #expect(board.status(of: run) == nil && board.listeners == 0)
    }

    @Test func `a slow watcher gets the newest, not all`() async throws {
        let world = try await SyncWorld()
        let run = try await world.queued()
        let board = RunBoard(clock: world.clock)
        let events = try #require(try await board.events(for: run.id, tenant: run.tenant, in: world.store))
        board.began(run)
        for step in 1...100 {
            world.clock.advance(by: .seconds(1))
            board.progressed(run.id, reading(Int64(step)))
        }
        var told = events.makeAsyncIterator()
        #expect(await told.next()?.counts.read == 100)
    }

    @Test func `who stops watching is forgotten`() async throws {
        let world = try await SyncWorld()
        let run = try await world.queued()
        do {
            let events = try await world.events(of: run)
            #expect(world.board.listeners == 1)
            for await _ in events { break }
        }
        #expect(world.board.listeners == 0)
        let watching = Task { [events = try await world.events(of: run)] in
            for await _ in events {}
        }
        watching.cancel()
        await watching.value
        #expect(world.board.listeners == 0)
    }

    /// A task that is cancelled keeps a lock while it forgets its stream; telling it needs the same lock.
    @Test func `watchers who leave while they are told hold nobody up`() async throws {
        let world = try await SyncWorld()
        let run = try await world.queued()
        world.board.began(run)
        for _ in 0..<40 {
            var watching: [Task<Void, Never>] = []
            for _ in 0..<50 {
                watching.append(Task { [events = try await world.events(of: run)] in for await _ in events {} })
            }
            async let told: Void = withTaskGroup(of: Void.self) { group in
                for _ in 0..<2 { group.addTask { for _ in 0..<20 { world.board.left(run) } } }
            }
            for watcher in watching { watcher.cancel() }
            await told
            for watcher in watching { await watcher.value }
        }
        #expect(world.board.listeners == 0)
    }

    @Test func `a thousand watch one run`() async throws {
        let world = try await SyncWorld()
        let run = try await world.queued("people", ["rows": 20])
        let watching = try await withThrowingTaskGroup(of: RunState?.self) { group in
            for _ in 0..<1_000 {
                let events = try await world.events(of: run)
                group.addTask {
                    var last: RunState?
                    for await status in events { last = status.state }
                    return last
                }
            }
            let workers = world.workers()
            let service = Task { await workers.run() }
            let ends = try await group.reduce(into: [RunState?]()) { $0.append($1) }
            await workers.stop(within: .seconds(30))
            await service.value
            return ends
        }
        #expect(watching == Array(repeating: .doneWithRejects, count: 1_000))
        #expect(world.board.listeners == 0)
    }

    @Test func `size, rate and time left are told while it reads`() async throws {
        let world = try await SyncWorld()
        let run = try await world.queued()
        let board = RunBoard(clock: world.clock)
        board.began(run)
        board.progressed(run.id, SyncProgress(phase: .starting, counts: Counts(), inputBytes: 1_000))
        #expect(board.status(of: run)?.bytesTotal == 1_000)
        world.clock.advance(by: .seconds(1))
        board.progressed(run.id, reading(0))
        world.clock.advance(by: .seconds(2))
        board.progressed(run.id, reading(20, bytes: 200))
        let status = board.status(of: run)
        #expect(status?.bytesDone == 200 && status?.bytesTotal == 1_000)
        #expect(status?.rate == 10 && status?.secondsLeft == 8)
        board.progressed(run.id, SyncProgress(phase: .waiting, counts: Counts(), note: "Down. Trying again."))
        #expect(board.status(of: run)?.message == "Down. Trying again.")
        #expect(board.status(of: run)?.rate == nil)
    }
}
