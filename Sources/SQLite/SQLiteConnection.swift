internal import CSQLite

/// An open database with exactly one owner: whoever has it runs on one thread at a time. https://sqlite.org/c3ref/open.html
///
/// Not `Sendable`, and opened without SQLite's mutexes.
@safe
package final class SQLiteConnection {
    package let path: String
    let handle: OpaquePointer
    // Where the rows of `program_rows` are told. The connection frees it when it closes: after the last statement.
    let programRows: UnsafeMutablePointer<SQLiteRows?>
    // Where the visitor of `program_visit` is told; the same.
    let programVisitor: ProgramVisit.Visitor
    private var idle: [String: SQLiteStatement] = [:]
    private var commitWatch: CommitWatch?
    /// What the owner remembers of the database between transactions; it goes with the connection. SQLite has no part in
    /// it.
    package var companion: AnyObject?

    /// How a database file is opened.
    package enum Mode: Sendable, Equatable {
        case readOnly, readWrite
        /// Like `readWrite`, and makes the file where there is none.
        case create
        /// A database of its own that lives no longer than the connection.
        case memory
    }

    /// An empty database in memory.
    package static func inMemory() throws(SQLiteError) -> SQLiteConnection {
        try SQLiteConnection(path: "memory", mode: .memory, settings: .reader)
    }

    /// Opens the file and applies the settings; `SQLITE_READONLY` if it was to be written and can't be.
    package init(path: String, mode: Mode, settings: SQLiteSettings) throws(SQLiteError) {
        guard !path.utf8.contains(0), !path.isEmpty else {
            throw SQLiteError(code: SQLITE_CANTOPEN, message: "no file has this name", database: path)
        }
        let access =
            switch mode {
            case .readOnly: SQLITE_OPEN_READONLY
            case .readWrite: SQLITE_OPEN_READWRITE
            case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            case .memory: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY
            }
        // Debian's build reads "file:…" as a URI, and ":memory:" is no file: with a slash in front both are names.
        let name = mode == .memory ? ":memory:" : path.hasPrefix("/") ? path : "./" + path
        Self.configured
        var opened: OpaquePointer?
        let code = unsafe sqlite3_open_v2(
            name,
            &opened,
            access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
            nil
        )
        guard code == SQLITE_OK, let handle = unsafe opened else {
            var error = unsafe SQLiteError.of(code, connection: opened)
            error.database = path
            unsafe sqlite3_close_v2(opened)
            throw error
        }
        self.path = path
        unsafe self.handle = handle
        let rows = unsafe ProgramRows.register(handle)
        unsafe programRows = rows.rows
        let visitor = unsafe ProgramVisit.register(handle)
        unsafe programVisitor = visitor.visitor
        try unsafe check(rows.code)
        try unsafe check(visitor.code)
        try unsafe check(csqlite_harden(handle))
        if mode != .readOnly, unsafe sqlite3_db_readonly(handle, "main") == 1 {
            throw SQLiteError.of(SQLITE_READONLY, database: path)
        }
        try apply(settings, mode)
    }

    /// Done once, before the first connection.
    private static let configured: Void = {
        // Misuse, where the process had opened a database before: SQLite then goes on counting.
        _ = csqlite_stop_counting_memory()
    }()

    // Statements that somebody still holds keep the connection open until they are gone: close_v2.
    deinit {
        idle.removeAll()
        unsafe sqlite3_close_v2(handle)
    }

    // MARK: Statements

    /// The statement for this text, prepared once and kept: reset, and its parameters NULL. For loops over one
    /// statement; the caller resets it when it is done, and must not ask for the same text while it steps.
    package func statement(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        if let known = idle[sql] {
            known.reset()
            known.clearBindings()
            return known
        }
        let statement = try unsafe SQLiteStatement(sql, connection: handle)
        idle[sql] = statement
        return statement
    }

    /// Lends a kept statement with its parameters bound, and resets it afterwards. May be nested with the same text.
    package func withStatement<Result, Failure: SQLiteErrorConvertible>(
        _ sql: String,
        _ values: [SQLiteValue] = [],
        _ body: (SQLiteStatement) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let statement = try borrow(sql, as: Failure.self)
        defer {
            statement.reset()
            statement.clearBindings()
            idle[sql] = statement
        }
        do throws(SQLiteError) {
            try statement.bind(values)
        } catch {
            throw Failure(error)
        }
        return try body(statement)
    }

    private func borrow<Failure: SQLiteErrorConvertible>(
        _ sql: String,
        as failure: Failure.Type
    ) throws(Failure) -> SQLiteStatement {
        if let known = idle.removeValue(forKey: sql) { return known }
        do throws(SQLiteError) {
            return try unsafe SQLiteStatement(sql, connection: handle)
        } catch {
            throw Failure(error)
        }
    }

    /// Runs one statement that answers no row.
    package func execute(_ sql: String, _ values: [SQLiteValue] = []) throws(SQLiteError) {
        try withStatement(sql, values) { statement throws(SQLiteError) in
            while try statement.step() {}
        }
    }

    /// Every row of one statement.
    package func rows<Row, Failure: SQLiteErrorConvertible>(
        _ sql: String,
        _ values: [SQLiteValue] = [],
        _ row: (SQLiteStatement) throws(Failure) -> Row
    ) throws(Failure) -> [Row] {
        try withStatement(sql, values) { statement throws(Failure) in
            var rows: [Row] = []
            while try statement.next(as: Failure.self) {
                rows.append(try row(statement))
            }
            return rows
        }
    }

    /// The first row of one statement; nil if there is none.
    package func row<Row, Failure: SQLiteErrorConvertible>(
        _ sql: String,
        _ values: [SQLiteValue] = [],
        _ row: (SQLiteStatement) throws(Failure) -> Row
    ) throws(Failure) -> Row? {
        try withStatement(sql, values) { statement throws(Failure) in
            try statement.next(as: Failure.self) ? try row(statement) : nil
        }
    }

    /// The first column of the first row; nil if there is no row or it is NULL.
    package func integer(_ sql: String, _ values: [SQLiteValue] = []) throws(SQLiteError) -> Int64? {
        let value: Int64?? = try row(sql, values) { row throws(SQLiteError) in row.optionalInt64(0) }
        return value ?? nil
    }

    // MARK: State

    /// Rows changed by the newest INSERT, UPDATE or DELETE.
    package var changes: Int64 { unsafe sqlite3_changes64(handle) }
    package var lastInsertRowID: Int64 { unsafe sqlite3_last_insert_rowid(handle) }
    package var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

    /// Copies the write-ahead log into the database and empties it; false if a reader still needs the log, which then
    /// stays beside the database and is no less safe there. https://sqlite.org/c3ref/wal_checkpoint_v2.html
    @discardableResult
    package func checkpoint() throws(SQLiteError) -> Bool {
        let code = unsafe sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        if code & 0xFF == SQLITE_BUSY { return false }
        try check(code)
        return true
    }

    /// Has every commit told, with the number of pages that the write-ahead log has then. Replaces the automatic
    /// checkpoint. https://sqlite.org/c3ref/wal_hook.html
    func onCommit(_ body: @escaping (_ connection: SQLiteConnection, _ logged: Int32) -> Void) {
        let watch = CommitWatch(connection: self, body: body)
        commitWatch = watch
        unsafe sqlite3_wal_hook(
            handle,
            { context, _, _, pages in
                guard let context = unsafe context else { return SQLITE_OK }
                unsafe Unmanaged<CommitWatch>.fromOpaque(context).takeUnretainedValue().committed(logged: pages)
                return SQLITE_OK
            },
            Unmanaged.passUnretained(watch).toOpaque()
        )
    }

    /// Finalises the kept statements. The database itself closes when the connection and every statement are gone.
    func dropStatements() {
        idle.removeAll()
    }

    func check(_ code: Int32) throws(SQLiteError) {
        guard code == SQLITE_OK else { throw unsafe SQLiteError.of(code, connection: handle) }
    }
}

/// Whom a connection tells of its commits; it lives as long as the connection.
private final class CommitWatch {
    private unowned let connection: SQLiteConnection
    private let body: (SQLiteConnection, Int32) -> Void

    init(connection: SQLiteConnection, body: @escaping (SQLiteConnection, Int32) -> Void) {
        self.connection = connection
        self.body = body
    }

    func committed(logged: Int32) {
        body(connection, logged)
    }
}

extension SQLiteStatement {
    fileprivate func next<Failure: SQLiteErrorConvertible>(as failure: Failure.Type) throws(Failure) -> Bool {
        do throws(SQLiteError) {
            return try step()
        } catch {
            throw Failure(error)
        }
    }
}
