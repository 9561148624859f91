/// Where a value stands in a window.
protocol WindowValue {
    var start: Int { get }
    /// Bytes as they are written.
    var count: Int { get }
    /// Whether they are not yet the value: it has quotes or escapes.
    var isEncoded: Bool { get }
}

/// Moves values from a window into a column's memory.
enum WindowGather {
    /// The bytes that the values will take at most, and eight to spare for whole words.
    @inline(__always)
    static func byteCount<Value: WindowValue>(_ values: Span<Value>) -> Int {
        var total = 8
        for index in values.indices { total &+= values[index].count }
        return total
    }

    /// Writes the values' bytes one after the other, and where each ends, counted from `base`; returns the bytes written.
    ///
    /// `decode` writes an encoded value at a place, and returns its bytes: at most as many as are written in the window.
    @inline(__always)
    static func copy<Value: WindowValue>(
        _ cells: Span<Value>,
        of window: Span<UInt8>,
        base: Int,
        ends: inout MutableSpan<Int32>,
        values: inout MutableRawSpan,
        decode: (Value, borrowing RawSpan, inout MutableRawSpan, Int) -> Int
    ) -> Int {
        // Reading bytes of a byte span is no reinterpretation.
        let bytes = unsafe window.bytes
        var used = 0
        for index in cells.indices {
            let cell = cells[index]
            if cell.isEncoded {
                used &+= decode(cell, bytes, &values, used)
            } else {
                let start = cell.start
                let count = cell.count
                // Whole words: what is written behind the value is overwritten by the next one.
                var copied = 0
                while copied < count {
                    values.storeBytes(
                        of: bytes.littleEndianWord(at: start &+ copied).littleEndian,
                        toByteOffset: used &+ copied,
                        as: UInt64.self
                    )
                    copied &+= 8
                }
                used &+= count
            }
            ends[index] = Int32(truncatingIfNeeded: base &+ used)
        }
        return used
    }
}
