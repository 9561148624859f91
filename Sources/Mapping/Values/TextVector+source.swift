internal import Columns

extension TextVector {
    /// A source column as text: utf8 without a copy, other types rendered by `Column.displayText`.
    init(_ column: Column) {
        var states = [UInt8](repeating: RowState.value, count: column.count)
        if !column.validity.isEmpty {
            for row in 0..<column.count where !column.isValid(row) { states[row] = RowState.null }
        }
        guard column.field.type != .utf8 else {
            self.init(
                count: column.count,
                bytes: column.bytes,
                ranges: .packed(column.offsets),
                states: states,
                isASCII: ByteScan.isASCII(column.bytes.span)
            )
            return
        }
        var bytes: [UInt8] = []
        var offsets: [Int32] = [0]
        offsets.reserveCapacity(column.count + 1)
        for row in 0..<column.count {
            bytes.append(contentsOf: (column.displayText(row) ?? "").utf8)
            offsets.append(Int32(bytes.count))
        }
        let isASCII = ByteScan.isASCII(bytes.span)
        self.init(count: column.count, bytes: bytes, ranges: .packed(offsets), states: states, isASCII: isASCII)
    }

    /// A source column that the batch doesn't have.
    init(nullCount: Int) {
        self.init(repeating: nil, count: nullCount)
    }
}
