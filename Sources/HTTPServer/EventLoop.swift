internal import CSystem
internal import Glibc
internal import Platform
internal import Synchronization

/// What an event loop serves between its jobs, always on the loop's thread.
protocol EventLoopClient: Sendable {
    /// Does what is due; returns the milliseconds until it wants to be called again, -1 for never.
    func turn() -> Int32
    /// A watched descriptor is ready: `events` of epoll(7).
    func ready(_ tag: UInt64, _ events: UInt32)
}

/// A thread that runs an actor's jobs and waits for descriptors in between: epoll(7).
///
/// The thread ends when the loop is released and its queue is empty.
final class EventLoop: SerialExecutor {
    private let core: EventLoopCore

    init(name: String) throws(SystemError) {
        core = try EventLoopCore()
        let start = unsafe EventLoopStart(core: core, executor: asUnownedSerialExecutor())
        _ = try Thread(name: name) { start.run() }
    }

    deinit {
        core.close()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        core.append(UnownedJob(job))
    }

    func isIsolatingCurrentContext() -> Bool? {
        core.isCurrentThread
    }

    func checkIsolated() {
        precondition(core.isCurrentThread, "not on the thread of this event loop")
    }

    /// From now on the client is served, and kept alive.
    func attach(_ client: some EventLoopClient) {
        core.attach(client)
    }

    func detach() {
        core.attach(nil)
    }

    /// Watches a descriptor, or changes what it is watched for.
    func watch(_ descriptor: CInt, for events: UInt32, tag: UInt64) throws(SystemError) {
        guard csystem_epoll_watch(core.epoll.rawValue, descriptor, events, tag) == 0 else {
            throw SystemError(call: "epoll_ctl", subject: "descriptor \(descriptor)")
        }
    }

    /// The descriptor must be a watched one that is still open.
    func forget(_ descriptor: CInt) {
        _ = csystem_epoll_forget(core.epoll.rawValue, descriptor)
    }
}

/// The descriptors and the queue, shared by the loop and its thread.
private final class EventLoopCore: Sendable {
    private struct State {
        var jobs: [UnownedJob] = []
        var client: (any EventLoopClient)?
        var asleep = false
        var closed = false
    }

    /// The tag of the descriptor that wakes the thread; clients' tags are never 0.
    private static let wakeTag: UInt64 = 0

    let epoll: FileDescriptor
    private let wake: FileDescriptor
    private let state = Mutex(State())
    private let thread = Atomic<UInt>(0)

    init() throws(SystemError) {
        let epoll = csystem_epoll()
        guard epoll >= 0 else { throw SystemError(call: "epoll_create1") }
        self.epoll = FileDescriptor(owning: epoll)
        let wake = csystem_eventfd()
        guard wake >= 0 else { throw SystemError(call: "eventfd") }
        self.wake = FileDescriptor(owning: wake)
        let events = UInt32(CSYSTEM_READABLE)
        guard csystem_epoll_watch(epoll, wake, events, Self.wakeTag) == 0 else {
            throw SystemError(call: "epoll_ctl", subject: "eventfd")
        }
    }

    var isCurrentThread: Bool {
        thread.load(ordering: .relaxed) == UInt(pthread_self())
    }

    func append(_ job: UnownedJob) {
        let mustWake = state.withLock { state in
            state.jobs.append(job)
            return state.asleep.take()
        }
        if mustWake { wakeUp() }
    }

    func attach(_ client: (any EventLoopClient)?) {
        state.withLock { $0.client = client }
    }

    func close() {
        state.withLock { $0.closed = true }
        wakeUp()
    }

    func run(on executor: UnownedSerialExecutor) {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        var jobs: [UnownedJob] = []
        while true {
            let closed = state.withLock { state in
                state.asleep = false
                swap(&jobs, &state.jobs)
                return state.closed
            }
            for job in jobs { unsafe job.runSynchronously(on: executor) }
            if closed, jobs.isEmpty { return }
            jobs.removeAll(keepingCapacity: true)
            let client = state.withLock { $0.client }
            let timeout = client?.turn() ?? -1
            wait(timeout, client)
        }
    }

    private func wait(_ timeout: Int32, _ client: (any EventLoopClient)?) {
        let timeout = state.withLock { state in
            guard state.jobs.isEmpty, !state.closed else { return Int32(0) }
            state.asleep = true
            return timeout
        }
        unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 64) { tags in
            unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { events in
                guard let firstTag = tags.baseAddress, let firstEvents = events.baseAddress else { return }
                let count = unsafe csystem_epoll_wait(epoll.rawValue, firstTag, firstEvents, 64, timeout)
                for index in 0..<Int(max(count, 0)) {
                    let (tag, ready) = unsafe (tags[index], events[index])
                    if tag == Self.wakeTag { clearWake() } else { client?.ready(tag, ready) }
                }
            }
        }
    }

    private func wakeUp() {
        var one: UInt64 = 1
        _ = unsafe Glibc.write(wake.rawValue, &one, 8)
    }

    private func clearWake() {
        var count: UInt64 = 0
        _ = unsafe Glibc.read(wake.rawValue, &count, 8)
    }
}

@safe
private final class EventLoopStart: Sendable {
    private let core: EventLoopCore
    // An executor outlives its jobs; the thread touches it only while a job is being run.
    private let executor: UnownedSerialExecutor

    init(core: EventLoopCore, executor: UnownedSerialExecutor) {
        self.core = core
        unsafe self.executor = executor
    }

    func run() {
        unsafe core.run(on: executor)
    }
}

extension Bool {
    /// Its value; false from now on.
    fileprivate mutating func take() -> Bool {
        defer { self = false }
        return self
    }
}
