internal import Identifiers
internal import SQLite

/// What a run keeps only while it is under way.
enum RunProgress {
    /// The tables that hold a run's progress by its number, and nothing that outlives it.
    static let tables = reading + ["integration_waiting"]
    private static let reading = ["integration_seen"]

    /// What a run has told about its records: gone with a reading that is begun anew.
    static let told = ["integration_rejects", "integration_warnings", "integration_effects"]

    /// The run has ended: nothing of it goes on from here.
    static func forget(_ connection: SQLiteConnection, _ run: Run) throws(StoreError) {
        try reopenUndecided(connection, run)
        try forgetReading(connection, run)
        try empty(tables, connection, run)
    }

    /// The run has read everything; what it has set aside waits on.
    static func forgetReading(_ connection: SQLiteConnection, _ run: Run) throws(StoreError) {
        try connection.change(
            "DELETE FROM integration_checkpoints WHERE tenant_id = ? AND config_id = ? AND run_number = ?",
            [.id(run.tenant), .id(run.config), .integer(run.number)]
        )
        try empty(reading, connection, run)
    }

    /// Rejects whose records a replay has taken, and that still wait when it ends: nothing has come of them.
    private static func reopenUndecided(_ connection: SQLiteConnection, _ run: Run) throws(StoreError) {
        guard run.kind == RunKind.replay else { return }
        try connection.change(
            """
            UPDATE integration_rejects AS reject SET state = 'open', version = version + 1
                WHERE tenant_id = ?1 AND replay_number = ?2 AND state = 'replayed'
                    AND EXISTS (SELECT 1 FROM integration_waiting AS waiting
                        WHERE waiting.tenant_id = ?1 AND waiting.run_number = ?2
                            AND waiting.external_id = reject.external_id AND waiting.locator = reject.locator
                            AND waiting.source = reject.source)
            """,
            [.id(run.tenant), .integer(run.number)]
        )
    }

    private static func empty(
        _ tables: [String],
        _ connection: SQLiteConnection,
        _ run: Run
    ) throws(StoreError) {
        for table in tables {
            try connection.change(
                "DELETE FROM \(table) WHERE tenant_id = ? AND run_number = ?",
                [.id(run.tenant), .integer(run.number)]
            )
        }
    }

    /// Some rows of a run; answers how many.
    static func forget(
        _ table: String,
        of run: Int64,
        tenant: UUID,
        _ connection: SQLiteConnection
    ) throws(StoreError) -> Int64 {
        try connection.change(
            """
            DELETE FROM \(table) WHERE number IN (
                SELECT number FROM \(table) WHERE tenant_id = ? AND run_number = ? LIMIT 4096)
            """,
            [.id(tenant), .integer(run)]
        )
    }

    /// The source can't go on from the token: the next attempt reads from the start, and the run's counts and rejects
    /// are those of that reading. Rows that are in stay, and will be counted as unchanged.
    static func startOver(_ connection: SQLiteConnection, _ run: Run) throws(StoreError) {
        try forget(connection, run)
        try empty(told, connection, run)
        try RunRow.resetCounts(connection, run)
    }
}

extension RunRow {
    /// Nothing is counted of the run, and all its streams are to be read from their beginning.
    static func resetCounts(_ connection: SQLiteConnection, _ run: Run) throws(StoreError) {
        try connection.change(
            """
            UPDATE integration_runs SET count_read = 0, count_created = 0, count_updated = 0, count_unchanged = 0,
                count_set_aside = 0, count_rejected = 0, count_duplicate = 0, count_warned = 0, count_waiting = 0,
                count_replayed = 0, guard = NULL WHERE number = ?
            """,
            [.integer(run.number)]
        )
        try RunStreamRow.startOver(run, connection)
    }
}
