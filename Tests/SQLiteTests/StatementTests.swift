import SQLite
import TestSupport
import Testing

@Suite struct `A statement` {
    let folder: TemporaryFolder
    let connection: SQLiteConnection

    init() throws {
        folder = try TemporaryFolder()
        connection = try SQLiteConnection(path: folder.file("a.db"), mode: .create, settings: .writer)
        try connection.execute("CREATE TABLE t (k INTEGER PRIMARY KEY, v ANY) STRICT")
    }

    @Test(arguments: [
        SQLiteValue.null, .integer(.min), .integer(.max), .real(-0.5), .text(""), .text("é\0ü"), .blob([]),
        .blob([0, 255]),
    ])
    func `gives back what was bound, storage class and all`(value: SQLiteValue) throws {
        try connection.execute("INSERT INTO t (k, v) VALUES (1, ?)", [value])
        let back: SQLiteValue? = try connection.row("SELECT v FROM t") { row throws(SQLiteError) in row.value(0) }
        #expect(back == value)
    }

    @Test func `binds bytes where they lie, with empty ones as empty text and not NULL`() throws {
        let insert = try connection.statement("INSERT INTO t (v) VALUES (?1)")
        let bytes = Array("abcdef".utf8)
        try unsafe bytes.withUnsafeBytes { bytes in
            try unsafe insert.bindText(uncopied: UnsafeRawBufferPointer(rebasing: bytes[1..<3]), at: 1)
            try insert.run()
            try unsafe insert.bindText(uncopied: UnsafeRawBufferPointer(start: nil, count: 0), at: 1)
            try insert.run()
            try unsafe insert.bindBlob(uncopied: UnsafeRawBufferPointer(rebasing: bytes[3...]), at: 1)
            try insert.run()
        }
        let values = try connection.rows("SELECT v FROM t ORDER BY k") { row throws(SQLiteError) in row.value(0) }
        #expect(values == ["bc", "", .blob(Array("def".utf8))])
    }

    @Test func `lends a column's bytes as a span`() throws {
        let sum = try connection.row("SELECT x'010203', NULL") { row throws(SQLiteError) in
            let total = row.withBytes(0) { bytes in bytes.indices.reduce(0) { $0 + Int(bytes[$1]) } }
            return total + row.withBytes(1) { $0.count }
        }
        #expect(sum == 6)
    }

    @Test func `is prepared once, and comes back without its old values`() throws {
        let first = try connection.statement("SELECT ?1")
        try first.bind(7, at: 1)
        let second = try connection.statement("SELECT ?1")
        #expect(first === second)
        #expect(try second.step())
        #expect(second.isNull(0))
        second.reset()
    }

    @Test func `can be lent again while it runs`() throws {
        for number in 1...3 { try connection.execute("INSERT INTO t (k) VALUES (?)", [.integer(Int64(number))]) }
        let sql = "SELECT k FROM t WHERE k >= ? ORDER BY k"
        let pairs = try connection.rows(sql, [2]) { outer throws(SQLiteError) in
            try connection.rows(sql, [.integer(outer.int64(0))]) { inner throws(SQLiteError) in inner.int64(0) }
        }
        #expect(pairs == [[2, 3], [3]])
    }

    @Test func `refuses too few values, two statements and none`() throws {
        #expect(throws: SQLiteError.self) { try connection.execute("INSERT INTO t (k, v) VALUES (?, ?)", [1]) }
        #expect(throws: SQLiteError.self) { try connection.execute("SELECT 1; SELECT 2") }
        #expect(throws: SQLiteError.self) { try connection.execute("") }
        #expect(try connection.integer("SELECT count(*) FROM t") == 0)
    }

    @Test func `takes a text in double quotes for a column, not a value`() throws {
        let error = #expect(throws: SQLiteError.self) { try connection.execute("SELECT \"nmae\" FROM t") }
        #expect(error?.message == "no such column: nmae")
    }

    @Test func `names the violated constraint and the statement, never the value`() throws {
        try connection.execute(
            "CREATE TABLE c (a TEXT UNIQUE, b TEXT NOT NULL CHECK (b <> ''), k INTEGER REFERENCES t)"
        )
        let insert = "INSERT INTO c (a, b, k) VALUES (?, ?, ?)"
        try connection.execute(insert, ["Geheim", "x", nil])
        func failure(_ values: [SQLiteValue]) -> SQLiteError? {
            #expect(throws: SQLiteError.self) { try connection.execute(insert, values) }
        }
        #expect(failure(["Geheim", "x", nil])?.constraint == .unique)
        #expect(failure(["a", nil, nil])?.constraint == .notNull)
        #expect(failure(["a", "", nil])?.constraint == .check)
        #expect(failure(["a", "x", 9])?.constraint == .foreignKey)
        let error = try #require(failure(["Geheim", "x", nil]))
        #expect(error.sql == insert)
        #expect(error.database == folder.file("a.db"))
        #expect(error.message == "UNIQUE constraint failed: c.a")
        #expect(!error.description.contains("Geheim"))
    }
}
