internal import Changes
internal import Identifiers
internal import JSON
internal import Mapping
internal import SQLite
internal import Time

/// The people that a batch makes: gathered, and written by one statement that reads them where they lie.
///
/// Whoever reads a person's row asks for a flush first.
@safe
final class NewPeople {
    /// The number of the first one.
    let first: Int64
    private let connection: SQLiteConnection
    private let rowNumbers: RowNumbers
    private let columns: RecordColumns
    private let statement: SQLiteStatement
    private let sources: CommitArray<Int32>
    private let numbers: CommitArray<Int64>
    private let ids: CommitArray<UUIDBytes>
    private let managers: CommitArray<UUIDBytes>
    private var attributeOffsets: [Int32] = [0]
    private var attributeBytes: [UInt8] = []
    private(set) var count = 0
    private var flushed = 0
    /// Those whose manager nobody knows yet, and up to where they have been written.
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
        managers = CommitArray(room, UUIDBytes())
        let own = ["number", "id", "manager_id", "attributes"]
        let names = own + columns.plain.map(\.name)
        let values = names.indices.map { "c\($0)" }
        statement = try connection.statement(
            """
            INSERT OR FAIL INTO users (tenant_id, config_number, created_run, created_at, updated_at, \
            \(names.joined(separator: ", "))) \
            SELECT ?1, ?2, ?3, ?4, ?4, \(values.joined(separator: ", ")) FROM program_rows
            """
        )
        try statement.bind(work.lease.run.tenant.bytes, at: 1)
        try statement.bind(work.lease.config.number, at: 2)
        try statement.bind(work.lease.run.number, at: 3)
        try statement.bind(work.now.microseconds, at: 4)
    }

    /// Makes a person of a row of the batch; answers its number.
    func add(_ row: Int, manager: UUIDBytes) -> Int64 {
        let new = rowNumbers.take()
        sources[count] = Int32(truncatingIfNeeded: row)
        numbers[count] = new.number
        ids[count] = UUIDBytes(new.id)
        managers[count] = manager
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

    /// The id of one made here.
    func id(of number: Int64) -> UUIDBytes {
        ids[Int(number - first)]
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

    private static let active: StaticString = "active"

    private func insert(_ range: Range<Int>) throws(SQLiteError) {
        let start = range.lowerBound
        // Proof: everything lent here is owned by this object or the batch, and both outlive the statement's run.
        try unsafe attributeOffsets.withUnsafeBufferPointer { offsets throws(SQLiteError) in
            try unsafe attributeBytes.withUnsafeBufferPointer { bytes throws(SQLiteError) in
                guard let numbers = unsafe numbers.lent.baseAddress, let ids = unsafe ids.lent.baseAddress,
                    let managers = unsafe managers.lent.baseAddress, let offsets = offsets.baseAddress
                else { return }
                let text = unsafe UnsafeRawPointer(bytes.baseAddress) ?? UnsafeRawPointer(offsets)
                let attributes: SQLiteRows.Column =
                    unsafe columns.attributes.isEmpty
                    ? .nothing : .text(offsets: offsets + start, bytes: text)
                var all: [SQLiteRows.Column] = unsafe [
                    .integer(numbers + start), .uuid(UnsafeRawPointer(ids + start)),
                    .uuid(UnsafeRawPointer(managers + start)), attributes,
                ]
                let active = unsafe UnsafeRawBufferPointer(
                    start: NewPeople.active.utf8Start,
                    count: NewPeople.active.utf8CodeUnitCount
                )
                for column in columns.plain {
                    unsafe all.append(column.lent(default: column.isStatus ? active : nil))
                }
                try unsafe all.withUnsafeBufferPointer { all throws(SQLiteError) in
                    let indexes = unsafe UnsafeBufferPointer(rebasing: sources.lent[range])
                    try unsafe connection.run(statement, over: SQLiteRows(indexes: indexes, columns: all))
                }
            }
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
