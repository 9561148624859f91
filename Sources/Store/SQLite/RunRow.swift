internal import Changes
internal import Identifiers
internal import JSON
internal import SQLite

/// The rows of integration_runs.
enum RunRow {
    /// A run whose rejects are all replayed or dismissed is done, whatever it was when it ended.
    static let state = """
        iif(state = 'done_with_rejects' AND \(hasNoneLeft), 'done', state)
        """

    /// Whether nobody has to do anything about a run's rejects any more; of a replay, about those that failed again.
    static let hasNoneLeft = """
        NOT EXISTS (SELECT 1 FROM integration_rejects AS reject INDEXED BY integration_rejects_by_state
            WHERE reject.tenant_id = integration_runs.tenant_id AND reject.run_number = integration_runs.number
                AND reject.state IN ('open', 'waiting'))
            AND (kind <> 'replay' OR NOT EXISTS (
                SELECT 1 FROM integration_rejects AS reject INDEXED BY integration_rejects_replayed
                    WHERE reject.tenant_id = integration_runs.tenant_id AND reject.replay_number = integration_runs.number
                        AND reject.state IN ('open', 'waiting')))
        """

    static let columns = """
        number, id, tenant_id, config_id, kind, trigger, stream, entity, mapping_version, \(state), count_read,
        count_created, count_updated, count_unchanged, count_set_aside, count_rejected, count_duplicate, count_warned,
        count_waiting, attempt, message, error, created_at, started_at, finished_at, input, count_replayed,
        guard, decision, plan
        """

    static func find(_ connection: SQLiteConnection, _ id: UUID, tenant: UUID) throws(StoreError) -> Run? {
        try first(connection, "tenant_id = ? AND id = ?", [.id(tenant), .id(id)])
    }

    static func require(_ connection: SQLiteConnection, _ id: UUID, tenant: UUID) throws(StoreError) -> Run {
        guard let run = try find(connection, id, tenant: tenant) else {
            throw StoreError(.notFound, "There is no run \(id).")
        }
        return run
    }

    static func unfinished(
        _ connection: SQLiteConnection,
        config: UUID,
        tenant: UUID
    ) throws(StoreError) -> Run? {
        try first(
            connection,
            """
            tenant_id = ? AND config_id = ? AND finished_at IS NULL AND state NOT IN ('held', 'planned')
                ORDER BY number DESC LIMIT 1
            """,
            [.id(tenant), .id(config)]
        )
    }

    /// The newest run of a config, whatever its state; the newest of those before one.
    static func newest(
        _ connection: SQLiteConnection,
        config: UUID,
        before number: Int64 = .max,
        tenant: UUID
    ) throws(StoreError) -> Run? {
        try first(
            connection,
            "tenant_id = ? AND config_id = ? AND number < ? ORDER BY created_at DESC, number DESC LIMIT 1",
            [.id(tenant), .id(config), .integer(number)]
        )
    }

    /// The newest run before one that came to its end and had something to read.
    static func lastDone(
        _ connection: SQLiteConnection,
        config: UUID,
        before number: Int64,
        tenant: UUID
    ) throws(StoreError) -> Run? {
        try first(
            connection,
            """
            tenant_id = ? AND config_id = ? AND number < ? AND kind = 'sync'
                AND state IN ('done', 'done_with_rejects') AND count_read > 0
                ORDER BY created_at DESC, number DESC LIMIT 1
            """,
            [.id(tenant), .id(config), .integer(number)]
        )
    }

    /// Adds a batch's counts to the run's.
    static func add(_ counts: Counts, to run: Run, _ connection: SQLiteConnection) throws(StoreError) {
        try connection.change(
            """
            UPDATE integration_runs SET count_read = count_read + ?2, count_created = count_created + ?3,
                count_updated = count_updated + ?4, count_unchanged = count_unchanged + ?5,
                count_set_aside = count_set_aside + ?6, count_rejected = count_rejected + ?7,
                count_duplicate = count_duplicate + ?8, count_warned = count_warned + ?9,
                count_waiting = count_waiting + ?10, count_replayed = count_replayed + ?11
                WHERE number = ?1
            """,
            [
                .integer(run.number), .integer(counts.read), .integer(counts.created), .integer(counts.updated),
                .integer(counts.unchanged), .integer(counts.setAside), .integer(counts.rejected),
                .integer(counts.duplicate), .integer(counts.warned), .integer(counts.waiting),
                .integer(counts.replayed),
            ]
        )
    }

    private static func first(
        _ connection: SQLiteConnection,
        _ condition: String,
        _ values: [SQLiteValue]
    ) throws(StoreError) -> Run? {
        let run = try connection.row("SELECT \(columns) FROM integration_runs WHERE \(condition)", values) {
            row throws(StoreError) in try read(row, from: 0)
        }
        guard var run else { return nil }
        run.streams = try RunStreamRow.read(run, connection)
        return run
    }

    /// The run without its streams, which are rows of their own.
    static func read(_ row: SQLiteStatement, from first: Int32) throws(StoreError) -> Run {
        var counts = counts(row, from: first + 10)
        counts.replayed = row.int64(first + 26)
        var run = Run(
            id: try row.id(first + 1),
            tenant: try row.id(first + 2),
            number: row.int64(first),
            config: try row.id(first + 3),
            kind: row.text(first + 4),
            trigger: row.text(first + 5),
            stream: row.text(first + 6),
            entity: try row.word(first + 7),
            mappingVersion: row.int64(first + 8),
            state: try row.word(first + 9),
            counts: counts,
            attempt: row.int64(first + 19),
            message: row.text(first + 20),
            failure: try row.optional(first + 21, "the run's error", RunFailure.init(json:)),
            createdAt: row.time(first + 22),
            startedAt: row.optionalTime(first + 23),
            finishedAt: row.optionalTime(first + 24),
            input: input(row, first + 25)
        )
        run.verdicts = try verdicts(row, first + 27)
        run.decision = try row.optional(first + 28, "the run's decision", GuardDecision.init(json:))
        run.plan = try row.optional(first + 29, "the run's plan", RunPlan.init(json:))
        return run
    }

    static func counts(_ row: SQLiteStatement, from column: Int32) -> Counts {
        var counts = Counts()
        counts.read = row.int64(column)
        counts.created = row.int64(column + 1)
        counts.updated = row.int64(column + 2)
        counts.unchanged = row.int64(column + 3)
        counts.setAside = row.int64(column + 4)
        counts.rejected = row.int64(column + 5)
        counts.duplicate = row.int64(column + 6)
        counts.warned = row.int64(column + 7)
        counts.waiting = row.int64(column + 8)
        return counts
    }

    /// What can't be read is null: `beginRun` refuses the run, and everybody else can still list and end it.
    private static func input(_ row: SQLiteStatement, _ column: Int32) -> JSONValue {
        do throws(StoreError) {
            return try row.json(column)
        } catch {
            return .null
        }
    }
}
