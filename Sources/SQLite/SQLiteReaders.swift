/// A few connections that only read, each on its own thread; who is free takes the next call.
package final class SQLiteReaders: Sendable {
    package let path: String
    private let queue: WorkQueue
    private let threads: [ConnectionThread]

    private init(path: String, queue: WorkQueue, threads: [ConnectionThread]) {
        self.path = path
        self.queue = queue
        self.threads = threads
    }

    deinit {
        queue.close(threads: threads.count)
    }

    package static func open(
        path: String,
        count: Int = 2,
        settings: SQLiteSettings = .reader
    ) async throws(SQLiteError) -> SQLiteReaders {
        let queue = WorkQueue(lanes: 1)
        var threads: [ConnectionThread] = []
        for number in 1...max(count, 1) {
            do throws(SQLiteError) {
                threads.append(
                    try await ConnectionThread.start(
                        name: "sqlite-reader-\(number)",
                        queue: queue,
                        path: path,
                        mode: .readOnly,
                        settings: settings
                    )
                )
            } catch {
                queue.close(threads: threads.count)
                throw error
            }
        }
        return SQLiteReaders(path: path, queue: queue, threads: threads)
    }

    /// Runs the body over one consistent view of the database.
    package func read<Result: Sendable, Failure: SQLiteErrorConvertible>(
        _ body: @escaping @Sendable (SQLiteConnection) throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        try await queue.run(lane: 0, database: path) { connection throws(Failure) in
            try connection.snapshot { () throws(Failure) in try body(connection) }
        }
    }

    /// How many calls the threads have taken up so far.
    package var served: Int { queue.served }

    /// Takes no more work, serves what was taken, closes, and ends the threads.
    package func close() async throws(SQLiteError) {
        queue.close(threads: threads.count)
        for thread in threads { try await thread.ended() }
    }
}
