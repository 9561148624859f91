import FoundationEssentials
import Glibc
import SQLite
import TestSupport
import Testing

@Suite struct `Copying the log` {
    private func does(_ plan: inout CheckpointPlan, _ logged: Int32) -> CheckpointPlan.Action {
        plan.committed(logged: logged)
    }

    private func goesOn(_ plan: inout CheckpointPlan, _ page: Int32, round: Int) -> Bool {
        plan.copied(upTo: page, round: round)
    }

    @Test func `begins at its size, finishes with the next commit after the copy, and begins anew`() {
        var plan = CheckpointPlan(pages: 100)
        #expect(does(&plan, 99) == .none)
        #expect(does(&plan, 100) == .start)
        #expect(does(&plan, 120) == .none)
        #expect(!goesOn(&plan, 118, round: 1))
        #expect(does(&plan, 130) == .finish)
        #expect(does(&plan, 10) == .none)
        #expect(does(&plan, 101) == .start)
    }

    @Test func `goes another round while much was appended, three at most`() {
        var plan = CheckpointPlan(pages: 100)
        _ = plan.committed(logged: 100)
        _ = plan.committed(logged: 300)
        #expect(goesOn(&plan, 100, round: 1))
        #expect(goesOn(&plan, 200, round: 2))
        #expect(!goesOn(&plan, 250, round: 3))
        #expect(does(&plan, 301) == .finish)
    }

    @Test func `makes the writer wait for a disk that takes less than is written`() {
        var plan = CheckpointPlan(pages: 100)
        _ = plan.committed(logged: 100)
        #expect(does(&plan, 399) == .none)
        #expect(does(&plan, 400) == .waitAndFinish)
        // The copy that it waited for has nothing more to say.
        #expect(!goesOn(&plan, 100, round: 1))
        #expect(does(&plan, 20) == .none)
        #expect(does(&plan, 100) == .start)
    }

    @Test func `keeps the log small while the writer writes, and loses nothing`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("a.db")
        var settings = SQLiteSettings.writer
        settings.checkpointPages = 20
        let writer = try await SQLiteWriter.open(path: path, mode: .create, settings: settings)
        try await writer.write(priority: .api) { connection throws(SQLiteError) in
            try connection.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, b BLOB)")
        }
        let blob = [UInt8](repeating: 7, count: 16_000)
        var largest = 0
        for number in 0..<400 {
            try await writer.transaction(priority: .batch) { connection throws(SQLiteError) in
                try connection.execute("INSERT INTO t VALUES (?, ?)", [.integer(Int64(number)), .blob(blob)])
            }
            var status = stat()
            #expect(unsafe stat(path + "-wal", &status) == 0)
            largest = max(largest, status.st_size)
        }
        // 6.4 MB were written; four times 20 pages and what one commit adds are 0.7.
        #expect(largest < 1_000_000, "the log grew to \(largest) bytes")
        let readers = try await SQLiteReaders.open(path: path)
        let count = try await readers.read { connection throws(SQLiteError) in
            try connection.integer("SELECT count(*) FROM t WHERE length(b) = 16000")
        }
        #expect(count == 400)
        try await readers.close()
        try await writer.close()
        #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
    }
}
