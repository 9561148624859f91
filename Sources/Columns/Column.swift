/// One column of a batch in Arrow's layout, offset 0, checked: whoever holds one may trust it.
///
/// * `validity`: bit i (least significant first) is 1 where row i has a value; empty if all have.
/// * `offsets`: for utf8, binary and list `count + 1` offsets from 0, never falling; else empty.
/// * `bytes`: the values: utf8 and binary bytes end to end (utf8 valid in each value), bool as bits, fixed widths
///   little-endian; empty for list and structure, whose values are in `children`.
package struct Column: Sendable, Equatable {
    package var field: Field
    package var count: Int
    package var nullCount: Int
    package var validity: [UInt8]
    package var offsets: [Int32]
    package var bytes: [UInt8]
    package var children: [Column]

    package init(
        field: Field,
        count: Int,
        nullCount: Int = 0,
        validity: [UInt8] = [],
        offsets: [Int32] = [],
        bytes: [UInt8] = [],
        children: [Column] = []
    ) {
        self.field = field
        self.count = count
        self.nullCount = nullCount
        self.validity = validity
        self.offsets = offsets
        self.bytes = bytes
        self.children = children
    }

    /// Whether the row has a value.
    package func isValid(_ row: Int) -> Bool {
        validity.isEmpty || validity[row >> 3] >> UInt8(row & 7) & 1 == 1
    }

    /// The text of one row of a utf8 column; nil for null. For single values: whole columns go by `offsets` and `bytes`.
    package func text(_ row: Int) -> String? {
        guard isValid(row) else { return nil }
        return String(decoding: bytes[Int(offsets[row])..<Int(offsets[row + 1])], as: UTF8.self)
    }

    /// The integer of one row of an integer, date32, time or timestamp column; nil for null and for other types.
    package func integer(_ row: Int) -> Int64? {
        guard isValid(row), let width = field.type.width, width > 0, width <= 8 else { return nil }
        var value: UInt64 = 0
        for byte in bytes[row * width..<(row + 1) * width].reversed() { value = value << 8 | UInt64(byte) }
        let unused = UInt64(64 - 8 * width)
        switch field.type {
        case .int8, .int16, .int32, .int64, .date32, .time, .timestamp:
            return Int64(bitPattern: value << unused) >> Int64(unused)
        case .uint8, .uint16, .uint32, .uint64:
            return Int64(exactly: value)
        default:
            return nil
        }
    }
}

/// A set of rows as columns of equal length.
package struct Batch: Sendable, Equatable {
    package var columns: [Column]
    package var count: Int

    package init(columns: [Column], count: Int) {
        self.columns = columns
        self.count = count
    }

    package func column(named name: String) -> Column? {
        columns.first { $0.field.name == name }
    }
}
