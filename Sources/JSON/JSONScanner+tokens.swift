// Looking for where a token ends, and what it says: functions of bytes alone.

extension JSONScanner {
    static func endOfWhitespace(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x0A, 0x0D, 0x09: index += 1
            default: return index
            }
        }
        return index
    }

    /// The place of the closing quote, of a control character, of an escape cut by the window's end, or that end.
    static func endOfString(
        _ bytes: Span<UInt8>,
        from start: Int
    ) -> (end: Int, sawEscape: Bool, sawHighByte: Bool) {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var index = start
        var sawEscape = false
        var high: UInt64 = 0
        while index < bytes.count {
            // Eight bytes at once. In each term a borrow can only spoil bytes above a true hit, and the lowest counts.
            while index + 8 <= bytes.count {
                let word = bytes.eightBytes(at: index)
                let quote = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
                let backslash = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
                let hit =
                    ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word)
                    & highs
                if hit != 0 {
                    let plain = hit.trailingZeroBitCount >> 3
                    high |= word & ((1 << UInt64(plain * 8)) &- 1)
                    index += plain
                    break
                }
                high |= word
                index += 8
            }
            guard index < bytes.count else { break }
            let byte = bytes[index]
            if byte == UInt8(ascii: "\\") {
                sawEscape = true
                guard index + 1 < bytes.count else { break }
                // What stands behind the backslash is judged with the whole string; here only that it ends nothing.
                high |= UInt64(bytes[index + 1])
                index += 2
            } else if byte == UInt8(ascii: "\"") || byte < 0x20 {
                break
            } else {
                high |= UInt64(byte)
                index += 1
            }
        }
        return (index, sawEscape, high & highs != 0)
    }

    /// The place of the first byte that is not UTF-8.
    static func invalidUTF8(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.extracting(range))
            return nil
        } catch {
            return range.lowerBound + error.byteOffsets.lowerBound
        }
    }

    enum EscapeProblem {
        case unknown(Int)
        case loneSurrogate(Int)
    }

    /// Replaces the escapes of a string's content.
    static func unescape(
        _ bytes: Span<UInt8>,
        _ range: Range<Int>,
        into text: inout [UInt8]
    ) -> EscapeProblem? {
        text.removeAll(keepingCapacity: true)
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                index += 1
                continue
            }
            // The string goes on behind a backslash, else its closing quote would have been escaped.
            switch bytes[index + 1] {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(bytes[index + 1])
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"):
                guard let unit = unit(bytes, index, range.upperBound) else { return .unknown(index) }
                var scalar = UnicodeScalar(unit)
                if unit & 0xFC00 == 0xD800, let low = Self.unit(bytes, index + 6, range.upperBound),
                    low & 0xFC00 == 0xDC00
                {
                    scalar = UnicodeScalar(0x10000 + UInt32(unit & 0x3FF) << 10 + UInt32(low & 0x3FF))
                    index += 6
                }
                guard let scalar else { return .loneSurrogate(index) }
                text.append(contentsOf: scalar.utf8)
                index += 4
            default:
                return .unknown(index)
            }
            index += 2
        }
        return nil
    }

    /// The code unit that an escape `\uXXXX` at this place names.
    private static func unit(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> UInt16? {
        guard start + 6 <= end, bytes[start] == UInt8(ascii: "\\"), bytes[start + 1] == UInt8(ascii: "u") else {
            return nil
        }
        var unit: UInt16 = 0
        for index in start + 2..<start + 6 {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt16(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit << 4 | UInt16(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit << 4 | UInt16(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return unit
    }

    /// The end of the bytes that numbers are made of.
    static func endOfNumber(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                index += 1
            default:
                return index
            }
        }
        return index
    }
}

/// A number's grammar: RFC 8259, section 6.
enum JSONNumber {
    /// The place where the bytes stop being a number; nil if they are one.
    static func fault(_ bytes: Span<UInt8>) -> Int? {
        var index = 0
        func digits(_ bytes: Span<UInt8>) -> Bool {
            let start = index
            while index < bytes.count, bytes[index] >= UInt8(ascii: "0"), bytes[index] <= UInt8(ascii: "9") {
                index += 1
            }
            return index > start
        }
        if index < bytes.count, bytes[index] == UInt8(ascii: "-") { index += 1 }
        if index < bytes.count, bytes[index] == UInt8(ascii: "0") {
            index += 1
        } else if !digits(bytes) {
            return index
        }
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            if !digits(bytes) { return index }
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
                index += 1
            }
            if !digits(bytes) { return index }
        }
        return index == bytes.count ? nil : index
    }
}

extension Span<UInt8> {
    /// Eight bytes from an index on, the first one lowest.
    func eightBytes(at index: Int) -> UInt64 {
        precondition(index >= 0 && index + 8 <= count)
        // Proof: the bounds were checked on the line before, and any eight bytes are a UInt64.
        return unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
    }
}
