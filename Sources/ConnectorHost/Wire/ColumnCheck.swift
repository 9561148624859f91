internal import Columns

/// Loops over a column's buffers that find what must not be there. No work per row beyond them.
enum ColumnCheck {
    /// Checks the buffers of one column (not its children), whose sizes are right already.
    static func check(_ column: borrowing Column, path: String) throws(ConnectorError) {
        func fail(_ what: String) -> ConnectorError { .brokenProtocol("column \(path): \(what)") }
        let nulls = column.validity.isEmpty ? 0 : column.count - setBits(column.validity.span)
        guard nulls == column.nullCount else {
            throw fail("says \(column.nullCount) nulls, its bits say \(nulls)")
        }
        switch column.field.type {
        case .utf8:
            try checkOffsets(column, end: column.bytes.count, path: path)
            if let fault = textFault(column.bytes.span, offsets: column.offsets.span) {
                throw fail("\(fault.what) in value \(fault.row)")
            }
        case .binary: try checkOffsets(column, end: column.bytes.count, path: path)
        case .list: try checkOffsets(column, end: nil, path: path)
        case .structure: break
        case .bool:
            guard nulls == 0 || bitsAreSubset(column.bytes.span, of: column.validity.span) else {
                throw fail("a null is not 0")
            }
        default:
            guard
                nulls == 0
                    || nullsAreZero(
                        column.bytes.span,
                        width: column.field.type.width ?? 1,
                        validity: column.validity.span
                    )
            else { throw fail("a null is not 0") }
        }
    }

    private static func checkOffsets(
        _ column: borrowing Column,
        end: Int?,
        path: String
    ) throws(ConnectorError) {
        let offsets = column.offsets.span
        guard offsets.count == column.count + 1, offsets[0] == 0 else {
            throw .brokenProtocol("column \(path): offsets don't begin at 0")
        }
        guard neverFall(offsets) else { throw .brokenProtocol("column \(path): offsets fall") }
        if let end, Int(offsets[offsets.count - 1]) != end {
            throw .brokenProtocol("column \(path): the last offset is not the size of the values")
        }
    }

    /// One pass without a branch: an offset below the one before it makes the difference negative, and so does a
    /// negative one itself (two that are not negative can't overflow).
    @inline(never)
    private static func neverFall(_ offsets: Span<Int32>) -> Bool {
        var signs: Int32 = 0
        var last: Int32 = 0
        for place in offsets.indices {
            let offset = offsets[place]
            signs |= offset | (offset &- last)
            last = offset
        }
        return signs >= 0
    }

    /// The whole column's bytes at once; unless all is ASCII, also that no value begins inside a character.
    @inline(never)
    private static func textFault(_ bytes: Span<UInt8>, offsets: Span<Int32>) -> (what: String, row: Int)? {
        do throws(UTF8.ValidationError) {
            let text = try UTF8Span(validating: bytes)
            if text.isKnownASCII { return nil }
        } catch {
            let row = value(at: Int32(clamping: error.byteOffsets.lowerBound), of: offsets)
            return ("text that is no UTF-8", row)
        }
        for place in offsets.indices {
            let offset = Int(offsets[place])
            if offset < bytes.count, bytes[offset] & 0xC0 == 0x80 {
                return ("a value that begins inside a character", place)
            }
        }
        return nil
    }

    /// Which value a byte belongs to.
    private static func value(at byte: Int32, of offsets: Span<Int32>) -> Int {
        for place in offsets.indices where offsets[place] > byte { return place - 1 }
        return offsets.count - 1
    }

    @inline(never)
    private static func setBits(_ bits: Span<UInt8>) -> Int {
        var total = 0
        for place in bits.indices { total += bits[place].nonzeroBitCount }
        return total
    }

    private static func bitsAreSubset(_ bits: Span<UInt8>, of others: Span<UInt8>) -> Bool {
        for place in bits.indices where bits[place] & ~others[place] != 0 { return false }
        return true
    }

    @inline(never)
    private static func nullsAreZero(_ bytes: Span<UInt8>, width: Int, validity: Span<UInt8>) -> Bool {
        var row = 0
        for start in stride(from: 0, to: bytes.count, by: width) {
            if validity[row >> 3] >> UInt8(row & 7) & 1 == 0 {
                for place in start..<start + width where bytes[place] != 0 { return false }
            }
            row += 1
        }
        return true
    }
}
