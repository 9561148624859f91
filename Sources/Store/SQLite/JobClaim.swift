internal import Identifiers
internal import SQLite
internal import Time

/// Which job is next, and for whom.
struct JobClaim {
    var owner: String
    var perTenant: Int
    var abandoned: Bool
    /// The only run whose job is looked for; nil for any.
    var run: UUID?
    var now: Instant

    /// The first job that is due of a tenant below its share; if there is none, of any.
    func due(_ connection: SQLiteConnection) throws(StoreError) -> Int64? {
        if let number = try first(connection, belowShare: true) { return number }
        return try first(connection, belowShare: false)
    }

    /// In the order of the index, so that only jobs that are skipped cost anything: those of tenants who have their share,
    /// and those of configs with a job in hand.
    private func first(_ connection: SQLiteConnection, belowShare: Bool) throws(StoreError) -> Int64? {
        try connection.number(
            """
            WITH held AS MATERIALIZED (
                SELECT tenant_id, config_id FROM integration_jobs INDEXED BY integration_jobs_unfinished
                    WHERE state IN ('waiting', 'running') AND state = 'running' AND lease_until > ?1
                        AND NOT (?2 AND lease_owner <> ?3))
            SELECT job.number FROM integration_jobs AS job INDEXED BY integration_jobs_unfinished
                WHERE job.state IN ('waiting', 'running')
                    AND CASE job.state WHEN 'waiting' THEN job.run_at <= ?1
                        ELSE job.lease_until <= ?1 OR (?2 AND job.lease_owner <> ?3) END
                    AND NOT EXISTS (SELECT 1 FROM held
                        WHERE held.tenant_id = job.tenant_id AND held.config_id = job.config_id)
                    AND (?6 IS NULL OR job.run_id = ?6)
                    AND (NOT ?4 OR (SELECT count(*) FROM held WHERE held.tenant_id = job.tenant_id) < ?5)
                ORDER BY job.priority, job.run_at, job.number LIMIT 1
            """,
            [
                .time(now), SQLiteValue(abandoned), .text(owner), SQLiteValue(belowShare),
                .integer(Int64(max(1, perTenant))), .id(run),
            ]
        )
    }
}
