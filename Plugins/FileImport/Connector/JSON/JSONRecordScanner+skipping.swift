/// Values without a place in the tree.
extension JSONRecordScanner {
    /// Checks a value that stands in something of this depth, and says where it ends.
    mutating func skip(
        _ bytes: borrowing RawSpan,
        from start: Int,
        _ end: Int,
        depth: Int
    ) throws(JSONFault) -> Int {
        guard start < end else { throw JSONFault(kind: .end, position: end) }
        let opening = bytes.byte(at: start)
        if opening == UInt8(ascii: "\"") { return try string(bytes, from: start &+ 1, end).end &+ 1 }
        let isObject = opening == UInt8(ascii: "{")
        guard isObject || opening == UInt8(ascii: "[") else { return try scalar(bytes, from: start, end) }
        guard depth < Self.depth else { throw JSONFault(kind: .tooDeep, position: start) }
        let closing = UInt8(ascii: isObject ? "}" : "]")
        if isObject { seen[depth &+ 1].forget() }
        var position = Self.space(bytes, from: start &+ 1, end)
        if position < end, bytes.byte(at: position) == closing { return position &+ 1 }
        while true {
            guard position < end else { throw JSONFault(kind: .end, position: end) }
            if isObject {
                guard bytes.byte(at: position) == UInt8(ascii: "\"") else {
                    throw JSONFault(kind: .syntax, position: position)
                }
                let string = try string(bytes, from: position &+ 1, end)
                let name = position &+ 1..<string.end
                note(bytes, name, hasEscapes: string.hasEscapes, depth: depth &+ 1)
                position = try colon(bytes, from: string.end &+ 1, end)
            }
            position = try skip(bytes, from: position, end, depth: depth &+ 1)
            position = Self.space(bytes, from: position, end)
            guard position < end else { throw JSONFault(kind: .end, position: end) }
            let byte = bytes.byte(at: position)
            if byte == closing { return position &+ 1 }
            guard byte == UInt8(ascii: ",") else { throw JSONFault(kind: .syntax, position: position) }
            position = Self.space(bytes, from: position &+ 1, end)
        }
    }

    /// Spoils the record if the object at this depth had the name before, or has too many.
    mutating func note(_ bytes: borrowing RawSpan, _ name: Range<Int>, hasEscapes: Bool, depth: Int) {
        guard spoil == nil else { return }
        if !seen[depth].insert(bytes, name, hasEscapes: hasEscapes) { spoil(.duplicateName, name.lowerBound) }
        if seen[depth].count > SeenNames.most { spoil(.tooManyMembers, name.lowerBound) }
    }
}
