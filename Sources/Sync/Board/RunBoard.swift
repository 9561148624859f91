internal import Changes
package import Identifiers
package import Store
internal import Synchronization
internal import Time

/// How far the runs of this host are, in memory, for whoever watches them.
package final class RunBoard: Sendable {
    /// At most four a second of a run.
    fileprivate static let interval = Duration.milliseconds(250)

    fileprivate typealias Listener = AsyncStream<RunStatus>.Continuation

    /// A run that a worker of this host has in hand.
    fileprivate struct Entry {
        var status: RunStatus
        var meter = ProgressMeter()
        var throttle = Throttle(interval: RunBoard.interval)
    }

    fileprivate struct Listeners {
        var byRun: [UUID: [UInt64: Listener]] = [:]
        var nextTicket: UInt64 = 0
    }

    /// Held while statuses are told, so that no older one comes after a newer one.
    private let entries = Mutex<[UUID: Entry]>([:])
    /// Never held while something is told: a listener's task that is cancelled keeps a lock of its own, which telling it
    /// needs, while its `onTermination` waits for this one.
    private let listening = Mutex(Listeners())
    private let clock: any WallClock

    package init(clock: any WallClock = SystemWallClock()) {
        self.clock = clock
    }

    // MARK: - Who watches

    /// How far a run that was read from the store is; nil if no worker of this host has it, or the store has its end: its
    /// worker may still see to what comes after.
    package func status(of run: Run) -> RunStatus? {
        guard !run.state.isAtRest else { return nil }
        let now = clock.now()
        return entries.withLock { $0[run.id]?.status(at: now) }
    }

    /// The run's status now, then each change, the newest in place of what was not read yet, until the run has ended: its
    /// end is the last element. Nil if the tenant has no such run.
    package func events(
        for run: UUID,
        tenant: UUID,
        in store: any Store
    ) async throws(StoreError) -> AsyncStream<RunStatus>? {
        // Listens first, so that an end between the two is not missed.
        let (stream, listener, ticket) = listen(to: run)
        guard let run = try await store.run(run, tenant: tenant) else {
            listener.finish()
            return nil
        }
        let isTold = entries.withLock { entries in
            // Gone: its end has been told already.
            guard listening.withLock({ $0.byRun[run.id]?[ticket] != nil }) else { return true }
            guard !run.state.isAtRest else { return false }
            listener.yield(entries[run.id]?.status(at: clock.now()) ?? RunStatus(run))
            return true
        }
        if !isTold {
            listener.yield(RunStatus(run))
            listener.finish()
        }
        return stream
    }

    /// How many watch now.
    package var listeners: Int {
        listening.withLock { $0.byRun.values.reduce(0) { $0 + $1.count } }
    }

    private func listen(to run: UUID) -> (AsyncStream<RunStatus>, Listener, ticket: UInt64) {
        let (stream, listener) = AsyncStream.makeStream(of: RunStatus.self, bufferingPolicy: .bufferingNewest(1))
        let ticket = listening.withLock { listening in
            listening.nextTicket += 1
            listening.byRun[run, default: [:]][listening.nextTicket] = listener
            return listening.nextTicket
        }
        listener.onTermination = { [weak self] _ in self?.left(run, ticket) }
        return (stream, listener, ticket)
    }

    private func left(_ run: UUID, _ ticket: UInt64) {
        listening.withLock { listening in
            listening.byRun[run]?[ticket] = nil
            if listening.byRun[run]?.isEmpty == true { listening.byRun[run] = nil }
        }
    }

    // MARK: - Who works

    /// A worker has the run in hand.
    package func began(_ run: Run) {
        let now = clock.now()
        entries.withLock { entries in
            var status = RunStatus(run)
            status.phase = .starting
            var entry = Entry(status: status)
            entry.meter.began(rows: run.counts.read, at: now)
            entries[run.id] = entry
        }
        changed(run.id)
    }

    /// Its worker tells how far it is.
    package func progressed(_ run: UUID, _ progress: SyncProgress) {
        let now = clock.now()
        entries.withLock { $0[run]?.progressed(progress, at: now) }
        changed(run)
    }

    /// No worker of this host has the run any more, for now or for good: what the store says of it.
    package func left(_ run: Run) {
        let told = entries.withLock { entries in
            entries[run.id] = nil
            // Whoever comes after this is told by the store.
            let told = listening.withLock { listening in
                run.state.isAtRest ? listening.byRun.removeValue(forKey: run.id) : listening.byRun[run.id]
            }
            let status = RunStatus(run)
            for listener in (told ?? [:]).values { listener.yield(status) }
            return told ?? [:]
        }
        guard run.state.isAtRest else { return }
        // Outside the locks: it calls `onTermination`.
        for listener in told.values { listener.finish() }
    }

    /// No worker of this host has the run any more, and what became of it can't be read: who watches it must ask again.
    package func lost(_ run: UUID) {
        let left = entries.withLock { entries in
            entries[run] = nil
            return listening.withLock { $0.byRun.removeValue(forKey: run) } ?? [:]
        }
        // Outside the locks: it calls `onTermination`.
        for listener in left.values { listener.finish() }
    }

    /// Tells the listeners now, or soon.
    private func changed(_ run: UUID) {
        let now = clock.now()
        let action = entries.withLock { entries in
            let action = entries[run]?.throttle.offered(at: now) ?? .none
            if action == .send { tell(run, entries[run]?.status(at: now)) }
            return action
        }
        guard case .wait(let time) = action else { return }
        Task { [clock, weak self] in
            do {
                try await clock.sleep(until: time)
            } catch {
                return  // Nobody cancels this task: the clock itself gave up.
            }
            self?.timeCame(for: run)
        }
    }

    private func timeCame(for run: UUID) {
        let now = clock.now()
        entries.withLock { entries in
            entries[run]?.throttle.timeCame(at: now)
            tell(run, entries[run]?.status(at: now))
        }
    }

    /// Under the entries' lock.
    private func tell(_ run: UUID, _ status: RunStatus?) {
        guard let status, let listeners = listening.withLock({ $0.byRun[run] }) else { return }
        for listener in listeners.values { listener.yield(status) }
    }
}

extension RunBoard.Entry {
    fileprivate mutating func progressed(_ progress: SyncProgress, at now: Instant) {
        if status.phase != .reading, progress.phase == .reading {
            meter.began(rows: status.counts.read, at: now)
        }
        if let bytes = progress.inputBytes { meter.learned(inputBytes: bytes) }
        status.phase = progress.phase
        status.stream = progress.stream
        status.counts = progress.counts
        if let note = progress.note { status.message = note }
        if progress.phase == .reading {
            meter.measured(rows: progress.counts.read, bytes: progress.bytesRead, at: now)
        }
    }

    fileprivate func status(at now: Instant) -> RunStatus {
        var status = status
        if let bytes = meter.bytes { (status.bytesDone, status.bytesTotal) = (bytes.done, bytes.total) }
        guard status.phase == .reading else { return status }
        status.rate = meter.rate(at: now)
        status.secondsLeft = meter.secondsLeft(at: now)
        return status
    }
}
