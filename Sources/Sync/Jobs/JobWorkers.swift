package import Identifiers
internal import JSON
package import Log
package import Store
internal import Time

/// Works the queue's jobs, some at once, as long as the host serves.
///
/// It sleeps until it is woken (a sync was queued), a job has ended, or the next one is due; it never looks at the queue just
/// to see whether something is there.
package actor JobWorkers {
    package struct Settings: Sendable {
        /// Jobs at once.
        package var limit = 2
        /// While a tenant has so many jobs running, those of others go first.
        package var perTenant = 1
        /// This process holds the database alone: leases of others are leftovers of the dead.
        package var isAlone = false
        /// How long the queue is left alone after it failed; doubles each time.
        package var firstPause = Duration.seconds(1)
        package var longestPause = Duration.seconds(60)
        /// How long `run` waits at its end for what is in hand, if nobody has called `stop`.
        package var stopLimit = Duration.seconds(3)

        package init() {}
    }

    /// A job that is worked here, while its work is not over: perhaps longer than its lease.
    private struct Held {
        var job: ClaimedJob
        var work: Task<Void, Never>
    }

    /// Between a claim that found nothing and the next one, where something seems to be due all the same.
    private static let leastWait = Duration.seconds(2)

    private let worker: SyncWorker
    private let store: any Store
    private let board: RunBoard
    private let log: Logger
    private let clock: any WallClock
    private let settings: Settings
    private let ended: @Sendable (Run) -> Void
    private let wakes: AsyncStream<Void>
    private let waker: AsyncStream<Void>.Continuation

    /// By ticket: a host that was frozen can find its own job overdue while its former work on it still ends.
    private var held: [UInt64: Held] = [:]
    private var nextTicket: UInt64 = 0
    private var isStopping = false
    private var isClaiming = false
    private var alarm: (time: Instant, task: Task<Void, Never>)?
    private var pause: Pause
    /// Finished when nothing is held any more.
    private var emptied: [AsyncStream<Never>.Continuation] = []

    /// - Parameters:
    ///   - worker: with the same store and clock.
    ///   - ended: told of each run that ended here, or that was cancelled.
    package init(
        worker: SyncWorker,
        store: any Store,
        board: RunBoard,
        log: Logger,
        clock: any WallClock = SystemWallClock(),
        settings: Settings = Settings(),
        ended: @escaping @Sendable (Run) -> Void = { _ in }
    ) {
        self.worker = worker
        self.store = store
        self.board = board
        self.log = log
        self.clock = clock
        self.settings = settings
        self.ended = ended
        pause = Pause(first: settings.firstPause, longest: settings.longestPause)
        // One wake-up that waits stands for all that come meanwhile.
        (wakes, waker) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Works until `stop` is called or its task is cancelled, and what was in hand is handed back. Once only.
    package func run() async {
        waker.yield()
        for await _ in wakes where !isStopping { await claimAll() }
        // A cancelled task can't wait any more.
        await Task { await self.stop(within: self.settings.stopLimit) }.value
    }

    /// How many jobs are worked now.
    package var inHand: Int { held.count }

    /// A job was queued, or may be due earlier than was known.
    package nonisolated func wake() {
        waker.yield()
    }

    /// How many of the rows that a plan changes are compared while somebody waits for the answer; the rest are before anything
    /// is written.
    private static let mostCompared: Int64 = 50_000

    /// Why a run's plan doesn't hold any more, as far as can be told at once; nil if it seems to hold.
    package nonisolated func planDrift(_ run: Run) async throws -> String? {
        try await worker.planDrift(run, most: Self.mostCompared)
    }

    /// Jobs that are worked here now.
    package var heldCount: Int { held.count }

    /// Ends a run: at once in the store, so that whoever works on it commits nothing more, and here within two seconds.
    @discardableResult
    package func cancel(
        run: UUID,
        reason: String,
        actor: String = Actor.host,
        tenant: UUID
    ) async throws(StoreError) -> Run {
        let run = try await store.cancelRun(run, reason: reason, actor: actor, tenant: tenant, now: clock.now())
        wasCancelled(run)
        return run
    }

    /// Somebody has ended the run in the store: who works on it here stops, and who watches it or counts it is told.
    package func wasCancelled(_ run: Run) {
        for held in held.values where held.job.run == run.id { held.work.cancel() }
        board.left(run)
        ended(run)
    }

    /// Claims nothing more, ends what runs after the batch in hand, and hands the leases back. What is not over within the
    /// limit is handed back all the same: it commits nothing after that.
    package func stop(within limit: Duration) async {
        isStopping = true
        alarm?.task.cancel()
        waker.finish()
        for job in held.values { job.work.cancel() }
        await waitUntilEmpty(atMost: limit)
        for job in held.values {
            log.warning("job handed back before its work was over", fields(of: job.job))
            await handBack(job.job)
        }
    }

    // MARK: - Claiming

    private func claimAll() async {
        isClaiming = true
        defer {
            isClaiming = false
            tellIfEmpty()
        }
        while !isStopping, held.count < settings.limit {
            if let end = pause.end, clock.now() < end { return setAlarm(end) }
            do throws(StoreError) {
                guard let job = try await worker.claim(perTenant: settings.perTenant, abandoned: settings.isAlone)
                else { return setAlarm(try await store.nextJobDue(now: clock.now())) }
                pause.over()
                // Told to stop meanwhile.
                if isStopping { await handBack(job) } else { start(job) }
            } catch {
                failed("the queue can't be read", error)
            }
        }
    }

    /// Below the priority of requests: mapping keeps a thread of the pool busy.
    private func start(_ job: ClaimedJob) {
        nextTicket += 1
        let ticket = nextTicket
        held[ticket] = Held(job: job, work: Task(priority: .utility) { await self.work(job, ticket) })
    }

    /// Wakes the loop then, in place of the alarm that was set before.
    private func setAlarm(_ due: Instant?) {
        let now = clock.now()
        let time = due.map { $0 > now ? $0 : now + Self.leastWait }
        if let alarm, alarm.time == time { return }
        alarm?.task.cancel()
        alarm = nil
        guard !isStopping, let time else { return }
        let task = Task {
            do {
                try await clock.sleep(until: time)
            } catch {
                return  // Another alarm was set.
            }
            rang(time)
        }
        alarm = (time, task)
    }

    private func rang(_ time: Instant) {
        if alarm?.time == time { alarm = nil }
        waker.yield()
    }

    private func failed(_ what: String, _ error: StoreError) {
        pause.failed(at: clock.now())
        log.error(what, [("code", .string(error.code.description)), ("message", .string(error.debugDescription))])
    }

    // MARK: - Working

    private func work(_ job: ClaimedJob, _ ticket: UInt64) async {
        defer {
            held[ticket] = nil
            waker.yield()
            tellIfEmpty()
        }
        do {
            let board = board
            let run = try await worker.work(job, began: board.began, left: board.left) {
                board.progressed(job.run, $0)
            }
            if run.state.hasEnded { ended(run) }
        } catch is CancellationError {
            await handBack(job)
        } catch let error as StoreError where error.code == .fenced {
            await lost(job)
        } catch let error as StoreError {
            failed("a job can't be worked; it is tried again when its lease is over", error)
            await lost(job)
        } catch {
            log.error("a job ended in an unknown way", fields(of: job) + [("message", .string("\(error)"))])
            await lost(job)
        }
    }

    /// Gives the lease back. Of a run that was cancelled there is none any more.
    private func handBack(_ job: ClaimedJob) async {
        do throws(StoreError) {
            board.left(try await store.releaseJob(job, now: clock.now()))
            log.info("job handed back", fields(of: job))
        } catch {
            if error.code == .fenced { return await lost(job) }
            log.error(
                "a job can't be handed back; it goes on when its lease is over",
                fields(of: job) + [("message", .string(error.debugDescription))]
            )
        }
    }

    /// Somebody else has the run, or it was cancelled: the store knows what became of it.
    private func lost(_ job: ClaimedJob) async {
        log.info("run dropped", fields(of: job))
        guard !held.values.contains(where: { $0.job.run == job.run && $0.job.fence > job.fence }) else { return }
        do throws(StoreError) {
            if let run = try await store.run(job.run, tenant: job.tenant) { board.left(run) }
        } catch {
            log.warning("a run's state can't be read", fields(of: job) + [("message", .string(error.debugDescription))])
            board.lost(job.run)
        }
    }

    // MARK: - Stopping

    private func waitUntilEmpty(atMost limit: Duration) async {
        guard isBusy else { return }
        let (empty, signal) = AsyncStream<Never>.makeStream()
        emptied.append(signal)
        let deadline = Task {
            do {
                try await Task.sleep(for: limit)
            } catch {
                return  // All was over before.
            }
            signal.finish()
        }
        for await _ in empty {}
        deadline.cancel()
    }

    private var isBusy: Bool { isClaiming || !held.isEmpty }

    private func tellIfEmpty() {
        guard !isBusy else { return }
        for signal in emptied { signal.finish() }
        emptied = []
    }

    private func fields(of job: ClaimedJob) -> Logger.Fields {
        [("run", .string(job.run.description)), ("tenant", .string(job.tenant.description))]
    }
}
