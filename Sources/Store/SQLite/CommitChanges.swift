internal import Changes
internal import Identifiers
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
    private let tenant: [UInt8]

    init(_ connection: SQLiteConnection, _ lease: RunLease, entity: Entity, now: Instant) {
        self.connection = connection
        self.lease = lease
        self.entity = entity
        self.now = now
        tenant = lease.run.tenant.bytes
    }

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
        let statement = try connection.statement(
            """
            INSERT INTO integration_changes (tenant_id, run_number, config_number, entity, created_at, kind, row_number,
                    count, external_id, before, after) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """
        )
        try statement.bind(tenant, at: 1)
        try statement.bind(lease.run.number, at: 2)
        try statement.bind(lease.config.number, at: 3)
        try statement.bind(entity.number, at: 4)
        try statement.bind(now.microseconds, at: 5)
        try statement.bind(kind, at: 6)
        try statement.bind(row, at: 7)
        try statement.bind(count, at: 8)
        if let externalID { try statement.bind(externalID, at: 9) }
        if let before { try statement.bind(text: JSONValue.object(before).serialized(), at: 10) }
        if let after { try statement.bind(text: JSONValue.object(after).serialized(), at: 11) }
        try statement.run()
    }
}
