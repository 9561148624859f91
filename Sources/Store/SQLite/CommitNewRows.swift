internal import Changes
internal import Identifiers
internal import JSON
internal import Mapping
internal import SQLite
internal import Time

/// The rows that a batch makes: gathered, and written by one statement that reads them where they lie.
///
/// Whoever reads such a row asks for a flush first.
@safe
final class NewRows {
    /// The number of the first one.
    let first: Int64
    private let connection: SQLiteConnection
    private let rowNumbers: RowNumbers
    private let columns: RecordColumns
    private let statement: SQLiteStatement
    private let sources: CommitArray<Int32>
    private let numbers: CommitArray<Int64>
    private let ids: CommitArray<UUIDBytes>
    private let references: NewReferences
    private let status: StaticString
    private var attributeOffsets: [Int32] = [0]
    private var attributeBytes: [UInt8] = []
    private(set) var count = 0
    private var flushed = 0
    /// People whose manager nobody knows yet, and up to where they have been written.
    private var open: [Int32] = []
    private var openNumbers: [Int64] = []
    private var openFlushed = 0
    private let openManagers: OpenManagers
    /// What the database refused, by external id.
    private(set) var refused: [[UInt8]: SQLiteError] = [:]

    init(_ work: CommitTransaction, _ columns: RecordColumns, room: Int) throws(SQLiteError) {
        connection = work.connection
        rowNumbers = work.numbers
        openManagers = work.openManagers
        self.columns = columns
        first = work.numbers.next
        sources = CommitArray(room, 0)
        numbers = CommitArray(room, 0)
        ids = CommitArray(room, UUIDBytes())
        let table = work.entity.table
        references = NewReferences(work.entity, room: room)
        status = table.status
        // What no record can say: the table's own default would not be a row's without the column.
        let says = columns.plain.contains(where: \.isStatus)
        let own = ["number", "id", "attributes"] + table.references
        let names = own + columns.plain.map(\.name)
        let values = names.indices.map { "c\($0)" }
        statement = try connection.statement(
            """
            INSERT OR FAIL INTO \(table.name) (tenant_id, config_number, created_run, created_at, updated_at, \
            \(((says ? [] : ["status"]) + names).joined(separator: ", "))) \
            SELECT ?1, ?2, ?3, ?4, ?4, \(((says ? [] : ["'\(table.status)'"]) + values).joined(separator: ", ")) \
            FROM program_rows
            """
        )
        try statement.bind(work.lease.run.tenant.bytes, at: 1)
        try statement.bind(work.lease.config.number, at: 2)
        try statement.bind(work.lease.run.number, at: 3)
        try statement.bind(work.now.microseconds, at: 4)
    }

    /// Makes a row of TrainFlow of a row of the batch; answers its number. Of people the manager, of enrolments who in what.
    func add(_ row: Int, manager: UUIDBytes = UUIDBytes(), pair: EnrollmentPair? = nil) -> Int64 {
        let new = rowNumbers.take()
        references.set(count, manager, pair)
        sources[count] = Int32(truncatingIfNeeded: row)
        numbers[count] = new.number
        ids[count] = UUIDBytes(new.id)
        if !columns.attributes.isEmpty { addAttributes(row) }
        count += 1
        return new.number
    }

    /// The manager of the one added last is not known yet.
    func opensManager() {
        open.append(sources[count - 1])
        openNumbers.append(numbers[count - 1])
    }

    private func addAttributes(_ row: Int) {
        var object = JSONObject()
        for column in columns.attributes {
            if let value = column.json(row) { object[column.attribute] = value }
        }
        if !object.members.isEmpty { attributeBytes += JSONValue.object(object).serialized() }
        attributeOffsets.append(Int32(attributeBytes.count))
    }

    /// The row of the batch that one was made of.
    func source(_ position: Int) -> Int { Int(sources[position]) }

    /// The id of one made here; nil for any other.
    func id(of number: Int64) -> UUIDBytes? {
        number >= first && number - first < Int64(count) ? ids[Int(number - first)] : nil
    }

    // MARK: Writing

    /// Writes those that have not been written. Where the database refuses some, the transaction is taken back afterwards, and
    /// tried again without them.
    func flush() throws(SQLiteError) {
        try flushOpen()
        guard flushed < count else { return }
        let range = flushed..<count
        flushed = count
        for (position, error) in try CommitInsertion.refusals(range, connection, insert) {
            refused[columns.key.copied(Int(sources[position]))] = error
        }
    }

    private func flushOpen() throws(SQLiteError) {
        guard openFlushed < open.count, let column = columns.manager else { return }
        let range = openFlushed..<open.count
        openFlushed = open.count
        try openManagers.insert(open[range], openNumbers[range], column)
    }

    private func insert(_ range: Range<Int>) throws(SQLiteError) {
        let start = range.lowerBound
        // Proof: everything lent here is owned by this object or the batch, and both outlive the statement's run.
        try unsafe attributeOffsets.withUnsafeBufferPointer { offsets throws(SQLiteError) in
            try unsafe attributeBytes.withUnsafeBufferPointer { bytes throws(SQLiteError) in
                guard let numbers = unsafe numbers.lent.baseAddress, let ids = unsafe ids.lent.baseAddress,
                    let offsets = offsets.baseAddress
                else { return }
                let text = unsafe UnsafeRawPointer(bytes.baseAddress) ?? UnsafeRawPointer(offsets)
                let attributes: SQLiteRows.Column =
                    unsafe columns.attributes.isEmpty
                    ? .nothing : .text(offsets: offsets + start, bytes: text)
                var all: [SQLiteRows.Column] = unsafe [
                    .integer(numbers + start), .uuid(UnsafeRawPointer(ids + start)), attributes,
                ]
                unsafe all += references.lent(from: start)
                let usual = unsafe UnsafeRawBufferPointer(start: status.utf8Start, count: status.utf8CodeUnitCount)
                for column in columns.plain {
                    unsafe all.append(column.lent(default: column.isStatus ? usual : nil))
                }
                try unsafe all.withUnsafeBufferPointer { all throws(SQLiteError) in
                    let indexes = unsafe UnsafeBufferPointer(rebasing: sources.lent[range])
                    try unsafe connection.run(statement, over: SQLiteRows(indexes: indexes, columns: all))
                }
            }
        }
    }
}

/// What new rows refer to, in the order of `EntityTable.references`.
enum NewReferences {
    case none
    case managers(CommitArray<UUIDBytes>)
    case pairs(users: CommitArray<Int64>, courses: CommitArray<Int64>)

    init(_ entity: Entity, room: Int) {
        self =
            switch entity {
            case .users: .managers(CommitArray(room, UUIDBytes()))
            case .courses: .none
            case .enrollments: .pairs(users: CommitArray(room, 0), courses: CommitArray(room, 0))
            }
    }

    func set(_ position: Int, _ manager: UUIDBytes, _ pair: EnrollmentPair?) {
        switch self {
        case .none: return
        case .managers(let managers): managers[position] = manager
        case .pairs(let users, let courses):
            users[position] = pair?.user ?? 0
            courses[position] = pair?.course ?? 0
        }
    }

    /// Where they lie, for a statement that reads them there while the rows live.
    @unsafe
    func lent(from start: Int) -> [SQLiteRows.Column] {
        switch self {
        case .none: return unsafe []
        case .managers(let managers):
            guard let ids = unsafe managers.lent.baseAddress else { return unsafe [] }
            return unsafe [.uuid(UnsafeRawPointer(ids + start))]
        case .pairs(let users, let courses):
            guard let users = unsafe users.lent.baseAddress, let courses = unsafe courses.lent.baseAddress else {
                return unsafe []
            }
            return unsafe [.integer(users + start), .integer(courses + start)]
        }
    }
}

/// The 16 bytes of a UUID as they are stored; all zero for none.
struct UUIDBytes: BitwiseCopyable, Equatable {
    private var high: UInt64 = 0
    private var low: UInt64 = 0

    init() {}

    init(_ id: UUID) {
        high = id.high.bigEndian
        low = id.low.bigEndian
    }

    /// Takes 16 bytes; nil for any other count.
    init?(_ bytes: Span<UInt8>) {
        guard bytes.count == 16 else { return nil }
        // Bytes hold for any pattern; the loads are checked against the span's end.
        unsafe high = bytes.bytes.unsafeLoadUnaligned(as: UInt64.self)
        unsafe low = bytes.bytes.unsafeLoadUnaligned(fromByteOffset: 8, as: UInt64.self)
    }

    var id: UUID { UUID(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low)) }
    var isNone: Bool { high | low == 0 }
}
