internal import Changes
internal import Crypto
internal import Identifiers
internal import Mapping
internal import SQLite

/// Sees to it that the directory knows every row: also those that stood before the first migration, and those that another
/// program made.
///
/// One number for each entity says up to which row all kinds are complete; every commit moves it on. What an entity's rows
/// are found by (`EntityTable.finders`) is kept for all tenants, external ids only of rows that nobody owns, usernames only
/// for tenants with a policy that matches by them.
struct DirectoryCoverage {
    let connection: SQLiteConnection
    let entity: Entity
    let key: SipHash

    private static let everybody = UUID(high: 0, low: 0)
    /// How many rows are read before the directory is looked at.
    private static let stretch = 65_536

    func keys(_ kind: DirectoryKind, _ tenant: UUID) -> DirectoryKeys {
        DirectoryKeys(key: key, tenant: tenant, entity: entity, kind: kind)
    }

    /// Up to which row the directory is complete.
    func lastRow() throws(SQLiteError) -> Int64 {
        try mark(DirectoryCoverage.everybody, kind: 0) ?? 0
    }

    func setLastRow(_ row: Int64) throws(SQLiteError) {
        try setMark(DirectoryCoverage.everybody, kind: 0, row)
    }

    func hasUsernames(_ tenant: UUID) throws(SQLiteError) -> Bool {
        try mark(tenant, kind: DirectoryKind.username.rawValue) != nil
    }

    /// Enters the rows after `first` up to `last`.
    func takeIn(after first: Int64, upTo last: Int64, _ state: DirectoryState) throws(SQLiteError) {
        try takeIn(.all, after: first, upTo: last, state)
    }

    /// Enters the rows that other programs have edited since the last commit, as they are now.
    func takeInEdits(_ state: DirectoryState) throws(SQLiteError) {
        let last = try connection.integer("SELECT max(row_number) FROM \(entity.table.edits)")
        guard let last else { return }
        try takeIn(.edited, after: .min, upTo: last, state)
        try forgetEdits()
    }

    func forgetEdits() throws(SQLiteError) {
        // An empty table would be written too.
        guard try connection.integer("SELECT 1 FROM \(entity.table.edits) LIMIT 1") != nil else { return }
        try connection.execute("DELETE FROM \(entity.table.edits)")
    }

    private func takeIn(
        _ rows: Rows,
        after first: Int64,
        upTo last: Int64,
        _ state: DirectoryState
    ) throws(SQLiteError) {
        var usernames: [UUID: Bool] = [:]
        try forEachRow(rows, after: first, upTo: last, state) { directory, row, tenant throws(SQLiteError) in
            if row.owner == nil { try enter(row.externalID, .externalID, row, tenant, directory) }
            for (finder, value) in zip(entity.table.finders, row.values) {
                if finder.kind == .username {
                    if usernames[tenant] == nil { usernames[tenant] = try hasUsernames(tenant) }
                    guard usernames[tenant] == true else { continue }
                }
                try enter(value, finder.kind, row, tenant, directory)
            }
        }
    }

    /// Enters the usernames of all rows of a tenant up to `last`; from then on they are kept.
    func takeInUsernames(_ tenant: UUID, upTo last: Int64, _ state: DirectoryState) throws(SQLiteError) {
        guard let place = entity.table.finders.firstIndex(where: { $0.kind == .username }) else { return }
        try forEachRow(.of(tenant), after: 0, upTo: last, state) { directory, row, tenant throws(SQLiteError) in
            try enter(row.values[place], .username, row, tenant, directory)
        }
        try setMark(tenant, kind: DirectoryKind.username.rawValue, last)
    }

    // MARK: Rows

    private struct Row {
        var number: Int64
        var tenant: UUID
        var owner: Int64?
        var externalID: [UInt8]
        /// By the table's finders.
        var values: [[UInt8]]
    }

    private enum Rows {
        case all
        case of(UUID)
        case edited

        /// What is read, and the tenant to bind.
        func source(_ table: EntityTable) -> (table: String, tenant: UUID?) {
            switch self {
            case .all: (table.name, nil)
            case .of(let tenant): (table.name, tenant)
            // CROSS JOIN: the edits lead to the rows, not the other way.
            case .edited: ("\(table.edits) CROSS JOIN \(table.name) ON number = row_number", nil)
            }
        }
    }

    private func forEachRow(
        _ which: Rows,
        after first: Int64,
        upTo last: Int64,
        _ state: DirectoryState,
        _ body: (Directory, Row, UUID) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        var start = first
        while start < last {
            let rows = try read(which, after: start, upTo: last)
            guard let end = rows.last?.number else { return }
            start = end
            var directories: [UUID: Directory] = [:]
            for row in rows {
                if let directory = directories[row.tenant] {
                    try body(directory, row, row.tenant)
                } else {
                    let directory = try Directory(connection, state: state, tenant: row.tenant)
                    directories[row.tenant] = directory
                    try body(directory, row, row.tenant)
                }
            }
            for directory in directories.values { try directory.writeLog() }
            if let directory = directories.values.first, directory.isFull { try directory.merge() }
        }
    }

    private func read(_ which: Rows, after first: Int64, upTo last: Int64) throws(SQLiteError) -> [Row] {
        let (table, tenant) = which.source(entity.table)
        let values = entity.table.finders.map(\.value).joined(separator: ", ")
        return try connection.rows(
            """
            SELECT number, tenant_id, config_number, external_id, \(values) FROM \(table)
                WHERE number > ?1 AND number <= ?2 AND (?3 IS NULL OR tenant_id = ?3) ORDER BY number LIMIT ?4
            """,
            [.integer(first), .integer(last), .id(tenant), .integer(Int64(DirectoryCoverage.stretch))]
        ) { row throws(SQLiteError) in
            Row(
                number: row.int64(0),
                tenant: UUID(bytes: row.bytes(1)) ?? DirectoryCoverage.everybody,
                owner: row.optionalInt64(2),
                externalID: row.bytes(3),
                values: entity.table.finders.indices.map { row.bytes(Int32($0) + 4) }
            )
        }
    }

    private func enter(
        _ value: [UInt8],
        _ kind: DirectoryKind,
        _ row: Row,
        _ tenant: UUID,
        _ directory: Directory
    ) throws(SQLiteError) {
        guard !value.isEmpty else { return }
        var form: [UInt8] = []
        let key = keys(kind, tenant).key(value.span, form: &form)
        // Whether others have the same value is not asked: two rows may.
        try directory.add(key, row: row.number) { _ in true }
    }

    // MARK: Marks

    private func mark(_ tenant: UUID, kind: UInt8) throws(SQLiteError) -> Int64? {
        try connection.integer(
            "SELECT row_number FROM integration_directory_marks WHERE tenant_id = ? AND entity = ? AND kind = ?",
            [.id(tenant), .integer(entity.number), .integer(Int64(kind))]
        )
    }

    private func setMark(_ tenant: UUID, kind: UInt8, _ row: Int64) throws(SQLiteError) {
        try connection.execute(
            """
            INSERT OR REPLACE INTO integration_directory_marks (tenant_id, entity, kind, row_number)
                VALUES (?, ?, ?, ?)
            """,
            [.id(tenant), .integer(entity.number), .integer(Int64(kind)), .integer(row)]
        )
    }
}
