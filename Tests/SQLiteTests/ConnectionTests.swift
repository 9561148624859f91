import SQLite
import TestSupport
import Testing

@Suite struct `A connection` {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func open(
        _ name: String = "a.db",
        _ mode: SQLiteConnection.Mode = .create,
        _ settings: SQLiteSettings = .writer
    ) throws(SQLiteError) -> SQLiteConnection {
        try SQLiteConnection(path: folder.file(name), mode: mode, settings: settings)
    }

    @Test(
        arguments: [
            ("page_size", 8_192), ("cache_size", -16_000), ("synchronous", 1), ("wal_autocheckpoint", 4_000),
            ("foreign_keys", 1), ("busy_timeout", 5_000), ("secure_delete", 2), ("trusted_schema", 0),
            ("temp_store", 2),
        ] as [(String, Int64)]
    )
    func `is set up for writing`(pragma: String, value: Int64) throws {
        #expect(try open().integer("PRAGMA \(pragma)") == value)
    }

    @Test func `keeps its page size in the file and its log beside it`() throws {
        let connection = try open()
        try connection.execute("CREATE TABLE t (k)")
        #expect(folder.exists("a.db-wal"))
        try connection.checkpoint()
        let header = try folder.read("a.db").prefix(18)
        #expect(Array(header.suffix(2)) == [0x20, 0x00])
    }

    @Test func `opened for reading can't write, whatever the statement`() throws {
        try open().execute("CREATE TABLE t (k)")
        let reader = try open("a.db", .readOnly, .reader)
        let error = #expect(throws: SQLiteError.self) { try reader.execute("INSERT INTO t VALUES (1)") }
        #expect(error?.isReadOnly == true)
    }

    @Test func `doesn't make a file unless asked to`() throws {
        let error = #expect(throws: SQLiteError.self) { try open("none.db", .readWrite) }
        #expect(error?.cannotOpen == true)
        #expect(error?.database == folder.file("none.db"))
        #expect(!folder.exists("none.db"))
    }

    @Test func `takes any file name for a file name`() throws {
        try open("file:x?mode=memory").execute("CREATE TABLE t (k)")
        #expect(folder.exists("file:x?mode=memory"))
        for name in ["", "a\0b"] {
            let error = #expect(throws: SQLiteError.self) {
                try SQLiteConnection(path: name, mode: .create, settings: .writer)
            }
            #expect(error?.cannotOpen == true)
        }
    }

    @Test func `says that a text file is no database, and leaves it as it is`() throws {
        let text = Array(repeating: UInt8(ascii: "x"), count: 5_000)
        _ = try folder.write(text, to: "notes.txt")
        let error = #expect(throws: SQLiteError.self) { try open("notes.txt") }
        #expect(error?.isNotADatabase == true)
        #expect(try folder.read("notes.txt") == text)
    }

    @Test func `says that a damaged file is damaged`() throws {
        let connection = try open()
        try connection.execute("CREATE TABLE t (k INTEGER PRIMARY KEY, v TEXT)")
        try connection.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
                + " INSERT INTO t SELECT i, hex(randomblob(100)) FROM n"
        )
        try connection.checkpoint()
        var bytes = try folder.read("a.db")
        for position in 8_192..<bytes.count { bytes[position] = 0xA5 }
        _ = try folder.write(bytes, to: "b.db")
        let damaged = try open("b.db")
        let error = #expect(throws: SQLiteError.self) { try damaged.integer("SELECT sum(length(v)) FROM t") }
        #expect(error?.isCorrupt == true)
    }

    @Test func `undoes a transaction whose body throws, at whichever statement`() throws {
        let connection = try open()
        try connection.execute("CREATE TABLE t (k INTEGER PRIMARY KEY)")
        for failing in 1...3 {
            let error = #expect(throws: SQLiteError.self) {
                try connection.transaction { () throws(SQLiteError) in
                    for step in 1...3 {
                        guard step < failing else { throw SQLiteError(code: 4, message: "stop \(failing)") }
                        try connection.execute("INSERT INTO t VALUES (?)", [.integer(Int64(step))])
                    }
                }
            }
            #expect(error?.message == "stop \(failing)")
            #expect(!connection.isInTransaction)
            #expect(try connection.integer("SELECT count(*) FROM t") == 0)
        }
    }

    @Test func `undoes a transaction that a full disk ended, and goes on`() throws {
        var settings = SQLiteSettings.writer
        settings.maximumPages = 8
        let connection = try open("small.db", .create, settings)
        try connection.execute("CREATE TABLE t (k INTEGER PRIMARY KEY, v BLOB)")
        let error = #expect(throws: SQLiteError.self) {
            try connection.transaction { () throws(SQLiteError) in
                for _ in 0..<100 { try connection.execute("INSERT INTO t (v) VALUES (zeroblob(4000))") }
            }
        }
        #expect(error?.isFull == true)
        #expect(!connection.isInTransaction)
        #expect(try connection.integer("SELECT count(*) FROM t") == 0)
        try connection.execute("INSERT INTO t (v) VALUES (NULL)")
        #expect(try connection.integer("SELECT count(*) FROM t") == 1)
    }

    @Test func `takes back a part and keeps the rest`() throws {
        let connection = try open()
        try connection.execute("CREATE TABLE t (k INTEGER PRIMARY KEY)")
        try connection.transaction { () throws(SQLiteError) in
            try connection.execute("INSERT INTO t VALUES (1)")
            do throws(SQLiteError) {
                try connection.savepoint { () throws(SQLiteError) in
                    try connection.execute("INSERT INTO t VALUES (2)")
                    try connection.execute("INSERT INTO t VALUES (1)")
                }
            } catch {
                guard error.constraint == .primaryKey else { throw error }
            }
            try connection.execute("INSERT INTO t VALUES (3)")
        }
        let keys = try connection.rows("SELECT k FROM t ORDER BY k") { row throws(SQLiteError) in row.int64(0) }
        #expect(keys == [1, 3])
    }

    @Test func `counts what it changed`() throws {
        let connection = try open()
        try connection.execute("CREATE TABLE t (k INTEGER PRIMARY KEY)")
        try connection.execute("INSERT INTO t VALUES (5), (6)")
        #expect(connection.changes == 2)
        #expect(connection.lastInsertRowID == 6)
    }

    @Test func `answers busy while another has the write lock`() throws {
        var impatient = SQLiteSettings.writer
        impatient.busyMilliseconds = 0
        let first = try open()
        let second = try open("a.db", .readWrite, impatient)
        try first.transaction { () throws(SQLiteError) in
            let error = #expect(throws: SQLiteError.self) {
                try second.transaction { () throws(SQLiteError) in }
            }
            #expect(error?.isBusy == true)
        }
        try second.transaction { () throws(SQLiteError) in }
    }
}
