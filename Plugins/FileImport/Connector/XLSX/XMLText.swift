/// The text between two tags: references resolved, line ends made one line feed, and the escapes of spreadsheets undone.
///
/// Sources: XML 1.0 (fifth edition), sections 2.2, 2.11, 4.1 and 4.6; ECMA-376 part 1, 22.9.2.19 (ST_Xstring).
enum XMLText {
    /// Appends a text as it stands in a part; false, with nothing to rely on, where it is no well-formed UTF-8 text.
    static func append(_ source: Span<UInt8>, to text: inout [UInt8]) -> Bool {
        var hasHighBytes = false
        var position = 0
        while position < source.count {
            let byte = source[position]
            switch byte {
            case UInt8(ascii: "&"):
                guard let (scalar, next) = reference(source, at: position) else { return false }
                text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
                position = next
                continue
            case UInt8(ascii: "\r"):
                text.append(UInt8(ascii: "\n"))
                if position + 1 < source.count, source[position + 1] == UInt8(ascii: "\n") { position += 1 }
            case UInt8(ascii: "\t"), UInt8(ascii: "\n"):
                text.append(byte)
            case 0..<0x20:
                return false
            case UInt8(ascii: ">")
            where position >= 2 && source[position - 1] == UInt8(ascii: "]")
                && source[position - 2] == UInt8(ascii: "]"):
                return false
            default:
                hasHighBytes = hasHighBytes || byte >= 0x80
                text.append(byte)
            }
            position += 1
        }
        return !hasHighBytes || source.isUTF8(source.indices)
    }

    private static func reference(_ source: Span<UInt8>, at start: Int) -> (Unicode.Scalar, next: Int)? {
        var end = start + 1
        while end < source.count, source[end] != UInt8(ascii: ";") {
            end += 1
            guard end - start <= 12 else { return nil }
        }
        guard end < source.count else { return nil }
        let name = (start + 1..<end).map { source[$0] }
        guard name.first == UInt8(ascii: "#") else {
            return named[name].map { ($0, end + 1) }
        }
        let isHex = name.count > 1 && name[1] == UInt8(ascii: "x")
        let digits = name.dropFirst(isHex ? 2 : 1)
        var value: UInt32 = 0
        guard !digits.isEmpty else { return nil }
        for byte in digits {
            guard let digit = isHex ? byte.hexDigit : byte.decimalDigit else { return nil }
            value = value * (isHex ? 16 : 10) + UInt32(digit)
            guard value <= 0x10FFFF else { return nil }
        }
        guard let scalar = Unicode.Scalar(value), isAllowed(scalar) else { return nil }
        return (scalar, end + 1)
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x9, 0xA, 0xD: true
        case 0..<0x20, 0xFFFE, 0xFFFF: false
        default: true
        }
    }

    private static let named: [[UInt8]: Unicode.Scalar] = [
        Array("amp".utf8): "&", Array("lt".utf8): "<", Array("gt".utf8): ">", Array("quot".utf8): "\"",
        Array("apos".utf8): "'",
    ]

    /// Takes white space away at both ends of the bytes from `start` on.
    static func trim(_ text: inout [UInt8], from start: Int) {
        while text.count > start, text[text.count - 1].isXMLSpace { text.removeLast() }
        guard text.count > start, text[start].isXMLSpace else { return }
        let first = text[start...].firstIndex { !$0.isXMLSpace } ?? text.count
        text.removeSubrange(start..<first)
    }

    // MARK: - Escapes of spreadsheets

    /// Undoes `_xHHHH_` in the bytes from `start` on: a UTF-16 unit that XML can't hold, or an underline that is meant.
    ///
    /// A zero, or half of a pair, stays as it is written: no text may hold it.
    static func unescape(_ text: inout [UInt8], from start: Int) {
        guard var position = text[start...].firstIndex(of: UInt8(ascii: "_")) else { return }
        var written = position
        while position < text.count {
            guard text[position] == UInt8(ascii: "_"), let (scalar, next) = escaped(text, at: position) else {
                text[written] = text[position]
                written += 1
                position += 1
                continue
            }
            for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
                text[written] = byte
                written += 1
            }
            position = next
        }
        text.removeLast(text.count - written)
    }

    private static func escaped(_ text: [UInt8], at position: Int) -> (Unicode.Scalar, next: Int)? {
        guard let unit = unit(text, at: position) else { return nil }
        if UTF16.isLeadSurrogate(unit), let second = Self.unit(text, at: position + 7), UTF16.isTrailSurrogate(second) {
            return (UTF16.decode(UTF16.EncodedScalar([unit, second])), position + 14)
        }
        guard unit != 0, let scalar = Unicode.Scalar(unit) else { return nil }
        return (scalar, position + 7)
    }

    private static func unit(_ text: [UInt8], at position: Int) -> UInt16? {
        guard position + 7 <= text.count, text[position] == UInt8(ascii: "_"), text[position + 1] == UInt8(ascii: "x"),
            text[position + 6] == UInt8(ascii: "_")
        else { return nil }
        var unit: UInt16 = 0
        for index in position + 2..<position + 6 {
            guard let digit = text[index].hexDigit else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }
}

extension UInt8 {
    /// What a digit stands for, nil for other bytes.
    var decimalDigit: UInt8? {
        self >= 0x30 && self <= 0x39 ? self - 0x30 : nil
    }

    /// What a hex digit of either case stands for, nil for other bytes.
    var hexDigit: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }

    /// Space, tab, line feed, carriage return: XML's white space.
    var isXMLSpace: Bool { self == 0x20 || self == 0x09 || self == 0x0A || self == 0x0D }
}

extension [UInt8] {
    mutating func append(_ bytes: Span<UInt8>) {
        // Copied at once, before the span's owner can change.
        unsafe bytes.withUnsafeBufferPointer { bytes in unsafe append(contentsOf: bytes) }
    }
}
