import FoundationEssentials
import Glibc
import SQLite
import Synchronization
import TestSupport
import Testing

@Suite struct `The writer` {
    let folder: TemporaryFolder
    let path: String

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("a.db")
    }

    @Test func `serves by priority, and in order within one, whatever came first`() async throws {
        let writer = try await SQLiteWriter.open(path: path, mode: .create)
        let order = Order()
        let started = AsyncStream<Void>.makeStream()
        let (sender, gate) = try pipe()
        // A batch in hand keeps the thread busy until everything else has been queued.
        async let running: Void = writer.write(priority: .batch) { _ throws(SQLiteError) in
            started.continuation.yield()
            var byte: UInt8 = 0
            _ = unsafe read(gate, &byte, 1)
            order.append("running")
        }
        for await _ in started.stream { break }
        #expect(!writer.somethingWaits())
        let kinds: [(String, SQLiteWriter.Priority)] = [
            ("batch 1", .batch), ("heartbeat", .heartbeat), ("api 1", .api), ("batch 2", .batch), ("webhook", .webhook),
            ("api 2", .api),
        ]
        try await withThrowingTaskGroup { group in
            for (position, (name, priority)) in kinds.enumerated() {
                let queued = writer.waiting
                group.addTask {
                    try await writer.write(priority: priority) { _ throws(SQLiteError) in
                        order.append(name)
                    }
                }
                while writer.waiting == queued { await Task.yield() }
                #expect(writer.waiting == position + 1)
            }
            #expect(writer.somethingWaits(above: .batch))
            #expect(writer.somethingWaits(above: .api))
            #expect(!writer.somethingWaits(above: .webhook))
            var byte: UInt8 = 1
            _ = unsafe write(sender, &byte, 1)
            try await group.waitForAll()
        }
        try await running
        #expect(
            order.names == [
                "running", "webhook", "api 1", "api 2", "heartbeat", "batch 1", "batch 2",
            ]
        )
        try await writer.close()
        Glibc.close(sender)
        Glibc.close(gate)
    }

    @Test func `needs one hop for a whole transaction, on its own thread`() async throws {
        let writer = try await SQLiteWriter.open(path: path, mode: .create)
        let before = writer.served
        let threads = try await writer.transaction(priority: .api) { connection throws(SQLiteError) in
            var threads: Set<String> = []
            try connection.execute("CREATE TABLE t (k INTEGER PRIMARY KEY)")
            for key in 1...100 {
                try connection.execute("INSERT INTO t VALUES (?)", [.integer(Int64(key))])
                threads.insert(threadID())
            }
            return (threads, threadName())
        }
        #expect(threads.0.count == 1)
        #expect(threads.0.first != threadID())
        #expect(threads.1 == "sqlite-writer")
        #expect(writer.served == before + 1)
        try await writer.close()
    }

    @Test func `leaves Swift's pool free while it blocks`() async throws {
        let writer = try await SQLiteWriter.open(path: path, mode: .create)
        let (sender, gate) = try pipe()
        async let blocked: Void = writer.write(priority: .batch) { _ throws(SQLiteError) in
            var byte: UInt8 = 0
            _ = unsafe read(gate, &byte, 1)
        }
        // As many tasks as the pool has threads, and more: they end although the writer's thread stands still.
        let total = await withTaskGroup(of: Int.self) { group in
            for number in 0..<64 { group.addTask { number } }
            return await group.reduce(0, +)
        }
        #expect(total == 2_016)
        var byte: UInt8 = 1
        _ = unsafe write(sender, &byte, 1)
        try await blocked
        try await writer.close()
        Glibc.close(sender)
        Glibc.close(gate)
    }

    @Test func `closing serves what was taken, empties the log, and ends the thread`() async throws {
        let writer = try await SQLiteWriter.open(path: path, mode: .create)
        let thread = try await writer.transaction(priority: .api) { connection throws(SQLiteError) in
            try connection.execute("CREATE TABLE t (k INTEGER PRIMARY KEY)")
            return threadID()
        }
        #expect(isAlive(thread))
        let before = writer.served + writer.waiting
        async let last: Void = writer.write(priority: .batch) { connection throws(SQLiteError) in
            try connection.execute("INSERT INTO t VALUES (1)")
        }
        while writer.served + writer.waiting == before { await Task.yield() }
        try await writer.close()
        try await last
        #expect(!isAlive(thread))
        #expect(!folder.exists("a.db-wal"))
        let error = await #expect(throws: SQLiteError.self) {
            try await writer.write(priority: .api) { _ throws(SQLiteError) in }
        }
        #expect(error?.message == "the database is closed")
        try await writer.close()
    }

    @Test func `closes although a reader of another process needs the log`() async throws {
        let writer = try await SQLiteWriter.open(path: path, mode: .create, settings: impatient)
        try await writer.write(priority: .api) { connection throws(SQLiteError) in
            try connection.execute("CREATE TABLE t (k INTEGER PRIMARY KEY)")
        }
        let reader = try SQLiteConnection(path: path, mode: .readOnly, settings: .reader)
        try reader.execute("BEGIN")
        _ = try reader.integer("SELECT count(*) FROM t")
        try await writer.write(priority: .api) { connection throws(SQLiteError) in
            try connection.execute("INSERT INTO t VALUES (1)")
        }
        try await writer.close()
        #expect(try reader.integer("SELECT count(*) FROM t") == 0)
        try reader.execute("COMMIT")
        #expect(try reader.integer("SELECT count(*) FROM t") == 1)
    }

    @Test func `reports why it can't open`() async throws {
        let error = await #expect(throws: SQLiteError.self) {
            try await SQLiteWriter.open(path: folder.file("none/a.db"), mode: .create)
        }
        #expect(error?.cannotOpen == true)
    }

    private var impatient: SQLiteSettings {
        var settings = SQLiteSettings.writer
        settings.busyMilliseconds = 0
        return settings
    }
}

@Suite struct `The readers` {
    @Test func `read side by side, each over one view, while the writer commits`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a.db")
        let writer = try await SQLiteWriter.open(path: path, mode: .create)
        try await writer.write(priority: .api) { connection throws(SQLiteError) in
            try connection.execute("CREATE TABLE t (k INTEGER PRIMARY KEY)")
        }
        let readers = try await SQLiteReaders.open(path: path)
        let arrived = AsyncStream<String>.makeStream()
        let (sender, gate) = try pipe()
        @Sendable func readTwice() async throws -> [Int64?] {
            try await readers.read { connection throws(SQLiteError) in
                let first = try connection.integer("SELECT count(*) FROM t")
                arrived.continuation.yield(threadID())
                var byte: UInt8 = 0
                _ = unsafe read(gate, &byte, 1)
                return [first, try connection.integer("SELECT count(*) FROM t")]
            }
        }
        async let first = readTwice()
        async let second = readTwice()
        var threads: Set<String> = []
        for await thread in arrived.stream {
            threads.insert(thread)
            if threads.count == 2 { break }
        }
        try await writer.write(priority: .api) { connection throws(SQLiteError) in
            try connection.execute("INSERT INTO t VALUES (1)")
        }
        var bytes: [UInt8] = [1, 1]
        _ = unsafe write(sender, &bytes, 2)
        #expect(try await [first, second] == [[0, 0], [0, 0]])
        let after = try await readers.read { connection throws(SQLiteError) in
            try connection.integer("SELECT count(*) FROM t")
        }
        #expect(after == 1)
        #expect(readers.served == 3)
        try await readers.close()
        #expect(threads.allSatisfy { !isAlive($0) })
        try await writer.close()
        Glibc.close(sender)
        Glibc.close(gate)
    }
}

private func pipe() throws -> (writing: Int32, reading: Int32) {
    var ends: [Int32] = [0, 0]
    try #require(unsafe Glibc.pipe(&ends) == 0)
    return (ends[1], ends[0])
}

private final class Order: Sendable {
    private let state = Mutex<[String]>([])

    var names: [String] { state.withLock { $0 } }

    func append(_ name: String) {
        state.withLock { $0.append(name) }
    }
}

/// `PID/task/TID`
private func threadID() -> String {
    do {
        return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self")
    } catch {
        return "\(error)"
    }
}

private func threadName() -> String {
    let name = FileManager.default.contents(atPath: "/proc/thread-self/comm") ?? Data()
    return String(decoding: name.dropLast(), as: UTF8.self)
}

private func isAlive(_ thread: String) -> Bool {
    FileManager.default.fileExists(atPath: "/proc/\(thread)")
}
