internal import Changes
internal import Glibc
internal import JSON
internal import Mapping
internal import SQLite

/// Where the mapped values of a batch lie, so that statements read them in place.
///
/// Lives only inside `with`.
struct RecordColumns {
    /// The columns that are columns of the entity's table too, external_id among them.
    let plain: [RecordColumn]
    let attributes: [RecordColumn]
    let key: RecordColumn
    let email: RecordColumn?
    let username: RecordColumn?
    let code: RecordColumn?
    let status: RecordColumn?
    let manager: RecordColumn?
    /// Whom an enrolment enrols in what.
    let user: RecordColumn?
    let course: RecordColumn?
    /// The policy's order field.
    let order: RecordColumn?

    private init(_ all: [RecordColumn], key: RecordColumn, orderField: String?) {
        self.key = key
        plain = all.filter { $0.place == .plain }
        attributes = all.filter { $0.place == .attribute }
        email = all.first { $0.name == "email" }
        username = all.first { $0.name == "username" }
        code = all.first { $0.name == "code" }
        status = all.first(where: \.isStatus)
        manager = all.first { $0.name == "manager_external_id" }
        user = all.first { $0.name == "user_external_id" }
        course = all.first { $0.name == "course_external_id" }
        order = all.first { $0.name == orderField }
    }

    /// The pointers are the arrays' own, and each is used only inside the closures that lend it: one per array, nested.
    static func with<Result, Failure: Error>(
        _ batch: PreparedBatch,
        orderField: String?,
        _ body: (RecordColumns) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let key = batch.keys ?? noKeys(batch.mapped)
        return try lend(([key] + batch.mapped.columns)[...], [], orderField, body)
    }

    /// A batch of rejects may have no column of external ids.
    private static func noKeys(_ batch: MappedBatch) -> MappedColumn {
        MappedColumn(
            target: TargetField("external_id"),
            states: [UInt8](repeating: ValueState.absent.rawValue, count: batch.count),
            offsets: [Int32](repeating: 0, count: batch.count + 1),
            bytes: []
        )
    }

    private static func lend<Result, Failure: Error>(
        _ columns: ArraySlice<MappedColumn>,
        _ lent: [RecordColumn],
        _ orderField: String?,
        _ body: (RecordColumns) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let column = columns.first else {
            return try body(RecordColumns(Array(lent.dropFirst()), key: lent[0], orderField: orderField))
        }
        return try unsafe column.states.withUnsafeBufferPointer { states throws(Failure) in
            try unsafe column.offsets.withUnsafeBufferPointer { offsets throws(Failure) in
                try unsafe column.bytes.withUnsafeBufferPointer { bytes throws(Failure) in
                    let next = unsafe RecordColumn(column, states, offsets, UnsafeRawBufferPointer(bytes))
                    return try lend(columns.dropFirst(), lent + [next], orderField, body)
                }
            }
        }
    }
}

/// One column of a batch.
@safe
struct RecordColumn {
    enum Place { case plain, reference, attribute }

    let name: String
    let place: Place
    /// The one field that is never empty.
    let isStatus: Bool
    let rule: TargetField.Rule
    let write: WriteRule
    private let states: UnsafeBufferPointer<UInt8>
    private let offsets: UnsafeBufferPointer<Int32>
    private let bytes: UnsafeRawBufferPointer

    fileprivate init(
        _ column: MappedColumn,
        _ states: UnsafeBufferPointer<UInt8>,
        _ offsets: UnsafeBufferPointer<Int32>,
        _ bytes: UnsafeRawBufferPointer
    ) {
        name = column.target.name
        isStatus = name == "status"
        rule = column.target.rule
        write = column.write
        place =
            if column.target.isReference { .reference } else if name.hasPrefix("attributes.") { .attribute } else {
                .plain
            }
        unsafe self.states = states
        unsafe self.offsets = offsets
        unsafe self.bytes = bytes
    }

    /// The attribute's own name.
    var attribute: String { String(name.dropFirst("attributes.".count)) }

    /// What the cell says. An empty text says nothing, and nobody is left without a status.
    func state(_ row: Int) -> ValueState {
        let state = unsafe ValueState(rawValue: states[row]) ?? .failed
        if isStatus, state == .erase { return .absent }
        return unsafe state == .value && offsets[row] == offsets[row + 1] ? .absent : state
    }

    /// The value where it lies; empty for none.
    @unsafe
    func uncopied(_ row: Int) -> UnsafeRawBufferPointer {
        guard unsafe states[row] == ValueState.value.rawValue else {
            return unsafe UnsafeRawBufferPointer(start: nil, count: 0)
        }
        let start = unsafe Int(offsets[row])
        return unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<Int(offsets[row + 1])])
    }

    /// Where the column lies, for a statement that reads it there.
    @unsafe
    func lent(default: UnsafeRawBufferPointer?) -> SQLiteRows.Column {
        guard let states = unsafe states.baseAddress, let offsets = unsafe offsets.baseAddress else {
            return unsafe .nothing
        }
        return unsafe .textByIndex(
            states: states,
            offsets: offsets,
            bytes: bytes.baseAddress ?? UnsafeRawPointer(offsets),
            default: `default` ?? UnsafeRawBufferPointer(start: nil, count: 0)
        )
    }

    /// Empty for none.
    func copied(_ row: Int) -> [UInt8] {
        unsafe Array(uncopied(row))
    }

    func text(_ row: Int) -> String? {
        let value = unsafe uncopied(row)
        return unsafe value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
    }

    /// The value in an attributes object; nil for none.
    func json(_ row: Int) -> JSONValue? {
        guard let text = text(row) else { return nil }
        switch rule {
        case .integer, .number: return JSONValue(number: text) ?? .string(text)
        case .text, .identifier, .email, .date, .instant, .oneOf: return .string(text)
        }
    }
}

extension RecordColumn {
    /// Whether the cell's value is exactly this one; of numbers, whether it is as great.
    func hasValue(_ value: [UInt8], _ row: Int) -> Bool {
        if unsafe uncopied(row).elementsEqual(value) { return true }
        guard case .number = rule, let mapped = text(row).flatMap(Double.init) else { return false }
        return Double(String(decoding: value, as: UTF8.self)) == mapped
    }

    /// A value of the field as it stands in a change's image.
    func image(_ value: [UInt8]) -> JSONValue {
        guard !value.isEmpty else { return .null }
        let text = String(decoding: value, as: UTF8.self)
        switch rule {
        case .integer, .number: return JSONValue(number: text) ?? .string(text)
        case .text, .identifier, .email, .date, .instant, .oneOf: return .string(text)
        }
    }

    /// Below, equal to or above 0, as this column's value stands before, with or after the other's, byte by byte.
    func compare(_ row: Int, with other: RecordColumn, _ otherRow: Int) -> Int {
        unsafe RecordColumn.compare(uncopied(row), other.uncopied(otherRow))
    }

    @unsafe
    static func compare(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
        if let here = left.baseAddress, let there = right.baseAddress {
            let order = unsafe Int(memcmp(here, there, min(left.count, right.count)))
            if order != 0 { return order }
        }
        return left.count - right.count
    }
}
