package import Identifiers
internal import SQLite
package import Time

/// What a look at a database file shows, without writing to it.
package struct DatabaseInspection: Sendable {
    /// Of the file, without its write-ahead log.
    package var bytes: Int64
    package var missing: [Migration]
    /// What SQLite finds wrong with the file; at most ten findings.
    package var damage: [String]
    /// All that the database has, whoever's they are; empty where migrations are missing.
    package var credentials: [Credentials]
    /// When the newest run was made.
    package var newestRun: Instant?

    package struct Credentials: Sendable {
        package var tenant: UUID
        package var config: UUID
        package var encrypted: EncryptedCredentials
    }
}

extension SQLiteStore {
    /// Reads the whole file once, beside a process that writes to it; nil where there is no file.
    package static func inspect(path: String) async throws(StoreError) -> DatabaseInspection? {
        try DatabasePath.check(path, mayBeMissing: true)
        guard DatabasePath.exists(path) else { return nil }
        let missing = try await migrationPlan(path: path)
        let readers = try await opened { () throws(SQLiteError) in try await SQLiteReaders.open(path: path, count: 1) }
        let inspection = try await readers.read { connection throws(StoreError) in
            DatabaseInspection(
                bytes: try connection.number("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
                    ?? 0,
                missing: missing,
                damage: try connection.damage(),
                credentials: missing.isEmpty ? try connection.allCredentials() : [],
                newestRun: missing.isEmpty ? try connection.newestRun() : nil
            )
        }
        try await opened { () throws(SQLiteError) in try await readers.close() }
        return inspection
    }
}

extension SQLiteConnection {
    /// https://sqlite.org/pragma.html#pragma_quick_check
    fileprivate func damage() throws(StoreError) -> [String] {
        try rows("PRAGMA quick_check(10)") { row throws(StoreError) in row.text(0) }.filter { $0 != "ok" }
    }

    fileprivate func allCredentials() throws(StoreError) -> [DatabaseInspection.Credentials] {
        try rows("SELECT tenant_id, config_id, encrypted_payload, key_id FROM integration_credentials") {
            row throws(StoreError) in
            DatabaseInspection.Credentials(
                tenant: try row.id(0),
                config: try row.id(1),
                encrypted: EncryptedCredentials(payload: row.text(2), keyID: row.text(3))
            )
        }
    }

    fileprivate func newestRun() throws(StoreError) -> Instant? {
        try row("SELECT created_at FROM integration_runs ORDER BY number DESC LIMIT 1") {
            row throws(StoreError) in row.time(0)
        }
    }
}
