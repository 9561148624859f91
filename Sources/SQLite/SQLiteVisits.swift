internal import CSQLite

/// What a statement tells of a row by `program_visit(a, b …)` in its WHERE: valid until the visitor returns.
///
/// A visitor that goes through many rows and stops at few takes half the time of as many steps, for the statement does not
/// come back in between. https://sqlite.org/appfunc.html
@unsafe
package struct SQLiteVisit {
    fileprivate let count: Int32
    fileprivate let values: UnsafeMutablePointer<OpaquePointer?>

    /// 0 for NULL, and where there is no such argument.
    package func int64(_ argument: Int32) -> Int64 {
        unsafe argument < count ? sqlite3_value_int64(values[Int(argument)]) : 0
    }

    /// A text's or blob's bytes where SQLite keeps them. Empty for NULL, and where there is no such argument.
    package func uncopiedBytes(_ argument: Int32) -> UnsafeRawBufferPointer {
        guard unsafe argument < count, let value = unsafe values[Int(argument)] else {
            return unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        }
        // The order is SQLite's: first the pointer, then the count.
        let start = unsafe sqlite3_value_blob(value)
        return unsafe UnsafeRawBufferPointer(start: start, count: Int(sqlite3_value_bytes(value)))
    }
}

extension SQLiteConnection {
    /// Runs on to the first row of which the visitor says that it stops there, and answers false if there is none.
    package func step(
        _ statement: SQLiteStatement,
        visiting visitor: (SQLiteVisit) -> Bool
    ) throws(SQLiteError) -> Bool {
        try unsafe withoutActuallyEscaping(visitor) { visitor throws(SQLiteError) in
            unsafe programVisitor.pointee = visitor
            defer { unsafe programVisitor.pointee = nil }
            return try statement.step()
        }
    }
}

enum ProgramVisit {
    typealias Visitor = UnsafeMutablePointer<((SQLiteVisit) -> Bool)?>

    /// Makes the function known to a connection; answers where its visitor is told. The connection frees that when it closes.
    static func register(_ connection: OpaquePointer) -> (code: Int32, visitor: Visitor) {
        let visitor = Visitor.allocate(capacity: 1)
        unsafe visitor.initialize(to: nil)
        let code = unsafe sqlite3_create_function_v2(
            connection,
            "program_visit",
            -1,
            // No view or trigger of the database may call it.
            SQLITE_UTF8 | SQLITE_DIRECTONLY,
            visitor,
            { context, count, values in
                guard
                    let visitor = unsafe sqlite3_user_data(context)?.assumingMemoryBound(
                        to: ((SQLiteVisit) -> Bool)?.self
                    ), let visit = unsafe visitor.pointee, let values = unsafe values
                else { return unsafe sqlite3_result_error_code(context, SQLITE_MISUSE) }
                unsafe sqlite3_result_int(context, visit(SQLiteVisit(count: count, values: values)) ? 1 : 0)
            },
            nil,
            nil
        ) { visitor in
            unsafe visitor?.deallocate()
        }
        return unsafe (code, visitor)
    }
}
