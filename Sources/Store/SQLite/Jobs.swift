internal import Changes
package import Identifiers
internal import JSON
internal import Mapping
internal import SQLite
package import Time

extension SQLiteStore {
    package func enqueueSync(_ request: SyncRequest, tenant: UUID, now: Instant) async throws(StoreError) -> Run {
        try await transaction(.api) { connection throws(StoreError) in
            let config = try ConfigRow.require(connection, request.config, tenant: tenant)
            return try JobRow.enqueue(connection, request, config, now)
        }
    }

    package func claimJob(
        owner: String,
        leaseFor: Duration,
        perTenant: Int,
        abandoned: Bool,
        run: UUID?,
        now: Instant
    ) async throws(StoreError) -> ClaimedJob? {
        try await transaction(.heartbeat) { connection throws(StoreError) in
            let claim = JobClaim(owner: owner, perTenant: perTenant, abandoned: abandoned, run: run, now: now)
            guard let due = try claim.due(connection) else { return nil }
            return try JobRow.claim(connection, due, owner: owner, until: now + leaseFor, now: now)
        }
    }

    package func nextJobDue(now: Instant) async throws(StoreError) -> Instant? {
        try await read { connection throws(StoreError) in
            let due = try connection.number(
                """
                SELECT min(CASE state WHEN 'waiting' THEN run_at ELSE lease_until END) FROM integration_jobs
                    WHERE state IN ('waiting', 'running')
                """
            )
            return due.map { max(now, Instant(microseconds: $0)) }
        }
    }

    package func extendLease(_ job: ClaimedJob, leaseFor: Duration, now: Instant) async throws(StoreError) {
        try await transaction(.heartbeat) { connection throws(StoreError) in
            let extended = try connection.change(
                """
                UPDATE integration_jobs SET lease_until = ?5, updated_at = ?6
                    WHERE number = ?1 AND tenant_id = ?2 AND fence = ?3 AND lease_owner = ?4 AND state = 'running'
                """,
                [
                    .integer(job.number), .id(job.tenant), .integer(job.fence), .text(job.owner),
                    .time(now + leaseFor), .time(now),
                ]
            )
            guard extended == 1 else { throw Fence.lost(run: job.run) }
        }
    }

    @discardableResult
    package func releaseJob(_ job: ClaimedJob, now: Instant) async throws(StoreError) -> Run {
        try await transaction(.heartbeat) { connection throws(StoreError) in
            // It keeps its place in the queue: the time it was due.
            let released = try connection.change(
                """
                UPDATE integration_jobs SET state = 'waiting', run_at = min(run_at, ?5), attempt = attempt - 1,
                    fence = fence + 1, lease_owner = NULL, lease_until = NULL, updated_at = ?5
                    WHERE number = ?1 AND tenant_id = ?2 AND fence = ?3 AND lease_owner = ?4 AND state = 'running'
                """,
                [.integer(job.number), .id(job.tenant), .integer(job.fence), .text(job.owner), .time(now)]
            )
            guard released == 1 else { throw Fence.lost(run: job.run) }
            try JobRow.raiseFence(connection, job.number)
            try connection.change(
                """
                UPDATE integration_runs SET state = 'queued', attempt = ?3,
                    message = 'Waits for a worker: the one before was shut down.' WHERE tenant_id = ?1 AND id = ?2
                """,
                [.id(job.tenant), .id(job.run), .integer(job.attempt - 1)]
            )
            return try RunRow.require(connection, job.run, tenant: job.tenant)
        }
    }

    package func jobs(
        _ filter: JobFilter,
        tenant: UUID,
        before: UUID?,
        limit: Int
    ) async throws(StoreError) -> [Job] {
        try await read { connection throws(StoreError) in
            if let config = filter.config {
                _ = try ConfigRow.requireWithArchived(connection, config, tenant: tenant)
            }
            return try JobRow.list(connection, filter, tenant: tenant, before: before, limit: limit)
        }
    }

    package func redriveJob(
        _ id: UUID,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Run {
        try await transaction(.api) { connection throws(StoreError) in
            try JobRow.redrive(connection, id, actor: actor, tenant: tenant, now)
        }
    }
}

private func requireMapping(
    _ connection: SQLiteConnection,
    _ request: SyncRequest,
    tenant: UUID
) throws(StoreError) {
    let version = request.mappingVersion
    guard try MappingRows.exists(connection, config: request.config, version: version, tenant: tenant) else {
        throw StoreError(.invalid, "The configuration has no mapping version \(version). Save its mappings first.")
    }
    let sets = try MappingRows.read(connection, config: request.config, version: version, tenant: tenant)
    guard !request.streams.isEmpty else { throw StoreError(.invalid, "The sync names no stream.") }
    for wanted in request.streams {
        guard sets.contains(where: { $0.stream == wanted.stream && $0.entity == wanted.entity }) else {
            throw StoreError(
                .invalid,
                "Mapping version \(version) turns nothing of the stream \"\(wanted.stream)\" into "
                    + "\(wanted.entity.rawValue). Map it first."
            )
        }
    }
}

/// The rows of integration_jobs.
enum JobRow {
    /// A queued run with its job.
    static func enqueue(
        _ connection: SQLiteConnection,
        _ request: SyncRequest,
        _ config: Config,
        _ now: Instant
    ) throws(StoreError) -> Run {
        try ConfigRow.requireSwitchedOn(connection, config)
        try requireMapping(connection, request, tenant: config.tenant)
        if let run = try RunRow.unfinished(connection, config: config.id, tenant: config.tenant) {
            throw StoreError(
                .conflict,
                "The configuration \"\(config.name)\" has a run in hand: \(run.id) is \(run.state). "
                    + "Wait until it has ended, or cancel it."
            )
        }
        let isDryRun: Bool
        if let said = request.isDryRun {
            isDryRun = said
        } else {
            isDryRun = try plansFirst(connection, request, config)
        }
        if request.yieldsToPlan, let plan = try RunRow.planned(connection, config: config.id, tenant: config.tenant) {
            throw StoreError(
                .conflict,
                "The configuration \"\(config.name)\" has a plan that nobody has decided about: \(plan). Apply it or drop it."
            )
        }
        // A dry run changes nothing: what is held waits on, until its plan is applied (`beginApplying`).
        try RunRow.supersede(
            connection,
            config: config.id,
            states: request.bringsNewer && !isDryRun ? [.held, .planned] : [.planned],
            actor: request.actor,
            tenant: config.tenant,
            now
        )
        let run = UUID.new(now)
        try connection.change(
            """
            INSERT INTO integration_runs
                (id, tenant_id, config_id, kind, trigger, direction, stream, entity, mapping_version, input, state,
                message, created_at, plan)
                VALUES (?, ?, ?, ?, ?, 'pull', ?, ?, ?, ?, 'queued', 'Waits for a worker.', ?, ?)
            """,
            [
                .id(run), .id(config.tenant), .id(config.id), .text(request.kind), .text(request.trigger),
                .text(request.streams.count == 1 ? request.streams[0].stream : ""),
                .text(request.streams[0].entity.rawValue), .integer(request.mappingVersion), .json(request.input),
                .time(now), isDryRun ? .json(RunPlan().json) : .null,
            ]
        )
        let number = try connection.number("SELECT number FROM integration_runs WHERE id = ?", [.id(run)])
        guard let number else { throw StoreError(.bug, "The run \(run) is gone as soon as it was queued.") }
        try RunStreamRow.insert(request.streams, run: number, tenant: config.tenant, connection)
        try connection.change(
            """
            INSERT INTO integration_jobs
                (tenant_id, config_id, run_id, kind, run_at, state, created_at, updated_at)
                VALUES (?1, ?2, ?3, ?4, ?5, 'waiting', ?5, ?5)
            """,
            [
                .id(config.tenant), .id(config.id), .id(run),
                .text(JobKind.of(request, provider: config.provider)), .time(now),
            ]
        )
        let deed = AuditDeed(
            actor: request.actor,
            action: "run.queued",
            subject: "run",
            subjectID: run,
            detail: [
                "config": .string(config.id.description), "trigger": .string(request.trigger),
                "kind": .string(request.kind), "dry_run": .bool(isDryRun),
            ]
        )
        try Audit.write(connection, deed, tenant: config.tenant, now: now)
        return try RunRow.require(connection, run, tenant: config.tenant)
    }

    /// Whether the policy wants the config's first sync to stop at a plan, and nothing of it was ever applied.
    private static func plansFirst(
        _ connection: SQLiteConnection,
        _ request: SyncRequest,
        _ config: Config
    ) throws(StoreError) -> Bool {
        guard request.kind == RunKind.sync, try policy(of: config).firstRun == .plan else { return false }
        return try connection.number(
            """
            SELECT 1 FROM integration_runs WHERE tenant_id = ? AND config_id = ?
                AND state IN ('done', 'done_with_rejects', 'held') AND count_read > 0 LIMIT 1
            """,
            [.id(config.tenant), .id(config.id)]
        ) == nil
    }

    /// Gives the job to `owner` with a higher fence: from here on the former holder commits nothing.
    static func claim(
        _ connection: SQLiteConnection,
        _ number: Int64,
        owner: String,
        until: Instant,
        now: Instant
    ) throws(StoreError) -> ClaimedJob? {
        try connection.change(
            """
            UPDATE integration_jobs SET state = 'running', attempt = attempt + 1, fence = fence + 1,
                lease_owner = ?2, lease_until = ?3, updated_at = ?4 WHERE number = ?1
            """,
            [.integer(number), .text(owner), .time(until), .time(now)]
        )
        try raiseFence(connection, number)
        return try claimed(connection, number)
    }

    /// The job's fence stands on the run's row too, beside the data that it protects.
    static func raiseFence(_ connection: SQLiteConnection, _ number: Int64) throws(StoreError) {
        try connection.change(
            """
            UPDATE integration_runs SET fence = job.fence FROM integration_jobs AS job
                WHERE job.number = ? AND integration_runs.tenant_id = job.tenant_id
                    AND integration_runs.id = job.run_id
            """,
            [.integer(number)]
        )
    }
}

private func claimed(_ connection: SQLiteConnection, _ number: Int64) throws(StoreError) -> ClaimedJob? {
    try connection.row(
        """
        SELECT job.number, job.tenant_id, job.config_id, job.run_id, job.kind, job.attempt, job.fence,
                job.lease_owner
            FROM integration_jobs AS job WHERE job.number = ?
        """,
        [.integer(number)]
    ) { row throws(StoreError) in
        ClaimedJob(
            number: row.int64(0),
            tenant: try row.id(1),
            config: try row.id(2),
            run: try row.id(3),
            kind: row.text(4),
            attempt: row.int64(5),
            fence: row.int64(6),
            owner: row.text(7)
        )
    }
}
