/// The one writer of a database: a connection on its own thread that serves work by priority.
///
/// A call is one hop to the thread and one back, whatever the body does there. Work in hand is never interrupted.
package final class SQLiteWriter: Sendable {
    package let path: String
    private let queue: WorkQueue
    private let thread: ConnectionThread
    private let checkpointer: Checkpointer

    /// In the order in which they are served.
    package enum Priority: Int, Sendable, CaseIterable {
        case webhook, api, heartbeat, batch
    }

    private init(path: String, queue: WorkQueue, thread: ConnectionThread, checkpointer: Checkpointer) {
        self.path = path
        self.queue = queue
        self.thread = thread
        self.checkpointer = checkpointer
    }

    deinit {
        queue.close(threads: 1)
    }

    package static func open(
        path: String,
        mode: SQLiteConnection.Mode,
        settings: SQLiteSettings = .writer
    ) async throws(SQLiteError) -> SQLiteWriter {
        let queue = WorkQueue(lanes: Priority.allCases.count)
        let thread = try await ConnectionThread.start(
            name: "sqlite-writer",
            queue: queue,
            path: path,
            mode: mode,
            settings: settings,
            emptiesLog: true
        )
        do throws(SQLiteError) {
            let checkpointer = try await Checkpointer(path: path, pages: settings.checkpointPages)
            try await queue.run(lane: 0, database: path) { connection throws(SQLiteError) in
                checkpointer.watch(connection)
            }
            return SQLiteWriter(path: path, queue: queue, thread: thread, checkpointer: checkpointer)
        } catch {
            queue.close(threads: 1)
            throw error
        }
    }

    /// Runs the body on the writer's thread, outside any transaction, after what has a higher priority or came before.
    package func write<Result: Sendable, Failure: SQLiteErrorConvertible>(
        priority: Priority,
        _ body: @escaping @Sendable (SQLiteConnection) throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await queue.run(lane: priority.rawValue, database: path, body)
    }

    /// Runs the body as one transaction: all of it, or nothing if it throws.
    package func transaction<Result: Sendable, Failure: SQLiteErrorConvertible>(
        priority: Priority,
        _ body: @escaping @Sendable (SQLiteConnection) throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await write(priority: priority) { connection throws(Failure) in
            try connection.transaction { () throws(Failure) in try body(connection) }
        }
    }

    /// Whether something of a higher priority waits: a running batch may end sooner.
    package func somethingWaits(above priority: Priority = .batch) -> Bool {
        queue.waits(before: priority.rawValue)
    }

    /// How many calls the thread has not taken up yet.
    package var waiting: Int { queue.waiting }
    /// How many calls the thread has taken up so far.
    package var served: Int { queue.served }

    /// Takes no more work, serves what was taken, empties the write-ahead log, closes, and ends the thread.
    package func close() async throws(SQLiteError) {
        queue.close(threads: 1)
        // First the copy, or the log could not be emptied.
        try await checkpointer.close()
        try await thread.ended()
    }
}
