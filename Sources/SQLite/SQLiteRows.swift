internal import CSQLite

/// Rows that lie in the program's memory, as a table for one statement: `INSERT INTO t SELECT c0, c1 FROM program_rows`.
///
/// One statement over many rows costs half of what as many statements do: nothing is bound, and its cursors stay at the
/// ends of their trees. https://sqlite.org/vtab.html#eponymous_virtual_tables
@unsafe
package struct SQLiteRows {
    /// For each row of the table, which entry of the columns that go `byIndex` is its own.
    package var indexes: UnsafeBufferPointer<Int32>
    /// `c0`, `c1` …; at most 32.
    package var columns: UnsafeBufferPointer<Column>

    package init(indexes: UnsafeBufferPointer<Int32>, columns: UnsafeBufferPointer<Column>) {
        unsafe self.indexes = indexes
        unsafe self.columns = columns
    }

    /// Where a column's values lie. Those that go by position have one value per row of the table.
    @unsafe
    package enum Column {
        case integer(UnsafePointer<Int64>)
        case integerByIndex(UnsafePointer<Int64>)
        /// 16 bytes each; all zero is NULL.
        case uuid(UnsafeRawPointer)
        case nothing
        /// `count + 1` offsets into the bytes; an empty text is NULL.
        case text(offsets: UnsafePointer<Int32>, bytes: UnsafeRawPointer)
        /// The same, and an entry whose state is not 0 has the default instead, or NULL.
        case textByIndex(
            states: UnsafePointer<UInt8>,
            offsets: UnsafePointer<Int32>,
            bytes: UnsafeRawPointer,
            default: UnsafeRawBufferPointer
        )
    }

    package static let mostColumns = 32
}

extension SQLiteConnection {
    /// Runs a statement that reads `program_rows` over these rows, and makes it ready for the next run; its bindings stay.
    @unsafe
    package func run(_ statement: SQLiteStatement, over rows: SQLiteRows) throws(SQLiteError) {
        unsafe programRows.pointee = rows
        defer { unsafe programRows.pointee = nil }
        try statement.run()
    }
}

// MARK: - The virtual table

/// What SQLite sees of the table: its own part first, as its header asks.
@unsafe
private struct ProgramTable {
    var base: sqlite3_vtab
    var rows: UnsafeMutablePointer<SQLiteRows?>
}

@unsafe
private struct ProgramCursor {
    var base: sqlite3_vtab_cursor
    var rows: SQLiteRows
    var position: Int
}

enum ProgramRows {
    /// Makes the table known to a connection; answers where its rows are told. The connection frees that when it closes.
    static func register(_ connection: OpaquePointer) -> (code: Int32, rows: UnsafeMutablePointer<SQLiteRows?>) {
        let rows = UnsafeMutablePointer<SQLiteRows?>.allocate(capacity: 1)
        unsafe rows.initialize(to: nil)
        let code = unsafe sqlite3_create_module_v2(connection, "program_rows", module, rows) { rows in
            unsafe rows?.deallocate()
        }
        return unsafe (code, rows)
    }

    // Proof: written once, before anyone can read it, and never freed.
    private nonisolated(unsafe) static let module: UnsafePointer<sqlite3_module> = {
        var module = sqlite3_module()
        unsafe module.xConnect = { connection, rows, _, _, table, _ in
            unsafe ProgramRows.connect(connection, rows, table)
        }
        unsafe module.xBestIndex = { _, _ in SQLITE_OK }
        unsafe module.xDisconnect = { table in
            unsafe table?.withMemoryRebound(to: ProgramTable.self, capacity: 1) { unsafe $0.deallocate() }
            return SQLITE_OK
        }
        unsafe module.xOpen = { table, cursor in unsafe ProgramRows.open(table, cursor) }
        unsafe module.xClose = { cursor in
            unsafe cursor?.withMemoryRebound(to: ProgramCursor.self, capacity: 1) { unsafe $0.deallocate() }
            return SQLITE_OK
        }
        unsafe module.xFilter = { cursor, _, _, _, _ in
            unsafe ProgramRows.cursor(cursor)?.pointee.position = 0
            return SQLITE_OK
        }
        unsafe module.xNext = { cursor in
            unsafe ProgramRows.cursor(cursor)?.pointee.position &+= 1
            return SQLITE_OK
        }
        unsafe module.xEof = { cursor in
            guard let cursor = unsafe ProgramRows.cursor(cursor) else { return 1 }
            return unsafe cursor.pointee.position < cursor.pointee.rows.indexes.count ? 0 : 1
        }
        unsafe module.xColumn = { cursor, context, column in
            guard let cursor = unsafe ProgramRows.cursor(cursor) else { return SQLITE_MISUSE }
            return unsafe ProgramRows.value(cursor, Int(column), context)
        }
        unsafe module.xRowid = { cursor, number in
            guard let cursor = unsafe ProgramRows.cursor(cursor) else { return SQLITE_MISUSE }
            unsafe number?.pointee = sqlite3_int64(cursor.pointee.position)
            return SQLITE_OK
        }
        let pointer = UnsafeMutablePointer<sqlite3_module>.allocate(capacity: 1)
        unsafe pointer.initialize(to: module)
        return unsafe UnsafePointer(pointer)
    }()

    private static func connect(
        _ connection: OpaquePointer?,
        _ rows: UnsafeMutableRawPointer?,
        _ table: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab>?>?
    ) -> Int32 {
        guard let rows = unsafe rows?.assumingMemoryBound(to: SQLiteRows?.self) else { return SQLITE_MISUSE }
        let columns = unsafe (0..<SQLiteRows.mostColumns).map { "c\($0)" }.joined(separator: ", ")
        let code = unsafe sqlite3_declare_vtab(connection, "CREATE TABLE program_rows (\(columns))")
        guard code == SQLITE_OK else { return code }
        let made = UnsafeMutablePointer<ProgramTable>.allocate(capacity: 1)
        unsafe made.initialize(to: ProgramTable(base: sqlite3_vtab(), rows: rows))
        unsafe table?.pointee = UnsafeMutableRawPointer(made).assumingMemoryBound(to: sqlite3_vtab.self)
        return SQLITE_OK
    }

    private static func open(
        _ table: UnsafeMutablePointer<sqlite3_vtab>?,
        _ cursor: UnsafeMutablePointer<UnsafeMutablePointer<sqlite3_vtab_cursor>?>?
    ) -> Int32 {
        guard let table = unsafe UnsafeMutableRawPointer(table)?.assumingMemoryBound(to: ProgramTable.self),
            let rows = unsafe table.pointee.rows.pointee
        else { return SQLITE_MISUSE }
        let made = UnsafeMutablePointer<ProgramCursor>.allocate(capacity: 1)
        unsafe made.initialize(to: ProgramCursor(base: sqlite3_vtab_cursor(), rows: rows, position: 0))
        unsafe cursor?.pointee = UnsafeMutableRawPointer(made).assumingMemoryBound(to: sqlite3_vtab_cursor.self)
        return SQLITE_OK
    }

    @inline(__always)
    private static func cursor(_ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> UnsafeMutablePointer<
        ProgramCursor
    >? {
        unsafe UnsafeMutableRawPointer(cursor)?.assumingMemoryBound(to: ProgramCursor.self)
    }

    /// Every value outlives the statement's run: SQLite takes it where it lies.
    private static func value(
        _ cursor: UnsafeMutablePointer<ProgramCursor>,
        _ column: Int,
        _ context: OpaquePointer?
    ) -> Int32 {
        guard unsafe column < cursor.pointee.rows.columns.count else { return SQLITE_RANGE }
        let position = unsafe cursor.pointee.position
        switch unsafe cursor.pointee.rows.columns[column] {
        case .integer(let values):
            unsafe sqlite3_result_int64(context, values[position])
        case .integerByIndex(let values):
            unsafe sqlite3_result_int64(context, values[Int(cursor.pointee.rows.indexes[position])])
        case .uuid(let values):
            let value = unsafe values + 16 * position
            let high = unsafe value.loadUnaligned(as: UInt64.self)
            let low = unsafe value.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            if high | low != 0 { unsafe sqlite3_result_blob(context, value, 16, nil) }
        case .nothing:
            break
        case .text(let offsets, let bytes):
            let (start, end) = unsafe (offsets[position], offsets[position + 1])
            if start < end { unsafe sqlite3_result_text(context, characters(bytes, start), end - start, nil) }
        case .textByIndex(let states, let offsets, let bytes, let otherwise):
            let index = unsafe Int(cursor.pointee.rows.indexes[position])
            let (start, end) = unsafe (offsets[index], offsets[index + 1])
            if unsafe states[index] == 0, start < end {
                unsafe sqlite3_result_text(context, characters(bytes, start), end - start, nil)
            } else if let value = otherwise.baseAddress {
                unsafe sqlite3_result_text(context, characters(value, 0), Int32(otherwise.count), nil)
            }
        }
        return SQLITE_OK
    }

    @inline(__always)
    private static func characters(_ bytes: UnsafeRawPointer, _ offset: Int32) -> UnsafePointer<CChar> {
        unsafe (bytes + Int(offset)).assumingMemoryBound(to: CChar.self)
    }
}
