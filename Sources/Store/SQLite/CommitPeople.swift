internal import Changes
internal import Identifiers
internal import JSON
internal import Mapping
internal import SQLite
internal import Time

/// Numbers and ids of new rows: one after the other, the id carrying the number.
final class RowNumbers {
    private(set) var next: Int64
    private let milliseconds: Int64
    private var random: SplitMix

    init(after last: Int64, now: Instant) {
        next = last + 1
        milliseconds = now.microseconds / 1_000
        random = SplitMix()
    }

    /// The next number and its id.
    func take() -> KnownRow {
        let number = next
        next += 1
        return KnownRow(
            number: number,
            id: UUID.version7(unixMilliseconds: milliseconds, row: number, using: &random)
        )
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
    private let connection: SQLiteConnection
    private let tenant: UUID
    private let ids: SQLiteStatement

    init(_ connection: SQLiteConnection, tenant: UUID) throws(SQLiteError) {
        self.connection = connection
        self.tenant = tenant
        ids = try connection.statement("SELECT id FROM users WHERE number = ? AND tenant_id = ?")
        try ids.bind(tenant.bytes, at: 2)
    }

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

    /// The id of a row, as others refer to it; nil if the row is gone.
    func id(_ number: Int64) throws(SQLiteError) -> UUIDBytes? {
        try ids.bind(number, at: 1)
        defer { ids.reset() }
        return try ids.step() ? ids.withBytes(0) { UUIDBytes($0) } : nil
    }

    func lastNumber() throws(SQLiteError) -> Int64 {
        try connection.integer("SELECT max(number) FROM users") ?? 0
    }
}
