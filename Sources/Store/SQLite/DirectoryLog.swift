internal import Identifiers
internal import SQLite

/// The directory's newest entries as each transaction added them: so that what is in memory is found again after a crash,
/// without reading the people.
///
/// A line holds one transaction's entries of one tenant: per entry the key, 8 bytes little-endian, and the row number's
/// distance from the entry before as a varint.
struct DirectoryLog {
    private let connection: SQLiteConnection
    private var fresh: [UInt8] = []
    private var last: Int64 = 0

    init(_ connection: SQLiteConnection) {
        self.connection = connection
    }

    /// Enters all lines, the oldest first.
    func read(into memory: DirectoryMemory) throws(SQLiteError) {
        let bytes = try connection.integer("SELECT sum(length(entries)) FROM integration_directory_log") ?? 0
        memory.reserve(Int(bytes) / DirectoryLog.leastEntry)
        try connection.withStatement("SELECT tenant_id, entries FROM integration_directory_log ORDER BY number") {
            statement throws(SQLiteError) in
            while try statement.step() {
                guard let tenant = UUID(bytes: statement.bytes(0)) else { continue }
                let index = memory.index(of: tenant)
                statement.withBytes(1) { bytes in
                    DirectoryLog.forEachEntry(bytes) { key, row in memory.set(key, row: row, tenant: index) }
                }
            }
        }
    }

    /// Bytes of a key and the shortest varint.
    private static let leastEntry = 9

    @inline(__always)
    private static func forEachEntry(_ bytes: Span<UInt8>, _ body: (_ key: UInt64, _ row: Int64) -> Void) {
        var position = 0
        var row: Int64 = 0
        while position + 8 < bytes.count {
            // Bytes hold for any pattern; the load is checked against the span's end.
            let key = unsafe UInt64(
                littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self)
            )
            position += 8
            guard let distance = Varint.read(signed: bytes, &position) else { return }
            row += distance
            body(key, row)
        }
    }

    mutating func append(_ key: UInt64, row: Int64) {
        unsafe withUnsafeBytes(of: key.littleEndian) { unsafe fresh.append(contentsOf: $0) }
        Varint.append(signed: row - last, to: &fresh)
        last = row
    }

    /// Writes what was appended since the last time.
    mutating func write(tenant: UUID) throws(SQLiteError) {
        guard !fresh.isEmpty else { return }
        try connection.execute(
            "INSERT INTO integration_directory_log (tenant_id, entries) VALUES (?, ?)",
            [.id(tenant), .blob(fresh)]
        )
        fresh.removeAll(keepingCapacity: true)
        last = 0
    }

    func clear() throws(SQLiteError) {
        try connection.execute("DELETE FROM integration_directory_log")
    }
}
