/// The start of a part, up to the tag that all others stand in.
struct XMLRoot {
    /// What stands before the names of the part's vocabulary, its colon included; empty if nothing does.
    var prefix: [UInt8] = []

    enum Step {
        case more
        case found
        case odd
    }

    /// Takes the part's first bytes; nil where the scanner can't read what follows them: an encoding besides UTF-8.
    static func firstToken(_ bytes: Span<UInt8>, end: Int) -> Int? {
        if end >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { return 3 }
        return end > 0 && bytes[0] == UInt8(ascii: "<") ? 0 : nil
    }

    /// Takes a token before or at the root, which must be `name` in the vocabulary of spreadsheets.
    mutating func take(_ token: XMLLexer.Token, _ bytes: Span<UInt8>, named name: StaticString) -> Step {
        switch token.kind {
        case .aside:
            return Self.isReadable(bytes.extracting(token.start..<token.end)) ? .more : .odd
        case .text:
            return bytes.isBlank(token.start..<token.end) ? .more : .odd
        case .startTag, .emptyTag:
            return open(token, bytes, named: name)
        case .endTag, .more, .odd:
            return .odd
        }
    }

    private mutating func open(_ token: XMLLexer.Token, _ bytes: Span<UInt8>, named name: StaticString) -> Step {
        var local = token.nameStart
        if let colon = (token.nameStart..<token.nameEnd).first(where: { bytes[$0] == UInt8(ascii: ":") }) {
            prefix = (token.nameStart...colon).map { bytes[$0] }
            local = colon + 1
        }
        guard bytes.holds(name, in: local..<token.nameEnd) else { return .odd }
        let declaration = prefix.isEmpty ? Array("xmlns".utf8) : Array("xmlns:".utf8) + prefix.dropLast()
        var position = token.nameEnd
        var isOdd = false
        while let attribute = XMLLexer.attribute(bytes, &position, token, isOdd: &isOdd) {
            guard attribute.name.count == declaration.count,
                declaration.indices.allSatisfy({ bytes[attribute.name.lowerBound + $0] == declaration[$0] })
            else { continue }
            let isKnown =
                bytes.holds("http://schemas.openxmlformats.org/spreadsheetml/2006/main", in: attribute.value)
                || bytes.holds("http://purl.oclc.org/ooxml/spreadsheetml/main", in: attribute.value)
            return isKnown && token.kind == .startTag ? .found : .odd
        }
        return .odd
    }

    /// Whether a declaration names no encoding, or UTF-8.
    private static func isReadable(_ aside: Span<UInt8>) -> Bool {
        guard aside.firstIndex(of: "<?xml") == 0, let encoding = aside.firstIndex(of: "encoding") else { return true }
        // encoding="UTF-8", with white space around the sign and in either case.
        var position = encoding + 8
        while position < aside.count, aside[position].isXMLSpace || aside[position] == UInt8(ascii: "=") {
            position += 1
        }
        guard position + 6 < aside.count else { return false }
        let value = (position + 1..<position + 6).map { aside[$0] | 0x20 }
        return value.elementsEqual("utf-8".utf8.map { $0 | 0x20 }) && aside[position + 6] == aside[position]
    }
}

extension Span<UInt8> {
    /// Where a text begins for the first time.
    func firstIndex(of text: String) -> Int? {
        let wanted = Array(text.utf8)
        var position = 0
        while position + wanted.count <= count {
            var matched = 0
            while matched < wanted.count, self[position + matched] == wanted[matched] { matched += 1 }
            if matched == wanted.count { return position }
            position += 1
        }
        return nil
    }

    /// Whether a range holds white space only.
    func isBlank(_ range: Range<Int>) -> Bool {
        for index in range where !self[index].isXMLSpace { return false }
        return true
    }
}
