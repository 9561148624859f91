/// Characters that nobody sees at the ends of a value: Unicode's White_Space, and the direction marks (Bidi_Control).
///
/// Source: Unicode 15 PropList.txt. CEL's `trim` removes White_Space; direction marks come with copied Arabic text.
enum WhiteSpace {
    /// The white space or direction mark that begins at `index`.
    struct Match {
        var length: Int
        var isDirectionMark: Bool
    }

    /// - Parameter index: where a character of valid UTF-8 begins; it ends before `end`.
    static func match(_ bytes: Span<UInt8>, at index: Int, end: Int) -> Match? {
        let lead = bytes[index]
        if lead < 0x80 { return lead &- 0x09 < 5 || lead == 0x20 ? Match(length: 1, isDirectionMark: false) : nil }
        guard index + 1 < end else { return nil }
        let second = bytes[index + 1]
        switch lead {
        case 0xC2: return second == 0x85 || second == 0xA0 ? Match(length: 2, isDirectionMark: false) : nil
        case 0xD8: return second == 0x9C ? Match(length: 2, isDirectionMark: true) : nil
        case 0xE1, 0xE2, 0xE3: break
        default: return nil
        }
        guard index + 2 < end else { return nil }
        let scalar = UInt32(lead & 0x0F) << 12 | UInt32(second & 0x3F) << 6 | UInt32(bytes[index + 2] & 0x3F)
        switch scalar {
        case 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000:
            return Match(length: 3, isDirectionMark: false)
        case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069:
            return Match(length: 3, isDirectionMark: true)
        default:
            return nil
        }
    }

    /// What remains of a range without white space and direction marks at both ends.
    static func trimmed(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> (start: Int, end: Int) {
        var start = start
        var end = end
        while start < end, let match = match(bytes, at: start, end: end) { start += match.length }
        while start < end {
            var last = end - 1
            while last > start, bytes[last] & 0xC0 == 0x80 { last -= 1 }
            guard let match = match(bytes, at: last, end: end), last + match.length == end else { break }
            end = last
        }
        return (start, end)
    }

    /// A text without white space and direction marks at both ends.
    static func trimmed(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let (start, end) = trimmed(bytes.span, 0, bytes.count)
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }
}
