internal import Changes
internal import Crypto
internal import Identifiers
internal import Mapping
internal import Platform
internal import SQLite
internal import Time

/// What the batches of one transaction share: the tables, the directory, the next numbers, and what comes out.
final class CommitTransaction {
    let connection: SQLiteConnection
    let lease: RunLease
    let now: Instant
    let entity: Entity
    let run: RunMemory
    private let table: PeopleTable
    let links: LinkTable
    let shared: SharedRows
    let changes: ChangeLog
    let waiting: WaitingTable
    let openManagers: OpenManagers
    let directory: Directory
    let emailKeys: DirectoryKeys
    /// nil where no policy of the tenant matches by usernames.
    let usernameKeys: DirectoryKeys?
    let externalIDKeys: DirectoryKeys
    let hashKey: SipHash
    /// What the database refused when this transaction was tried before, by external id.
    let refused: [[UInt8]: SQLiteError]
    /// The tenant's other configs, for matches and managers that they know.
    let otherConfigs: [Int64]

    var counts = Counts()
    let numbers: RowNumbers
    /// People of the batch in hand that may not be written yet.
    var pending: NewPeople?
    /// What the database refused now: the transaction is taken back and tried again without these external ids.
    var refusedNow: [[UInt8]: SQLiteError] = [:]
    private let coverage: DirectoryCoverage
    private let lastKnownRow: Int64

    convenience init(
        _ connection: SQLiteConnection,
        _ memory: CommitMemory,
        _ context: CommitContext,
        refused: [[UInt8]: SQLiteError]
    ) throws(CommitFailure) {
        do throws(SQLiteError) {
            try self.init(opening: connection, memory, context, refused: refused)
        } catch {
            throw CommitFailure(error)
        }
    }

    private init(
        opening connection: SQLiteConnection,
        _ memory: CommitMemory,
        _ context: CommitContext,
        refused: [[UInt8]: SQLiteError]
    ) throws(SQLiteError) {
        let lease = context.lease
        let entity = lease.run.entity
        let tenant = lease.run.tenant
        let config = lease.config.number
        self.connection = connection
        self.lease = lease
        self.entity = entity
        self.refused = refused
        now = context.now
        hashKey = context.hashKey
        run = try memory.run(lease, connection)
        table = try PeopleTable(connection, tenant: tenant)
        links = LinkTable(connection: connection, tenant: tenant.bytes, config: config, entity: entity.number)
        shared = SharedRows(connection: connection, tenant: tenant, config: config, entity: entity.number)
        changes = ChangeLog(connection, lease, entity: entity, now: context.now)
        waiting = WaitingTable(connection: connection, lease: lease)
        openManagers = try OpenManagers(connection, tenant: tenant, config: config)
        otherConfigs = try connection.rows(
            "SELECT number FROM integration_configs WHERE tenant_id = ? AND number <> ? ORDER BY number",
            [.id(tenant), .integer(config)]
        ) { row throws(SQLiteError) in row.int64(0) }

        // Rows that others made since the last commit are taken in before anything is decided.
        let coverage = DirectoryCoverage(connection: connection, entity: entity, key: context.hashKey)
        let state = try memory.directory(connection)
        let last = try table.lastNumber()
        let known = try coverage.lastRow()
        if known < last { try coverage.takeIn(after: known, upTo: last, state) }
        try coverage.takeInEdits(state)
        var hasUsernames = try coverage.hasUsernames(tenant)
        if !hasUsernames, lease.policy.match.contains(.username) {
            try coverage.takeInUsernames(tenant, upTo: last, state)
            hasUsernames = true
        }
        self.coverage = coverage
        lastKnownRow = known
        // The mark is never lowered: links may still lead to the numbers of rows that are deleted by now.
        numbers = RowNumbers(after: max(last, known), now: context.now)
        directory = try Directory(connection, state: state, tenant: tenant)
        emailKeys = coverage.keys(.email, tenant)
        usernameKeys = hasUsernames ? coverage.keys(.username, tenant) : nil
        externalIDKeys = coverage.keys(.externalID, tenant)
    }

    /// Takes the transaction back if the database refused records now.
    func checkRefusals() throws(CommitFailure) {
        guard refusedNow.isEmpty else { throw .refused(refusedNow) }
    }

    /// The id of a row, as others refer to it; nil if the row is gone.
    func id(_ number: Int64) throws(SQLiteError) -> UUIDBytes? {
        if let pending, number >= pending.first { return pending.id(of: number) }
        return try table.id(number)
    }

    /// The rows of people, all written.
    func people() throws(SQLiteError) -> PeopleTable {
        try pending?.flush()
        return table
    }

    /// Writes what is kept in memory besides, as one of the transaction's last steps.
    func finish(_ failpoint: Failpoint) throws(CommitFailure) {
        try inDatabase { () throws(SQLiteError) in
            if numbers.next - 1 > lastKnownRow { try coverage.setLastRow(numbers.next - 1) }
            try directory.writeLog()
            // What this transaction changed stands in the directory.
            try coverage.forgetEdits()
        }
        guard directory.isFull else { return }
        try failpoint.step("directory.before_merge")
        try inDatabase { () throws(SQLiteError) in try directory.merge() }
        try failpoint.step("directory.after_merge")
    }
}
