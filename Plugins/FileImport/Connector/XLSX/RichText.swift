/// What stands in `si` and `is`: one text, or runs of text joined to one. Phonetic runs, which say how to read it, are left
/// out, and so are fonts.
///
/// Source: ECMA-376 part 1, 18.4.8 (si), 18.3.1.53 (is), 18.4.4 (r), 18.4.6 (rPh).
struct RichText {
    enum Step {
        case more
        case ended
        case odd
    }

    private enum Place {
        case item
        case run
        case itemText
        case runText
        case skipped
    }

    private var place = Place.item
    /// Where to go on behind what is skipped, and how many elements of it are open.
    private var outer = Place.item
    private var depth = 0
    /// Whether the text's tag says so: white space around it counts only then.
    private var keepsSpace = false

    /// Takes a token after the opening one; `name` closes the item.
    @inline(__always)
    mutating func take(
        _ token: XMLLexer.Token,
        _ bytes: Span<UInt8>,
        closedBy name: UInt64,
        into text: inout [UInt8]
    ) -> Step {
        switch place {
        case .itemText, .runText:
            return takeText(token, bytes, into: &text)
        case .item, .run:
            return takeTag(token, bytes, closedBy: name)
        case .skipped:
            if token.kind == .startTag { depth += 1 }
            if token.kind == .endTag { depth -= 1 }
            if depth == 0 { place = outer }
            return .more
        }
    }

    private mutating func takeText(_ token: XMLLexer.Token, _ bytes: Span<UInt8>, into text: inout [UInt8]) -> Step {
        switch token.kind {
        case .text:
            let start = text.count
            if token.needsDecoding {
                guard XMLText.append(bytes.extracting(token.start..<token.end), to: &text) else { return .odd }
            } else {
                text.append(bytes.extracting(token.start..<token.end))
            }
            if !keepsSpace { XMLText.trim(&text, from: start) }
            XMLText.unescape(&text, from: start)
            return .more
        case .endTag where token.name == XMLName.t:
            place = place == .itemText ? .item : .run
            return .more
        default:
            return .odd
        }
    }

    private static func keepsSpace(_ token: XMLLexer.Token, _ bytes: Span<UInt8>) -> Bool {
        var position = token.nameEnd
        var isOdd = false
        while let attribute = XMLLexer.attribute(bytes, &position, token, isOdd: &isOdd) {
            if bytes.holds("xml:space", in: attribute.name) { return bytes.holds("preserve", in: attribute.value) }
        }
        return false
    }

    private mutating func takeTag(_ token: XMLLexer.Token, _ bytes: Span<UInt8>, closedBy name: UInt64) -> Step {
        switch token.kind {
        case .startTag:
            if token.name == XMLName.t {
                place = place == .item ? .itemText : .runText
                keepsSpace = Self.keepsSpace(token, bytes)
            } else if token.name == XMLName.r, place == .item {
                place = .run
            } else {
                outer = place
                place = .skipped
                depth = 1
            }
            return .more
        case .endTag:
            if place == .run {
                place = .item
                return token.name == XMLName.r ? .more : .odd
            }
            return token.name == name ? .ended : .odd
        case .text:
            return bytes.isBlank(token.start..<token.end) ? .more : .odd
        case .emptyTag, .aside:
            return .more
        case .more, .odd:
            return .odd
        }
    }
}
