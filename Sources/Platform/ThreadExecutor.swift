internal import CSystem
internal import Glibc
internal import Synchronization

/// One thread of its own that runs an actor's jobs in order: for work that blocks (database, file, pipe), which must
/// never run on Swift's pool.
///
/// An actor uses it by returning `executor.asUnownedSerialExecutor()` from `unownedExecutor` and holding it strongly.
/// The thread ends when the executor is released and its queue is empty.
package final class ThreadExecutor: SerialExecutor {
    private let queue: JobQueue

    /// Starts the thread. `name` is shown by `ps -L` and `gdb`, cut at 15 bytes.
    package init(name: String) {
        queue = JobQueue()
        let start = unsafe ThreadStart(name: name, queue: queue, executor: asUnownedSerialExecutor())
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(start).toOpaque()
        let run: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
            guard let context = unsafe context else { return nil }
            unsafe Unmanaged<ThreadStart>.fromOpaque(context).takeRetainedValue().run()
            return nil
        }
        let result = unsafe pthread_create(&thread, nil, run, context)
        precondition(result == 0, "pthread_create failed with \(result): the process is out of threads or memory")
        pthread_detach(thread)
    }

    deinit {
        queue.close()
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        queue.append(UnownedJob(job))
    }
}

@safe
private final class ThreadStart: Sendable {
    private let name: String
    private let queue: JobQueue
    // An executor outlives its jobs; the thread touches it only while a job is being run.
    private let executor: UnownedSerialExecutor

    init(name: String, queue: JobQueue, executor: UnownedSerialExecutor) {
        self.name = name
        self.queue = queue
        unsafe self.executor = executor
    }

    func run() {
        unsafe csystem_name_thread(name)
        while let job = queue.next() {
            unsafe job.runSynchronously(on: executor)
        }
    }
}

private final class JobQueue: Sendable {
    private struct State {
        var jobs: [UnownedJob] = []
        var head = 0
        var closed = false
    }

    private let state = Mutex(State())
    private let available = Semaphore()

    func append(_ job: UnownedJob) {
        state.withLock { $0.jobs.append(job) }
        available.signal()
    }

    func close() {
        state.withLock { $0.closed = true }
        available.signal()
    }

    /// Waits for the next job; nil when closed and empty.
    func next() -> UnownedJob? {
        while true {
            let (job, closed): (UnownedJob?, Bool) = state.withLock { state in
                guard state.head < state.jobs.count else {
                    state.jobs.removeAll(keepingCapacity: true)
                    state.head = 0
                    return (nil, state.closed)
                }
                let job = state.jobs[state.head]
                state.head += 1
                return (job, false)
            }
            if let job { return job }
            if closed { return nil }
            available.wait()
        }
    }
}
