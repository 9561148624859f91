internal import Changes
internal import Crypto
internal import Identifiers
internal import JSON
internal import Mapping
internal import SQLite
internal import Time

// What a rehearsed run has done to the copy becomes the plan, stretch by stretch: each is a transaction under the run's
// fence, so that somebody who lost the lease writes nothing, and others get their turn in between. A plan that a killed
// process has half kept is deleted before the next attempt keeps its own.

extension SQLiteRehearsal {
    func keep(sources: [String: String], now: Instant) async throws(StoreError) -> Run {
        guard let rehearsed = try await copy.run(lease.run.id, tenant: lease.run.tenant) else {
            throw StoreError(.bug, "The run \(lease.run.id) is gone from its own copy.")
        }
        try original.failpoint.passed("plan.rehearsed")
        try await forgetEarlier()
        var hash = SHA256()
        // What was taken on the copy is not taken: the file stays where it is until the plan is applied.
        let taken = try await copy.takenFiles(run: lease.run.id, tenant: lease.run.tenant)
        let file = taken.first { $0.draft.sameAs == nil }.map { RunPlan.File($0.draft) }
        hash.update(header(rehearsed, sources, file))
        for part in KeptPart.all {
            var after: Int64 = 0
            let hashed = part.hashed
            while let stretch = try await read(part, after: after) {
                var text: [UInt8] = []
                for row in stretch.rows { PlanText.append(row, hashed, to: &text) }
                hash.update(text)
                try await write(part, stretch.rows, now)
                after = stretch.last
            }
            try original.failpoint.passed("plan.part")
        }
        var plan = lease.run.plan ?? RunPlan()
        plan.phase = .planned
        plan.hash = hash.finish().hex
        plan.sources = sources
        plan.file = file
        plan.configVersion = lease.config.version
        plan.verdicts = rehearsed.verdicts
        let run = try await conclude(rehearsed, plan, now)
        try original.failpoint.passed("plan.after_commit")
        return run
    }

    /// What of the run itself the plan's hash is made of.
    private func header(_ rehearsed: Run, _ sources: [String: String], _ file: RunPlan.File?) -> [UInt8] {
        let files = sources.sorted { $0.key < $1.key }.map { JSONValue.string("\($0.key) \($0.value)") }
        let header: JSONValue = [
            "config": .string(lease.config.id.description), "config_version": .integer(lease.config.version),
            "mapping_version": .integer(lease.run.mappingVersion), "sources": .array(files),
            "file": file?.json ?? .null, "read": .integer(rehearsed.counts.read),
            "created": .integer(rehearsed.counts.created),
            "updated": .integer(rehearsed.counts.updated), "unchanged": .integer(rehearsed.counts.unchanged),
            "set_aside": .integer(rehearsed.counts.setAside), "rejected": .integer(rehearsed.counts.rejected),
            "guard": .array(rehearsed.verdicts.map(\.json)),
        ]
        return header.serialized()
    }

    // MARK: Making room

    /// Deletes what an earlier attempt has kept, and the effects of the config's plans that have ended.
    private func forgetEarlier() async throws(StoreError) {
        let ended = try await original.read { [lease] connection throws(StoreError) in
            try connection.rows(
                """
                SELECT number FROM integration_runs INDEXED BY integration_runs_planned
                    WHERE tenant_id = ? AND config_id = ? AND plan IS NOT NULL AND finished_at IS NOT NULL
                    ORDER BY number DESC LIMIT 100
                """,
                [.id(lease.run.tenant), .id(lease.run.config)]
            ) { row throws(StoreError) in row.int64(0) }
        }
        for number in ended + [lease.run.number] { try await forget("integration_effects", of: -number) }
        for table in RunProgress.told { try await forget(table, of: lease.run.number) }
    }

    private func forget(_ table: String, of run: Int64) async throws(StoreError) {
        var deleted: Int64
        repeat {
            deleted = try await original.transaction(.batch) { [lease] connection throws(StoreError) in
                try Fence.check(connection, lease)
                return try RunProgress.forget(table, of: run, tenant: lease.run.tenant, connection)
            }
        } while deleted > 0
    }

    // MARK: Keeping

    private func read(
        _ part: KeptPart,
        after number: Int64
    ) async throws(StoreError) -> (rows: [[SQLiteValue]], last: Int64)? {
        try await copy.read { [lease] connection throws(StoreError) in
            var last = number
            let rows = try connection.rows(
                part.selection,
                [.id(lease.run.tenant), .integer(lease.run.number), .integer(number), .integer(KeptPart.stretch)]
            ) { row throws(StoreError) in
                last = row.int64(0)
                return part.columns.indices.map { row.value(Int32($0) + 1) }
            }
            return rows.isEmpty ? nil : (rows, last)
        }
    }

    private func write(
        _ part: KeptPart,
        _ rows: [[SQLiteValue]],
        _ now: Instant
    ) async throws(StoreError) {
        try await original.transaction(.batch) { [lease] connection throws(StoreError) in
            try Fence.check(connection, lease)
            let number = part.isPlan ? lease.run.planNumber : lease.run.number
            let numbers =
                part.hasIDs
                ? RowNumbers(after: try connection.number("SELECT max(number) FROM \(part.table)") ?? 0, now: now) : nil
            do throws(SQLiteError) {
                let statement = try connection.statement(part.insertion)
                for row in rows {
                    var values: [SQLiteValue] = [.id(lease.run.tenant), .integer(number)] + row
                    if let new = numbers?.take() { values += [.integer(new.number), .id(new.id)] }
                    try statement.bind(values)
                    try statement.run()
                }
            } catch {
                throw StoreError(error)
            }
        }
    }

    /// The run is `planned`, with the counts and verdicts of its rehearsal, and its job is done.
    private func conclude(_ rehearsed: Run, _ plan: RunPlan, _ now: Instant) async throws(StoreError) -> Run {
        let summaries = try await copy.read { [lease] connection throws(StoreError) in
            try connection.rows(
                "SELECT position, summary FROM integration_run_streams WHERE tenant_id = ? AND run_number = ?",
                [.id(lease.run.tenant), .integer(lease.run.number)]
            ) { row throws(StoreError) in [row.value(0), row.value(1)] }
        }
        return try await original.transaction(.batch) { [lease, original] connection throws(StoreError) in
            try Fence.check(connection, lease)
            let message = RunMessage.planned(rehearsed)
            try RunRow.resetCounts(connection, lease.run)
            try RunRow.add(rehearsed.counts, to: lease.run, connection)
            for stream in rehearsed.streams {
                try RunStreamRow.add(
                    stream.counts,
                    to: lease.run,
                    stream: stream.stream,
                    stream.entity,
                    connection
                )
            }
            for summary in summaries {
                try connection.change(
                    """
                    UPDATE integration_run_streams SET summary = ?4, finished_at = ?5
                        WHERE tenant_id = ?1 AND run_number = ?2 AND position = ?3
                    """,
                    [.id(lease.run.tenant), .integer(lease.run.number)] + summary + [.time(now)]
                )
            }
            try connection.change(
                """
                UPDATE integration_runs SET state = 'planned', message = ?2, error = NULL, guard = ?3, plan = ?4
                    WHERE number = ?1
                """,
                [
                    .integer(lease.run.number), .text(message),
                    rehearsed.verdicts.isEmpty ? .null : .json(.array(rehearsed.verdicts.map(\.json))),
                    .json(plan.json),
                ]
            )
            try connection.change(
                """
                UPDATE integration_jobs SET state = 'done', lease_owner = NULL, lease_until = NULL, updated_at = ?2
                    WHERE number = ?1
                """,
                [.integer(lease.job.number), .time(now)]
            )
            let run = try RunRow.require(connection, lease.run.id, tenant: lease.run.tenant)
            try LogRow.write(
                connection,
                LogEntry(
                    config: run.config,
                    run: run.id,
                    status: "success",
                    level: "info",
                    event: "planned",
                    message: message,
                    payload: outcomePayload(run)
                ),
                tenant: run.tenant,
                now: now
            )
            try original.failpoint.passed("plan.before_commit")
            return run
        }
    }
}

/// What of a copy's tables is kept.
private struct KeptPart: Sendable {
    var table: String
    /// Beside tenant, run and number.
    var columns: [String]
    /// What is selected for a column, where it isn't the column itself.
    var values: [String: String] = [:]
    /// Of the copy's rows of the run.
    var condition = "run_number = ?2"
    var isPlan = false
    /// Whether the rows' ids carry their numbers, which are new ones in the original.
    var hasIDs = false
    /// The columns that the plan's hash leaves out: when, and what is told apart by chance.
    var unhashed: Set<String> = ["created_at", "updated_at"]

    static let stretch: Int64 = 2_048

    static let all = [effects, rejects, warnings]

    /// The run's own log of what it did, and what the guard set aside without applying it. Of what it applied, the log tells;
    /// but for absent people, who have no records.
    private static let effects = KeptPart(
        table: "integration_effects",
        columns: [
            "config_number", "entity", "kinds", "absent", "row_number", "state", "cause", "external_id", "source_hash",
            "before", "after", "created_at", "updated_at",
        ],
        values: [
            "state": "'pending'",
            "kinds": "iif(run_number < 0, kinds, kinds | \(RecordedChange.Effect.updated.bit))",
            "source_hash": """
            coalesce(source_hash, (SELECT waiting.source_hash FROM integration_waiting AS waiting
                WHERE waiting.tenant_id = ?1 AND waiting.run_number = ?2
                    AND waiting.effect = integration_effects.number))
            """,
        ],
        condition:
            "(run_number = -?2 OR run_number = ?2 AND (state = 'pending' OR absent = 1 AND state <> 'conflict'))",
        isPlan: true
    )

    /// None of them waits: nothing tries again what was only looked at.
    private static let rejects = KeptPart(
        table: "integration_rejects",
        columns: [
            "config_number", "entity", "locator_kind", "locator", "source", "external_id", "code", "message",
            "failures",
            "raw", "state", "created_at", "updated_at", "field", "stream",
        ],
        values: ["state": "iif(state = 'waiting', 'open', state)"],
        hasIDs: true
    )

    private static let warnings = KeptPart(
        table: "integration_warnings",
        columns: [
            "entity", "locator_kind", "locator", "source", "field", "code", "message", "created_at",
        ],
        // They may name rows that only the copy has.
        unhashed: ["created_at", "message"]
    )

    /// The rows of a tenant's run (1, 2) after a number (3), so many (4): number, then the columns.
    var selection: String {
        let all = columns.map { values[$0] ?? $0 }
        return """
            SELECT number, \(all.joined(separator: ", ")) FROM \(table) NOT INDEXED
                WHERE tenant_id = ?1 AND \(condition) AND number > ?3 ORDER BY number LIMIT ?4
            """
    }

    var insertion: String {
        let all = ["tenant_id", "run_number"] + columns + (hasIDs ? ["number", "id"] : [])
        return """
            INSERT INTO \(table) (\(all.joined(separator: ", ")))
                VALUES (\(all.map { _ in "?" }.joined(separator: ", ")))
            """
    }

    /// Where those of the columns stand that the plan's hash is made of.
    var hashed: [Int] { columns.indices.filter { !unhashed.contains(columns[$0]) } }
}

/// Values as bytes that no others have: each with a letter for its kind, after its length.
private enum PlanText {
    static func append(_ row: [SQLiteValue], _ places: [Int], to text: inout [UInt8]) {
        for place in places {
            switch row[place] {
            case .null: append("", 0, to: &text)
            case .integer(let integer): append("i", String(integer), to: &text)
            case .real(let real): append("r", String(real), to: &text)
            case .text(let string): append("t", string, to: &text)
            case .blob(let blob):
                append("b", blob.count, to: &text)
                text += blob
            }
        }
        text.append(UInt8(ascii: "\n"))
    }

    private static func append(_ kind: String, _ value: String, to text: inout [UInt8]) {
        append(kind, value.utf8.count, to: &text)
        text += value.utf8
    }

    private static func append(_ kind: String, _ count: Int, to text: inout [UInt8]) {
        text += String(count + kind.utf8.count).utf8
        text.append(UInt8(ascii: ":"))
        text += kind.utf8
    }
}
