import SQLite
import Store
import TestSupport
import Testing

@Suite struct `Writing many rows by one statement` {
    let folder: TemporaryFolder
    let connection: SQLiteConnection

    init() throws {
        folder = try TemporaryFolder()
        connection = try SQLiteConnection(path: folder.file("a.db"), mode: .create, settings: .writer)
        try connection.execute("CREATE TABLE parents (k INTEGER PRIMARY KEY) STRICT")
        try connection.execute("INSERT INTO parents VALUES (1)")
        try connection.execute(
            "CREATE TABLE t (k INTEGER PRIMARY KEY, n INTEGER CHECK (n < 10), parent INTEGER REFERENCES parents (k)) STRICT"
        )
    }

    /// Writes values into a column, each with its position as its key; answers which were refused.
    private func refused(_ column: String, _ values: [SQLiteValue]) throws -> [Int] {
        try CommitInsertion.refusals(values.indices, connection) { positions throws(SQLiteError) in
            let rows = positions.map { "(\($0), ?)" }.joined(separator: ", ")
            try connection.execute("INSERT OR FAIL INTO t (k, \(column)) VALUES \(rows)", Array(values[positions]))
        }.map { $0.position }
    }

    private func keys() throws -> [Int64] {
        try connection.rows("SELECT k FROM t ORDER BY k") { row throws(SQLiteError) in row.int64(0) }
    }

    @Test func `goes on behind rows that are refused by their values`() throws {
        #expect(try refused("n", [.integer(1), .integer(11), .integer(2), .integer(12), .integer(3)]) == [1, 3])
        #expect(try keys() == [0, 2, 4])
    }

    @Test func `tries each row alone where the whole statement was taken back`() throws {
        #expect(try refused("parent", [.integer(1), .integer(7), .integer(1)]) == [1])
        #expect(try keys() == [0, 2])
    }

    @Test func `gives up where a value is of another type than its column's`() throws {
        let error = #expect(throws: SQLiteError.self) { try refused("n", [.integer(1), .text("x"), .integer(2)]) }
        #expect(error?.constraint == .dataType)
    }

    @Test func `gives up where a row that is tried alone has a value of another type`() throws {
        let error = #expect(throws: SQLiteError.self) {
            try refused("parent", [.integer(1), .integer(7), .text("x")])
        }
        #expect(error?.constraint == .dataType)
    }
}
