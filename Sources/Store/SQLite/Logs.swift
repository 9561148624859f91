package import Identifiers
internal import SQLite
package import Time

extension SQLiteStore {
    package func log(_ entry: LogEntry, tenant: UUID, now: Instant) async throws(StoreError) {
        try await transaction(.api) { connection throws(StoreError) in
            _ = try ConfigRow.require(connection, entry.config, tenant: tenant)
            if let run = entry.run { _ = try RunRow.require(connection, run, tenant: tenant) }
            try LogRow.write(connection, entry, tenant: tenant, now: now)
        }
    }
}

/// The rows of integration_logs.
enum LogRow {
    static func write(
        _ connection: SQLiteConnection,
        _ entry: LogEntry,
        tenant: UUID,
        now: Instant
    ) throws(StoreError) {
        try connection.change(
            """
            INSERT INTO integration_logs
                (id, tenant_id, config_id, run_id, status, level, event, message, payload, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .id(.new(now)), .id(tenant), .id(entry.config), .id(entry.run), .text(entry.status),
                .text(entry.level), .text(entry.event), .text(entry.message), .json(entry.payload), .time(now),
            ]
        )
    }
}
