/// Rewrites text of another encoding as UTF-8, stretch by stretch, and counts back.
///
/// What the encoding has no character for (an unassigned byte, half a surrogate pair, an odd byte at the end of UTF-16)
/// becomes the byte 0xFF, which no UTF-8 has: the row that holds it is then found as every broken row is. Each byte of
/// the result that isn't a continuation byte stands for one unit of the source, or two for a surrogate pair, so that a
/// place in the text tells the place in the file without a table.
struct TextDecoder: Sendable {
    private let encoding: TextEncoding
    /// Per byte its UTF-8, the first byte lowest, and in bits 24–31 how many there are.
    private let table: [UInt32]

    static let undecodable: UInt8 = 0xFF
    /// A unit of the source becomes three bytes at most.
    static let growth = 3
    /// A stretch shorter than this may hold no whole character.
    static let smallest = 4

    /// nil for UTF-8, which needs none.
    init?(_ encoding: TextEncoding) {
        guard encoding != .utf8 else { return nil }
        self.encoding = encoding
        let upper = CodePage.upperHalf(encoding) ?? []
        table = (0..<(upper.isEmpty ? 0 : 256)).map { byte in
            guard byte >= 0x80 else { return UInt32(byte) | 1 << 24 }
            let scalar = UInt32(upper[byte - 0x80])
            return switch scalar {
            case 0: UInt32(Self.undecodable) | 1 << 24
            case ..<0x800: (0xC0 | scalar >> 6) | (0x80 | scalar & 0x3F) << 8 | 2 << 24
            default:
                (0xE0 | scalar >> 12) | (0x80 | scalar >> 6 & 0x3F) << 8 | (0x80 | scalar & 0x3F) << 16 | 3 << 24
            }
        }
    }

    /// Writes the text's UTF-8 from a position on; there must be room for three bytes per unit. `isLast`: the source ends
    /// with this stretch; otherwise a character that it cuts is left for the next one.
    func decode(
        _ source: Span<UInt8>,
        isLast: Bool,
        into text: inout MutableSpan<UInt8>,
        at start: Int
    ) -> (read: Int, written: Int) {
        table.isEmpty
            ? decodeUTF16(source, isLast, &text, start) : (source.count, decodeBytes(source, &text, start) - start)
    }

    @inline(never)
    private func decodeBytes(_ source: Span<UInt8>, _ text: inout MutableSpan<UInt8>, _ start: Int) -> Int {
        let table = table.span
        var end = start
        for index in source.indices {
            let entry = table[Int(source[index])]
            text[end] = UInt8(truncatingIfNeeded: entry)
            let count = Int(entry >> 24)
            if count > 1 {
                text[end &+ 1] = UInt8(truncatingIfNeeded: entry >> 8)
                if count > 2 { text[end &+ 2] = UInt8(truncatingIfNeeded: entry >> 16) }
            }
            end &+= count
        }
        return end
    }

    @inline(never)
    private func decodeUTF16(
        _ source: Span<UInt8>,
        _ isLast: Bool,
        _ text: inout MutableSpan<UInt8>,
        _ start: Int
    ) -> (read: Int, written: Int) {
        let (low, high) = encoding == .utf16LE ? (0, 1) : (1, 0)
        func unit(_ index: Int) -> UInt32 { UInt32(source[index + low]) | UInt32(source[index + high]) << 8 }
        var end = start
        func put(_ byte: UInt32, _ text: inout MutableSpan<UInt8>) {
            text[end] = UInt8(truncatingIfNeeded: byte)
            end &+= 1
        }
        var index = 0
        while index &+ 1 < source.count {
            let first = unit(index)
            switch first {
            case ..<0x80:
                put(first, &text)
            case ..<0x800:
                put(0xC0 | first >> 6, &text)
                put(0x80 | first & 0x3F, &text)
            case 0xD800..<0xDC00:
                guard index &+ 3 < source.count else {
                    // The other half comes with the next stretch, if there is one.
                    guard isLast else { return (index, end &- start) }
                    put(UInt32(Self.undecodable), &text)
                    break
                }
                let second = unit(index &+ 2)
                guard second & 0xFC00 == 0xDC00 else {
                    put(UInt32(Self.undecodable), &text)
                    break
                }
                let scalar = 0x10000 &+ (first & 0x3FF) << 10 &+ (second & 0x3FF)
                put(0xF0 | scalar >> 18, &text)
                put(0x80 | scalar >> 12 & 0x3F, &text)
                put(0x80 | scalar >> 6 & 0x3F, &text)
                put(0x80 | scalar & 0x3F, &text)
                index &+= 2
            case 0xDC00..<0xE000:
                put(UInt32(Self.undecodable), &text)
            default:
                put(0xE0 | first >> 12, &text)
                put(0x80 | first >> 6 & 0x3F, &text)
                put(0x80 | first & 0x3F, &text)
            }
            index &+= 2
        }
        if isLast, index < source.count {
            put(UInt32(Self.undecodable), &text)
            index &+= 1
        }
        return (index, end &- start)
    }

    /// Bytes of the source that stretches of its text came from; one too many where the source ends with half a unit.
    @inline(never)
    func sourceBytes(of text: Span<UInt8>, _ range: Range<Int>) -> Int {
        var units = 0
        for position in range {
            let byte = text[position]
            if byte & 0xC0 != 0x80 { units &+= byte >= 0xF0 && byte < 0xF8 ? 2 : 1 }
        }
        return units &* encoding.unitBytes
    }

    /// The text's UTF-8, whole; a character that the source's end cuts is left out unless `isLast`.
    func text(of source: [UInt8], isLast: Bool) -> [UInt8] {
        var text = [UInt8](repeating: 0, count: source.count * Self.growth + Self.growth)
        var span = text.mutableSpan
        let written = decode(source.span, isLast: isLast, into: &span, at: 0).written
        text.removeLast(text.count - written)
        return text
    }
}
