/// Where the fields of a stretch of whole records stand in the window, column by column.
struct FieldTable {
    /// Fields that a record should have; with `isExact` off as many as there is room for.
    let columns: Int
    /// Whether another number of fields is a fault.
    let isExact: Bool
    /// Rows that fit.
    let capacity: Int
    /// The field of column c, row r is at `c * capacity + r`.
    var fields: [Field]
    /// The physical line on which each record starts.
    var lines: [Int64]
    var rows = 0
    /// Where the first record begins in the window.
    var firstStart = 0
    /// Fields found in the last record.
    var lastFound = 0
    /// Lines without any byte, which are no records.
    var blankLines = 0
    var leniencies = Leniencies()
    /// Rows that lack fields, and the first column that they have no value for.
    var padded: [(row: Int, column: Int)] = []
    var faults: [RecordFault] = []

    /// Sixteen thousand fields at a time, so that a stretch and its window stay in the processor's cache.
    init(columns: Int, isExact: Bool = true) {
        self.columns = columns
        self.isExact = isExact
        capacity = max(1, min(1024, 16384 / max(1, columns)))
        fields = [Field](repeating: Field(start: 0, count: 0), count: columns * capacity)
        lines = [Int64](repeating: 0, count: capacity)
    }

    mutating func removeAll() {
        rows = 0
        faults.removeAll(keepingCapacity: true)
        blankLines = 0
        leniencies = Leniencies()
        padded.removeAll(keepingCapacity: true)
    }

    func field(row: Int, column: Int) -> Field {
        fields[column * capacity + row]
    }

    /// Takes the rows from this one on out.
    mutating func removeRows(from row: Int) {
        let isFaulty = faults.contains { $0.row == rows - 1 }
        if row < rows, lastFound > columns, !isFaulty, leniencies.surplusDropped > 0 { leniencies.surplusDropped -= 1 }
        rows = row
        faults.removeAll { $0.row >= row }
        leniencies.padded -= padded.count { $0.row >= row }
        padded.removeAll { $0.row >= row }
    }

    /// Takes a field's first byte away.
    mutating func shorten(row: Int, column: Int) {
        let field = field(row: row, column: column)
        fields[column * capacity + row] = Field(
            start: field.start + 1,
            count: field.count - 1,
            hasQuotes: field.hasQuotes
        )
    }

    /// Makes a row's fields empty.
    mutating func clear(row: Int) {
        for column in 0..<columns { fields[column * capacity + row] = Field(start: 0, count: 0) }
    }
}

/// A field's bytes in the window, without the quotes around it: start in bits 0–31, count in 32–62; bit 63 says that there
/// are quotes in it, which `FieldGather` resolves.
struct Field: WindowValue {
    var bits: UInt64

    init(start: Int, count: Int, hasQuotes: Bool = false) {
        bits =
            UInt64(truncatingIfNeeded: start) | UInt64(truncatingIfNeeded: count) << 32
            | (hasQuotes ? 1 << 63 : 0)
    }

    var start: Int { Int(truncatingIfNeeded: bits & 0xFFFF_FFFF) }
    var count: Int { Int(truncatingIfNeeded: bits >> 32 & 0x7FFF_FFFF) }
    var hasQuotes: Bool { bits >> 63 == 1 }
    var isEncoded: Bool { hasQuotes }
}

/// A record that stands whole in the window but can't be taken as a row.
struct RecordFault: Equatable {
    var row: Int
    var kind: Kind
    /// The record's bytes in the window, without its line end.
    var bytes: Range<Int>

    enum Kind: Equatable {
        case fieldCount(found: Int)
        /// Something stands between a closing quote and the next delimiter of this field.
        case textAfterQuote(column: Int, line: Int64)
        /// Bytes that are not in the file's encoding.
        case notText
        case nulByte
    }
}
