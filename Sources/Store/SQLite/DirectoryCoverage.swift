internal import Changes
internal import Crypto
internal import Identifiers
internal import Mapping
internal import SQLite

/// Sees to it that the directory knows every row: also those that stood before the first migration, and those that another
/// program made.
///
/// One number says up to which row all kinds are complete; every commit moves it on. E-mails are kept for all tenants,
/// external ids only of rows that nobody owns, usernames only for tenants with a policy that matches by them.
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
        var usernames: [UUID: Bool] = [:]
        try forEachRow(after: first, upTo: last, tenant: nil, state) { directory, person, tenant throws(SQLiteError) in
            try enter(person.email, .email, person, tenant, directory)
            if person.owner == nil { try enter(person.externalID, .externalID, person, tenant, directory) }
            if usernames[tenant] == nil { usernames[tenant] = try hasUsernames(tenant) }
            if usernames[tenant] == true { try enter(person.username, .username, person, tenant, directory) }
        }
    }

    /// Enters the usernames of all rows of a tenant up to `last`; from then on they are kept.
    func takeInUsernames(_ tenant: UUID, upTo last: Int64, _ state: DirectoryState) throws(SQLiteError) {
        try forEachRow(after: 0, upTo: last, tenant: tenant, state) { directory, person, tenant throws(SQLiteError) in
            try enter(person.username, .username, person, tenant, directory)
        }
        try setMark(tenant, kind: DirectoryKind.username.rawValue, last)
    }

    // MARK: Rows

    private struct Row {
        var number: Int64
        var tenant: UUID
        var owner: Int64?
        var externalID: [UInt8]
        var email: [UInt8]
        var username: [UInt8]
    }

    private func forEachRow(
        after first: Int64,
        upTo last: Int64,
        tenant: UUID?,
        _ state: DirectoryState,
        _ body: (Directory, Row, UUID) throws(SQLiteError) -> Void
    ) throws(SQLiteError) {
        var start = first
        while start < last {
            let rows = try read(after: start, upTo: last, tenant: tenant)
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

    private func read(after first: Int64, upTo last: Int64, tenant: UUID?) throws(SQLiteError) -> [Row] {
        try connection.rows(
            """
            SELECT number, tenant_id, config_number, external_id, email, username FROM users
                WHERE number > ?1 AND number <= ?2 AND (?3 IS NULL OR tenant_id = ?3) ORDER BY number LIMIT ?4
            """,
            [.integer(first), .integer(last), .id(tenant), .integer(Int64(DirectoryCoverage.stretch))]
        ) { row throws(SQLiteError) in
            Row(
                number: row.int64(0),
                tenant: UUID(bytes: row.bytes(1)) ?? DirectoryCoverage.everybody,
                owner: row.optionalInt64(2),
                externalID: row.bytes(3),
                email: row.bytes(4),
                username: row.bytes(5)
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
