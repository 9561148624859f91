package import Identifiers
package import JSON
package import Time

/// What happened, and who did it.
package protocol LogStore: Sendable {
    func log(_ entry: LogEntry, tenant: UUID, now: Instant) async throws(StoreError)
    /// Newest first. An archived config's are found too; `notFound` for one that the tenant never had.
    func logs(
        config: UUID,
        _ filter: LogFilter,
        page: PageRequest,
        tenant: UUID
    ) async throws(StoreError) -> Page<StoredLog>

    /// Notes a deed that changes nothing in the store: a connection tested, a token refused.
    func audit(_ deed: AuditDeed, tenant: UUID, now: Instant) async throws(StoreError)
    /// Newest first.
    func auditTrail(
        _ filter: AuditFilter,
        page: PageRequest,
        tenant: UUID
    ) async throws(StoreError) -> Page<AuditEntry>
}

/// Which log lines are wanted; nil takes all.
package struct LogFilter: Sendable, Hashable {
    /// `success error`
    package var status: String?
    /// `debug info warning error`
    package var level: String?
    package var run: UUID?
    /// Written at this instant or later.
    package var since: Instant?
    /// Written before this instant.
    package var until: Instant?
    /// Part of the message, in upper or lower case.
    package var contains: String?

    package init(
        status: String? = nil,
        level: String? = nil,
        run: UUID? = nil,
        since: Instant? = nil,
        until: Instant? = nil,
        contains: String? = nil
    ) {
        self.status = status
        self.level = level
        self.run = run
        self.since = since
        self.until = until
        self.contains = contains
    }
}

package struct StoredLog: Sendable {
    package var id: UUID
    package var entry: LogEntry
    package var createdAt: Instant

    package init(id: UUID, entry: LogEntry, createdAt: Instant) {
        self.id = id
        self.entry = entry
        self.createdAt = createdAt
    }
}

/// Something that somebody did. Secrets have no place in it.
package struct AuditDeed: Sendable, Equatable {
    package var actor: String
    /// `config.tested`
    package var action: String
    /// What kind of thing it was done to: `config`, `run`, `provider`.
    package var subject: String
    package var subjectID: UUID?
    package var detail: JSONValue

    package init(
        actor: String,
        action: String,
        subject: String,
        subjectID: UUID? = nil,
        detail: JSONValue = [:]
    ) {
        self.actor = actor
        self.action = action
        self.subject = subject
        self.subjectID = subjectID
        self.detail = detail
    }
}

package struct AuditEntry: Sendable, Equatable {
    package var id: UUID
    package var deed: AuditDeed
    package var createdAt: Instant

    package init(id: UUID, deed: AuditDeed, createdAt: Instant) {
        self.id = id
        self.deed = deed
        self.createdAt = createdAt
    }
}

/// Which deeds are wanted; nil takes all.
package struct AuditFilter: Sendable, Hashable {
    package var actor: String?
    package var action: String?
    package var subject: String?
    package var subjectID: UUID?
    /// Done at this instant or later.
    package var since: Instant?
    /// Done before this instant.
    package var until: Instant?

    package init(
        actor: String? = nil,
        action: String? = nil,
        subject: String? = nil,
        subjectID: UUID? = nil,
        since: Instant? = nil,
        until: Instant? = nil
    ) {
        self.actor = actor
        self.action = action
        self.subject = subject
        self.subjectID = subjectID
        self.since = since
        self.until = until
    }
}
