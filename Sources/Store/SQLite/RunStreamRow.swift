internal import Changes
internal import Identifiers
package import JSON
internal import Mapping
internal import SQLite
package import Time

/// The rows of integration_run_streams.
enum RunStreamRow {
    private static let counts = [
        "count_read", "count_created", "count_updated", "count_unchanged", "count_set_aside", "count_rejected",
        "count_duplicate", "count_warned", "count_waiting",
    ]

    static func insert(
        _ streams: [RunStream],
        run: Int64,
        tenant: UUID,
        _ connection: SQLiteConnection
    ) throws(StoreError) {
        for (position, stream) in streams.enumerated() {
            try connection.change(
                """
                INSERT INTO integration_run_streams (tenant_id, run_number, position, stream, entity)
                    VALUES (?, ?, ?, ?, ?)
                """,
                [
                    .id(tenant), .integer(run), .integer(Int64(position)), .text(stream.stream),
                    .text(stream.entity.rawValue),
                ]
            )
        }
    }

    /// The streams of a run, in order. A run from before they were kept has the one that its own row names.
    static func read(_ run: Run, _ connection: SQLiteConnection) throws(StoreError) -> [RunStream] {
        let streams = try connection.rows(
            """
            SELECT stream, entity, finished_at IS NOT NULL, coalesce(summary, '{}'), \(counts.joined(separator: ", "))
                FROM integration_run_streams WHERE tenant_id = ? AND run_number = ? ORDER BY position
            """,
            [.id(run.tenant), .integer(run.number)]
        ) { row throws(StoreError) in
            var stream = RunStream(
                stream: row.text(0),
                entity: try row.word(1),
                counts: RunRow.counts(row, from: 4),
                isFinished: row.int64(2) != 0
            )
            let summary = try row.json(3)
            stream.warnings = (summary["warnings"]?.arrayValue ?? []).compactMap(\.stringValue)
            stream.found = summary["found"]?.objectValue ?? [:]
            return stream
        }
        guard streams.isEmpty else { return streams }
        return [
            RunStream(stream: run.stream, entity: run.entity, counts: run.counts, isFinished: run.state.hasEnded)
        ]
    }

    /// Adds a batch's counts to its stream's.
    static func add(
        _ counts: Counts,
        to run: Run,
        stream: String,
        _ entity: Entity,
        _ connection: SQLiteConnection
    ) throws(StoreError) {
        let added = RunStreamRow.counts.enumerated().map { "\($0.element) = \($0.element) + ?\($0.offset + 5)" }
        try connection.change(
            """
            UPDATE integration_run_streams SET \(added.joined(separator: ", "))
                WHERE tenant_id = ?1 AND run_number = ?2 AND stream = ?3 AND entity = ?4
            """,
            [
                .id(run.tenant), .integer(run.number), .text(stream), .text(entity.rawValue), .integer(counts.read),
                .integer(counts.created), .integer(counts.updated), .integer(counts.unchanged),
                .integer(counts.setAside), .integer(counts.rejected), .integer(counts.duplicate),
                .integer(counts.warned), .integer(counts.waiting),
            ]
        )
    }

    /// What the connector said of a stream that is read to its end; an empty object for any other.
    static func summary(
        of stream: RunStream,
        _ run: Run,
        _ connection: SQLiteConnection
    ) throws(StoreError) -> JSONValue {
        try connection.row(
            """
            SELECT summary FROM integration_run_streams
                WHERE tenant_id = ? AND run_number = ? AND stream = ? AND entity = ? AND summary IS NOT NULL
            """,
            [.id(run.tenant), .integer(run.number), .text(stream.stream), .text(stream.entity.rawValue)]
        ) { row throws(StoreError) in try row.json(0) } ?? [:]
    }

    /// All streams are to be read from their beginning.
    static func startOver(_ run: Run, _ connection: SQLiteConnection) throws(StoreError) {
        let zeros = counts.map { "\($0) = 0" }.joined(separator: ", ")
        try connection.change(
            """
            UPDATE integration_run_streams SET summary = NULL, finished_at = NULL, \(zeros)
                WHERE tenant_id = ? AND run_number = ?
            """,
            [.id(run.tenant), .integer(run.number)]
        )
    }
}

extension SQLiteStore {
    package func finishStream(
        _ stream: RunStream,
        summary: JSONValue,
        lease: RunLease,
        now: Instant
    ) async throws(StoreError) {
        let failpoint = failpoint
        try await transaction(.batch) { connection throws(StoreError) in
            try Fence.check(connection, lease)
            let run = lease.run
            try connection.change(
                """
                UPDATE integration_run_streams SET summary = ?, finished_at = ?
                    WHERE tenant_id = ? AND run_number = ? AND stream = ? AND entity = ?
                """,
                [
                    .json(summary), .time(now), .id(run.tenant), .integer(run.number), .text(stream.stream),
                    .text(stream.entity.rawValue),
                ]
            )
            // The same stream may come once more, for another entity: from its beginning.
            try connection.change(
                """
                DELETE FROM integration_checkpoints
                    WHERE tenant_id = ? AND config_id = ? AND stream = ? AND run_number = ?
                """,
                [.id(run.tenant), .id(run.config), .text(stream.stream), .integer(run.number)]
            )
            try failpoint.passed("stream.before_commit")
        }
        try failpoint.passed("stream.after_commit")
    }
}

extension RunRow {
    /// Adds what was decided when all records of an entity were read.
    static func addSettled(_ counts: Counts, _ entity: Entity, to run: Run, _ connection: SQLiteConnection)
        throws(StoreError)
    {
        try add(counts, to: run, connection)
        guard let last = run.streams.last(where: { $0.entity == entity }) else { return }
        try RunStreamRow.add(counts, to: run, stream: last.stream, entity, connection)
    }
}
