import SQLite
import TestSupport
import Testing

@Suite struct `A visitor` {
    let folder: TemporaryFolder
    let connection: SQLiteConnection

    init() throws {
        folder = try TemporaryFolder()
        connection = try SQLiteConnection(path: folder.file("a.db"), mode: .create, settings: .writer)
        try connection.execute("CREATE TABLE t (k INTEGER PRIMARY KEY, v ANY) STRICT")
        let values = [SQLiteValue.text("é\0ü"), .null, .integer(.min), .blob([0, 255])]
        for (place, value) in values.enumerated() {
            try connection.execute("INSERT INTO t (k, v) VALUES (?, ?)", [.integer(Int64(place) + 1), value])
        }
    }

    @Test func `sees every row in order, and the statement ends`() throws {
        let statement = try connection.statement("SELECT 1 FROM t WHERE program_visit(k, v) ORDER BY k")
        var keys: [Int64] = []
        var values: [[UInt8]] = []
        var number: Int64 = 0
        let stopped = try unsafe connection.step(statement) { row in
            unsafe keys.append(row.int64(0))
            // SQLite makes a text of a number that is asked for its bytes.
            if keys.last == 3 {
                number = unsafe row.int64(1)
            } else {
                unsafe values.append(Array(row.uncopiedBytes(1)))
            }
            #expect(unsafe row.int64(2) == 0)
            #expect(unsafe row.uncopiedBytes(2).isEmpty)
            return false
        }
        #expect(!stopped)
        #expect(keys == [1, 2, 3, 4])
        #expect(values == [Array("é\0ü".utf8), [], [0, 255]])
        #expect(number == .min)
    }

    @Test func `stops the statement at a row, and another goes on from there`() throws {
        let statement = try connection.statement("SELECT k FROM t WHERE k >= ?1 AND program_visit(k) ORDER BY k")
        try statement.bind(1, at: 1)
        var keys: [Int64] = []
        #expect(
            try unsafe connection.step(statement) { row in
                unsafe keys.append(row.int64(0))
                return keys.count == 2
            }
        )
        #expect(statement.int64(0) == 2)
        #expect(
            try unsafe !connection.step(statement) { row in
                unsafe keys.append(row.int64(0))
                return false
            }
        )
        #expect(keys == [1, 2, 3, 4])
    }

    @Test func `is asked for only while there is one`() throws {
        let statement = try connection.statement("SELECT k FROM t WHERE program_visit(k)")
        #expect(throws: SQLiteError.self) { try statement.step() }
    }

    @Test func `is nobody's whom the database names`() throws {
        try connection.execute("CREATE VIEW spy AS SELECT k FROM t WHERE program_visit(k)")
        #expect(throws: SQLiteError.self) { try connection.statement("SELECT k FROM spy") }
    }
}
