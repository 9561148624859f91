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
    /// The entity's own rows, and those that enrolments refer to.
    let rows: EntityRows
    private let users: EntityRows?
    private let courses: EntityRows?
    /// Records of an earlier run, perhaps another config's, are tried again.
    let isReplay: Bool
    /// The stream that the records come from.
    let stream: String
    /// Which rows the run has spoken of. Records of earlier runs that are tried again are beside its own.
    let seen: SeenRows
    let shared: SharedRows
    let changes: ChangeLog
    let waiting: WaitingTable
    let effects: EffectTable
    /// Of a run that plans.
    let plan: PlanLog?
    /// What a run that applies a plan may do.
    let shownPlan: ShownPlan?
    let openManagers: OpenManagers
    let directory: Directory
    let hashKey: SipHash
    /// Of the tenant.
    private let archivedConfigs: Set<Int64>
    /// What the database refused when this transaction was tried before, by external id.
    let refused: [[UInt8]: SQLiteError]

    var counts = Counts()
    let numbers: RowNumbers
    /// What the database refused now: the transaction is taken back and tried again without these external ids.
    var refusedNow: [[UInt8]: SQLiteError] = [:]

    /// - Parameter isReplay: the records are of an earlier run, and of the lease's config, which may not be the run's.
    convenience init(
        _ connection: SQLiteConnection,
        _ memory: CommitMemory,
        _ context: CommitContext,
        _ entity: Entity,
        isReplay: Bool = false,
        refused: [[UInt8]: SQLiteError]
    ) throws(CommitFailure) {
        do throws(SQLiteError) {
            try self.init(opening: connection, memory, context, entity, isReplay: isReplay, refused: refused)
        } catch {
            throw CommitFailure(error)
        }
    }

    private init(
        opening connection: SQLiteConnection,
        _ memory: CommitMemory,
        _ context: CommitContext,
        _ entity: Entity,
        isReplay: Bool,
        refused: [[UInt8]: SQLiteError]
    ) throws(SQLiteError) {
        let lease = context.lease
        let tenant = lease.run.tenant
        let config = lease.config.number
        self.connection = connection
        self.lease = lease
        self.entity = entity
        self.refused = refused
        now = context.now
        stream = context.stream
        hashKey = context.hashKey
        run = try memory.run(lease, connection)
        self.isReplay = isReplay
        seen = isReplay ? SeenRows() : run.seen(entity)
        shared = SharedRows(connection: connection, tenant: tenant, config: config, entity: entity.number)
        changes = ChangeLog(connection, lease, entity: entity, now: context.now)
        waiting = WaitingTable(connection: connection, lease: lease, entity: entity)
        effects = EffectTable(connection: connection, lease: lease, entity: entity, now: context.now)
        plan = PlanLog(connection, lease, entity, context.now)
        shownPlan = ShownPlan(connection, lease, entity)
        openManagers = try OpenManagers(connection, tenant: tenant, config: config)
        let others = try connection.rows(
            """
            SELECT number, archived_at IS NOT NULL FROM integration_configs WHERE tenant_id = ? AND number <> ?
                ORDER BY number
            """,
            [.id(tenant), .integer(config)]
        ) { row throws(SQLiteError) in (number: row.int64(0), isArchived: row.int64(1) != 0) }
        archivedConfigs = Set(others.filter(\.isArchived).map(\.number))
        let otherConfigs = others.map(\.number)

        // Rows that others made since the last commit are taken in before anything is decided.
        let state = memory.directory
        let opened = OpenedDirectory(connection, state, tenant: tenant)
        func rows(of entity: Entity) throws(SQLiteError) -> EntityRows {
            try EntityRows(
                entity,
                lease,
                otherConfigs: otherConfigs,
                connection,
                state,
                context.hashKey,
                directory: opened
            )
        }
        self.rows = try rows(of: entity)
        users = entity == .enrollments ? try rows(of: .users) : nil
        courses = entity == .enrollments ? try rows(of: .courses) : nil
        // The mark is never lowered: links may still lead to the numbers of rows that are deleted by now.
        numbers = RowNumbers(after: max(self.rows.lastRow, self.rows.lastKnownRow), now: context.now)
        directory = try opened.open()
    }

    /// Takes the transaction back if the database refused records now.
    func checkRefusals() throws(CommitFailure) {
        guard refusedNow.isEmpty else { throw .refused(refusedNow) }
    }

    /// Whether rejects of the config wait. Records that are tried again are such themselves.
    func hasEarlierWaiting() throws(SQLiteError) -> Bool {
        guard !isReplay else { return false }
        if let known = run.hasEarlierWaiting { return known }
        let exist = try EarlierWaiting(work: self).exist()
        run.hasEarlierWaiting = exist
        return exist
    }

    /// Whether the config was deleted: what it owned is nobody's.
    func isDeleted(_ config: Int64?) -> Bool { config.map(archivedConfigs.contains) ?? false }

    /// The rows that a field of enrolments refers to.
    func referred(_ entity: Entity) -> EntityRows {
        (entity == .users ? users : courses) ?? rows
    }

    /// Writes what is kept in memory besides, as one of the transaction's last steps.
    func finish(_ failpoint: Failpoint) throws(CommitFailure) {
        try inDatabase { () throws(SQLiteError) in
            if numbers.next - 1 > rows.lastKnownRow { try rows.coverage.setLastRow(numbers.next - 1) }
            try directory.writeLog()
            // What this transaction changed stands in the directory.
            try rows.coverage.forgetEdits()
        }
        guard directory.isFull else { return }
        try failpoint.step("directory.before_merge")
        try inDatabase { () throws(SQLiteError) in try directory.merge() }
        try failpoint.step("directory.after_merge")
    }
}
