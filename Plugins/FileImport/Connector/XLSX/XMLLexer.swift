/// Cuts a part into tags and texts, without building anything: the fast way through a sheet.
///
/// It knows what spreadsheet programs write. Whatever else XML allows (character data sections, document types, encodings)
/// is `odd`, and so is what is no XML: expat reads the part then, and is right.
enum XMLLexer {
    struct Token {
        var kind: Kind
        /// The tag with its brackets, or the text.
        var start: Int
        var end: Int
        /// The element's name without the prefix of the part.
        var nameStart = 0
        var nameEnd = 0
        /// Up to eight bytes of the name, the first of them lowest; 0 for longer names.
        var name: UInt64 = 0
        /// A text that isn't plain ASCII as it stands.
        var needsDecoding = false
    }

    enum Kind {
        case startTag
        case emptyTag
        case endTag
        case text
        /// A comment or processing instruction.
        case aside
        /// The bytes end before the token does.
        case more
        case odd
    }

    /// The token at a position before `end`; `prefix` is what stands before the names of the part, its colon included.
    @inline(__always)
    static func next(_ bytes: Span<UInt8>, at start: Int, end: Int, prefix: [UInt8]) -> Token {
        if bytes[start] != UInt8(ascii: "<") { return text(bytes, at: start, end: end) }
        guard start &+ 1 < end else { return Token(kind: .more, start: start, end: start) }
        let second = bytes[start &+ 1]
        if second == UInt8(ascii: "!") || second == UInt8(ascii: "?") {
            return aside(bytes, at: start, end: end)
        }
        return tag(bytes, at: start, end: end, isEnd: second == UInt8(ascii: "/"), prefix: prefix)
    }

    @inline(__always)
    private static func text(_ bytes: Span<UInt8>, at start: Int, end: Int) -> Token {
        var needsDecoding = false
        var position = start
        while position < end {
            let byte = bytes[position]
            if byte == UInt8(ascii: "<") {
                return Token(kind: .text, start: start, end: position, needsDecoding: needsDecoding)
            }
            // ">" only matters behind "]]", which no text holds but by mistake.
            needsDecoding =
                needsDecoding || byte < 0x20 || byte >= 0x80 || byte == UInt8(ascii: "&") || byte == UInt8(ascii: ">")
            position &+= 1
        }
        return Token(kind: .more, start: start, end: start)
    }

    @inline(__always)
    private static func tag(_ bytes: Span<UInt8>, at start: Int, end: Int, isEnd: Bool, prefix: [UInt8]) -> Token {
        var nameStart = start &+ (isEnd ? 2 : 1)
        if !prefix.isEmpty {
            guard nameStart &+ prefix.count < end else { return Token(kind: .more, start: start, end: start) }
            for index in prefix.indices where bytes[nameStart &+ index] != prefix[index] {
                return foreignTag(bytes, at: start, end: end, isEnd: isEnd)
            }
            nameStart &+= prefix.count
        }
        var position = nameStart
        var name: UInt64 = 0
        while position < end {
            let byte = bytes[position]
            if byte <= 0x20 || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "/") { break }
            if byte == UInt8(ascii: "<") { return Token(kind: .odd, start: start, end: start) }
            let shift = UInt64(truncatingIfNeeded: (position &- nameStart) &* 8)
            name = shift < 64 ? name | UInt64(byte) &<< shift : name
            position &+= 1
        }
        guard position > nameStart else {
            return Token(kind: position < end ? .odd : .more, start: start, end: start)
        }
        let nameEnd = position
        guard let close = close(bytes, at: position, end: end) else {
            return Token(kind: .more, start: start, end: start)
        }
        guard close >= 0 else { return Token(kind: .odd, start: start, end: start) }
        let isEmpty = !isEnd && close > nameEnd && bytes[close &- 1] == UInt8(ascii: "/")
        if isEnd {
            for index in nameEnd..<close where !bytes[index].isXMLSpace {
                return Token(kind: .odd, start: start, end: start)
            }
        } else if !isEmpty, close > nameEnd, bytes[nameEnd] == UInt8(ascii: "/") {
            return Token(kind: .odd, start: start, end: start)
        }
        return Token(
            kind: isEnd ? .endTag : isEmpty ? .emptyTag : .startTag,
            start: start,
            end: close &+ 1,
            nameStart: nameStart,
            nameEnd: nameEnd,
            name: nameEnd &- nameStart <= 8 ? name : 0
        )
    }

    /// A tag of another vocabulary: its name is empty, so that nothing takes it for one of ours.
    private static func foreignTag(_ bytes: Span<UInt8>, at start: Int, end: Int, isEnd: Bool) -> Token {
        guard let close = close(bytes, at: start &+ 1, end: end) else {
            return Token(kind: .more, start: start, end: start)
        }
        guard close >= 0 else { return Token(kind: .odd, start: start, end: start) }
        let isEmpty = !isEnd && bytes[close &- 1] == UInt8(ascii: "/")
        return Token(kind: isEnd ? .endTag : isEmpty ? .emptyTag : .startTag, start: start, end: close &+ 1)
    }

    /// Where a tag's closing bracket stands; nil if it isn't there yet, −1 where an opening one comes first.
    @inline(__always)
    private static func close(_ bytes: Span<UInt8>, at start: Int, end: Int) -> Int? {
        var position = start
        while position < end {
            let byte = bytes[position]
            if byte == UInt8(ascii: ">") { return position }
            if byte == UInt8(ascii: "<") { return -1 }
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                position &+= 1
                while position < end, bytes[position] != byte {
                    if bytes[position] == UInt8(ascii: "<") { return -1 }
                    position &+= 1
                }
            }
            position &+= 1
        }
        return nil
    }

    private static func aside(_ bytes: Span<UInt8>, at start: Int, end: Int) -> Token {
        let isInstruction = bytes[start + 1] == UInt8(ascii: "?")
        let opening: [UInt8] = isInstruction ? Array("<?".utf8) : Array("<!--".utf8)
        let closing: [UInt8] = isInstruction ? Array("?>".utf8) : Array("-->".utf8)
        guard start + opening.count <= end else { return Token(kind: .more, start: start, end: start) }
        guard opening.indices.allSatisfy({ bytes[start + $0] == opening[$0] }) else {
            return Token(kind: .odd, start: start, end: start)
        }
        var position = start + opening.count
        while position + closing.count <= end {
            if closing.indices.allSatisfy({ bytes[position + $0] == closing[$0] }) {
                return Token(kind: .aside, start: start, end: position + closing.count)
            }
            position += 1
        }
        return Token(kind: .more, start: start, end: start)
    }

    // MARK: - Attributes

    struct Attribute {
        var name: Range<Int>
        var value: Range<Int>
    }

    /// The attribute at or after a position in a tag, which is moved behind it; nil at the tag's end. False in `isOdd` where
    /// all is as it should be.
    @inline(__always)
    static func attribute(
        _ bytes: Span<UInt8>,
        _ position: inout Int,
        _ tag: Token,
        isOdd: inout Bool
    ) -> Attribute? {
        let limit = tag.end &- (tag.kind == .emptyTag ? 2 : 1)
        let before = position
        while position < limit, bytes[position].isXMLSpace { position &+= 1 }
        guard position < limit else { return nil }
        let nameStart = position
        while position < limit, bytes[position] != UInt8(ascii: "="), !bytes[position].isXMLSpace { position &+= 1 }
        let nameEnd = position
        while position < limit, bytes[position].isXMLSpace { position &+= 1 }
        guard before < nameStart, nameEnd > nameStart, position < limit, bytes[position] == UInt8(ascii: "=") else {
            isOdd = true
            return nil
        }
        position &+= 1
        while position < limit, bytes[position].isXMLSpace { position &+= 1 }
        guard position < limit, bytes[position] == UInt8(ascii: "\"") || bytes[position] == UInt8(ascii: "'") else {
            isOdd = true
            return nil
        }
        let quote = bytes[position]
        position &+= 1
        let valueStart = position
        while position < limit, bytes[position] != quote { position &+= 1 }
        guard position < limit else {
            isOdd = true
            return nil
        }
        position &+= 1
        return Attribute(name: nameStart..<nameEnd, value: valueStart..<position &- 1)
    }
}

extension Span<UInt8> {
    /// Whether a range holds just these bytes.
    func holds(_ text: StaticString, in range: Range<Int>) -> Bool {
        guard range.count == text.utf8CodeUnitCount else { return false }
        for index in 0..<range.count {
            // Below the static string's count, and its bytes live for ever.
            let byte = unsafe text.utf8Start[index]
            guard self[range.lowerBound + index] == byte else { return false }
        }
        return true
    }
}

/// The names that a scanner looks for, as `XMLLexer.Token.name` gives them: their bytes, the first of them lowest.
enum XMLName {
    static let c: UInt64 = 0x63
    static let f: UInt64 = 0x66
    static let inline: UInt64 = 0x73_69
    static let item: UInt64 = 0x69_73
    static let r: UInt64 = 0x72
    static let row: UInt64 = 0x77_6F_72
    static let sst: UInt64 = 0x74_73_73
    static let t: UInt64 = 0x74
    static let v: UInt64 = 0x76
}
