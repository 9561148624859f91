internal import Changes
internal import Identifiers
internal import Mapping
internal import SQLite

/// Rejects whose records wait for what they refer to: of the config's earlier runs, and of this one's batches before.
struct EarlierWaiting {
    let work: CommitTransaction

    struct Reject {
        var number: Int64
        /// By how many runs it has been tried again.
        var tries: Int64
        /// Of the run in hand.
        var isOwn: Bool
    }

    /// Whether the config has any: asked once a run.
    func exist() throws(SQLiteError) -> Bool {
        try work.connection.integer(
            """
            SELECT 1 FROM integration_rejects INDEXED BY integration_rejects_waiting_keys
                WHERE tenant_id = ? AND config_number = ? AND entity = ? AND state = 'waiting' LIMIT 1
            """,
            [.id(work.lease.run.tenant), .integer(work.lease.config.number), .text(work.entity.rawValue)]
        ) != nil
    }

    /// Those that wait under the keys of these rows, by row, in the order of their numbers.
    func find(_ rows: [Int32], _ keys: RecordColumn) throws(SQLiteError) -> [Int32: [Reject]] {
        var found: [Int32: [Reject]] = [:]
        let statement = try work.connection.statement(
            """
            SELECT number, tries, run_number FROM integration_rejects INDEXED BY integration_rejects_waiting_keys
                WHERE tenant_id = ? AND config_number = ? AND entity = ? AND external_id = ? AND state = 'waiting'
                ORDER BY number
            """
        )
        try statement.bind(work.lease.run.tenant.bytes, at: 1)
        try statement.bind(work.lease.config.number, at: 2)
        try statement.bind(work.entity.rawValue, at: 3)
        for row in rows {
            // The batch outlives the statement's run.
            unsafe try statement.bindText(uncopied: keys.uncopied(Int(row)), at: 4)
            while try statement.step() {
                found[row, default: []].append(
                    Reject(
                        number: statement.int64(0),
                        tries: statement.int64(1),
                        isOwn: statement.int64(2) == work.lease.run.number
                    )
                )
            }
            statement.reset()
        }
        return found
    }

    func set(_ state: String, _ reject: Int64) throws(SQLiteError) {
        try work.connection.execute(
            "UPDATE integration_rejects SET state = ?, updated_at = ? WHERE number = ?",
            [.text(state), .time(work.now), .integer(reject)]
        )
    }
}
