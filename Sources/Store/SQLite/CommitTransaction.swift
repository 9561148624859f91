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
    let people: PeopleTable
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
    /// What the database refused when this transaction was tried before, by external id.
    let refused: [[UInt8]: SQLiteError]
    /// The tenant's other configs, for matches and managers that they know.
    let otherConfigs: [Int64]

    var counts = Counts()
    var numbers: RowNumbers
    private let coverage: DirectoryCoverage
    private let lastKnownRow: Int64

    convenience init(
        _ connection: SQLiteConnection,
        _ memory: CommitMemory,
        _ lease: RunLease,
        entity: Entity,
        hashKey: SipHash,
        refused: [[UInt8]: SQLiteError],
        now: Instant
    ) throws(CommitFailure) {
        do throws(SQLiteError) {
            try self.init(
                opening: connection,
                memory,
                lease,
                entity: entity,
                hashKey: hashKey,
                refused: refused,
                now: now
            )
        } catch {
            throw CommitFailure(error)
        }
    }

    private init(
        opening connection: SQLiteConnection,
        _ memory: CommitMemory,
        _ lease: RunLease,
        entity: Entity,
        hashKey: SipHash,
        refused: [[UInt8]: SQLiteError],
        now: Instant
    ) throws(SQLiteError) {
        let tenant = lease.run.tenant
        let config = lease.config.number
        self.connection = connection
        self.lease = lease
        self.entity = entity
        self.refused = refused
        self.now = now
        run = try memory.run(lease, connection)
        people = PeopleTable(connection: connection, tenant: tenant)
        links = LinkTable(connection: connection, tenant: tenant.bytes, config: config, entity: entity.number)
        shared = SharedRows(connection: connection, tenant: tenant, config: config, entity: entity.number)
        changes = ChangeLog(connection: connection, lease: lease, entity: entity, now: now)
        waiting = WaitingTable(connection: connection, lease: lease)
        openManagers = OpenManagers(connection: connection, tenant: tenant, config: config)
        otherConfigs = try connection.rows(
            "SELECT number FROM integration_configs WHERE tenant_id = ? AND number <> ? ORDER BY number",
            [.id(tenant), .integer(config)]
        ) { row throws(SQLiteError) in row.int64(0) }

        // Rows that others made since the last commit are taken in before anything is decided.
        let coverage = DirectoryCoverage(connection: connection, entity: entity, key: hashKey)
        let state = try memory.directory(connection)
        let last = try people.lastNumber()
        let known = try coverage.lastRow()
        if known < last { try coverage.takeIn(after: known, upTo: last, state) }
        var hasUsernames = try coverage.hasUsernames(tenant)
        if !hasUsernames, lease.policy.match.contains(.username) {
            try coverage.takeInUsernames(tenant, upTo: last, state)
            hasUsernames = true
        }
        self.coverage = coverage
        lastKnownRow = known
        numbers = RowNumbers(after: last, now: now)
        directory = try Directory(connection, state: state, tenant: tenant)
        emailKeys = coverage.keys(.email, tenant)
        usernameKeys = hasUsernames ? coverage.keys(.username, tenant) : nil
        externalIDKeys = coverage.keys(.externalID, tenant)
    }

    /// Writes what is kept in memory besides, as one of the transaction's last steps.
    func finish(_ failpoint: Failpoint) throws(CommitFailure) {
        try inDatabase { () throws(SQLiteError) in
            if numbers.next - 1 > lastKnownRow { try coverage.setLastRow(numbers.next - 1) }
            try directory.writeLog()
        }
        guard directory.isFull else { return }
        try failpoint.step("directory.before_merge")
        try inDatabase { () throws(SQLiteError) in try directory.merge() }
        try failpoint.step("directory.after_merge")
    }
}
