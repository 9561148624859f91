/// Moves fields from the window into a column's memory.
enum FieldGather {
    @inline(never)
    static func byteCount(_ fields: Span<Field>) -> Int {
        WindowGather.byteCount(fields)
    }

    @inline(never)
    static func copy(
        _ fields: Span<Field>,
        of window: Span<UInt8>,
        quote: UInt8,
        base: Int,
        ends: inout MutableSpan<Int32>,
        values: inout MutableRawSpan
    ) -> Int {
        WindowGather.copy(fields, of: window, base: base, ends: &ends, values: &values) { field, bytes, values, at in
            field.copyUnquoted(of: bytes, quote: quote, into: &values, at: at)
        }
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
