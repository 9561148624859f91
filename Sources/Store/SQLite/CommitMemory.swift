internal import Changes
internal import Identifiers
internal import Mapping
internal import SQLite

/// What the writer remembers between the transactions of commits. Only ever true after a committed transaction: one that
/// failed leaves it in doubt, and the next reads anew what it needs.
///
/// It lives with the writer's connection, and on its thread.
final class CommitMemory {
    private(set) var directory: DirectoryState
    private var run: RunMemory?
    private var isInDoubt = false
    private let directoryLimit: Int

    private init(directoryLimit: Int) {
        self.directoryLimit = directoryLimit
        directory = DirectoryState(limit: directoryLimit)
    }

    static func of(_ connection: SQLiteConnection, directoryLimit: Int) -> CommitMemory {
        if let memory = connection.companion as? CommitMemory { return memory }
        let memory = CommitMemory(directoryLimit: directoryLimit)
        connection.companion = memory
        return memory
    }

    /// One transaction that changes what is remembered. Where the database refuses single records, it is tried again
    /// without them: the body gets what was refused so far.
    func transaction<Result>(
        _ connection: SQLiteConnection,
        _ body: (_ refused: [[UInt8]: SQLiteError]) throws(CommitFailure) -> Result
    ) throws(StoreError) -> Result {
        var refused: [[UInt8]: SQLiteError] = [:]
        while true {
            do throws(CommitFailure) {
                return try once(connection) { () throws(CommitFailure) in try body(refused) }
            } catch {
                switch error {
                case .store(let error): throw error
                case .refused(let more): refused.merge(more) { first, _ in first }
                }
            }
        }
    }

    private func once<Result>(
        _ connection: SQLiteConnection,
        _ body: () throws(CommitFailure) -> Result
    ) throws(CommitFailure) -> Result {
        if isInDoubt {
            directory = DirectoryState(limit: directoryLimit)
            run = nil
        }
        isInDoubt = true
        let result = try connection.transaction(body)
        isInDoubt = false
        return result
    }

    func run(_ lease: RunLease, _ connection: SQLiteConnection) throws(SQLiteError) -> RunMemory {
        if let run, run.number == lease.run.number, run.fence == lease.job.fence { return run }
        let run = try RunMemory(lease, connection)
        self.run = run
        return run
    }
}

/// What is known of a run from its batches before.
final class RunMemory {
    let number: Int64
    let fence: Int64
    let tenant: UUID
    private var seen: [Entity: SeenRows] = [:]
    /// The records that wait for their e-mail, by external id.
    private(set) var waiting: [[UInt8]: WaitingRecord] = [:]
    /// How many of them wait for an e-mail, by its key.
    private var claims: [UInt64: Int] = [:]
    /// The rows that records which are set aside would change: a bit each, for there may be a million.
    private var setAside: [Entity: SeenRows] = [:]
    /// The keys of the e-mails that such records want.
    private var setAsideClaims: Set<UInt64> = []
    var nextBatch: Int64 = 0
    var nextWaiting: Int64 = 0
    /// How many warnings of the run are kept with their text.
    var warnings: Int64 = 0
    /// Each made when the first record comes that names one. 4 MB, 3 MB and 0.4 MB.
    lazy var managers = KnownReferences(room: 131_072, none: UUIDBytes())
    lazy var users = KnownReferences<Int64>(room: 131_072, none: 0)
    lazy var courses = KnownReferences<Int64>(room: 16_384, none: 0)

    init(_ lease: RunLease, _ connection: SQLiteConnection) throws(SQLiteError) {
        number = lease.run.number
        fence = lease.job.fence
        tenant = lease.run.tenant
        try readSeen(connection)
        for record in try WaitingRecord.read(connection, tenant: tenant, run: number) { add(record) }
        nextWaiting = try WaitingRecord.next(connection, tenant: tenant, run: number)
        try EffectTable.rows(connection, tenant: tenant, run: number) { entity, row in setAside(entity).insert(row) }
        setAsideClaims = try WaitingRecord.setAsideClaims(connection, tenant: tenant, run: number)
        warnings = try WarningTable.count(connection, lease)
    }

    /// Whether rejects of the config wait for what they refer to, the run's own too; nil until somebody asks.
    var hasEarlierWaiting: Bool?

    private func readSeen(_ connection: SQLiteConnection) throws(SQLiteError) {
        try connection.withStatement(
            "SELECT batch, entity, entries FROM integration_seen WHERE tenant_id = ? AND run_number = ? ORDER BY batch",
            [.id(tenant), .integer(number)]
        ) { statement throws(SQLiteError) in
            while try statement.step() {
                nextBatch = statement.int64(0) + 1
                guard let entity = Entity(number: statement.int64(1)) else { continue }
                let seen = seen(entity)
                statement.withBytes(2) { bytes in
                    SeenBlob.read(bytes) { row, _, _ in seen.insert(row) }
                }
            }
        }
    }

    /// The rows of an entity that the run has spoken of.
    func seen(_ entity: Entity) -> SeenRows {
        if let rows = seen[entity] { return rows }
        let rows = SeenRows()
        seen[entity] = rows
        return rows
    }

    // MARK: Waiting records

    func add(_ record: WaitingRecord) {
        waiting[record.key] = record
        claims[record.emailKey, default: 0] += 1
        nextWaiting = max(nextWaiting, record.number + 1)
    }

    /// All records of the entity are decided.
    func removeAllWaiting(_ entity: Entity) {
        setAside[entity] = nil
        guard entity == .users else { return }
        waiting = [:]
        claims = [:]
        setAsideClaims = []
    }

    /// The rows of an entity that records which are set aside would change.
    func setAside(_ entity: Entity) -> SeenRows {
        if let rows = setAside[entity] { return rows }
        let rows = SeenRows()
        setAside[entity] = rows
        return rows
    }

    func setAside(_ record: WaitingRecord, _ entity: Entity, row: Int64) {
        setAside(entity).insert(row)
        if record.emailKey != 0 { setAsideClaims.insert(record.emailKey) }
        nextWaiting = max(nextWaiting, record.number + 1)
    }

    func remove(_ record: WaitingRecord) {
        waiting[record.key] = nil
        if let count = claims[record.emailKey] { claims[record.emailKey] = count > 1 ? count - 1 : nil }
    }

    /// Whether a record waits for the e-mail: it came before, and gets it first.
    func isClaimed(_ emailKey: UInt64) -> Bool {
        if !setAsideClaims.isEmpty, setAsideClaims.contains(emailKey) { return true }
        return !claims.isEmpty && claims[emailKey] != nil
    }
}

/// A row of a tenant, as others refer to it.
struct KnownRow: Equatable {
    var number: Int64
    var id: UUID
}
