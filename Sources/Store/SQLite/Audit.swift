internal import Identifiers
internal import SQLite
internal import Time

/// Who did what to what. Where no actor is told, the store's callers act for whoever runs the host: `host`.
enum Audit {
    static func write(
        _ connection: SQLiteConnection,
        _ action: String,
        _ subject: String,
        _ id: UUID,
        detail: String = "{}",
        actor: String = "host",
        tenant: UUID,
        now: Instant
    ) throws(StoreError) {
        try connection.change(
            """
            INSERT INTO integration_audit (id, tenant_id, actor, action, subject, subject_id, detail, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .id(.new(now)), .id(tenant), .text(actor), .text(action), .text(subject), .id(id), .text(detail),
                .time(now),
            ]
        )
    }
}
