import Sync
import Synchronization
import Time

/// A clock that stands until the test sets it, and tells who sleeps by it.
final class ManualClock: WallClock {
    private struct Sleeper {
        var until: Instant
        var wake: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = ManualClock.start
        var sleepers: [UInt64: Sleeper] = [:]
        var cancelled: Set<UInt64> = []
        var nextTicket: UInt64 = 0
        var watchers: [(until: Instant, seen: CheckedContinuation<Void, Never>)] = []
    }

    static let start = Instant(microseconds: 1_780_000_000_000_000)

    private let state = Mutex(State())

    func now() -> Instant { state.withLock { $0.now } }

    func sleep(until time: Instant) async throws {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { wake in fallAsleep(ticket, until: time, wake) }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.cancelled.insert(ticket)
                return state.sleepers.removeValue(forKey: ticket)
            }
            sleeper?.wake.resume(throwing: CancellationError())
        }
    }

    private func fallAsleep(_ ticket: UInt64, until time: Instant, _ wake: CheckedContinuation<Void, any Error>) {
        let (result, seen) = state.withLock { state -> (Result<Void, any Error>?, [CheckedContinuation<Void, Never>]) in
            if state.cancelled.contains(ticket) { return (.failure(CancellationError()), []) }
            if time <= state.now { return (.success(()), []) }
            state.sleepers[ticket] = Sleeper(until: time, wake: wake)
            let seen = state.watchers.filter { $0.until == time }.map(\.seen)
            state.watchers.removeAll { $0.until == time }
            return (nil, seen)
        }
        if let result { wake.resume(with: result) }
        for watcher in seen { watcher.resume() }
    }

    /// Waits until somebody sleeps until exactly then.
    func sleeper(until time: Instant) async {
        await withCheckedContinuation { seen in
            let isThere = state.withLock { state in
                if state.sleepers.values.contains(where: { $0.until == time }) { return true }
                state.watchers.append((time, seen))
                return false
            }
            if isThere { seen.resume() }
        }
    }

    /// Those who sleep now, the first to wake first.
    var sleepers: [Instant] { state.withLock { $0.sleepers.values.map(\.until).sorted() } }

    /// Sets the clock; answers how many that woke.
    @discardableResult
    func set(_ time: Instant) -> Int {
        let woken = state.withLock { state in
            state.now = time
            let due = state.sleepers.filter { $0.value.until <= time }
            for ticket in due.keys { state.sleepers[ticket] = nil }
            return due.values.map(\.wake)
        }
        for wake in woken { wake.resume() }
        return woken.count
    }

    @discardableResult
    func advance(by duration: Duration) -> Int { set(now() + duration) }
}
