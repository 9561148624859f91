internal import Changes
internal import JSON
internal import Mapping
internal import SQLite
internal import Time

/// What a run did to which row, so that it can be shown and undone: integration_changes.
struct ChangeLog {
    let connection: SQLiteConnection
    let lease: RunLease
    let entity: Entity
    let now: Instant

    /// `count` rows from `first` on: a person's image after a create is the row as it is, walked back through later changes.
    func created(from first: Int64, count: Int64) throws(SQLiteError) {
        guard count > 0 else { return }
        try insert("created", row: first, count: count)
    }

    func updated(_ row: Int64, before: JSONObject, after: JSONObject) throws(SQLiteError) {
        try insert("updated", row: row, count: 1, before: before, after: after)
    }

    /// An existing row got a link; `before` and `after` hold what changed besides.
    func linked(_ row: Int64, externalID: String, before: JSONObject, after: JSONObject) throws(SQLiteError) {
        try insert("linked", row: row, count: 1, externalID: externalID, before: before, after: after)
    }

    private func insert(
        _ kind: String,
        row: Int64,
        count: Int64,
        externalID: String? = nil,
        before: JSONObject? = nil,
        after: JSONObject? = nil
    ) throws(SQLiteError) {
        try connection.execute(
            """
            INSERT INTO integration_changes (tenant_id, run_number, config_number, entity, kind, row_number, count,
                    external_id, before, after, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .id(lease.run.tenant), .integer(lease.run.number), .integer(lease.config.number),
                .integer(entity.number), .text(kind), .integer(row), .integer(count), SQLiteValue(externalID),
                before.map { .json(.object($0)) } ?? .null, after.map { .json(.object($0)) } ?? .null, .time(now),
            ]
        )
    }
}
