internal import Changes
package import Identifiers
internal import JSON
internal import SQLite
package import Time

extension SQLiteStore {
    package func approveRun(
        _ id: UUID,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Run {
        try await transaction(.api) { connection throws(StoreError) in
            let run = try RunRow.requireHeld(connection, id, tenant: tenant)
            guard let config = try ConfigRow.find(connection, run.config, tenant: tenant) else {
                throw StoreError(.conflict, "The configuration of run \(id) was deleted: there is nothing to apply.")
            }
            try ConfigRow.requireSwitchedOn(connection, config)
            if let other = try RunRow.unfinished(connection, config: config.id, tenant: tenant) {
                throw StoreError(
                    .conflict,
                    "Run \(other.id) looks for a newer export just now: wait until it has ended, or cancel it."
                )
            }
            let decision = GuardDecision(kind: .approved, actor: actor, at: now)
            try connection.change(
                """
                UPDATE integration_runs SET state = 'queued', message = ?2, decision = ?3, error = NULL WHERE number = ?1
                """,
                [.integer(run.number), .text(RunMessage.approved(actor)), .json(decision.json)]
            )
            // Its tries are counted anew: reading has come to its end.
            try connection.change(
                """
                UPDATE integration_jobs SET state = 'waiting', run_at = ?3, attempt = 0, updated_at = ?3
                    WHERE tenant_id = ?1 AND run_id = ?2
                """,
                [.id(tenant), .id(id), .time(now)]
            )
            try Audit.write(connection, "run.approved", "run", id, actor: actor, tenant: tenant, now: now)
            return try RunRow.require(connection, id, tenant: tenant)
        }
    }

    package func refuseRun(
        _ id: UUID,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Run {
        try await transaction(.api) { connection throws(StoreError) in
            let run = try RunRow.requireHeld(connection, id, tenant: tenant)
            let message = RunMessage.refused(actor, run.counts, run.streams)
            let decision = GuardDecision(kind: .refused, actor: actor, at: now)
            let ended = try RunRow.conclude(connection, run, decision, message)
            try Audit.write(connection, "run.refused", "run", id, actor: actor, tenant: tenant, now: now)
            return ended
        }
    }
}

extension RunRow {
    static func requireHeld(_ connection: SQLiteConnection, _ id: UUID, tenant: UUID) throws(StoreError) -> Run {
        let run = try require(connection, id, tenant: tenant)
        guard run.state == .held else {
            throw StoreError(
                .conflict,
                "Run \(id) is \(run.state.rawValue): only a held run can be approved or refused."
            )
        }
        return run
    }

    static func hasPendingEffects(_ connection: SQLiteConnection, _ run: Run) throws(StoreError) -> Bool {
        try connection.number(
            """
            SELECT 1 FROM integration_effects WHERE tenant_id = ? AND run_number = ? AND state = 'pending' LIMIT 1
            """,
            [.id(run.tenant), .integer(run.number)]
        ) != nil
    }

    /// What the guard would have held, and who has approved the plan has decided about with it.
    static func setDecisionOfPlan(of run: Run, _ connection: SQLiteConnection) throws(StoreError) {
        guard run.decision == nil, let plan = run.plan, plan.phase == .applied, let actor = plan.decidedBy,
            let at = plan.decidedAt, run.verdicts.contains(where: { $0.isHeld && plan.decides($0) })
        else { return }
        let decision = GuardDecision(kind: .approved, actor: actor, at: at)
        try connection.change(
            "UPDATE integration_runs SET decision = ?2 WHERE number = ?1",
            [.integer(run.number), .json(decision.json)]
        )
    }

    /// How many people the run has suspended because its snapshot lacked them.
    static func suspended(_ connection: SQLiteConnection, _ run: Run) throws(StoreError) -> Int64 {
        guard run.verdicts.contains(where: { $0.snapshot != nil }) else { return 0 }
        return try connection.number(
            """
            SELECT count(*) FROM integration_effects
                WHERE tenant_id = ? AND run_number = ? AND state = 'applied' AND absent = 1
            """,
            [.id(run.tenant), .integer(run.number)]
        ) ?? 0
    }

    /// Of those that nobody has decided about.
    static func setPendingEffects(
        _ state: String,
        _ connection: SQLiteConnection,
        _ run: Run,
        _ now: Instant
    ) throws(StoreError) {
        var changed: Int64
        repeat {
            changed = try connection.change(
                """
                UPDATE OR FAIL integration_effects SET state = ?3, updated_at = ?4 WHERE number IN (
                    SELECT number FROM integration_effects
                        WHERE tenant_id = ?1 AND run_number = ?2 AND state IN ('undecided', 'pending') LIMIT ?5)
                """,
                [.id(run.tenant), .integer(run.number), .text(state), .time(now), .integer(EffectTable.stretch)]
            )
        } while changed > 0
    }

    /// The config's planned run.
    static func planned(_ connection: SQLiteConnection, config: UUID, tenant: UUID) throws(StoreError) -> UUID? {
        try connection.rows(
            """
            SELECT id FROM integration_runs
                WHERE tenant_id = ? AND config_id = ? AND finished_at IS NULL AND state = 'planned' LIMIT 1
            """,
            [.id(tenant), .id(config)]
        ) { row throws(StoreError) in try row.id(0) }.first
    }

    /// The config's held runs end without what they have set aside, its planned ones without what they have shown.
    static func supersede(
        _ connection: SQLiteConnection,
        config: UUID,
        states: Set<RunState> = [.held, .planned],
        actor: String,
        tenant: UUID,
        _ now: Instant
    ) throws(StoreError) {
        let undecided = try connection.rows(
            """
            SELECT id FROM integration_runs
                WHERE tenant_id = ? AND config_id = ? AND finished_at IS NULL AND state IN ('held', 'planned')
            """,
            [.id(tenant), .id(config)]
        ) { row throws(StoreError) in try row.id(0) }
        for id in undecided {
            let run = try require(connection, id, tenant: tenant)
            guard states.contains(run.state) else { continue }
            guard run.state == .held else {
                try endPlan(connection, run, .superseded, actor: actor, now)
                continue
            }
            try conclude(
                connection,
                run,
                GuardDecision(kind: .superseded, actor: actor, at: now),
                RunMessage.superseded(run.counts, run.streams)
            )
        }
    }

    /// Ends a held run without what it has set aside.
    @discardableResult
    fileprivate static func conclude(
        _ connection: SQLiteConnection,
        _ run: Run,
        _ decision: GuardDecision,
        _ message: String
    ) throws(StoreError) -> Run {
        try setPendingEffects(decision.kind.rawValue, connection, run, decision.at)
        try RunProgress.forget(connection, run)
        try connection.change(
            """
            UPDATE integration_runs SET state = ?2, message = ?3, decision = ?4, finished_at = ?5 WHERE number = ?1
            """,
            [
                .integer(run.number), .text(RunState.done(run.counts).rawValue), .text(message), .json(decision.json),
                .time(decision.at),
            ]
        )
        try LogRow.write(
            connection,
            LogEntry(
                config: run.config,
                run: run.id,
                status: "success",
                level: "warning",
                event: decision.kind.rawValue,
                message: message,
                payload: ["actor": .string(decision.actor), "set_aside": .integer(run.counts.setAside)]
            ),
            tenant: run.tenant,
            now: decision.at
        )
        return try require(connection, run.id, tenant: run.tenant)
    }
}

extension GuardDecision {
    init(json: JSONValue) throws(JSONFieldError) {
        var fields = try JSONFields(json)
        kind = try fields.oneOf("decision", Kind.self)
        actor = try fields.string("by")
        at = Instant(microseconds: try fields.integer("at"))
        try fields.finish()
    }

    fileprivate var json: JSONValue {
        ["decision": .string(kind.rawValue), "by": .string(actor), "at": .integer(at.microseconds)]
    }
}
