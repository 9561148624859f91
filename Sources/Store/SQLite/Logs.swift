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

    package func logs(
        config: UUID,
        _ filter: LogFilter,
        page: PageRequest,
        tenant: UUID
    ) async throws(StoreError) -> Page<StoredLog> {
        try await read { connection throws(StoreError) in
            _ = try ConfigRow.requireWithArchived(connection, config, tenant: tenant)
            let text = TextPart(filter.contains)
            let query = PageQuery.logs(config: config, filter, after: page.after, tenant: tenant)
            return try connection.page(query, limit: page.limit) { row throws(StoreError) in
                let message = row.text(7)
                guard text.isIn(message) else { return nil }
                return StoredLog(
                    id: try row.id(2),
                    entry: LogEntry(
                        config: config,
                        run: row.isNull(3) ? nil : try row.id(3),
                        status: row.text(4),
                        level: row.text(5),
                        event: row.text(6),
                        message: message,
                        payload: try row.json(8)
                    ),
                    createdAt: row.time(0)
                )
            }
        }
    }
}

extension PageQuery {
    package static func logs(config: UUID, _ filter: LogFilter, after: PageKey?, tenant: UUID) -> PageQuery {
        var query = PageQuery(
            "id, run_id, status, level, event, message, payload",
            from: "integration_logs",
            order: .newestFirst
        )
        query.require("tenant_id", is: tenant)
        query.require("config_id", is: config)
        query.require("status", is: filter.status)
        query.require("level", is: filter.level)
        query.require("run_id", is: filter.run)
        query.require(since: filter.since, until: filter.until)
        query.begin(after: after)
        return query
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
