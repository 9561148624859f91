internal import Changes
internal import Identifiers
internal import Mapping
internal import SQLite

/// Rejects of earlier runs whose records wait for what they refer to.
struct EarlierWaiting {
    let work: CommitTransaction

    struct Reject {
        var number: Int64
        /// By how many runs it has been tried again.
        var tries: Int64
    }

    /// Whether the config has any: asked once a run.
    func exist() throws(SQLiteError) -> Bool {
        try work.connection.integer(
            """
            SELECT 1 FROM integration_rejects INDEXED BY integration_rejects_waiting_keys
                WHERE tenant_id = ? AND config_number = ? AND entity = ? AND state = 'waiting' AND run_number < ? LIMIT 1
            """,
            [
                .id(work.lease.run.tenant), .integer(work.lease.config.number), .text(work.entity.rawValue),
                .integer(work.lease.run.number),
            ]
        ) != nil
    }

    /// Those that wait under the keys of these rows, by row.
    func find(_ rows: [Int32], _ keys: RecordColumn) throws(SQLiteError) -> [Int32: Reject] {
        var found: [Int32: Reject] = [:]
        let statement = try work.connection.statement(
            """
            SELECT number, tries FROM integration_rejects INDEXED BY integration_rejects_waiting_keys
                WHERE tenant_id = ? AND config_number = ? AND entity = ? AND external_id = ? AND state = 'waiting'
                    AND run_number < ?
            """
        )
        try statement.bind(work.lease.run.tenant.bytes, at: 1)
        try statement.bind(work.lease.config.number, at: 2)
        try statement.bind(work.entity.rawValue, at: 3)
        try statement.bind(work.lease.run.number, at: 5)
        for row in rows {
            // The batch outlives the statement's run.
            unsafe try statement.bindText(uncopied: keys.uncopied(Int(row)), at: 4)
            while try statement.step() {
                found[row] = Reject(number: statement.int64(0), tries: statement.int64(1))
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
