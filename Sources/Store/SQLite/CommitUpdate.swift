internal import Changes
internal import Identifiers
internal import JSON
internal import Mapping
internal import SQLite
internal import Time

/// An existing row with the fields that a batch maps, as they are before it.
struct StandingRow {
    var number: Int64
    var id: UUID
    var owner: Int64?
    /// Of people: 16 bytes, or none.
    var manager: [UInt8] = []
    /// Of people: the run that suspended them, because its snapshot lacked them.
    var suspendedBy: Int64?
    /// Of enrolments.
    var pair: EnrollmentPair?
    var attributes: [UInt8]
    /// By the batch's plain columns; empty for NULL.
    var values: [[UInt8]]
}

/// What a record changes in an existing row.
struct RowChanges {
    /// By the batch's plain columns: nil leaves the field, empty erases it.
    var values: [[UInt8]?]
    /// The same.
    var manager: [UInt8]?
    var pair: EnrollmentPair?
    var attributes: JSONObject?
    var takesOwnership = false
    var before = JSONObject()
    var after = JSONObject()

    /// Whether a field changes.
    var isEmpty: Bool { before.members.isEmpty && after.members.isEmpty }
}

/// Reads and rewrites the rows that a batch changes.
final class RowUpdate {
    private let read: SQLiteStatement
    private let write: SQLiteStatement
    private let entity: Entity
    private let columns: [RecordColumn]
    private let numberParameter: Int32
    private let firstReference: Int32

    init(
        _ connection: SQLiteConnection,
        _ entity: Entity,
        _ columns: RecordColumns,
        _ lease: RunLease,
        _ now: Instant
    ) throws(SQLiteError) {
        self.entity = entity
        self.columns = columns.plain
        let table = entity.table
        let names = columns.plain.map(\.name) + table.references
        let more = entity == .users ? ["suspended_by_run"] : []
        firstReference = Int32(columns.plain.count)
        read = try connection.statement(
            "SELECT \((["id", "config_number", "attributes"] + names + more).joined(separator: ", "))"
                + " FROM \(table.name) WHERE number = ? AND tenant_id = ?"
        )
        let set = ["updated_run", "updated_at", "config_number", "attributes"] + names
        numberParameter = Int32(set.count) + 1
        write = try connection.statement(
            "UPDATE \(table.name) SET \(set.map { "\($0) = ?" }.joined(separator: ", ")) WHERE number = ?"
        )
        try read.bind(lease.run.tenant.bytes, at: 2)
        try write.bind(lease.run.number, at: 1)
        try write.bind(now.microseconds, at: 2)
    }

    /// nil if the row is gone.
    func row(_ number: Int64) throws(SQLiteError) -> StandingRow? {
        try read.bind(number, at: 1)
        defer { read.reset() }
        guard try read.step(), let id = UUID(bytes: read.bytes(0)) else { return nil }
        var row = StandingRow(
            number: number,
            id: id,
            owner: read.optionalInt64(1),
            attributes: read.bytes(2),
            values: columns.indices.map { read.canonicalBytes(Int32($0) + 3) }
        )
        switch entity {
        case .users:
            row.manager = read.bytes(firstReference + 3)
            row.suspendedBy = read.optionalInt64(firstReference + 4)
        case .courses: break
        case .enrollments:
            row.pair = EnrollmentPair(user: read.int64(firstReference + 3), course: read.int64(firstReference + 4))
        }
        return row
    }

    func apply(_ changes: RowChanges, to row: StandingRow, owner: Int64?) throws(SQLiteError) {
        try write.bind(value: SQLiteValue(owner), at: 3)
        if let attributes = changes.attributes {
            try write.bind(value: attributes.members.isEmpty ? .null : .json(.object(attributes)), at: 4)
        } else {
            try bind(row.attributes, at: 4)
        }
        for position in columns.indices {
            try bind(changes.values[position] ?? row.values[position], at: Int32(position) + 5)
        }
        let reference = firstReference + 5
        switch entity {
        case .users:
            let manager = changes.manager ?? row.manager
            try write.bind(value: manager.isEmpty ? .null : .blob(manager), at: reference)
        case .courses: break
        case .enrollments:
            let pair = changes.pair ?? row.pair
            try write.bind(pair?.user ?? 0, at: reference)
            try write.bind(pair?.course ?? 0, at: reference + 1)
        }
        try write.bind(row.number, at: numberParameter)
        try write.run()
    }

    private func bind(_ value: [UInt8], at parameter: Int32) throws(SQLiteError) {
        if value.isEmpty {
            try write.bindNull(at: parameter)
        } else {
            try write.bind(text: value, at: parameter)
        }
    }
}

extension SQLiteStatement {
    /// A value's text; of a number as mapped ones are written: 87, not 87.0. Empty for NULL.
    func canonicalBytes(_ column: Int32) -> [UInt8] {
        guard type(column) == .real else { return bytes(column) }
        let text = "\(double(column))"
        return Array((text.hasSuffix(".0") ? text.dropLast(2) : text[...]).utf8)
    }
}

extension RowChanges {
    /// What a row of the batch changes in its own fields. What it refers to comes apart: it must be found first.
    ///
    /// nil if the row's attributes are no JSON object, so that nothing can be changed in them.
    init?(_ columns: RecordColumns, _ row: Int, _ standingRow: StandingRow, owned: Bool) {
        values = [[UInt8]?](repeating: nil, count: columns.plain.count)
        for (position, column) in columns.plain.enumerated() {
            let standing = standingRow.values[position]
            let state = column.state(row)
            let change = FieldChange.decide(
                state,
                column.write,
                isEmpty: standing.isEmpty,
                isEqual: state == .value && column.hasValue(standing, row),
                owned: owned
            )
            guard change != .keep else { continue }
            let new = change == .write ? column.copied(row) : []
            values[position] = new
            before[column.name] = column.image(standing)
            after[column.name] = column.image(new)
        }
        guard !columns.attributes.isEmpty else { return }
        guard var object = RowChanges.object(standingRow.attributes) else { return nil }
        for column in columns.attributes {
            let standing = object[column.attribute].flatMap { $0 == .null ? nil : $0 }
            let new = column.json(row)
            let change = FieldChange.decide(
                column.state(row),
                column.write,
                isEmpty: standing == nil,
                isEqual: standing == new,
                owned: owned
            )
            guard change != .keep else { continue }
            object[column.attribute] = change == .write ? new : nil
            attributes = object
            before[column.name] = standing ?? .null
            after[column.name] = change == .write ? new ?? .null : .null
        }
    }

    static func object(_ text: [UInt8]) -> JSONObject? {
        guard !text.isEmpty else { return JSONObject() }
        do throws(JSONError) {
            return try JSONValue(parsing: text).objectValue
        } catch {
            return nil
        }
    }
}
