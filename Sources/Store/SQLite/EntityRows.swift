internal import Changes
internal import Crypto
internal import Identifiers
internal import Mapping
internal import SQLite

/// A row's owner and what it can be found by, as it says now.
struct FoundRow: Equatable {
    var entity: Entity
    var number: Int64
    var id: UUID
    /// The number of the config that owns the row; nil for nobody.
    var owner: Int64?
    var externalID: String?
    /// By the table's finders; empty for none.
    var values: [[UInt8]]

    func value(_ kind: DirectoryKind) -> [UInt8] {
        guard let place = entity.table.finders.firstIndex(where: { $0.kind == kind }) else { return [] }
        return values[place]
    }

    /// For messages: `person 4711 (0190…)`.
    var name: String {
        externalID.map { "\(entity.noun) \($0) (\(id))" } ?? "\(entity.noun) \(id)"
    }
}

/// The rows of one entity and tenant, one by one.
struct RowTable {
    private let connection: SQLiteConnection
    private let tenant: UUID
    private let entity: Entity
    private let ids: SQLiteStatement
    private let columns: String

    init(_ connection: SQLiteConnection, _ entity: Entity, tenant: UUID) throws(SQLiteError) {
        self.connection = connection
        self.tenant = tenant
        self.entity = entity
        columns = entity.table.finders.map(\.value).joined(separator: ", ")
        ids = try connection.statement("SELECT id FROM \(entity.table.name) WHERE number = ? AND tenant_id = ?")
        try ids.bind(tenant.bytes, at: 2)
    }

    func row(_ number: Int64) throws(SQLiteError) -> FoundRow? {
        let found: FoundRow?? = try connection.row(
            """
            SELECT id, config_number, external_id, \(columns) FROM \(entity.table.name)
                WHERE number = ? AND tenant_id = ?
            """,
            [.integer(number), .id(tenant)]
        ) { row throws(SQLiteError) in
            guard let id = UUID(bytes: row.bytes(0)) else { return nil }
            return FoundRow(
                entity: entity,
                number: number,
                id: id,
                owner: row.optionalInt64(1),
                externalID: row.optionalText(2),
                values: entity.table.finders.indices.map { row.bytes(Int32($0) + 3) }
            )
        }
        return found ?? nil
    }

    /// The id of a row, as others refer to it; nil if the row is gone.
    func id(_ number: Int64) throws(SQLiteError) -> UUIDBytes? {
        try ids.bind(number, at: 1)
        defer { ids.reset() }
        return try ids.step() ? ids.withBytes(0) { UUIDBytes($0) } : nil
    }

    func lastNumber() throws(SQLiteError) -> Int64 {
        try connection.integer("SELECT max(number) FROM \(entity.table.name)") ?? 0
    }
}

/// A transaction's directory: opened when what others wrote has been taken in.
final class OpenedDirectory {
    private let connection: SQLiteConnection
    private let state: DirectoryState
    private let tenant: UUID
    private var directory: Directory?

    init(_ connection: SQLiteConnection, _ state: DirectoryState, tenant: UUID) {
        self.connection = connection
        self.state = state
        self.tenant = tenant
    }

    func open() throws(SQLiteError) -> Directory {
        if let directory { return directory }
        let directory = try Directory(connection, state: state, tenant: tenant)
        self.directory = directory
        return directory
    }
}

/// How one transaction finds an entity's rows: by number, by link, by what the directory keeps.
final class EntityRows {
    let links: LinkTable
    /// Up to which row the directory was complete before this transaction, and the last row then.
    let lastKnownRow: Int64
    let lastRow: Int64
    let coverage: DirectoryCoverage
    /// Rows of the batch in hand that may not be written yet.
    var pending: NewRows?
    private let table: RowTable
    private let otherConfigs: [Int64]
    private var keys: [DirectoryKind: DirectoryKeys] = [:]
    private let directory: OpenedDirectory

    /// Takes in what others have written since the last commit: before the directory is opened.
    init(
        _ entity: Entity,
        _ lease: RunLease,
        otherConfigs: [Int64],
        _ connection: SQLiteConnection,
        _ state: DirectoryState,
        _ hashKey: SipHash,
        directory: OpenedDirectory
    ) throws(SQLiteError) {
        let tenant = lease.run.tenant
        self.otherConfigs = otherConfigs
        self.directory = directory
        table = try RowTable(connection, entity, tenant: tenant)
        links = LinkTable(
            connection: connection,
            tenant: tenant.bytes,
            config: lease.config.number,
            entity: entity.number
        )
        coverage = DirectoryCoverage(connection: connection, entity: entity, key: hashKey)
        lastRow = try table.lastNumber()
        lastKnownRow = try coverage.lastRow()
        if lastKnownRow < lastRow { try coverage.takeIn(after: lastKnownRow, upTo: lastRow, state) }
        try coverage.takeInEdits(state)
        for kind in [.externalID] + entity.table.finders.map(\.kind) {
            if kind == .username, try !hasUsernames(lease, state) { continue }
            keys[kind] = coverage.keys(kind, tenant)
        }
    }

    /// They are kept for tenants of which a policy has ever matched by them.
    private func hasUsernames(_ lease: RunLease, _ state: DirectoryState) throws(SQLiteError) -> Bool {
        if try coverage.hasUsernames(lease.run.tenant) { return true }
        guard lease.policy.match.contains(.username) else { return false }
        try coverage.takeInUsernames(lease.run.tenant, upTo: lastRow, state)
        return true
    }

    /// nil where the directory doesn't keep the kind.
    func keys(_ kind: DirectoryKind) -> DirectoryKeys? { keys[kind] }

    // MARK: By number

    /// The row, written.
    func row(_ number: Int64) throws(SQLiteError) -> FoundRow? {
        try pending?.flush()
        return try table.row(number)
    }

    /// The id of a row, as others refer to it; nil if the row is gone.
    func id(_ number: Int64) throws(SQLiteError) -> UUIDBytes? {
        if let pending, let id = pending.id(of: number) { return id }
        return try table.id(number)
    }

    func name(of number: Int64) throws(SQLiteError) -> String {
        try row(number)?.name ?? "a row that is gone"
    }

    // MARK: By value

    /// The form under which a value is the same as another.
    static func form(_ value: [UInt8], _ kind: DirectoryKind) -> [UInt8] {
        guard kind == .email else { return value }
        var form: [UInt8] = []
        EmailAddress.appendDirectoryForm(of: value.span, to: &form)
        return form
    }

    /// Whether the row is the tenant's and has the value now: keys may lead to rows that have another by now.
    func hasValue(_ number: Int64, _ kind: DirectoryKind, _ wanted: [UInt8]) throws(SQLiteError) -> Bool {
        guard let row = try row(number) else { return false }
        if kind == .externalID { return row.owner == nil && row.externalID.map { Array($0.utf8) } == wanted }
        let value = row.value(kind)
        return !value.isEmpty && EntityRows.form(value, kind) == wanted
    }

    /// The rows that have the value now. Of external ids only those of rows that nobody owns are kept.
    func find(_ kind: DirectoryKind, _ value: [UInt8]) throws(SQLiteError) -> [Int64] {
        guard let keys = keys[kind], !value.isEmpty else { return [] }
        let wanted = EntityRows.form(value, kind)
        return try directory.open().find(keys.key(value)) { number throws(SQLiteError) in
            try hasValue(number, kind, wanted)
        }
    }

    // MARK: By reference

    /// The row that others mean by this text: a link of this config, and what `findElsewhere` knows.
    func referred(_ text: [UInt8]) throws(SQLiteError) -> Int64? {
        if let row = try links.row(of: text) { return row }
        return try referredElsewhere(text)
    }

    /// Beside this config's links: the one row that other configs' links lead to, the one that nobody owns and that has it as
    /// external id, the one whose code, e-mail or id it is.
    func referredElsewhere(_ text: [UInt8]) throws(SQLiteError) -> Int64? {
        let others = try linkedElsewhere(text)
        if !others.isEmpty { return others.count == 1 ? others[0] : nil }
        for kind in [DirectoryKind.externalID, .code, .email] where kind != .email || text.contains(UInt8(ascii: "@")) {
            let found = try find(kind, text)
            if !found.isEmpty { return found.count == 1 ? found[0] : nil }
        }
        guard let id = UUID(String(decoding: text, as: UTF8.self)) else { return nil }
        return try self.id(id.row) == UUIDBytes(id) ? id.row : nil
    }

    /// The different rows that other configs of the tenant know under the external id.
    func linkedElsewhere(_ externalID: [UInt8]) throws(SQLiteError) -> [Int64] {
        var rows: [Int64] = []
        for config in otherConfigs {
            var table = links
            table.config = config
            // A link may lead to a row that another program has deleted.
            if let row = try table.row(of: externalID), !rows.contains(row), try id(row) != nil { rows.append(row) }
        }
        return rows
    }
}
