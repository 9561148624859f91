internal import Synchronization

/// Whether the host waits for batches of a runner, told by the thread that reads them to the thread that keeps the time.
final class ReaderActivity: Sendable {
    private let state: Mutex<Conversation.Reading>

    init() { state = Mutex(.resting) }

    var now: Conversation.Reading { state.withLock { $0 } }

    /// From now on the runner has something to send.
    func waits() {
        let since = ContinuousClock.now
        state.withLock { $0 = .waiting(since: since) }
    }

    /// A frame came; the next is not wanted yet.
    func rests() { state.withLock { $0 = .resting } }
}
