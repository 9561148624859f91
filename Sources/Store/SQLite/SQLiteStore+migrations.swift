internal import SQLite
package import Time

extension SQLiteStore {
    /// Every migration this program knows, and when the database got it. A file that isn't there has none.
    package static func migrationStatus(path: String) async throws(StoreError) -> [MigrationStatus] {
        try DatabasePath.check(path, mayBeMissing: true)
        guard DatabasePath.exists(path) else {
            return Migration.sqlite.map { MigrationStatus(migration: $0, appliedAt: nil) }
        }
        let readers = try await opened { () throws(SQLiteError) in try await SQLiteReaders.open(path: path, count: 1) }
        let status = try await readers.read { connection throws(StoreError) in try SQLiteMigrator.status(connection) }
        try await opened { () throws(SQLiteError) in try await readers.close() }
        return status
    }

    /// What `migrate` would run now, in order.
    package static func migrationPlan(path: String) async throws(StoreError) -> [Migration] {
        try await migrationStatus(path: path).filter { $0.appliedAt == nil }.map(\.migration)
    }

    /// Makes the database where there is none and applies what it lacks; answers what was applied.
    package static func migrate(path: String, command: String, now: Instant) async throws(StoreError) -> [Migration] {
        let missing = try await migrationPlan(path: path)
        let store = try await open(path: path, access: .migrating, command: command, now: now)
        try await store.close()
        return missing
    }
}
