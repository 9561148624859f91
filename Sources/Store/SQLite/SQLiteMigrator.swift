internal import CSystem
internal import SQLite
internal import Time

/// Brings a database to the structure this program knows. Each migration is one transaction with the row that says so.
enum SQLiteMigrator {
    /// Applies what is missing; safe to repeat. The caller holds the database's lock.
    static func migrate(
        _ connection: SQLiteConnection,
        migrations: [Migration] = Migration.sqlite,
        now: Instant
    ) throws(StoreError) {
        for migration in try pending(connection, migrations) {
            try connection.transaction { () throws(StoreError) in try apply(migration, connection, now) }
        }
    }

    /// Every migration this program knows, and when the database got it.
    static func status(
        _ connection: SQLiteConnection,
        migrations: [Migration] = Migration.sqlite
    ) throws(StoreError) -> [MigrationStatus] {
        let applied = try applied(connection)
        if let newest = applied.keys.max(), let known = migrations.map(\.number).max(), newest > known {
            throw StoreError(
                .tooNew,
                "\(connection.path) was made by a newer TrainFlow: it has migration \(newest), this program knows up to "
                    + "\(known). Start the newer program, or restore a backup from before its first start."
            )
        }
        return migrations.map { MigrationStatus(migration: $0, appliedAt: applied[$0.number]) }
    }

    static func requireAll(
        _ connection: SQLiteConnection,
        migrations: [Migration] = Migration.sqlite
    ) throws(StoreError) {
        let missing = try pending(connection, migrations)
        guard missing.isEmpty else {
            let names = missing.map { "\($0.number) (\($0.name))" }.joined(separator: ", ")
            throw StoreError(
                .notMigrated,
                "\(connection.path) lacks migration \(names). `trainflow migrate` applies it, "
                    + "`trainflow migrate plan` shows it."
            )
        }
    }

    static func installation(_ connection: SQLiteConnection) throws(StoreError) -> Installation {
        let found = try connection.row("SELECT hash_key, format FROM integration_installation") {
            row throws(StoreError) in Installation(hashKey: row.bytes(0), format: row.int64(1))
        }
        guard let found else {
            throw StoreError(
                .corrupt,
                "\(connection.path) has lost its hash key (the row of integration_installation). "
                    + "Restore it from a backup: without it every person would be read anew."
            )
        }
        return found
    }

    private static func pending(
        _ connection: SQLiteConnection,
        _ migrations: [Migration]
    ) throws(StoreError) -> [Migration] {
        try status(connection, migrations: migrations).filter { $0.appliedAt == nil }.map(\.migration)
    }

    private static func applied(_ connection: SQLiteConnection) throws(StoreError) -> [Int64: Instant] {
        let known = try connection.number(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'integration_migrations'"
        )
        guard known == 1 else { return [:] }
        let rows = try connection.rows("SELECT number, applied_at FROM integration_migrations") {
            row throws(StoreError) in (row.int64(0), row.time(1))
        }
        return Dictionary(rows) { first, _ in first }
    }

    private static func apply(
        _ migration: Migration,
        _ connection: SQLiteConnection,
        _ now: Instant
    ) throws(StoreError) {
        try connection.change(
            """
            CREATE TABLE IF NOT EXISTS integration_migrations (
                number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL
            ) STRICT
            """
        )
        for statement in migration.statements {
            try connection.change(statement)
            try StandingTable.check(statement, connection)
        }
        if migration.number == 1 {
            try connection.change(
                "INSERT INTO integration_installation (number, hash_key, format, created_at) VALUES (1, ?, 1, ?)",
                [.blob(try randomKey()), .time(now)]
            )
        }
        try connection.change(
            "INSERT INTO integration_migrations (number, name, applied_at) VALUES (?, ?, ?)",
            [.integer(migration.number), .text(migration.name), .time(now)]
        )
    }

    private static func randomKey() throws(StoreError) -> [UInt8] {
        var key = [UInt8](repeating: 0, count: 16)
        let code = unsafe key.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return CInt(-1) }
            return unsafe csystem_random(start, bytes.count)
        }
        guard code == 0 else { throw StoreError(.unavailable, "The system has no random bytes: getrandom(2) failed.") }
        return key
    }
}
