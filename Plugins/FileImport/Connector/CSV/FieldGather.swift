/// Moves fields from the window into a column's memory.
enum FieldGather {
    /// The bytes that the fields will take at most, and eight to spare for whole words.
    @inline(never)
    static func byteCount(_ fields: Span<Field>) -> Int {
        var total = 8
        for index in fields.indices { total &+= fields[index].count }
        return total
    }

    /// Writes the fields' bytes one after the other, and where each ends, counted from `base`; returns the bytes written.
    @inline(never)
    static func copy(
        _ fields: Span<Field>,
        of window: Span<UInt8>,
        quote: UInt8,
        base: Int,
        ends: inout MutableSpan<Int32>,
        values: inout MutableRawSpan
    ) -> Int {
        // Reading bytes of a byte span is no reinterpretation.
        let bytes = unsafe window.bytes
        var used = 0
        for index in fields.indices {
            let field = fields[index]
            let start = field.start
            let count = field.count
            if field.hasQuotes {
                used &+= field.copyUnquoted(of: bytes, quote: quote, into: &values, at: used)
            } else {
                // Whole words: what is written behind the field is overwritten by the next one.
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

extension Field {
    /// Writes the value of a field that holds quotes: doubled ones become single, and the closing one, where text follows
    /// it, goes; returns the bytes written.
    @inline(never)
    fileprivate func copyUnquoted(
        of window: borrowing RawSpan,
        quote: UInt8,
        into values: inout MutableRawSpan,
        at start: Int
    ) -> Int {
        var used = start
        var position = self.start
        let end = position &+ count
        var isInside = true
        while position < end {
            let byte = window.byte(at: position)
            position &+= 1
            if isInside, byte == quote {
                guard position < end, window.byte(at: position) == quote else {
                    isInside = false
                    continue
                }
                position &+= 1
            }
            values.storeBytes(of: byte, toByteOffset: used, as: UInt8.self)
            used &+= 1
        }
        return used &- start
    }
}
