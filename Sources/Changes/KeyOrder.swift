internal import Mapping

/// The accepted rows of a batch by external id, byte by byte, which is the order of the links' key.
struct KeyOrder {
    /// Repeats of a key stand in source order.
    var rows: [Int32]
    /// Whether the source had them in this order already.
    var wasSorted: Bool
    /// Rows whose key stands at an earlier row of the batch too, in source order.
    var repeats: [KeyRepeat]

    init(_ keys: MappedColumn, accepted: [Int32]) {
        let offsets = keys.offsets.span
        // Bytes hold for any pattern: reading eight at once needs no more than that they are there, which is checked.
        let bytes = unsafe keys.bytes.span.bytes
        let equal = KeyOrder.equalNeighboursIfSorted(accepted.span, offsets, bytes)
        let order = equal == nil ? KeyOrder.sorted(accepted.span, offsets, bytes) : accepted
        wasSorted = equal != nil
        repeats = equal == 0 ? [] : KeyOrder.repeats(order.span, offsets, bytes)
        rows = order
    }

    /// How many rows have the key of the row before; nil if the rows are not in key order.
    private static func equalNeighboursIfSorted(
        _ rows: Span<Int32>,
        _ offsets: Span<Int32>,
        _ bytes: RawSpan
    ) -> Int? {
        var equal = 0
        var position = 1
        while position < rows.count {
            let order = compare(rows[position - 1], rows[position], offsets, bytes)
            if order > 0 { return nil }
            if order == 0 { equal += 1 }
            position += 1
        }
        return equal
    }

    /// Compares eight bytes after what all keys share, and only where these are equal the whole keys.
    private static func sorted(_ rows: Span<Int32>, _ offsets: Span<Int32>, _ bytes: RawSpan) -> [Int32] {
        let shared = sharedPrefix(rows, offsets, bytes)
        var entries: [(prefix: UInt64, row: Int32)] = []
        entries.reserveCapacity(rows.count)
        for position in 0..<rows.count {
            let row = rows[position]
            let start = Int(offsets[Int(row)]) + shared
            entries.append((bigEndian(bytes, start, Int(offsets[Int(row) + 1])), row))
        }
        entries.sort { left, right in
            if left.prefix != right.prefix { return left.prefix < right.prefix }
            let order = compare(left.row, right.row, offsets, bytes)
            return order != 0 ? order < 0 : left.row < right.row
        }
        return entries.map(\.row)
    }

    private static func repeats(_ rows: Span<Int32>, _ offsets: Span<Int32>, _ bytes: RawSpan) -> [KeyRepeat] {
        var repeats: [KeyRepeat] = []
        var position = 1
        while position < rows.count {
            if compare(rows[position - 1], rows[position], offsets, bytes) == 0 {
                repeats.append(KeyRepeat(row: rows[position], earlier: rows[position - 1]))
            }
            position += 1
        }
        return repeats.sorted { $0.row < $1.row }
    }

    /// How many bytes all keys begin with.
    private static func sharedPrefix(_ rows: Span<Int32>, _ offsets: Span<Int32>, _ bytes: RawSpan) -> Int {
        guard rows.count > 0 else { return 0 }
        let first = Int(offsets[Int(rows[0])])
        var shared = Int(offsets[Int(rows[0]) + 1]) - first
        for position in 1..<rows.count where shared > 0 {
            let start = Int(offsets[Int(rows[position])])
            let count = min(shared, Int(offsets[Int(rows[position]) + 1]) - start)
            var index = 0
            while index < count, byte(bytes, first + index) == byte(bytes, start + index) { index += 1 }
            shared = index
        }
        return shared
    }

    /// Below, equal to or above 0, as the left key stands before, with or after the right one.
    private static func compare(_ left: Int32, _ right: Int32, _ offsets: Span<Int32>, _ bytes: RawSpan) -> Int {
        var here = Int(offsets[Int(left)])
        var there = Int(offsets[Int(right)])
        let end = Int(offsets[Int(left) + 1])
        let otherEnd = Int(offsets[Int(right) + 1])
        while true {
            let value = bigEndian(bytes, here, end)
            let other = bigEndian(bytes, there, otherEnd)
            if value != other { return value < other ? -1 : 1 }
            // Eight equal bytes, or zeros behind the end of one: then the shorter comes first.
            if end - here <= 8 || otherEnd - there <= 8 { return (end - here) - (otherEnd - there) }
            here += 8
            there += 8
        }
    }

    /// Up to eight bytes as a number that compares as they do; zeros behind the end.
    private static func bigEndian(_ bytes: RawSpan, _ start: Int, _ end: Int) -> UInt64 {
        if end - start >= 8 {
            return unsafe UInt64(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self))
        }
        var value: UInt64 = 0
        var position = start
        while position < end {
            value = value << 8 | UInt64(byte(bytes, position))
            position += 1
        }
        return end > start ? value << UInt64(8 * (8 - (end - start))) : 0
    }

    private static func byte(_ bytes: RawSpan, _ position: Int) -> UInt8 {
        unsafe bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self)
    }
}
