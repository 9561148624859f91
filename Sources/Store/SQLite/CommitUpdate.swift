internal import Changes
internal import Identifiers
internal import JSON
internal import Mapping
internal import SQLite
internal import Time

/// An existing row with the fields that a batch maps, as they are before it.
struct StandingPerson {
    var number: Int64
    var id: UUID
    var owner: Int64?
    /// 16 bytes, or none.
    var manager: [UInt8]
    var attributes: [UInt8]
    /// By the batch's plain columns; empty for NULL.
    var values: [[UInt8]]
}

/// What a record changes in an existing row.
struct PersonChanges {
    /// By the batch's plain columns: nil leaves the field, empty erases it.
    var values: [[UInt8]?]
    /// The same.
    var manager: [UInt8]?
    var attributes: JSONObject?
    var takesOwnership = false
    var before = JSONObject()
    var after = JSONObject()

    /// Whether a field changes.
    var isEmpty: Bool { before.members.isEmpty && after.members.isEmpty }
}

/// Reads and rewrites the rows that a batch changes.
final class PersonUpdate {
    private let read: SQLiteStatement
    private let write: SQLiteStatement
    private let columns: [RecordColumn]
    private let numberParameter: Int32

    init(_ connection: SQLiteConnection, _ columns: RecordColumns, _ lease: RunLease, _ now: Instant)
        throws(SQLiteError)
    {
        self.columns = columns.plain
        let names = columns.plain.map(\.name)
        read = try connection.statement(
            "SELECT \((["id", "config_number", "manager_id", "attributes"] + names).joined(separator: ", "))"
                + " FROM users WHERE number = ? AND tenant_id = ?"
        )
        let set = ["updated_run", "updated_at", "config_number", "manager_id", "attributes"] + names
        numberParameter = Int32(set.count) + 1
        write = try connection.statement(
            "UPDATE users SET \(set.map { "\($0) = ?" }.joined(separator: ", ")) WHERE number = ?"
        )
        try read.bind(lease.run.tenant.bytes, at: 2)
        try write.bind(lease.run.number, at: 1)
        try write.bind(now.microseconds, at: 2)
    }

    /// nil if the row is gone.
    func person(_ number: Int64) throws(SQLiteError) -> StandingPerson? {
        try read.bind(number, at: 1)
        defer { read.reset() }
        guard try read.step(), let id = UUID(bytes: read.bytes(0)) else { return nil }
        return StandingPerson(
            number: number,
            id: id,
            owner: read.optionalInt64(1),
            manager: read.bytes(2),
            attributes: read.bytes(3),
            values: columns.indices.map { read.bytes(Int32($0) + 4) }
        )
    }

    func apply(_ changes: PersonChanges, to person: StandingPerson, owner: Int64?) throws(SQLiteError) {
        try write.bind(value: SQLiteValue(owner), at: 3)
        let manager = changes.manager ?? person.manager
        try write.bind(value: manager.isEmpty ? .null : .blob(manager), at: 4)
        if let attributes = changes.attributes {
            try write.bind(value: attributes.members.isEmpty ? .null : .json(.object(attributes)), at: 5)
        } else {
            try bind(person.attributes, at: 5)
        }
        for position in columns.indices {
            try bind(changes.values[position] ?? person.values[position], at: Int32(position) + 6)
        }
        try write.bind(person.number, at: numberParameter)
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

extension RecordColumn {
    /// The value of a field as it stands in a change's image.
    static func json(_ value: [UInt8]) -> JSONValue {
        value.isEmpty ? .null : .string(String(decoding: value, as: UTF8.self))
    }
}

extension PersonChanges {
    /// What a row of the batch changes in its own fields. The manager comes apart: it must be found first.
    ///
    /// nil if the row's attributes are no JSON object, so that nothing can be changed in them.
    init?(_ columns: RecordColumns, _ row: Int, _ person: StandingPerson, owned: Bool) {
        values = [[UInt8]?](repeating: nil, count: columns.plain.count)
        for (position, column) in columns.plain.enumerated() {
            let standing = person.values[position]
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
            before[column.name] = RecordColumn.json(standing)
            after[column.name] = RecordColumn.json(new)
        }
        guard !columns.attributes.isEmpty else { return }
        guard var object = PersonChanges.object(person.attributes) else { return nil }
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
