/// Where a value stands in the window: start in bits 0–31, count in 32–61; 0 for none.
struct JSONCell: WindowValue {
    var bits: UInt64

    static let absent = JSONCell(bits: 0)

    private init(bits: UInt64) {
        self.bits = bits
    }

    /// A number, literal, nested value, or the inside of a string.
    @inline(__always)
    init(start: Int, end: Int, hasEscapes: Bool = false) {
        bits =
            UInt64(truncatingIfNeeded: start) | UInt64(truncatingIfNeeded: end &- start) << 32
            | (hasEscapes ? 1 << 63 : 0)
    }

    static let null = JSONCell(bits: 1 << 62)

    @inline(__always) var start: Int { Int(truncatingIfNeeded: bits & 0xFFFF_FFFF) }
    @inline(__always) var count: Int { Int(truncatingIfNeeded: bits >> 32 & 0x3FFF_FFFF) }
    @inline(__always) var hasEscapes: Bool { bits >> 63 == 1 }
    @inline(__always) var isEncoded: Bool { hasEscapes }
    /// Whether there is no value: null, or not even that.
    @inline(__always) var isNull: Bool { bits == 0 || bits == 1 << 62 }
    @inline(__always) var isAbsent: Bool { bits == 0 }
}

/// Moves values from the window into a column's memory.
enum JSONGather {
    @inline(never)
    static func byteCount(_ cells: Span<JSONCell>) -> Int {
        WindowGather.byteCount(cells)
    }

    /// Escapes are resolved.
    @inline(never)
    static func copy(
        _ cells: Span<JSONCell>,
        of window: Span<UInt8>,
        base: Int,
        ends: inout MutableSpan<Int32>,
        values: inout MutableRawSpan
    ) -> Int {
        WindowGather.copy(cells, of: window, base: base, ends: &ends, values: &values) { cell, bytes, values, at in
            var used = at
            for byte in JSONText.unescaped(bytes, cell.start..<cell.start &+ cell.count) {
                values.storeBytes(of: byte, toByteOffset: used, as: UInt8.self)
                used &+= 1
            }
            return used &- at
        }
    }
}

/// The inside of strings, whose escapes were checked.
enum JSONText {
    /// The text; half a surrogate pair becomes U+FFFD.
    static func unescaped(_ bytes: borrowing RawSpan, _ range: Range<Int>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        var position = range.lowerBound
        while position < range.upperBound {
            let byte = bytes.byte(at: position)
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                position += 1
                continue
            }
            let escape = bytes.byte(at: position + 1)
            position += 2
            switch escape {
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"):
                var scalar = unit(bytes, position)
                position += 4
                if scalar & 0xFC00 == 0xD800, position + 6 <= range.upperBound,
                    bytes.byte(at: position) == UInt8(ascii: "\\"),
                    bytes.byte(at: position + 1) == UInt8(ascii: "u"), unit(bytes, position + 2) & 0xFC00 == 0xDC00
                {
                    scalar = 0x10000 + (scalar & 0x3FF) << 10 + (unit(bytes, position + 2) & 0x3FF)
                    position += 6
                }
                text += Array(String(Character(Unicode.Scalar(scalar) ?? "\u{FFFD}")).utf8)
            default: text.append(escape)
            }
        }
        return text
    }

    /// Four hexadecimal digits; 0x110000 and more if they are none.
    static func unit(_ bytes: borrowing RawSpan, _ position: Int) -> UInt32 {
        var value: UInt32 = 0
        for offset in 0..<4 {
            let byte = bytes.byte(at: position + offset)
            let digit: UInt32
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = UInt32(byte - UInt8(ascii: "A") + 10)
            default: return .max
            }
            value = value << 4 | digit
        }
        return value
    }
}
