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

    fileprivate struct State {
        var entries: [UUID: Entry] = [:]
        var listeners: [UUID: [UInt64: Listener]] = [:]
        var nextTicket: UInt64 = 0
    }

    private let state = Mutex(State())
    private let clock: any WallClock

    package init(clock: any WallClock = SystemWallClock()) {
        self.clock = clock
    }

    // MARK: - Who watches

    /// How far the run is; nil if no worker of this host has it.
    package func status(of run: UUID) -> RunStatus? {
        let now = clock.now()
        return state.withLock { $0.entries[run]?.status(at: now) }
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
        let isTold = state.withLock { state in
            // Gone: its end has been told already.
            guard state.listeners[run.id]?[ticket] != nil else { return true }
            guard !run.state.hasEnded else { return false }
            listener.yield(state.entries[run.id]?.status(at: clock.now()) ?? RunStatus(run))
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
        state.withLock { state in state.listeners.values.reduce(0) { $0 + $1.count } }
    }

    private func listen(to run: UUID) -> (AsyncStream<RunStatus>, Listener, ticket: UInt64) {
        let (stream, listener) = AsyncStream.makeStream(of: RunStatus.self, bufferingPolicy: .bufferingNewest(1))
        let ticket = state.withLock { state in
            state.nextTicket += 1
            state.listeners[run, default: [:]][state.nextTicket] = listener
            return state.nextTicket
        }
        listener.onTermination = { [weak self] _ in self?.left(run, ticket) }
        return (stream, listener, ticket)
    }

    private func left(_ run: UUID, _ ticket: UInt64) {
        state.withLock { state in
            state.listeners[run]?[ticket] = nil
            if state.listeners[run]?.isEmpty == true { state.listeners[run] = nil }
        }
    }

    // MARK: - Who works

    /// A worker has the run in hand.
    package func began(_ run: Run) {
        let now = clock.now()
        state.withLock { state in
            var status = RunStatus(run)
            status.phase = .starting
            var entry = Entry(status: status)
            entry.meter.began(rows: run.counts.read, at: now)
            state.entries[run.id] = entry
        }
        changed(run.id)
    }

    /// Its worker tells how far it is.
    package func progressed(_ run: UUID, _ progress: SyncProgress) {
        let now = clock.now()
        state.withLock { state in state.entries[run]?.progressed(progress, at: now) }
        changed(run)
    }

    /// No worker of this host has the run any more, for now or for good: what the store says of it.
    package func left(_ run: Run) {
        let over = state.withLock { state -> [Listener] in
            state.entries[run.id] = nil
            let status = RunStatus(run)
            for listener in (state.listeners[run.id] ?? [:]).values { listener.yield(status) }
            guard run.state.hasEnded else { return [] }
            return (state.listeners.removeValue(forKey: run.id) ?? [:]).map(\.value)
        }
        // Outside the lock: it calls `onTermination`.
        for listener in over { listener.finish() }
    }

    /// Tells the listeners now, or soon.
    private func changed(_ run: UUID) {
        let now = clock.now()
        let action = state.withLock { state in
            let action = state.entries[run]?.throttle.offered(at: now) ?? .none
            if action == .send { state.tell(run, at: now) }
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
        state.withLock { state in
            state.entries[run]?.throttle.timeCame(at: now)
            state.tell(run, at: now)
        }
    }
}

extension RunBoard.State {
    /// Under the lock, so that no older status comes after a newer one.
    fileprivate func tell(_ run: UUID, at now: Instant) {
        guard let listeners = listeners[run], let status = entries[run]?.status(at: now) else { return }
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
