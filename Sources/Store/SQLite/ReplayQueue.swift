package import Identifiers
internal import JSON
internal import Mapping
internal import SQLite
package import Time

extension SQLiteStore {
    package func enqueueReplay(
        _ request: ReplayRequest,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Run {
        try await transaction(.api) { connection throws(StoreError) in
            let run = try RunRow.require(connection, request.run, tenant: tenant)
            guard let config = try ConfigRow.find(connection, run.config, tenant: tenant) else {
                throw StoreError(.conflict, "The configuration of run \(run.id) was deleted: nothing can be replayed.")
            }
            guard !run.isUnapplied else {
                throw StoreError(
                    .conflict,
                    "Run \(run.id) was a plan: nothing of it was applied, and none of its rejects waits for anything."
                )
            }
            // A sync takes a held run's place: it reads all anew. A replay doesn't.
            let undecided = try connection.row(
                """
                SELECT id, state FROM integration_runs
                    WHERE tenant_id = ? AND config_id = ? AND state IN ('held', 'planned') LIMIT 1
                """,
                [.id(tenant), .id(config.id)]
            ) { row throws(StoreError) in (id: try row.id(0), state: row.text(1)) }
            if let undecided {
                throw StoreError(
                    .conflict,
                    "The configuration \"\(config.name)\" has a \(undecided.state) run, \(undecided.id): approve or refuse "
                        + "it, then replay."
                )
            }
            let selection = ReplaySelection(source: run, choice: request.choice)
            try selection.requireAll(connection)
            let streams = try selection.streams(connection)
            guard !streams.isEmpty else {
                throw StoreError(.invalid, "Run \(run.id) has no such rejects that are open or wait.")
            }
            var sync = SyncRequest(
                config: config.id,
                trigger: "manual",
                streams: streams,
                mappingVersion: try MappingRows.newestVersion(connection, config: config.id, tenant: tenant) ?? 0,
                input: ["replay": selection.json],
                actor: request.actor
            )
            sync.kind = RunKind.replay
            return try JobRow.enqueue(connection, sync, config, now)
        }
    }

    package func rejectsToReplay(
        _ lease: RunLease,
        _ stream: RunStream,
        after: Int64,
        limit: Int
    ) async throws(StoreError) -> [RejectToReplay] {
        try await read { connection throws(StoreError) in
            let selection = try ReplaySelection(of: lease.run, connection)
            let condition = selection.condition
            return try connection.rows(
                """
                SELECT number, version, locator_kind, source, locator, coalesce(corrected, raw), corrected IS NOT NULL,
                        failures
                    FROM integration_rejects \(condition.index)
                    WHERE tenant_id = ? AND run_number = ? AND \(condition.sql) AND number > ?
                        AND state IN ('open', 'waiting') AND (replay_number IS NULL OR replay_number <> ?)
                        AND entity = ? AND iif(coalesce(stream, '') = '', ?, stream) = ?
                    ORDER BY number LIMIT ?
                """,
                [.id(lease.run.tenant), .integer(selection.source.number)] + condition.values + [
                    .integer(after), .integer(lease.run.number), .text(stream.entity.rawValue),
                    .text(selection.home(of: stream.entity)), .text(stream.stream), .integer(Int64(limit)),
                ]
            ) { row throws(StoreError) in
                RejectToReplay(
                    number: row.int64(0),
                    version: row.int64(1),
                    locatorKind: row.text(2),
                    source: row.text(3),
                    locator: row.int64(4),
                    raw: try inColumn { () throws(SQLiteError) in try RejectJSON.fields(row.bytes(5)) },
                    isCorrected: row.int64(6) != 0,
                    failures: try inColumn { () throws(SQLiteError) in try RejectJSON.failures(row.bytes(7)) }
                )
            }
        }
    }
}

/// Which rejects of which run a replay is about; stands in its own run's input.
struct ReplaySelection {
    /// The run that refused them.
    var source: Run
    var choice: ReplayChoice

    init(source: Run, choice: ReplayChoice) {
        self.source = source
        self.choice = choice
    }

    /// That of a replay's run.
    init(of run: Run, _ connection: SQLiteConnection) throws(StoreError) {
        guard let json = run.input["replay"], let id = json["run"]?.stringValue.flatMap({ UUID($0) }) else {
            throw StoreError(.corrupt, "What run \(run.id) was to replay can't be read: its row is damaged.")
        }
        source = try RunRow.require(connection, id, tenant: run.tenant)
        if let ids = json["ids"]?.arrayValue {
            choice = .ids(ids.compactMap { $0.stringValue.flatMap { UUID($0) } })
        } else if let code = json["code"]?.stringValue {
            choice = .group(code: code, field: json["field"]?.stringValue)
        } else {
            choice = .all
        }
    }

    var json: JSONValue {
        let run = JSONValue.string(source.id.description)
        return switch choice {
        case .ids(let ids): ["run": run, "ids": .array(ids.map { .string($0.description) })]
        case .group(let code, let field):
            ["run": run, "code": .string(code), "field": field.map { .string($0) } ?? .null]
        case .all: ["run": run]
        }
    }

    /// The ids carry the rejects' numbers: they are found without the run's others.
    var condition: (index: String, sql: String, values: [SQLiteValue]) {
        let run = "INDEXED BY integration_rejects_run"
        return switch choice {
        case .ids(let ids):
            (
                "NOT INDEXED", "number IN (\(ids.map { _ in "?" }.joined(separator: ", ")))",
                ids.map { .integer($0.row) }
            )
        case .group(let code, nil): (run, "code = ?", [.text(code)])
        case .group(let code, let field?): (run, "code = ? AND field = ?", [.text(code), .text(field)])
        case .all: (run, "true", [])
        }
    }

    /// Whoever names rejects one by one means each of them.
    func requireAll(_ connection: SQLiteConnection) throws(StoreError) {
        guard case .ids(let ids) = choice else { return }
        for id in ids {
            guard let reject = try RejectRow.find(connection, id, of: source) else {
                throw StoreError(.invalid, "The run has no reject \(id).")
            }
            guard reject.state == "open" || reject.state == "waiting" else {
                throw StoreError(
                    .invalid,
                    "Reject \(id) is \(reject.state): only one that is open or waits can be replayed."
                )
            }
        }
    }

    /// The streams that the rejects came from.
    func streams(_ connection: SQLiteConnection) throws(StoreError) -> [RunStream] {
        let condition = condition
        let found = try connection.rows(
            """
            SELECT DISTINCT coalesce(stream, ''), entity FROM integration_rejects \(condition.index)
                WHERE tenant_id = ? AND run_number = ? AND \(condition.sql) AND state IN ('open', 'waiting') ORDER BY 1
            """,
            [.id(source.tenant), .integer(source.number)] + condition.values
        ) { row throws(StoreError) in RunStream(stream: row.text(0), entity: try row.word(1)) }
        var streams: [RunStream] = []
        for var stream in found {
            if stream.stream.isEmpty { stream.stream = home(of: stream.entity) }
            if !streams.contains(stream) { streams.append(stream) }
        }
        return streams
    }

    /// The stream of rejects that don't say theirs: people whose e-mail was refused when all were read, and rejects from
    /// before they did.
    func home(of entity: Entity) -> String {
        source.streams.last { $0.entity == entity }?.stream ?? source.stream
    }
}
