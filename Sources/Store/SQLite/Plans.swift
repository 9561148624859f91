internal import Changes
package import Identifiers
internal import JSON
internal import Mapping
internal import SQLite
package import Time

extension SQLiteStore {
    package func applyPlan(
        _ id: UUID,
        hash: String,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Run {
        try await transaction(.api) { connection throws(StoreError) in
            let run = try RunRow.requireUndecidedPlan(connection, id, hash: hash, tenant: tenant)
            var plan = run.plan ?? RunPlan()
            guard let config = try ConfigRow.find(connection, run.config, tenant: tenant) else {
                throw StoreError(.conflict, "The configuration of run \(id) was deleted: there is nothing to apply.")
            }
            try ConfigRow.requireSwitchedOn(connection, config)
            if let other = try RunRow.unfinished(connection, config: run.config, tenant: tenant) {
                throw StoreError(.conflict, "The configuration has a run in hand: \(other.id) is \(other.state).")
            }
            if let drift = try PlanDrift(connection: connection, run: run).ofSettings() {
                throw StoreError(.stale, drift)
            }
            plan.phase = .approved
            plan.decidedBy = actor
            plan.decidedAt = now
            try connection.change(
                """
                UPDATE integration_runs SET state = 'queued', message = ?2, plan = ?3, error = NULL WHERE number = ?1
                """,
                [.integer(run.number), .text(RunMessage.planApproved(actor)), .json(plan.json)]
            )
            // Its tries are counted anew: planning has come to its end.
            try connection.change(
                """
                UPDATE integration_jobs SET state = 'waiting', run_at = ?3, attempt = 0, updated_at = ?3
                    WHERE tenant_id = ?1 AND run_id = ?2
                """,
                [.id(tenant), .id(id), .time(now)]
            )
            let deed = AuditDeed(
                actor: actor,
                action: "run.plan_approved",
                subject: "run",
                subjectID: id,
                detail: ["plan": .string(hash)]
            )
            try Audit.write(connection, deed, tenant: tenant, now: now)
            return try RunRow.require(connection, id, tenant: tenant)
        }
    }

    package func dropPlan(
        _ id: UUID,
        hash: String?,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Run {
        try await transaction(.api) { connection throws(StoreError) in
            let run =
                if let hash { try RunRow.requireUndecidedPlan(connection, id, hash: hash, tenant: tenant) } else {
                    try RunRow.requirePlanned(connection, id, tenant: tenant)
                }
            return try RunRow.endPlan(connection, run, .dropped, actor: actor, now)
        }
    }

    package func planDrift(_ run: Run, most: Int64?) async throws(StoreError) -> String? {
        try await read { connection throws(StoreError) in
            let drift = PlanDrift(connection: connection, run: run)
            if let changed = try drift.ofSettings() { return changed }
            if let new = try drift.ofNewRows() { return new }
            return try drift.ofRows(most: most)
        }
    }

    package func beginApplying(_ lease: RunLease, now: Instant) async throws(StoreError) -> RunLease {
        guard var plan = lease.run.plan, plan.phase == .approved else { return lease }
        for table in RunProgress.told {
            var deleted: Int64
            repeat {
                deleted = try await transaction(.batch) { connection throws(StoreError) in
                    try Fence.check(connection, lease)
                    return try RunProgress.forget(table, of: lease.run.number, tenant: lease.run.tenant, connection)
                }
            } while deleted > 0
        }
        plan.phase = .applied
        let decidedBy = plan.decidedBy ?? Actor.host
        let json = plan.json
        let failpoint = failpoint
        return try await transaction(.batch) { connection throws(StoreError) in
            try Fence.check(connection, lease)
            // The plan holds: from here on it is what is newer.
            try RunRow.supersede(
                connection,
                config: lease.run.config,
                states: [.held],
                actor: decidedBy,
                tenant: lease.run.tenant,
                now
            )
            try RunProgress.startOver(connection, lease.run)
            try connection.change(
                "UPDATE integration_runs SET plan = ?2 WHERE number = ?1",
                [.integer(lease.run.number), .json(json)]
            )
            var next = lease
            next.run = try RunRow.require(connection, lease.run.id, tenant: lease.run.tenant)
            try failpoint.passed("plan.before_applying")
            return next
        }
    }

    package func forgetEffects(
        decidedBefore cutoff: Instant,
        after number: Int64,
        limit: Int
    ) async throws(StoreError) -> Int64? {
        try await transaction(.heartbeat) { connection throws(StoreError) in
            let found = try connection.rows(
                """
                SELECT effect.number, effect.run_number < 0 AND run.finished_at IS NOT NULL
                        OR effect.run_number > 0 AND effect.updated_at < ?3
                            AND effect.state IN ('applied', 'refused', 'superseded', 'conflict')
                            AND NOT (effect.absent = 1 AND EXISTS (SELECT 1 FROM users
                                WHERE users.number = effect.row_number AND suspended_by_run = effect.run_number))
                    FROM integration_effects AS effect NOT INDEXED
                        LEFT JOIN integration_runs AS run ON run.number = abs(effect.run_number)
                    WHERE effect.number > ?1 ORDER BY effect.number LIMIT ?2
                """,
                [.integer(number), .integer(Int64(limit)), .time(cutoff)]
            ) { row throws(StoreError) in (number: row.int64(0), isOver: row.int64(1) != 0) }
            for effect in found where effect.isOver {
                try connection.change("DELETE FROM integration_effects WHERE number = ?", [.integer(effect.number)])
            }
            return found.count < limit ? nil : found.last?.number
        }
    }

    package func expirePlans(madeBefore cutoff: Instant, limit: Int, now: Instant) async throws(StoreError) -> Int {
        try await transaction(.heartbeat) { connection throws(StoreError) in
            let old = try connection.rows(
                """
                SELECT tenant_id, id FROM integration_runs INDEXED BY integration_runs_planned
                    WHERE plan IS NOT NULL AND state = 'planned' AND created_at < ? LIMIT ?
                """,
                [.time(cutoff), .integer(Int64(limit))]
            ) { row throws(StoreError) in (tenant: try row.id(0), id: try row.id(1)) }
            for run in old {
                let run = try RunRow.require(connection, run.id, tenant: run.tenant)
                try RunRow.endPlan(connection, run, .superseded, actor: Actor.host, now)
            }
            return old.count
        }
    }
}

extension RunRow {
    static func requirePlanned(_ connection: SQLiteConnection, _ id: UUID, tenant: UUID) throws(StoreError) -> Run {
        let run = try require(connection, id, tenant: tenant)
        guard run.state == .planned else {
            throw StoreError(.conflict, "Run \(id) is \(run.state.rawValue): it has no plan to be applied or dropped.")
        }
        return run
    }

    /// A planned run, if the plan is the one that is meant. Whoever names a plan means nothing else: a run that the guard holds
    /// after its plan was applied is not approved by it.
    static func requireUndecidedPlan(
        _ connection: SQLiteConnection,
        _ id: UUID,
        hash: String,
        tenant: UUID
    ) throws(StoreError) -> Run {
        let run = try require(connection, id, tenant: tenant)
        guard let plan = run.plan, let made = plan.hash else {
            throw StoreError(.conflict, "Run \(id) is \(run.state.rawValue): it has no plan to be applied.")
        }
        guard made == hash else {
            throw StoreError(
                .stale,
                "The plan of run \(id) is another than the one that is meant. Look at it again."
            )
        }
        guard run.state == .planned else { throw StoreError(.conflict, RunMessage.decided(run, plan)) }
        return run
    }

    /// Ends a planned run: nothing of it is applied, and nobody has to do anything about its rejects.
    @discardableResult
    static func endPlan(
        _ connection: SQLiteConnection,
        _ run: Run,
        _ phase: RunPlan.Phase,
        actor: String,
        _ now: Instant
    ) throws(StoreError) -> Run {
        var plan = run.plan ?? RunPlan()
        plan.phase = phase
        plan.decidedBy = actor
        plan.decidedAt = now
        let message = RunMessage.planEnded(phase, actor)
        try connection.change(
            "UPDATE integration_runs SET state = 'cancelled', message = ?2, plan = ?3, finished_at = ?4 WHERE number = ?1",
            [.integer(run.number), .text(message), .json(plan.json), .time(now)]
        )
        try connection.change(
            """
            UPDATE integration_rejects SET state = 'dismissed', version = version + 1, updated_at = ?3
                WHERE tenant_id = ?1 AND run_number = ?2 AND state IN ('open', 'waiting')
            """,
            [.id(run.tenant), .integer(run.number), .time(now)]
        )
        try Audit.write(
            connection,
            "run.plan_\(phase.rawValue)",
            "run",
            run.id,
            actor: actor,
            tenant: run.tenant,
            now: now
        )
        try LogRow.write(
            connection,
            LogEntry(
                config: run.config,
                run: run.id,
                status: "success",
                level: "info",
                event: "outcome",
                message: message,
                payload: ["state": "cancelled", "plan": .string(phase.rawValue), "actor": .string(actor)]
            ),
            tenant: run.tenant,
            now: now
        )
        return try require(connection, run.id, tenant: run.tenant)
    }
}

/// Why a plan doesn't hold any more.
struct PlanDrift {
    let connection: SQLiteConnection
    let run: Run

    /// What the plan was made with.
    func ofSettings() throws(StoreError) -> String? {
        guard let plan = run.plan else { return "The run has no plan." }
        guard let config = try ConfigRow.find(connection, run.config, tenant: run.tenant),
            config.version == plan.configVersion
        else { return "The configuration was changed since the plan was made." + again }
        let newest = try MappingRows.newestVersion(connection, config: run.config, tenant: run.tenant)
        guard newest == run.mappingVersion else { return "The mappings were changed since the plan was made." + again }
        let changed = try connection.number(
            "SELECT 1 FROM integration_lookups WHERE tenant_id = ? AND updated_at >= ? LIMIT 1",
            [.id(run.tenant), .time(plan.asOf ?? run.createdAt)]
        )
        return changed == nil ? nil : "A lookup table was changed since the plan was made." + again
    }

    /// Where the plan makes rows, one that has come since may be the same one.
    func ofNewRows() throws(StoreError) -> String? {
        for entity in Entity.allCases {
            let new = try connection.number(
                "SELECT 1 FROM \(entity.table.name) WHERE number > ? AND tenant_id = ? LIMIT 1",
                [.integer(run.plan?.lastRows[entity] ?? 0), .id(run.tenant)]
            )
            guard new != nil else { continue }
            let made = try connection.number(
                """
                SELECT 1 FROM integration_effects INDEXED BY integration_effects_row
                    WHERE tenant_id = ? AND run_number = ? AND entity = ? AND row_number = 0 LIMIT 1
                """,
                effects(entity)
            )
            if made != nil { return "New \(entity.nounOfMany) have come since the plan was made." + again }
        }
        return nil
    }

    /// The rows that the plan changes, as they are now.
    func ofRows(most: Int64?) throws(StoreError) -> String? {
        let images = try RowImages(connection, tenant: run.tenant)
        var left = most ?? .max
        for entity in Entity.allCases {
            var last: Int64 = 0
            let drifted = try connection.withStatement(
                """
                SELECT row_number, before, external_id FROM integration_effects INDEXED BY integration_effects_row
                    WHERE tenant_id = ? AND run_number = ? AND entity = ? AND row_number > 0
                """,
                effects(entity)
            ) { row throws(StoreError) -> String? in
                while left > 0, try row.advance() {
                    let number = row.int64(0)
                    // What a second record does to a row is beside what the first has done.
                    guard number != last else { continue }
                    last = number
                    left -= 1
                    guard let before = try row.json(1).objectValue else { throw row.damaged("a plan's effect") }
                    if try !images.stands(entity, number, before) { return RecordKey.shown(row.text(2)) }
                }
                return nil
            }
            if let drifted { return "\(entity.noun) \(drifted) was changed since the plan was made." + again }
        }
        return nil
    }

    private var again: String { " Nothing was written: plan again." }

    private func effects(_ entity: Entity) -> [SQLiteValue] {
        [.id(run.tenant), .integer(run.planNumber), .integer(entity.number)]
    }
}
