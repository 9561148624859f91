internal import Changes
internal import Identifiers
internal import JSON
internal import Mapping
internal import SQLite

/// Whom a record names as manager.
enum NamedManager: Equatable {
    /// The record says nothing, or that there is none.
    case nobody
    case known(KnownRow)
    /// Nobody has the external id yet.
    case open
    /// The person themselves.
    case own
}

/// Finds people by the external id under which a record refers to them: a link of this config, the one row that other
/// configs' links lead to, the one row that nobody owns and that has it itself.
struct ReferenceSearch {
    let work: CommitTransaction

    /// Known ones stay known: a link never moves.
    private static let most = 65_536

    func find(_ externalID: [UInt8]) throws(SQLiteError) -> KnownRow? {
        if let known = work.run.managers[externalID] { return known }
        guard let number = try number(externalID), let known = try work.people.known(number) else { return nil }
        remember(known, externalID)
        return known
    }

    private func remember(_ known: KnownRow, _ externalID: [UInt8]) {
        if work.run.managers.count >= ReferenceSearch.most { work.run.managers.removeAll(keepingCapacity: true) }
        work.run.managers[externalID] = known
    }

    private func number(_ externalID: [UInt8]) throws(SQLiteError) -> Int64? {
        if let row = try work.links.row(of: externalID) { return row }
        let others = try linkedElsewhere(externalID)
        if !others.isEmpty { return others.count == 1 ? others[0] : nil }
        let unowned = try work.unownedRows(externalID)
        return unowned.count == 1 ? unowned[0] : nil
    }

    /// The different rows that other configs of the tenant know under the external id.
    func linkedElsewhere(_ externalID: [UInt8]) throws(SQLiteError) -> [Int64] {
        var rows: [Int64] = []
        for config in work.otherConfigs {
            var table = work.links
            table.config = config
            if let row = try table.row(of: externalID), !rows.contains(row) { rows.append(row) }
        }
        return rows
    }
}

/// The managers that one batch names, each looked for once.
struct BatchManagers {
    private enum Answer {
        case unasked
        case found(KnownRow)
        case missing
    }

    private let references: References
    private var answers: [Answer]

    init(_ references: References) {
        self.references = references
        answers = Array(repeating: .unasked, count: references.samples.count)
    }

    /// `here` is the row of the batch that has the external id, if one has.
    mutating func find(
        _ row: Int,
        here: (_ externalID: Int) -> Int?,
        linked: (Int) throws(SQLiteError) -> KnownRow?,
        elsewhere: (_ sample: Int) throws(SQLiteError) -> KnownRow?
    ) throws(SQLiteError) -> KnownRow? {
        let index = Int(references.index[row])
        switch answers[index] {
        case .found(let known): return known
        case .missing:
            // Somebody of this batch may have come in meanwhile.
            guard let other = here(Int(references.samples[index])), let known = try linked(other) else { return nil }
            answers[index] = .found(known)
            return known
        case .unasked:
            let sample = Int(references.samples[index])
            if let other = here(sample), let known = try linked(other) {
                answers[index] = .found(known)
                return known
            }
            let known = try elsewhere(sample)
            answers[index] = known.map { .found($0) } ?? .missing
            return known
        }
    }
}

extension NamedManager {
    var known: KnownRow? {
        guard case .known(let known) = self else { return nil }
        return known
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
        guard let column = columns.manager, batch.managers.index[row] >= 0 else { return .nobody }
        if unsafe column.uncopied(row).elementsEqual(keys.uncopied(row)) { return .own }
        let known = try managers.find(
            row,
            here: { sample in self.rowHere(column, sample) },
            linked: { other throws(SQLiteError) in try self.linkedHere(other) },
            elsewhere: { sample throws(SQLiteError) in try ReferenceSearch(work: self.work).find(column.copied(sample))
            }
        )
        return known.map { .known($0) } ?? .open
    }

    /// The first row of the batch whose external id is the text in the given cell.
    private func rowHere(_ column: RecordColumn, _ row: Int) -> Int? {
        var low = 0
        var high = batch.order.count
        while low < high {
            let middle = (low + high) / 2
            if keys.compare(Int(batch.order[middle]), with: column, row) < 0 { low = middle + 1 } else { high = middle }
        }
        guard low < batch.order.count else { return nil }
        let found = Int(batch.order[low])
        return keys.compare(found, with: column, row) == 0 ? found : nil
    }

    /// The row that a row of the batch is linked to by now.
    private func linkedHere(_ row: Int) throws(SQLiteError) -> KnownRow? {
        let number = links.rows[row]
        guard number != 0 else { return nil }
        if number >= firstNew { return KnownRow(number: number, id: newIDs[Int(number - firstNew)]) }
        return try work.people.known(number)
    }

    /// Adds the manager to what changes in the row, and says what is to be done once the row is written.
    func managerChange(
        _ row: Int,
        _ person: StandingPerson,
        owned: Bool,
        _ changes: inout PersonChanges
    ) throws(SQLiteError) -> ManagerChange {
        guard let column = columns.manager else { return .none }
        let named = try namedManager(row)
        if named == .own || named.known?.number == person.number { return .warnsOfOwn }
        let id = named.known?.id.bytes ?? []
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
            changes.after["manager_id"] = named.known.map { .string($0.id.description) } ?? .null
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
    @discardableResult
    func openManager(_ row: Int, _ number: Int64, onlyIfEmpty: Bool) throws(SQLiteError) -> Bool {
        guard let column = columns.manager else { return false }
        return try work.openManagers.insert(number, column, row, onlyIfEmpty: onlyIfEmpty)
    }
}

/// A config's people whose manager nobody knows yet: integration_open_managers.
struct OpenManagers {
    let connection: SQLiteConnection
    let tenant: UUID
    let config: Int64

    /// Answers whether it is new: false if the row waits for the same one already.
    func insert(
        _ number: Int64,
        _ column: RecordColumn,
        _ row: Int,
        onlyIfEmpty: Bool
    ) throws(SQLiteError) -> Bool {
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

    func delete(_ number: Int64) throws(SQLiteError) {
        try connection.execute(
            "DELETE FROM integration_open_managers WHERE tenant_id = ? AND config_number = ? AND row_number = ?",
            [.id(tenant), .integer(config), .integer(number)]
        )
    }
}
