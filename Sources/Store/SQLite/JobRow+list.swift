internal import Identifiers
internal import JSON
internal import SQLite

extension JobRow {
    private static let columns = """
        job.run_id, job.tenant_id, job.config_id, job.kind, job.state, job.attempt, job.run_at, job.lease_until,
        job.created_at, job.updated_at, run.state, run.message, run.error
        """

    /// By the run's id, which carries the time when it was queued: the key of an index that stands.
    static func list(
        _ connection: SQLiteConnection,
        _ filter: JobFilter,
        tenant: UUID,
        before: UUID?,
        limit: Int
    ) throws(StoreError) -> [Job] {
        try connection.rows(
            """
            SELECT \(columns) FROM integration_jobs AS job
                JOIN integration_runs AS run ON run.tenant_id = job.tenant_id AND run.id = job.run_id
                WHERE job.tenant_id = ?1 AND (?2 IS NULL OR job.run_id < ?2) AND (?3 IS NULL OR job.state = ?3)
                    AND (?4 IS NULL OR job.config_id = ?4)
                ORDER BY job.run_id DESC LIMIT ?5
            """,
            [
                .id(tenant), .id(before), filter.state.map { .text($0.rawValue) } ?? .null, .id(filter.config),
                .integer(Int64(max(0, limit))),
            ],
            read
        )
    }

    static func find(_ connection: SQLiteConnection, _ id: UUID, tenant: UUID) throws(StoreError) -> Job? {
        try connection.row(
            """
            SELECT \(columns) FROM integration_jobs AS job
                JOIN integration_runs AS run ON run.tenant_id = job.tenant_id AND run.id = job.run_id
                WHERE job.tenant_id = ? AND job.run_id = ?
            """,
            [.id(tenant), .id(id)],
            read
        )
    }

    private static func read(_ row: SQLiteStatement) throws(StoreError) -> Job {
        Job(
            id: try row.id(0),
            tenant: try row.id(1),
            config: try row.id(2),
            kind: row.text(3),
            state: try row.word(4),
            attempt: row.int64(5),
            runAt: row.time(6),
            leaseUntil: row.optionalTime(7),
            createdAt: row.time(8),
            updatedAt: row.time(9),
            runState: try row.word(10),
            message: row.text(11),
            failure: try row.optional(12, "the run's error", RunFailure.init(json:))
        )
    }
}
