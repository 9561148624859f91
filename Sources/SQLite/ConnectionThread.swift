internal import CSQLite
internal import Platform
internal import Synchronization

/// One connection and the one thread that uses it, from open to close, serving a queue.
final class ConnectionThread: Sendable {
    private let thread: Mutex<Thread?>
    private let end: OneShot<SQLiteError?>

    private init(thread: consuming Thread, end: OneShot<SQLiteError?>) {
        self.thread = Mutex(thread)
        self.end = end
    }

    /// Starts the thread and waits until its connection is open.
    ///
    /// - Parameter emptiesLog: whether the write-ahead log is copied and emptied at the end.
    static func start(
        name: String,
        queue: WorkQueue,
        path: String,
        mode: SQLiteConnection.Mode,
        settings: SQLiteSettings,
        emptiesLog: Bool = false
    ) async throws(SQLiteError) -> ConnectionThread {
        let opened = OneShot<SQLiteError?>()
        let end = OneShot<SQLiteError?>()
        let thread: Thread
        do throws(SystemError) {
            thread = try Thread(name: name) {
                end.fulfil(serve(queue, path: path, mode: mode, settings: settings, emptiesLog, opened: opened))
            }
        } catch {
            throw SQLiteError(code: SQLITE_CANTOPEN, message: error.description, database: path)
        }
        let owner = ConnectionThread(thread: thread, end: end)
        if let error = await opened.value() { throw error }
        return owner
    }

    /// Waits until the thread has closed its connection and is gone; throws what the close failed with.
    func ended() async throws(SQLiteError) {
        let error = await end.value()
        // The body has nothing left to do: this waits for the thread's own exit only.
        if let thread = thread.withLock({ $0.take() }) { thread.join() }
        if let error { throw error }
    }

    private static func serve(
        _ queue: WorkQueue,
        path: String,
        mode: SQLiteConnection.Mode,
        settings: SQLiteSettings,
        _ emptiesLog: Bool,
        opened: OneShot<SQLiteError?>
    ) -> SQLiteError? {
        do throws(SQLiteError) {
            let connection = try open(path: path, mode: mode, settings: settings, opened: opened)
            while let work = queue.next() { work(connection) }
            connection.dropStatements()
            if emptiesLog { try connection.checkpoint() }
            return nil
        } catch {
            return error
        }
    }

    private static func open(
        path: String,
        mode: SQLiteConnection.Mode,
        settings: SQLiteSettings,
        opened: OneShot<SQLiteError?>
    ) throws(SQLiteError) -> SQLiteConnection {
        do throws(SQLiteError) {
            let connection = try SQLiteConnection(path: path, mode: mode, settings: settings)
            opened.fulfil(nil)
            return connection
        } catch {
            opened.fulfil(error)
            throw error
        }
    }
}

/// A value that comes once, from any thread, and that tasks can wait for.
final class OneShot<Value: Sendable>: Sendable {
    private enum State {
        case waiting([CheckedContinuation<Value, Never>])
        case fulfilled(Value)
    }

    private let state = Mutex(State.waiting([]))

    func fulfil(_ value: Value) {
        let waiting: [CheckedContinuation<Value, Never>] = state.withLock { state in
            guard case .waiting(let waiting) = state else { return [] }
            state = .fulfilled(value)
            return waiting
        }
        for continuation in waiting { continuation.resume(returning: value) }
    }

    func value() async -> Value {
        await withCheckedContinuation { continuation in
            let value: Value? = state.withLock { state in
                switch state {
                case .waiting(let waiting):
                    state = .waiting(waiting + [continuation])
                    return nil
                case .fulfilled(let value):
                    return value
                }
            }
            if let value { continuation.resume(returning: value) }
        }
    }
}
