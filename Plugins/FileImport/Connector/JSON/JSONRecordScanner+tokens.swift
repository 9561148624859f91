/// Strings, numbers and literals: where each ends, and whether it is written as RFC 8259 asks.
extension JSONRecordScanner {
    @inline(__always)
    static func space(_ bytes: borrowing RawSpan, from start: Int, _ end: Int) -> Int {
        var position = start
        while position < end {
            switch bytes.byte(at: position) {
            case 0x20, 0x0A, 0x0D, 0x09: position &+= 1
            default: return position
            }
        }
        return position
    }

    @inline(__always)
    func colon(_ bytes: borrowing RawSpan, from start: Int, _ end: Int) throws(JSONFault) -> Int {
        let position = Self.space(bytes, from: start, end)
        guard position < end else { throw JSONFault(kind: .end, position: end) }
        guard bytes.byte(at: position) == UInt8(ascii: ":") else { throw JSONFault(kind: .syntax, position: position) }
        return Self.space(bytes, from: position &+ 1, end)
    }

    struct StringEnd {
        /// Of the closing quote.
        var end: Int
        var hasEscapes = false
        /// Whether `\u0000` is among the escapes.
        var hasZero = false
    }

    /// The rest of a string, from behind its quote on, eight bytes at a time.
    @inline(__always)
    mutating func string(
        _ bytes: borrowing RawSpan,
        from start: Int,
        _ end: Int
    ) throws(JSONFault) -> StringEnd {
        var position = start
        var string = StringEnd(end: 0)
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        while true {
            // Each term has bit 7 set in the lowest byte that is a quote, a backslash or below 0x20; higher ones may be
            // wrong, and are looked at again.
            let word = bytes.littleEndianWord(at: position)
            let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
            let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
            let hits =
                ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word) & highs
            if hits == 0 {
                if word & highs != 0 { sawHighByte = true }
                position &+= 8
                if position >= end { throw JSONFault(kind: .end, position: end) }
                continue
            }
            let plain = hits.trailingZeroBitCount &>> 3
            if word & highs & ((1 &<< UInt64(plain &* 8)) &- 1) != 0 { sawHighByte = true }
            position &+= plain
            guard position < end else { throw JSONFault(kind: .end, position: end) }
            switch bytes.byte(at: position) {
            case UInt8(ascii: "\""):
                string.end = position
                return string
            case UInt8(ascii: "\\"):
                string.hasEscapes = true
                position = try escape(bytes, from: position, end, &string.hasZero)
            default:
                throw JSONFault(kind: .controlCharacter, position: position)
            }
        }
    }

    /// One escape, or a surrogate pair of them.
    @inline(never)
    mutating func escape(
        _ bytes: borrowing RawSpan,
        from start: Int,
        _ end: Int,
        _ hasZero: inout Bool
    ) throws(JSONFault) -> Int {
        guard start &+ 1 < end else { throw JSONFault(kind: .end, position: end) }
        switch bytes.byte(at: start &+ 1) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start &+ 2
        case UInt8(ascii: "u"):
            guard start &+ 6 <= end else { throw JSONFault(kind: .end, position: end) }
            let unit = JSONText.unit(bytes, start &+ 2)
            guard unit <= 0xFFFF else { throw JSONFault(kind: .escape, position: start) }
            if unit == 0 { hasZero = true }
            guard unit & 0xF800 == 0xD800 else { return start &+ 6 }
            guard unit & 0xFC00 == 0xD800 else {
                spoil(.loneSurrogate, start)
                return start &+ 6
            }
            guard start &+ 8 <= end else { throw JSONFault(kind: .end, position: end) }
            guard bytes.byte(at: start &+ 6) == UInt8(ascii: "\\"), bytes.byte(at: start &+ 7) == UInt8(ascii: "u")
            else {
                spoil(.loneSurrogate, start)
                return start &+ 6
            }
            guard start &+ 12 <= end else { throw JSONFault(kind: .end, position: end) }
            guard JSONText.unit(bytes, start &+ 8) & 0xFFFF_FC00 == 0xDC00 else {
                spoil(.loneSurrogate, start)
                return start &+ 6
            }
            return start &+ 12
        default:
            throw JSONFault(kind: .escape, position: start)
        }
    }

    /// A number, `true`, `false` or `null`.
    @inline(__always)
    func scalar(_ bytes: borrowing RawSpan, from start: Int, _ end: Int) throws(JSONFault) -> Int {
        switch bytes.byte(at: start) {
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number(bytes, from: start, end)
        case UInt8(ascii: "t"): return try literal(bytes, "true", from: start, end)
        case UInt8(ascii: "f"): return try literal(bytes, "false", from: start, end)
        case UInt8(ascii: "n"): return try literal(bytes, "null", from: start, end)
        default: throw JSONFault(kind: .syntax, position: start)
        }
    }

    @inline(__always)
    func literal(
        _ bytes: borrowing RawSpan,
        _ text: StaticString,
        from start: Int,
        _ end: Int
    ) throws(JSONFault) -> Int {
        for index in 0..<text.utf8CodeUnitCount {
            guard start &+ index < end else { throw JSONFault(kind: .end, position: end) }
            // A static text's bytes are there as long as the program.
            guard unsafe text.utf8Start[index] == bytes.byte(at: start &+ index) else {
                throw JSONFault(kind: .literal, position: start)
            }
        }
        return start &+ text.utf8CodeUnitCount
    }

    /// RFC 8259, section 6; at the window's end the number may go on behind it.
    private func number(_ bytes: borrowing RawSpan, from start: Int, _ end: Int) throws(JSONFault) -> Int {
        var position = start
        func digits(_ bytes: borrowing RawSpan) throws(JSONFault) {
            let first = position
            while position < end, bytes.byte(at: position) &- UInt8(ascii: "0") < 10 { position &+= 1 }
            if position == end { throw JSONFault(kind: .end, position: end) }
            if position == first { throw JSONFault(kind: .number, position: start) }
        }
        if bytes.byte(at: position) == UInt8(ascii: "-") { position &+= 1 }
        if position < end, bytes.byte(at: position) == UInt8(ascii: "0") {
            position &+= 1
            if position < end, bytes.byte(at: position) &- UInt8(ascii: "0") < 10 {
                throw JSONFault(kind: .number, position: start)
            }
        } else {
            try digits(bytes)
        }
        if position < end, bytes.byte(at: position) == UInt8(ascii: ".") {
            position &+= 1
            try digits(bytes)
        }
        if position < end, bytes.byte(at: position) | 0x20 == UInt8(ascii: "e") {
            position &+= 1
            if position < end,
                bytes.byte(at: position) == UInt8(ascii: "+") || bytes.byte(at: position) == UInt8(ascii: "-")
            {
                position &+= 1
            }
            try digits(bytes)
        }
        guard position < end else { throw JSONFault(kind: .end, position: end) }
        return position
    }
}
