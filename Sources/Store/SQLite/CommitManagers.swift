internal import Changes
internal import Identifiers
internal import JSON
internal import Mapping
internal import SQLite

/// Whom a record names as manager.
enum NamedManager: Equatable {
    /// The record says nothing, or that there is none.
    case nobody
    case known(UUIDBytes)
    /// Nobody has the external id yet.
    case open
    /// The person themselves.
    case own
}

/// The managers that one batch names, each looked for once: all together before the first row is written, in the order of
/// the links.
final class BatchManagers {
    /// By the references of the batch: the ids of those that this config's links lead to.
    let found: CommitArray<UUIDBytes>
    /// The ids of those that only others know: they give way to one of this config that comes later in the batch.
    let elsewhere: CommitArray<UUIDBytes>
    /// When it was looked elsewhere: how many people had been taken over by then; -1 for never. Who is taken over is not found
    /// there any more.
    let lookedElsewhere: CommitArray<Int>

    init(_ references: References) {
        found = CommitArray(references.samples.count, UUIDBytes())
        elsewhere = CommitArray(references.samples.count, UUIDBytes())
        lookedElsewhere = CommitArray(references.samples.count, -1)
    }

    /// Looks for those that the given rows name.
    func find(
        _ rows: [Int32],
        _ references: References,
        _ column: RecordColumn,
        _ work: CommitTransaction
    ) throws(SQLiteError) {
        var wanted = [Bool](repeating: false, count: references.samples.count)
        for row in rows where references.index[Int(row)] >= 0 { wanted[Int(references.index[Int(row)])] = true }
        var open: [Int32] = []
        var places: [Int] = []
        work.run.managers.prefetch(references.hashes)
        for place in wanted.indices where wanted[place] {
            if let id = work.run.managers.find(references.hashes[place], references.checks[place]) {
                found[place] = id
            } else {
                open.append(references.samples[place])
                places.append(place)
            }
        }
        let links = BatchLinks(count: references.index.count)
        try work.rows.links.find(open, column, into: links)
        for (place, sample) in zip(places, open) {
            let number = links.rows[Int(sample)]
            guard number != 0, let id = try work.rows.id(number) else { continue }
            found[place] = id
            work.run.managers.set(references.hashes[place], references.checks[place], id)
        }
    }
}

extension NamedManager {
    /// The manager's id; none for the other cases.
    var id: UUIDBytes {
        guard case .known(let id) = self else { return UUIDBytes() }
        return id
    }
}

/// What a record does to an existing row's manager besides the row itself.
enum ManagerChange {
    case none
    /// The one it named before is not waited for any more.
    case forgetsOpen
    case opens(onlyIfEmpty: Bool)
    case warnsOfOwn
}

extension CommitRecords {
    func namedManager(_ row: Int) throws(SQLiteError) -> NamedManager {
        guard let column = columns.manager else { return .nobody }
        let reference = Int(identification.managers.index[row])
        if reference < 0 { return .nobody }
        if column.compare(row, with: keys, row) == 0 { return .own }
        let found = managers.found[reference]
        if !found.isNone { return .known(found) }
        let here = Int(identification.managers.here[reference])
        if here >= 0, links.rows[here] != 0, let id = try work.rows.id(links.rows[here]) {
            // Somebody of this batch, who may have come in since the last time.
            managers.found[reference] = id
            return .known(id)
        }
        if managers.lookedElsewhere[reference] != takenOver { try lookElsewhere(column, reference) }
        let other = managers.elsewhere[reference]
        return other.isNone ? .open : .known(other)
    }

    private func lookElsewhere(_ column: RecordColumn, _ reference: Int) throws(SQLiteError) {
        let text = column.copied(Int(identification.managers.samples[reference]))
        let row = try work.rows.referredElsewhere(text)
        managers.elsewhere[reference] =
            try row.flatMap { row throws(SQLiteError) in try work.rows.id(row) } ?? UUIDBytes()
        managers.lookedElsewhere[reference] = takenOver
    }

    /// Adds the manager to what changes in the row, and says what is to be done once the row is written.
    func managerChange(
        _ row: Int,
        _ person: StandingRow,
        owned: Bool,
        _ changes: inout RowChanges
    ) throws(SQLiteError) -> ManagerChange {
        guard let column = columns.manager else { return .none }
        let named = try namedManager(row)
        if named == .own || named.id == UUIDBytes(person.id) { return .warnsOfOwn }
        let id = named.id.isNone ? [] : named.id.id.bytes
        let change = FieldChange.decide(
            column.state(row),
            column.write,
            isEmpty: person.manager.isEmpty,
            isEqual: !id.isEmpty && id == person.manager,
            owned: owned
        )
        if named == .open {
            // What stands there stays until the manager is known.
            return change == .write ? .opens(onlyIfEmpty: column.write == .whenEmpty || !owned) : .none
        }
        if change != .keep {
            changes.manager = change == .write ? id : []
            changes.before["manager_id"] = UUID(bytes: person.manager).map { .string($0.description) } ?? .null
            changes.after["manager_id"] = named.id.isNone ? .null : .string(named.id.id.description)
        }
        return column.state(row) == .absent || !owned || column.write != .always ? .none : .forgetsOpen
    }

    /// Answers whether the row has an open manager that it did not have before.
    func apply(_ change: ManagerChange, _ row: Int, _ number: Int64) throws(SQLiteError) -> Bool {
        switch change {
        case .none:
            return false
        case .forgetsOpen:
            try work.openManagers.delete(number)
            return false
        case .opens(let onlyIfEmpty):
            return try openManager(row, number, onlyIfEmpty: onlyIfEmpty)
        case .warnsOfOwn:
            warn(.ownManager(row: Int32(row), locator: batch.mapped.locators[row]))
            return false
        }
    }

    /// Notes that the row's manager is not known yet; answers whether that is new.
    func openManager(_ row: Int, _ number: Int64, onlyIfEmpty: Bool) throws(SQLiteError) -> Bool {
        guard let column = columns.manager else { return false }
        return try work.openManagers.insert(number, column, row, onlyIfEmpty: onlyIfEmpty)
    }
}

/// A config's people whose manager nobody knows yet: integration_open_managers.
final class OpenManagers {
    private let connection: SQLiteConnection
    private let tenant: UUID
    private let config: Int64
    /// Mostly there are none: then nothing has to be taken back.
    private var isEmpty: Bool

    init(_ connection: SQLiteConnection, tenant: UUID, config: Int64) throws(SQLiteError) {
        self.connection = connection
        self.tenant = tenant
        self.config = config
        isEmpty =
            try connection.integer(
                "SELECT 1 FROM integration_open_managers WHERE tenant_id = ? AND config_number = ? LIMIT 1",
                [.id(tenant), .integer(config)]
            ) == nil
    }

    /// Answers whether it is new: false if the row waits for the same one already.
    func insert(
        _ number: Int64,
        _ column: RecordColumn,
        _ row: Int,
        onlyIfEmpty: Bool
    ) throws(SQLiteError) -> Bool {
        isEmpty = false
        let statement = try connection.statement(
            """
            INSERT INTO integration_open_managers
                    (tenant_id, config_number, row_number, external_id, only_if_empty) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET external_id = excluded.external_id, only_if_empty = excluded.only_if_empty
                    WHERE external_id <> excluded.external_id
            """
        )
        try statement.bind(tenant.bytes, at: 1)
        try statement.bind(config, at: 2)
        try statement.bind(number, at: 3)
        // The batch outlives the run.
        unsafe try statement.bindText(uncopied: column.uncopied(row), at: 4)
        try statement.bind(onlyIfEmpty ? 1 : 0, at: 5)
        try statement.run()
        return connection.changes > 0
    }

    /// Of people who are new: all by one statement.
    func insert(
        _ rows: ArraySlice<Int32>,
        _ numbers: ArraySlice<Int64>,
        _ column: RecordColumn
    ) throws(SQLiteError) {
        isEmpty = false
        let statement = try connection.statement(
            """
            INSERT OR REPLACE INTO integration_open_managers
                    (tenant_id, config_number, row_number, external_id, only_if_empty)
                SELECT ?1, ?2, c0, c1, 0 FROM program_rows
            """
        )
        try statement.bind(tenant.bytes, at: 1)
        try statement.bind(config, at: 2)
        // Proof: rows, numbers and the batch outlive the statement's run.
        try unsafe rows.withUnsafeBufferPointer { rows throws(SQLiteError) in
            try unsafe numbers.withUnsafeBufferPointer { numbers throws(SQLiteError) in
                guard let numbers = numbers.baseAddress else { return }
                let columns: [SQLiteRows.Column] = unsafe [.integer(numbers), column.lent(default: nil)]
                try unsafe columns.withUnsafeBufferPointer { columns throws(SQLiteError) in
                    try unsafe connection.run(statement, over: SQLiteRows(indexes: rows, columns: columns))
                }
            }
        }
    }

    func delete(_ number: Int64) throws(SQLiteError) {
        try delete(from: number, through: number)
    }

    func delete(from first: Int64, through last: Int64) throws(SQLiteError) {
        if isEmpty { return }
        let statement = try connection.statement(
            """
            DELETE FROM integration_open_managers
                WHERE tenant_id = ? AND config_number = ? AND row_number BETWEEN ? AND ?
            """
        )
        try statement.bind(tenant.bytes, at: 1)
        try statement.bind(config, at: 2)
        try statement.bind(first, at: 3)
        try statement.bind(last, at: 4)
        try statement.run()
    }
}
