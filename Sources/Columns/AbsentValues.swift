/// Which values of a batch's rows the source doesn't have at all: to them that is another thing than null.
///
/// The column `_tf_absent` holds a set of bits per row, least significant first: bit i is 1 where the row lacks the value of
/// column i, counted over the columns without reserved ones. Null, or bytes left out: it lacks none.
package struct AbsentValues: Sendable {
    package static let columnName = "_tf_absent"

    private let column: Column

    /// nil where no row lacks anything.
    package init?(_ batch: Batch) {
        guard let column = batch.column(named: Self.columnName), !column.bytes.isEmpty else { return nil }
        self.column = column
    }

    /// Whether a row lacks the value of a column, by its place among those without reserved names.
    package func contains(row: Int, column place: Int) -> Bool {
        guard column.isValid(row) else { return false }
        let position = Int(column.offsets[row]) + place >> 3
        return position < Int(column.offsets[row + 1]) && column.bytes[position] >> UInt8(place & 7) & 1 == 1
    }

    /// The first column from a place on that a row lacks; nil where it has all of them.
    package func first(ofRow row: Int, from place: Int) -> Int? {
        guard column.isValid(row) else { return nil }
        let (start, end) = (Int(column.offsets[row]), Int(column.offsets[row + 1]))
        var position = start + place >> 3
        var mask = UInt8.max << UInt8(place & 7)
        while position < end {
            let bits = column.bytes[position] & mask
            if bits != 0 { return (position - start) * 8 + bits.trailingZeroBitCount }
            mask = .max
            position += 1
        }
        return nil
    }

    /// The columns that a row lacks, rising.
    package func columns(ofRow row: Int) -> [Int] {
        guard column.isValid(row) else { return [] }
        var columns: [Int] = []
        for position in Int(column.offsets[row])..<Int(column.offsets[row + 1]) {
            var bits = column.bytes[position]
            while bits != 0 {
                columns.append((position - Int(column.offsets[row])) * 8 + bits.trailingZeroBitCount)
                bits &= bits - 1
            }
        }
        return columns
    }

    /// The column for rows that each lack the columns of these places.
    package static func column(_ rows: [Set<Int>]) -> Column {
        var builder = TextColumnBuilder(rows: rows.count)
        for places in rows {
            guard let last = places.max() else {
                builder.appendNull()
                continue
            }
            var bits = [UInt8](repeating: 0, count: last >> 3 + 1)
            for place in places { bits[place >> 3] |= 1 << UInt8(place & 7) }
            builder.append(contentsOf: bits)
        }
        var column = builder.finish(name: columnName)
        column.field.type = .binary
        return column
    }
}
