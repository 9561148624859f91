internal import Changes
internal import Mapping
internal import SQLite
internal import Time

/// Beside what a run's guarded effects are counted.
struct GuardedRows {
    let work: CommitTransaction

    private var lease: RunLease { work.lease }

    /// The rows of the entity that the config owned when the run began, with those that it took over or would take over since;
    /// not those that the run itself has made, in whichever of its attempts.
    func population() throws(SQLiteError) -> GuardPopulation {
        let (table, standing) = (work.entity.table.name, work.entity.standing)
        let owned = try counts(
            """
            SELECT count(*), coalesce(sum(\(standing)), 0) FROM integration_links AS link CROSS JOIN \(table) AS row
                    ON row.number = link.row_number AND row.tenant_id = link.tenant_id
                WHERE link.tenant_id = ?1 AND link.config_number = ?2 AND link.entity = ?3 AND link.owned = 1
                    AND row.created_run IS NOT ?4
            """
        )
        let wanted = try counts(
            """
            SELECT count(*), coalesce(sum(\(standing)), 0) FROM integration_effects AS effect CROSS JOIN \(table) AS row
                    ON row.number = effect.row_number AND row.tenant_id = effect.tenant_id
                WHERE effect.tenant_id = ?1 AND effect.run_number = ?4 AND effect.entity = ?3
                    AND row.config_number IS NOT ?2
            """
        )
        return GuardPopulation(owned: owned.all + wanted.all, standing: owned.standing + wanted.standing)
    }

    private func counts(_ sql: String) throws(SQLiteError) -> (all: Int64, standing: Int64) {
        let found = try work.connection.row(
            sql,
            [
                .id(lease.run.tenant), .integer(lease.config.number), .integer(work.entity.number),
                .integer(lease.run.number),
            ]
        ) { row throws(SQLiteError) in (row.int64(0), row.int64(1)) }
        return found ?? (0, 0)
    }

    /// What other runs of the config have applied within the policy's window, and nobody has approved.
    func appliedBefore() throws(SQLiteError) -> [GuardedEffect: Int64] {
        let hours = lease.policy.guardLimits.windowHours
        guard hours > 0 else { return [:] }
        var counts: [GuardedEffect: Int64] = [:]
        try work.connection.withStatement(
            """
            SELECT effect.kinds, count(*)
                FROM integration_runs AS run
                    CROSS JOIN integration_effects AS effect INDEXED BY integration_effects_state
                        ON effect.tenant_id = run.tenant_id AND effect.run_number = run.number
                WHERE run.tenant_id = ?1 AND run.config_id = ?2 AND run.number <> ?3 AND effect.state = 'applied'
                    AND effect.entity = ?4 AND effect.updated_at > ?5
                    AND coalesce(run.finished_at, ?5 + 1) > ?5
                    AND coalesce(json_extract(run.decision, '$.decision'), '') <> 'approved'
                GROUP BY effect.kinds
            """,
            [
                .id(lease.run.tenant), .id(lease.config.id), .integer(lease.run.number),
                .integer(work.entity.number), .integer(work.now.microseconds - hours * 3_600_000_000),
            ]
        ) { line throws(SQLiteError) in
            while try line.step() {
                for effect in GuardedEffects.kinds(of: line.int64(0)) { counts[effect, default: 0] += line.int64(1) }
            }
        }
        return counts
    }
}

extension Entity {
    /// Whether a row has something to lose: the condition, as `GuardedEffect` takes a status.
    fileprivate var standing: String {
        switch self {
        case .users: "coalesce(row.status, '') NOT IN ('suspended', 'inactive')"
        case .courses: "coalesce(nullif(row.status, ''), 'active') = 'active'"
        case .enrollments: "coalesce(row.status, '') NOT IN ('completed', 'failed', 'cancelled', 'expired')"
        }
    }
}
