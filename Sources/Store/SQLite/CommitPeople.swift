internal import Changes
internal import Identifiers
internal import JSON
internal import Mapping
internal import SQLite
internal import Time

/// Numbers and ids of new rows: one after the other, the id carrying the number.
struct RowNumbers {
    private(set) var next: Int64
    private let milliseconds: Int64
    private var random: SplitMix

    init(after last: Int64, now: Instant) {
        next = last + 1
        milliseconds = now.microseconds / 1_000
        random = SplitMix()
    }

    /// The next number and its id. It is used up by `take()` only: a row that the database refuses leaves no gap.
    mutating func proposal() -> KnownRow {
        KnownRow(
            number: next,
            id: UUID.version7(unixMilliseconds: milliseconds, row: next, using: &random)
        )
    }

    mutating func take() {
        next += 1
    }
}

/// Steele, Lea and Flood's splitmix64, seeded by the system: ids need to differ, not to be secret, and a system call for each
/// would be dear.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init() {
        var system = SystemRandomNumberGenerator()
        state = system.next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

/// A person as the row says now.
struct Person: Equatable {
    var number: Int64
    var id: UUID
    /// The number of the config that owns the row; nil for nobody.
    var owner: Int64?
    var externalID: String?
    var email: [UInt8]
    var username: [UInt8]

    /// For messages: `person 4711 (0190…)`.
    var name: String {
        externalID.map { "person \($0) (\(id))" } ?? "person \(id)"
    }
}

/// The rows of `users` of one tenant, one by one.
struct PeopleTable {
    let connection: SQLiteConnection
    let tenant: UUID

    func person(_ number: Int64) throws(SQLiteError) -> Person? {
        let found: Person?? = try connection.row(
            """
            SELECT id, config_number, external_id, email, username FROM users
                WHERE number = ? AND tenant_id = ?
            """,
            [.integer(number), .id(tenant)]
        ) { row throws(SQLiteError) in
            guard let id = UUID(bytes: row.bytes(0)) else { return nil }
            return Person(
                number: number,
                id: id,
                owner: row.optionalInt64(1),
                externalID: row.optionalText(2),
                email: row.bytes(3),
                username: row.bytes(4)
            )
        }
        return found ?? nil
    }

    /// A row as others refer to it; nil if it is gone.
    func known(_ number: Int64) throws(SQLiteError) -> KnownRow? {
        let id: UUID?? = try connection.row(
            "SELECT id FROM users WHERE number = ? AND tenant_id = ?",
            [.integer(number), .id(tenant)]
        ) { row throws(SQLiteError) in UUID(bytes: row.bytes(0)) }
        guard case .some(.some(let id)) = id else { return nil }
        return KnownRow(number: number, id: id)
    }

    func lastNumber() throws(SQLiteError) -> Int64 {
        try connection.integer("SELECT max(number) FROM users") ?? 0
    }
}

/// The statement that makes people of a batch's rows, with what is the same for all of them bound once.
@safe
final class PersonInsert {
    private let statement: SQLiteStatement
    private let columns: [RecordColumn]
    private let attributes: [RecordColumn]
    private let firstParameter: Int32 = 8
    private let managerParameter: Int32
    private let attributesParameter: Int32
    // 16 bytes each, where the statement reads them at each run; freed with the statement's owner, after its last run.
    private let id: UnsafeMutableRawBufferPointer
    private let manager: UnsafeMutableRawBufferPointer
    private let active: [UInt8] = Array("active".utf8)
    private let activeBytes: UnsafeMutableRawBufferPointer
    private var hasManager = false

    init(_ connection: SQLiteConnection, _ columns: RecordColumns, _ lease: RunLease, _ now: Instant)
        throws(SQLiteError)
    {
        self.columns = columns.plain
        attributes = columns.attributes
        var names = ["number", "tenant_id", "id", "config_number", "created_run", "created_at", "updated_at"]
        names += columns.plain.map(\.name)
        names += ["manager_id", "attributes"]
        managerParameter = Int32(names.count) - 1
        attributesParameter = Int32(names.count)
        let parameters = (1...names.count).map { "?\($0)" }.joined(separator: ", ")
        statement = try connection.statement(
            "INSERT INTO users (\(names.joined(separator: ", "))) VALUES (\(parameters))"
        )
        unsafe id = .allocate(byteCount: 16, alignment: 8)
        unsafe manager = .allocate(byteCount: 16, alignment: 8)
        unsafe activeBytes = .allocate(byteCount: active.count, alignment: 1)
        unsafe activeBytes.copyBytes(from: active)
        try statement.bind(lease.run.tenant.bytes, at: 2)
        unsafe try statement.bindBlob(uncopied: UnsafeRawBufferPointer(id), at: 3)
        try statement.bind(lease.config.number, at: 4)
        try statement.bind(lease.run.number, at: 5)
        try statement.bind(now.microseconds, at: 6)
        try statement.bind(now.microseconds, at: 7)
    }

    deinit {
        // Nothing may lead to the freed bytes.
        statement.clearBindings()
        unsafe id.deallocate()
        unsafe manager.deallocate()
        unsafe activeBytes.deallocate()
    }

    func run(_ row: Int, as new: KnownRow, manager: KnownRow?) throws(SQLiteError) {
        try statement.bind(new.number, at: 1)
        unsafe new.id.store(into: id)
        var parameter = firstParameter
        for column in columns {
            let value = unsafe column.uncopied(row)
            if unsafe value.isEmpty {
                try bindNothing(column, at: parameter)
            } else {
                // The batch outlives the run.
                unsafe try statement.bindText(uncopied: value, at: parameter)
            }
            parameter += 1
        }
        try bind(manager)
        if !attributes.isEmpty { try bindAttributes(row) }
        try statement.run()
    }

    private func bindNothing(_ column: RecordColumn, at parameter: Int32) throws(SQLiteError) {
        if column.isStatus {
            unsafe try statement.bindText(uncopied: UnsafeRawBufferPointer(activeBytes), at: parameter)
        } else {
            try statement.bindNull(at: parameter)
        }
    }

    private func bind(_ known: KnownRow?) throws(SQLiteError) {
        guard let known else {
            if hasManager { try statement.bindNull(at: managerParameter) }
            hasManager = false
            return
        }
        unsafe known.id.store(into: manager)
        if !hasManager {
            unsafe try statement.bindBlob(uncopied: UnsafeRawBufferPointer(manager), at: managerParameter)
        }
        hasManager = true
    }

    private func bindAttributes(_ row: Int) throws(SQLiteError) {
        var object = JSONObject()
        for column in attributes {
            if let value = column.json(row) { object[column.attribute] = value }
        }
        guard !object.members.isEmpty else { return try statement.bindNull(at: attributesParameter) }
        try statement.bind(JSONValue.object(object).text, at: attributesParameter)
    }
}

extension UUID {
    /// Writes the 16 bytes, most significant first.
    @unsafe
    fileprivate func store(into bytes: UnsafeMutableRawBufferPointer) {
        unsafe bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
        unsafe bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
}
