/// Bytes as text: RFC 4648, strict in reading.
///
/// With padding where nothing else is asked for. Tokens (RFC 7515, section 2) go without it.
package enum Base64 {
    package enum Alphabet: Sendable {
        /// `+` and `/`: RFC 4648, section 4.
        case standard
        /// `-` and `_`: RFC 4648, section 5.
        case urlSafe
    }

    package static func encode(_ bytes: [UInt8], alphabet: Alphabet = .standard, isPadded: Bool = true) -> String {
        let digits = digits(alphabet)
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var index = 0
        while index < bytes.count {
            let count = min(3, bytes.count - index)
            var group = UInt32(bytes[index]) << 16
            if count > 1 { group |= UInt32(bytes[index + 1]) << 8 }
            if count > 2 { group |= UInt32(bytes[index + 2]) }
            text.append(digits[Int(group >> 18)])
            text.append(digits[Int(group >> 12 & 63)])
            text.append(count > 1 ? digits[Int(group >> 6 & 63)] : UInt8(ascii: "="))
            text.append(count > 2 ? digits[Int(group & 63)] : UInt8(ascii: "="))
            index += 3
        }
        if !isPadded {
            while text.last == UInt8(ascii: "=") { text.removeLast() }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// nil unless the text is exactly what `encode` writes: no white space, padding whole (or none), unused bits zero.
    package static func decode(
        _ text: String,
        alphabet: Alphabet = .standard,
        isPadded: Bool = true
    ) -> [UInt8]? {
        decode(text.utf8Span.span, alphabet: alphabet, isPadded: isPadded)
    }

    package static func decode(
        _ text: Span<UInt8>,
        alphabet: Alphabet = .standard,
        isPadded: Bool = true
    ) -> [UInt8]? {
        // One digit of a group alone is less than a byte.
        guard isPadded ? text.count % 4 == 0 : text.count % 4 != 1 else { return nil }
        var length = text.count
        if isPadded {
            while length > 0, text.count - length < 2, text[length - 1] == UInt8(ascii: "=") { length -= 1 }
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var group: UInt32 = 0
        var bits = 0
        for index in 0..<length {
            guard let value = value(text[index], alphabet) else { return nil }
            group = group << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
                group &= (1 << UInt32(bits)) - 1
            }
        }
        return group == 0 ? bytes : nil
    }

    private static func digits(_ alphabet: Alphabet) -> [UInt8] {
        let common = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        return Array((common + (alphabet == .standard ? "+/" : "-_")).utf8)
    }

    private static func value(_ digit: UInt8, _ alphabet: Alphabet) -> UInt8? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): digit - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+") where alphabet == .standard: 62
        case UInt8(ascii: "/") where alphabet == .standard: 63
        case UInt8(ascii: "-") where alphabet == .urlSafe: 62
        case UInt8(ascii: "_") where alphabet == .urlSafe: 63
        default: nil
        }
    }
}
