internal import Platform
internal import Synchronization

/// Work for a connection, by lane (0 first), first come first served within one; threads wait for it.
final class WorkQueue: Sendable {
    typealias Work = @Sendable (SQLiteConnection) -> Void

    private struct State {
        var lanes: [Lane]
        var closed = false
        var served = 0
    }

    private let state: Mutex<State>
    private let available = Semaphore()

    init(lanes: Int) {
        state = Mutex(State(lanes: Array(repeating: Lane(), count: lanes)))
    }

    /// Runs the body on a thread that serves this queue. The caller's thread is free meanwhile.
    func run<Result: Sendable, Failure: SQLiteErrorConvertible>(
        lane: Int,
        database: String,
        _ body: @escaping @Sendable (SQLiteConnection) throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let result: Swift.Result<Result, Failure> = await withCheckedContinuation { continuation in
            let taken = append(lane: lane) { connection in
                let result = Swift.Result { () throws(Failure) in try body(connection) }
                continuation.resume(returning: result)
            }
            if !taken { continuation.resume(returning: .failure(Failure(.closed(database)))) }
        }
        return try result.get()
    }

    /// Has the work done without waiting for it. False if the queue is closed: the work will not run.
    func append(lane: Int, _ work: @escaping Work) -> Bool {
        let taken = state.withLock { state in
            guard !state.closed else { return false }
            state.lanes[lane].append(work)
            return true
        }
        if taken { available.signal() }
        return taken
    }

    /// Waits for the next work; nil when the queue is closed and nothing is left.
    func next() -> Work? {
        // One signal per work and one per thread at the close: a thread never waits while there is work.
        available.wait()
        return state.withLock { state in
            for lane in state.lanes.indices {
                guard let work = state.lanes[lane].popFirst() else { continue }
                state.served += 1
                return work
            }
            return nil
        }
    }

    /// No more work is taken; what was taken before is still served.
    func close(threads: Int) {
        let first = state.withLock { state in
            defer { state.closed = true }
            return !state.closed
        }
        guard first else { return }
        for _ in 0..<threads { available.signal() }
    }

    /// Whether work of a lane before this one waits.
    func waits(before lane: Int) -> Bool {
        state.withLock { state in state.lanes[..<lane].contains { !$0.isEmpty } }
    }

    /// How much work nobody has taken up yet.
    var waiting: Int { state.withLock { state in state.lanes.reduce(0) { $0 + $1.count } } }

    /// How much work has been taken by threads so far.
    var served: Int { state.withLock { $0.served } }

    private struct Lane {
        private var work: [Work?] = []
        private var head = 0

        var count: Int { work.count - head }
        var isEmpty: Bool { count == 0 }

        mutating func append(_ new: @escaping Work) {
            work.append(new)
        }

        mutating func popFirst() -> Work? {
            guard head < work.count else { return nil }
            // The closure and what it captured must not outlive its turn.
            let first = work[head].take()
            head += 1
            if head == work.count {
                work.removeAll(keepingCapacity: true)
                head = 0
            } else if head >= 64, head * 2 > work.count {
                work.removeFirst(head)
                head = 0
            }
            return first
        }
    }
}
