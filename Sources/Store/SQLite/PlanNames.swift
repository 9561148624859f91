internal import Changes
internal import Identifiers
internal import JSON
internal import Mapping
internal import SQLite

/// What rows are called that a run makes itself. On a plan's copy they have other ids than when the plan is applied: so a
/// change that refers to one calls it as its source does, both where it is shown and where it is compared with what was.
struct PlanNames {
    let connection: SQLiteConnection
    let lease: RunLease
    let lastRows: [Entity: Int64]

    /// The external id of a row that the run has made; nil for any other.
    func new(_ id: UUID, _ entity: Entity) throws(SQLiteError) -> String? {
        guard id.row > lastRows[entity] ?? 0 else { return nil }
        // Whoever else makes rows may give them any id.
        return try connection.row(
            """
            SELECT external_id FROM \(entity.table.name)
                WHERE number = ? AND id = ? AND tenant_id = ? AND created_run = ?
            """,
            [.integer(id.row), .id(id), .id(lease.run.tenant), .integer(lease.run.number)]
        ) { row throws(SQLiteError) in row.text(0) }
    }

    /// What a manager is called whom nobody knew when the record that names them was applied.
    func manager(_ id: UUID, called externalID: [UInt8]) throws(SQLiteError) -> String {
        try new(id, .users) == nil ? id.description : String(decoding: externalID, as: UTF8.self)
    }

    /// The fields before and after: a new row that a record refers to is called as that record calls it.
    func named(
        _ changes: RowChanges,
        _ columns: RecordColumns,
        _ row: Int
    ) throws(SQLiteError) -> (before: JSONObject, after: JSONObject) {
        var (before, after) = (changes.before, changes.after)
        for reference in columns.references {
            // A record before this one may have said something else of the same row.
            if let name = try name(before[reference.field], reference.entity) {
                before[reference.field] = .string(name)
            }
            if let name = try name(after[reference.field], reference.entity) {
                after[reference.field] = .string(reference.column.text(row) ?? name)
            }
        }
        return (before, after)
    }

    private func name(_ value: JSONValue?, _ entity: Entity) throws(SQLiteError) -> String? {
        guard let id = value?.stringValue.flatMap({ UUID($0) }) else { return nil }
        return try new(id, entity)
    }
}
