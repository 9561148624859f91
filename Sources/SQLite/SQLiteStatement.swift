internal import CSQLite

/// A prepared statement of one connection, used by the connection's owner only. https://sqlite.org/c3ref/stmt.html
///
/// Parameters count from 1, columns from 0.
@safe
package final class SQLiteStatement {
    package let sql: String
    let handle: OpaquePointer

    init(_ sql: String, connection: OpaquePointer) throws(SQLiteError) {
        var text = sql
        var code = SQLITE_OK
        var prepared: OpaquePointer?
        var rest = 0
        text.withUTF8 { bytes in
            guard let start = unsafe UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self) else {
                return
            }
            var tail: UnsafePointer<CChar>?
            unsafe code = sqlite3_prepare_v3(
                connection,
                start,
                Int32(clamping: bytes.count),
                UInt32(SQLITE_PREPARE_PERSISTENT),
                &prepared,
                &tail
            )
            if let tail = unsafe tail { unsafe rest = bytes.count - (tail - start) }
        }
        guard code == SQLITE_OK else { throw unsafe SQLiteError.of(code, connection: connection, sql: sql) }
        guard let handle = unsafe prepared, rest == 0 else {
            unsafe sqlite3_finalize(prepared)
            throw SQLiteError(code: SQLITE_MISUSE, message: "not exactly one statement", sql: sql)
        }
        self.sql = sql
        unsafe self.handle = handle
    }

    deinit {
        unsafe sqlite3_finalize(handle)
    }

    /// Runs to the next row: true on a row, false at the end.
    package func step() throws(SQLiteError) -> Bool {
        let code = unsafe sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        if code == SQLITE_DONE { return false }
        throw failure(code)
    }

    /// Runs a statement that answers no row, and makes it ready for the next run; its bindings stay.
    package func run() throws(SQLiteError) {
        let code = unsafe sqlite3_step(handle)
        guard code == SQLITE_DONE || code == SQLITE_ROW else {
            let error = failure(code)
            reset()
            throw error
        }
        reset()
    }

    /// Ends the run in hand; bindings stay. A failure was thrown by the step already.
    package func reset() {
        unsafe sqlite3_reset(handle)
    }

    /// Sets every parameter to NULL.
    package func clearBindings() {
        unsafe sqlite3_clear_bindings(handle)
    }

    package var parameterCount: Int32 { unsafe sqlite3_bind_parameter_count(handle) }
    package var columnCount: Int32 { unsafe sqlite3_column_count(handle) }
    /// Whether the statement writes nothing to the database.
    package var isReadOnly: Bool { unsafe sqlite3_stmt_readonly(handle) != 0 }

    func failure(_ code: Int32) -> SQLiteError {
        unsafe SQLiteError.of(code, connection: sqlite3_db_handle(handle), sql: sql)
    }
}
