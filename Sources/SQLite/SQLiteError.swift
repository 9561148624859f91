internal import CSQLite

/// A failed SQLite call: the result code, SQLite's sentence, the statement, the file. https://sqlite.org/rescode.html
///
/// Bound values are never part of it.
package struct SQLiteError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The extended result code (`2067` is a violated unique index); its low byte is `primary`.
    package var code: Int32
    package var message: String
    /// The statement's text with its parameters unbound; empty where none was running.
    package var sql: String
    /// The database file's path.
    package var database: String

    package init(code: Int32, message: String, sql: String = "", database: String = "") {
        self.code = code
        self.message = message
        self.sql = sql
        self.database = database
    }

    /// The result code without its detail (`19` is any constraint).
    package var primary: Int32 { code & 0xFF }

    package var description: String {
        var text = "SQLite \(code): \(message)"
        if !database.isEmpty { text += " (\(database))" }
        if !sql.isEmpty { text += " in: \(sql)" }
        return text
    }
}

// MARK: - Kinds

extension SQLiteError {
    package var isFull: Bool { primary == SQLITE_FULL }
    package var isReadOnly: Bool { primary == SQLITE_READONLY }
    /// Somebody else holds the database, or a table of it.
    package var isBusy: Bool { primary == SQLITE_BUSY || primary == SQLITE_LOCKED }
    package var isCorrupt: Bool { primary == SQLITE_CORRUPT }
    package var isNotADatabase: Bool { primary == SQLITE_NOTADB }
    package var cannotOpen: Bool { primary == SQLITE_CANTOPEN }
    /// The value is longer than SQLite takes (1 GB).
    package var isTooBig: Bool { primary == SQLITE_TOOBIG }

    /// Whether the cause lies outside the statement: the disk, memory, or a database that was closed.
    package var isOutside: Bool {
        switch primary {
        case SQLITE_IOERR, SQLITE_NOMEM, SQLITE_MISUSE, SQLITE_PROTOCOL, SQLITE_NOLFS: true
        default: false
        }
    }

    /// Which constraint refused the row; nil if the failure is none.
    package var constraint: Constraint? {
        guard primary == SQLITE_CONSTRAINT else { return nil }
        return switch code {
        case SQLITE_CONSTRAINT | 3 << 8: .foreignKey
        case SQLITE_CONSTRAINT | 5 << 8: .notNull
        case SQLITE_CONSTRAINT | 6 << 8, SQLITE_CONSTRAINT | 10 << 8: .primaryKey
        case SQLITE_CONSTRAINT | 1 << 8: .check
        case SQLITE_CONSTRAINT | 8 << 8: .unique
        case SQLITE_CONSTRAINT | 12 << 8: .dataType
        default: .other
        }
    }

    /// The extended codes of SQLITE_CONSTRAINT.
    package enum Constraint: Sendable, Equatable {
        case check, dataType, foreignKey, notNull, primaryKey, unique, other
    }

    package var isConstraint: Bool { primary == SQLITE_CONSTRAINT }
}

/// An error type that a failed SQLite call can become, so that a transaction throws one type.
package protocol SQLiteErrorConvertible: Error {
    init(_ error: SQLiteError)
}

extension SQLiteError: SQLiteErrorConvertible {
    package init(_ error: SQLiteError) {
        self = error
    }
}

// MARK: - Translation

extension SQLiteError {
    /// Translates a result code with what the connection says about it.
    static func of(_ code: Int32, connection handle: OpaquePointer?, sql: String = "") -> SQLiteError {
        guard let handle = unsafe handle else { return of(code) }
        let database = unsafe path(of: handle)
        let extended = unsafe sqlite3_extended_errcode(handle)
        // sqlite3_errmsg speaks about the connection's newest failure: only if it is this one.
        guard extended & 0xFF == code & 0xFF else { return of(code, sql: sql, database: database) }
        let message = unsafe String(cString: sqlite3_errmsg(handle))
        return SQLiteError(code: extended, message: message, sql: sql, database: database)
    }

    static func of(_ code: Int32, sql: String = "", database: String = "") -> SQLiteError {
        SQLiteError(
            code: code,
            message: unsafe String(cString: sqlite3_errstr(code)),
            sql: sql,
            database: database
        )
    }

    /// SQLITE_MISUSE for work handed to threads that have ended.
    static func closed(_ database: String) -> SQLiteError {
        SQLiteError(code: SQLITE_MISUSE, message: "the database is closed", database: database)
    }

    private static func path(of handle: OpaquePointer) -> String {
        guard let name = unsafe sqlite3_db_filename(handle, "main") else { return "" }
        return unsafe String(cString: name)
    }
}

extension SQLiteError {
    /// What stands in the database can't have been written by this program.
    package static func damaged(_ what: String) -> SQLiteError {
        SQLiteError(code: SQLITE_CORRUPT, message: what)
    }
}
