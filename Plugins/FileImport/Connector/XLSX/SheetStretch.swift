internal import ConnectorKit

/// Some rows on their way into the columns of a batch: where each of their values stands. Moving a column at a time costs a
/// tenth of moving each value by itself.
struct SheetStretch {
    private let columns: Int
    private let capacity: Int
    private var rows = 0
    /// The values of the rows, but for shared texts in memory.
    private var text: [UInt8] = []
    /// The value of column c, row r is at `c * capacity + r`.
    private var fields: [Field]
    /// Rows whose values are nulls.
    private var spoiled: [Int] = []
    /// Cells with errors, and what a record lacks: they say nothing, not even that they are empty.
    /// Rows by column.
    private var unsaid: [Int: [Int]] = [:]

    /// Start in bits 0–31, count in 32–62; bit 63 says that the value is a shared text.
    private struct Field {
        var bits: UInt64 = 0

        init() {}

        init(start: Int, count: Int, isShared: Bool) {
            bits =
                UInt64(truncatingIfNeeded: start) & 0xFFFF_FFFF | UInt64(truncatingIfNeeded: count) << 32
                | (isShared ? 1 << 63 : 0)
        }

        var start: Int { Int(truncatingIfNeeded: bits & 0xFFFF_FFFF) }
        var count: Int { Int(truncatingIfNeeded: bits >> 32 & 0x7FFF_FFFF) }
        var isShared: Bool { bits >> 63 == 1 }
    }

    /// Sixteen thousand values at a time, so that they stay in the processor's cache.
    init(columns: Int) {
        self.columns = columns
        capacity = max(1, min(512, 16384 / max(1, columns)))
        fields = [Field](repeating: Field(), count: columns * capacity)
    }

    var isFull: Bool { rows == capacity }

    /// Adds a row; `slots` says for each column which of its cells stands there, −1 for none. Cells with errors say nothing. Where it
    /// throws the row is not there.
    ///
    /// - Parameter lacking: columns that the row lacks.
    mutating func add(
        _ row: SheetRow,
        _ slots: [Int],
        _ shared: SharedTexts,
        lacking: [Int]
    ) throws(ConnectorFailure) {
        let base = text.count
        text += row.text
        for (column, slot) in slots.enumerated() {
            let index = column * capacity + rows
            fields[index] = slot < 0 ? Field() : try field(of: row.cells[slot], base, shared)
            if slot >= 0, row.cells[slot].kind == .error { unsaid[column, default: []].append(rows) }
        }
        for column in lacking { unsaid[column, default: []].append(rows) }
        rows += 1
    }

    @inline(__always)
    private mutating func field(of cell: SheetRow.Cell, _ base: Int, _ shared: SharedTexts) throws(ConnectorFailure)
        -> Field
    {
        switch cell.kind {
        case .shared:
            let range = shared.range(Int(cell.start))
            if shared.isInMemory(range) {
                return Field(start: range.lowerBound, count: range.count, isShared: true)
            }
            let start = text.count
            text += try shared.text(Int(cell.start))
            return Field(start: start, count: text.count - start, isShared: false)
        case .error:
            return Field()
        default:
            return Field(start: base + Int(cell.start), count: Int(cell.count), isShared: false)
        }
    }

    /// Adds a row without values.
    mutating func addSpoiled() {
        for column in 0..<columns { fields[column * capacity + rows] = Field() }
        spoiled.append(rows)
        rows += 1
    }

    /// Appends all rows to a batch's columns, and forgets them.
    mutating func move(into columns: [RecordColumn], _ shared: SharedTexts) {
        guard rows > 0 else { return }
        text.append(contentsOf: repeatElement(0, count: SharedTexts.spareBytes))
        shared.withMemory { memory in
            let text = self.text
            let fields = self.fields
            for (index, column) in columns.enumerated() {
                let stretch = fields.span.extracting(index * capacity..<index * capacity + rows)
                let first = column.count
                column.append(count: rows, byteCapacity: Self.byteCount(stretch)) { ends, values, base in
                    Self.copy(stretch, of: text.span, memory, base: base, ends: &ends, values: &values)
                }
                for row in spoiled { column.setNull(first + row) }
                for row in unsaid[index] ?? [] { column.setAbsent(first + row) }
            }
        }
        rows = 0
        text.removeAll(keepingCapacity: true)
        spoiled.removeAll(keepingCapacity: true)
        unsaid.removeAll(keepingCapacity: true)
    }

    /// The bytes that the values will take at most, and eight to spare for whole words.
    @inline(never)
    private static func byteCount(_ fields: Span<Field>) -> Int {
        var total = 8
        for index in fields.indices { total &+= fields[index].count }
        return total
    }

    /// Writes the values one after the other, and where each ends, counted from `base`; returns the bytes written.
    @inline(never)
    private static func copy(
        _ fields: Span<Field>,
        of text: Span<UInt8>,
        _ shared: Span<UInt8>,
        base: Int,
        ends: inout MutableSpan<Int32>,
        values: inout MutableRawSpan
    ) -> Int {
        // Reading bytes of a byte span is no reinterpretation.
        let text = unsafe text.bytes
        let shared = unsafe shared.bytes
        var used = 0
        for index in fields.indices {
            let field = fields[index]
            let count = field.count
            // Whole words: what is written behind the value is overwritten by the next one.
            var copied = 0
            while copied < count {
                let position = field.start &+ copied
                let word =
                    field.isShared ? shared.littleEndianWord(at: position) : text.littleEndianWord(at: position)
                values.storeBytes(of: word.littleEndian, toByteOffset: used &+ copied, as: UInt64.self)
                copied &+= 8
            }
            used &+= count
            ends[index] = Int32(truncatingIfNeeded: base &+ used)
        }
        return used
    }
}
