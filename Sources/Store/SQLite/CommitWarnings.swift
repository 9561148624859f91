internal import Mapping
internal import SQLite
internal import Time

/// A run's warnings: all are counted, the first are kept with their text.
struct WarningTable {
    let connection: SQLiteConnection
    let lease: RunLease
    let entity: Entity
    let now: Instant

    /// More would bury what they tell.
    static let most: Int64 = 10_000

    static func count(_ connection: SQLiteConnection, _ lease: RunLease) throws(SQLiteError) -> Int64 {
        try connection.integer(
            "SELECT count(*) FROM integration_warnings WHERE tenant_id = ? AND run_number = ?",
            [.id(lease.run.tenant), .integer(lease.run.number)]
        ) ?? 0
    }

    /// `always`: also beyond the most.
    func insert(
        _ warning: RowWarning,
        _ source: RecordSource,
        _ run: RunMemory,
        always: Bool = false
    ) throws(SQLiteError) {
        guard always || run.warnings < WarningTable.most else { return }
        run.warnings += 1
        try connection.execute(
            """
            INSERT INTO integration_warnings (tenant_id, run_number, entity, locator_kind, locator, source, field, code,
                    message, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .id(lease.run.tenant), .integer(lease.run.number), .text(entity.rawValue), .text(source.locatorKind),
                .integer(warning.locator), .text(source.name), .text(warning.field), .text(warning.code),
                .text(warning.message), .time(now),
            ]
        )
    }
}
