/// What is set on a connection when it opens. https://sqlite.org/pragma.html
package struct SQLiteSettings: Sendable, Equatable {
    /// Bytes; takes effect only before the first table is made.
    package var pageSize: Int64 = 8_192
    /// KiB of pages kept in memory.
    package var cacheKiB: Int64
    /// Pages in the write-ahead log after which a commit copies them into the database.
    package var checkpointPages: Int64 = 4_000
    /// Milliseconds that a statement waits for another process or connection.
    package var busyMilliseconds: Int64 = 5_000
    /// FULL: a commit is on the disk when it returns. Otherwise a power cut (never a killed process) may take the
    /// newest commits back, whole and in order.
    package var syncsEachCommit = false
    /// Nobody needs the file after a power cut: nothing waits for the disk.
    package var isDisposable = false
    /// The largest number of pages the file may have; nil for SQLite's own bound.
    package var maximumPages: Int64?

    /// For the one connection that writes: 16 MB of pages.
    package static var writer: SQLiteSettings { SQLiteSettings(cacheKiB: 16_000) }
    /// For a connection that only reads: 2 MB of pages.
    package static var reader: SQLiteSettings { SQLiteSettings(cacheKiB: 2_000) }
}

extension SQLiteConnection {
    func apply(_ settings: SQLiteSettings, _ mode: Mode) throws(SQLiteError) {
        try set("busy_timeout", "\(settings.busyMilliseconds)")
        try set("trusted_schema", "OFF")
        try set("foreign_keys", "ON")
        try set("temp_store", "MEMORY")
        try set("cache_size", "-\(settings.cacheKiB)")
        switch mode {
        case .readOnly: return try set("query_only", "ON")
        case .memory: return
        case .readWrite, .create: break
        }
        try set("page_size", "\(settings.pageSize)")
        let journal: String? = try row("PRAGMA journal_mode = WAL") { row throws(SQLiteError) in row.text(0) }
        guard journal == "wal" else {
            throw SQLiteError(
                code: 1,
                message: "no write-ahead log here (journal mode \(journal ?? "none"))",
                database: path
            )
        }
        try set("synchronous", settings.isDisposable ? "OFF" : settings.syncsEachCommit ? "FULL" : "NORMAL")
        try set("wal_autocheckpoint", "\(settings.checkpointPages)")
        // Debian builds with ON: freed pages are then written only to be zeroed (deleting 300,000 rows: 180 MB and 6 times
        // the CPU). FAST zeroes what is written anyway, at no cost that could be measured against OFF.
        try set("secure_delete", "FAST")
        if let maximum = settings.maximumPages { try set("max_page_count", "\(maximum)") }
        dropStatements()
    }

    private func set(_ name: String, _ value: String) throws(SQLiteError) {
        try execute("PRAGMA \(name) = \(value)")
    }
}
