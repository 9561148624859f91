internal import Changes
package import Identifiers
package import JSON
internal import SQLite
package import Time

extension SQLiteStore {
    package func run(_ id: UUID, tenant: UUID) async throws(StoreError) -> Run? {
        try await read { connection throws(StoreError) in try RunRow.find(connection, id, tenant: tenant) }
    }

    package func unfinishedRun(config: UUID, tenant: UUID) async throws(StoreError) -> Run? {
        try await read { connection throws(StoreError) in
            _ = try ConfigRow.require(connection, config, tenant: tenant)
            return try RunRow.unfinished(connection, config: config, tenant: tenant)
        }
    }

    package func beginRun(_ job: ClaimedJob, now: Instant) async throws(StoreError) -> RunLease {
        try await transaction(.batch) { connection throws(StoreError) in
            let began = try connection.change(
                """
                UPDATE integration_runs SET state = 'running', attempt = ?4, started_at = coalesce(started_at, ?5),
                    message = 'Running.'
                    WHERE tenant_id = ?1 AND id = ?2 AND fence = ?3 AND state IN ('queued', 'running', 'planned')
                """,
                [.id(job.tenant), .id(job.run), .integer(job.fence), .integer(job.attempt), .time(now)]
            )
            guard began == 1 else { throw Fence.lost(run: job.run) }
            let config = try ConfigRow.requireWithArchived(connection, job.config, tenant: job.tenant)
            let run = try RunRow.require(connection, job.run, tenant: job.tenant)
            guard run.input.objectValue != nil else {
                throw StoreError(.corrupt, "The input of run \(run.id) can't be read: its row is damaged.")
            }
            return RunLease(
                job: job,
                run: run,
                config: config,
                policy: try policy(of: config)
            )
        }
    }

    package func checkpoint(_ lease: RunLease, stream: String) async throws(StoreError) -> [UInt8]? {
        try await read { connection throws(StoreError) in
            try connection.row(
                """
                SELECT token FROM integration_checkpoints
                    WHERE tenant_id = ? AND config_id = ? AND stream = ? AND run_number = ?
                """,
                [.id(lease.run.tenant), .id(lease.config.id), .text(stream), .integer(lease.run.number)]
            ) { row throws(StoreError) in row.bytes(0) }
        }
    }

    package func finishRun(_ lease: RunLease, summary: JSONValue, now: Instant) async throws(StoreError) -> Run {
        let failpoint = failpoint
        let run = try await transaction(.batch) { connection throws(StoreError) in
            try Fence.check(connection, lease)
            let ended = try RunRow.require(connection, lease.run.id, tenant: lease.run.tenant)
            let counts = ended.counts
            guard counts.agree else {
                throw StoreError(
                    .accounts,
                    "Run \(lease.run.id) can't be called done, its accounts don't agree: "
                        + "\(RunMessage.accounts(counts)). Its records are in as they were committed; this is a "
                        + "fault of TrainFlow: keep the database and report it."
                )
            }
            let isHeld = try RunRow.hasPendingEffects(connection, ended)
            if !isHeld { try RunRow.setDecisionOfPlan(of: ended, connection) }
            let outcome = RunOutcome(
                state: isHeld ? .held : .done(counts),
                job: .done,
                message: try isHeld ? heldMessage(ended) : doneMessage(lease, ended, summary, connection),
                failure: nil,
                // A run that was held has read everything when it was.
                summary: ended.decision == nil ? summary : nil
            )
            let run = try end(lease.run, lease.job, outcome, connection, now)
            try failpoint.passed("finish.before_commit")
            return run
        }
        try failpoint.passed("finish.after_commit")
        return run
    }

    package func failRun(
        _ lease: RunLease,
        failure: RunFailure,
        retryAt: Instant?,
        now: Instant
    ) async throws(StoreError) -> Run {
        try await transaction(.batch) { connection throws(StoreError) in
            try Fence.check(connection, lease)
            if let retryAt { return try wait(lease, failure, until: retryAt, connection, now) }
            let ended = try RunRow.require(connection, lease.run.id, tenant: lease.run.tenant)
            let counts = ended.counts
            let isCancelled = failure.errorClass == "cancelled"
            let outcome = RunOutcome(
                state: isCancelled ? .cancelled : .failed,
                job: isCancelled ? .done : .dead,
                message: isCancelled
                    ? RunMessage.cancelled(counts, ended.streams)
                    : RunMessage.failed(failure, counts, ended.streams),
                failure: failure,
                summary: nil
            )
            return try end(ended, lease.job, outcome, connection, now)
        }
    }

    package func failJob(_ job: ClaimedJob, failure: RunFailure, now: Instant) async throws(StoreError) -> Run {
        try await transaction(.batch) { connection throws(StoreError) in
            let run = try RunRow.require(connection, job.run, tenant: job.tenant)
            let held = try connection.number(
                "SELECT fence FROM integration_runs WHERE number = ? AND finished_at IS NULL",
                [.integer(run.number)]
            )
            guard held == job.fence else { throw Fence.lost(run: job.run) }
            let outcome = RunOutcome(
                state: .failed,
                job: .dead,
                message: RunMessage.failed(failure, run.counts, run.streams),
                failure: failure,
                summary: nil
            )
            return try end(run, job, outcome, connection, now)
        }
    }
}

extension SQLiteStore {
    package func cancelRun(
        _ id: UUID,
        reason: String,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Run {
        try await transaction(.api) { connection throws(StoreError) in
            let run = try RunRow.require(connection, id, tenant: tenant)
            guard !run.state.hasEnded else {
                throw StoreError(.conflict, "Run \(id) has ended already: it is \(run.state.rawValue).")
            }
            if run.state == .planned { return try RunRow.endPlan(connection, run, .dropped, actor: actor, now) }
            return try RunRow.cancel(connection, run, reason: reason, actor: actor, now: now)
        }
    }
}

extension RunRow {
    /// Ends a run that has not ended.
    @discardableResult
    static func cancel(
        _ connection: SQLiteConnection,
        _ run: Run,
        reason: String,
        actor: String,
        now: Instant
    ) throws(StoreError) -> Run {
        let number = try connection.number(
            "SELECT number FROM integration_jobs WHERE tenant_id = ? AND run_id = ? ORDER BY number DESC LIMIT 1",
            [.id(run.tenant), .id(run.id)]
        )
        guard let number,
            let job = try JobRow.claim(connection, number, owner: "cancel", until: now, now: now)
        else { throw StoreError(.corrupt, "Run \(run.id) has no job.") }
        let outcome = RunOutcome(
            state: .cancelled,
            job: .done,
            message: RunMessage.cancelled(run.counts, run.streams),
            failure: RunFailure(errorClass: "cancelled", code: "cancelled", message: reason),
            summary: nil
        )
        try Audit.write(connection, "run.cancelled", "run", run.id, actor: actor, tenant: run.tenant, now: now)
        return try end(run, job, outcome, connection, now)
    }
}

/// How a run ended.
private struct RunOutcome {
    var state: RunState
    /// The state of its job: `dead` if somebody has to look at it.
    var job: JobState
    var message: String
    var failure: RunFailure?
    var summary: JSONValue?
}

extension RunState {
    /// How a run ends whose accounts agree.
    static func done(_ counts: Counts) -> RunState { counts.rejected > 0 ? .doneWithRejects : .done }
}

private func heldMessage(_ run: Run) -> String {
    RunMessage.held(run.verdicts.filter { !(run.plan?.decides($0) ?? false) }, run.counts, run.streams)
}

private func doneMessage(
    _ lease: RunLease,
    _ run: Run,
    _ summary: JSONValue,
    _ connection: SQLiteConnection
) throws(StoreError) -> String {
    // There was nothing to read from, which says nothing about the source.
    if run.counts.read == 0, let note = summary["note"]?.stringValue { return note }
    let suspended = try RunRow.suspended(connection, run)
    return RunMessage.done(run.counts, run.streams, run.verdicts, suspended: suspended)
        + (try shrinkNote(lease, run, summary, connection))
}

/// Where leavers are ignored a cut export harms nobody; whoever looks at the run should know all the same.
private func shrinkNote(
    _ lease: RunLease,
    _ run: Run,
    _ summary: JSONValue,
    _ connection: SQLiteConnection
) throws(StoreError) -> String {
    let part = StreamSummary(json: summary, read: run.counts.read)
    guard lease.policy.leavers == .ignore, run.decision == nil, part.isComplete, !part.isFiltered,
        let before = try RunRow.lastDone(connection, config: run.config, before: run.number, tenant: run.tenant)
    else { return "" }
    let count = SnapshotCount(
        present: run.counts.read,
        absent: max(0, before.counts.read - run.counts.read),
        mostPercent: lease.policy.guardLimits.shrinkPercent
    )
    return count.isShrunk ? RunMessage.shrunk(count) : ""
}

func policy(of config: Config) throws(StoreError) -> Policy {
    do throws(JSONFieldError) {
        return try Policy(json: config.policy)
    } catch {
        throw StoreError(.corrupt, "The policy of configuration \(config.id) can't be read: \(error). Save it anew.")
    }
}

private func end(
    _ run: Run,
    _ job: ClaimedJob,
    _ outcome: RunOutcome,
    _ connection: SQLiteConnection,
    _ now: Instant
) throws(StoreError) -> Run {
    var outcome = outcome
    // Nothing was written: what it has counted and told is not what it did.
    let isUnapplied = run.isUnapplied && (outcome.state == .failed || outcome.state == .cancelled)
    if isUnapplied, let failure = outcome.failure.map(RunMessage.ofUnapplied) {
        outcome.failure = failure
        outcome.message = RunMessage.unapplied(failure)
    }
    try connection.change(
        """
        UPDATE integration_runs SET state = ?2, message = ?3, error = ?4, summary = coalesce(?5, summary),
            finished_at = ?6 WHERE number = ?1
        """,
        [
            .integer(run.number), .text(outcome.state.rawValue), .text(outcome.message),
            outcome.failure.map { .json($0.json) } ?? .null, outcome.summary.map { .json($0) } ?? .null,
            outcome.state == .held ? .null : .time(now),
        ]
    )
    try connection.change(
        """
        UPDATE integration_jobs SET state = ?2, lease_owner = NULL, lease_until = NULL, updated_at = ?3
            WHERE number = ?1
        """,
        [.integer(job.number), .text(outcome.job.rawValue), .time(now)]
    )
    if outcome.state == .held {
        try RunProgress.forgetReading(connection, run)
    } else {
        try RunRow.setPendingEffects("superseded", connection, run, now)
        if isUnapplied {
            try RunProgress.startOver(connection, run)
        } else {
            try RunProgress.forget(connection, run)
        }
    }
    let ended = try RunRow.require(connection, run.id, tenant: run.tenant)
    let isError = outcome.failure != nil && outcome.state != .cancelled
    try LogRow.write(
        connection,
        LogEntry(
            config: ended.config,
            run: ended.id,
            status: isError ? "error" : "success",
            level: isError ? "error" : (ended.counts.rejected > 0 || ended.state == .held ? "warning" : "info"),
            event: "outcome",
            message: outcome.message,
            payload: outcomePayload(ended)
        ),
        tenant: ended.tenant,
        now: now
    )
    return ended
}

private func wait(
    _ lease: RunLease,
    _ failure: RunFailure,
    until retryAt: Instant,
    _ connection: SQLiteConnection,
    _ now: Instant
) throws(StoreError) -> Run {
    let message = RunMessage.retry(failure, attempt: lease.job.attempt, at: retryAt)
    try connection.change(
        "UPDATE integration_runs SET state = 'queued', message = ?2, error = ?3 WHERE number = ?1",
        [.integer(lease.run.number), .text(message), .json(failure.json)]
    )
    try connection.change(
        """
        UPDATE integration_jobs SET state = 'waiting', run_at = ?2, lease_owner = NULL, lease_until = NULL,
            updated_at = ?3 WHERE number = ?1
        """,
        [.integer(lease.job.number), .time(retryAt), .time(now)]
    )
    if failure.errorClass == "state_lost" { try RunProgress.startOver(connection, lease.run) }
    let run = try RunRow.require(connection, lease.run.id, tenant: lease.run.tenant)
    try LogRow.write(
        connection,
        LogEntry(
            config: run.config,
            run: run.id,
            status: "error",
            level: "warning",
            event: "retry",
            message: message,
            payload: outcomePayload(run)
        ),
        tenant: run.tenant,
        now: now
    )
    return run
}

func outcomePayload(_ run: Run) -> JSONValue {
    let counts = run.counts
    return [
        "state": .string(run.state.rawValue), "attempt": .integer(run.attempt),
        "counts": [
            "read": .integer(counts.read), "created": .integer(counts.created), "updated": .integer(counts.updated),
            "unchanged": .integer(counts.unchanged), "set_aside": .integer(counts.setAside),
            "rejected": .integer(counts.rejected), "duplicate": .integer(counts.duplicate),
            "warned": .integer(counts.warned), "waiting": .integer(counts.waiting),
            "replayed": .integer(counts.replayed),
        ],
        "error": run.failure?.json ?? .null,
    ]
}
