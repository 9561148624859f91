package import Identifiers
internal import JSON
internal import SQLite
package import Time

extension SQLiteStore {
    package func audit(_ deed: AuditDeed, tenant: UUID, now: Instant) async throws(StoreError) {
        try await transaction(.api) { connection throws(StoreError) in
            try Audit.write(connection, deed, tenant: tenant, now: now)
        }
    }

    package func auditTrail(
        _ filter: AuditFilter,
        page: PageRequest,
        tenant: UUID
    ) async throws(StoreError) -> Page<AuditEntry> {
        try await read { connection throws(StoreError) in
            let query = PageQuery.audit(filter, after: page.after, tenant: tenant)
            return try connection.page(query, limit: page.limit) { row throws(StoreError) in
                let subject = try row.id(6)
                return AuditEntry(
                    id: try row.id(2),
                    deed: AuditDeed(
                        actor: row.text(3),
                        action: row.text(4),
                        subject: row.text(5),
                        subjectID: subject == Audit.noSubject ? nil : subject,
                        detail: try row.json(7)
                    ),
                    createdAt: row.time(0)
                )
            }
        }
    }
}

extension PageQuery {
    package static func audit(_ filter: AuditFilter, after: PageKey?, tenant: UUID) -> PageQuery {
        var query = PageQuery(
            "id, actor, action, subject, subject_id, detail",
            from: "integration_audit",
            order: .newestFirst
        )
        query.require("tenant_id", is: tenant)
        query.require("actor", is: filter.actor)
        query.require("action", is: filter.action)
        query.require("subject", is: filter.subject)
        query.require("subject_id", is: filter.subjectID)
        query.require(since: filter.since, until: filter.until)
        query.begin(after: after)
        return query
    }
}

/// Who did what to what. Where no actor is told, the store's callers act for whoever runs the host: `host`.
enum Audit {
    /// Stands for no subject.
    static let noSubject = UUID(high: 0, low: 0)

    static func write(
        _ connection: SQLiteConnection,
        _ action: String,
        _ subject: String,
        _ id: UUID,
        detail: String = "{}",
        actor: String = Actor.host,
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

    static func write(
        _ connection: SQLiteConnection,
        _ deed: AuditDeed,
        tenant: UUID,
        now: Instant
    ) throws(StoreError) {
        try write(
            connection,
            deed.action,
            deed.subject,
            deed.subjectID ?? noSubject,
            detail: String(decoding: deed.detail.serialized(), as: UTF8.self),
            actor: deed.actor,
            tenant: tenant,
            now: now
        )
    }
}
