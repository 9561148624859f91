/// Reads one record after the other from a window: strict JSON (RFC 8259), each value noted where it stands.
///
/// The names are guessed from the last record: in files of records the same follow each other, so that one comparison
/// replaces a look-up. A record that ends behind the window is read again once more of it is there; nothing is kept.
struct JSONRecordScanner {
    /// Objects and arrays inside each other, the record included.
    static let depth = 64

    var tree = FieldTree()
    /// Whether names that the tree doesn't have are added to it; otherwise they are noted in `strays`.
    var isLearning = false
    /// While learning: whether a node had a value that isn't null, and the first that isn't empty.
    private(set) var hasValue: Set<FieldTree.Node> = []
    private(set) var samples: [FieldTree.Node: String] = [:]

    /// Rows that fit.
    let capacity: Int
    /// The value of column c, row r is at `c * capacity + r`.
    private(set) var cells: [JSONCell] = []
    /// What the record at hand has no column for.
    private(set) var strays: [Stray] = []
    /// What spoils the record at hand alone.
    private(set) var spoil: JSONFault?

    /// A value without a column.
    struct Stray {
        /// Where in the tree it stands, or the object or array that it stands in.
        var node: FieldTree.Node
        /// Its name in that object, as written, without the quotes.
        var name: Range<Int>?
        /// As written, quotes included.
        var value: Range<Int>
    }

    private var row = 0
    private var stamp = 0
    private var sawHighByte = false
    /// Names in the objects that are open inside a value that is skipped.
    private var skippedNames: [Range<Int>] = []

    init(tree: FieldTree = FieldTree()) {
        self.tree = tree
        self.tree.forgetStamps()
        let columns = max(1, tree.columns.count)
        capacity = max(1, min(1024, 16384 / columns))
        cells = [JSONCell](repeating: .absent, count: tree.columns.count * capacity)
    }

    /// Makes all rows empty.
    mutating func removeAll() {
        for index in cells.indices { cells[index] = .absent }
    }

    /// Makes a row empty.
    mutating func clear(row: Int) {
        for column in tree.columns.indices { cells[column * capacity + row] = .absent }
    }

    /// Reads the value at a position into a row and says where it ends; `end`: the first byte that isn't the file's, or the
    /// record's line, with at least eight more behind it, none of them part of a value.
    @inline(never)
    mutating func record(_ window: Span<UInt8>, at start: Int, end: Int, row: Int) throws(JSONFault) -> Int {
        // Reading bytes of a byte span is no reinterpretation.
        let bytes = unsafe window.bytes
        self.row = row
        stamp &+= 1
        sawHighByte = false
        spoil = nil
        strays.removeAll(keepingCapacity: true)
        let position: Int
        if start < end, bytes.byte(at: start) == UInt8(ascii: "{") {
            position = try object(bytes, 0, from: start &+ 1, end, depth: 1)
        } else {
            position = try skip(bytes, from: start, end, depth: 1)
            spoil = JSONFault(kind: .noObject, position: start)
        }
        if sawHighByte, spoil == nil, !window.isUTF8(start..<position) {
            spoil = JSONFault(kind: .notUTF8, position: start)
        }
        return position
    }

    // MARK: - Values with a place in the tree

    private mutating func value(
        _ bytes: borrowing RawSpan,
        _ node: FieldTree.Node,
        from start: Int,
        _ end: Int,
        depth: Int
    ) throws(JSONFault) -> Int {
        guard start < end else { throw JSONFault(kind: .end, position: end) }
        switch bytes.byte(at: start) {
        case UInt8(ascii: "\""):
            let string = try string(bytes, from: start &+ 1, end)
            if string.hasZero { spoil(.zeroCharacter, start) }
            put(
                bytes,
                JSONCell(start: start &+ 1, end: string.end, hasEscapes: string.hasEscapes),
                at: node,
                start..<string.end &+ 1
            )
            return string.end &+ 1
        case UInt8(ascii: "{"):
            guard depth < Self.depth else { throw JSONFault(kind: .tooDeep, position: start) }
            guard tree[node].depth < FieldTree.depth else {
                let close = try skip(bytes, from: start, end, depth: depth &+ 1)
                put(bytes, JSONCell(start: start, end: close), at: node, start..<close)
                return close
            }
            let close = try object(bytes, node, from: start &+ 1, end, depth: depth &+ 1)
            // One without members has nothing else to show.
            if close == Self.space(bytes, from: start &+ 1, end) &+ 1 {
                put(bytes, JSONCell(start: start, end: close), at: node, start..<close)
            }
            return close
        case UInt8(ascii: "["):
            guard depth < Self.depth else { throw JSONFault(kind: .tooDeep, position: start) }
            let close = try array(bytes, node, from: start &+ 1, end, depth: depth &+ 1)
            put(bytes, JSONCell(start: start, end: close), at: node, start..<close)
            return close
        case UInt8(ascii: "n"):
            let close = try literal(bytes, "null", from: start, end)
            put(bytes, .null, at: node, start..<close)
            return close
        default:
            let close = try scalar(bytes, from: start, end)
            put(bytes, JSONCell(start: start, end: close), at: node, start..<close)
            return close
        }
    }

    @inline(__always)
    private mutating func put(
        _ bytes: borrowing RawSpan,
        _ cell: JSONCell,
        at node: FieldTree.Node,
        _ range: Range<Int>
    ) {
        let column = tree[node].column
        if isLearning {
            learn(bytes, cell, at: node)
        } else if column != FieldTree.none {
            cells[column &* capacity &+ row] = cell
        } else if !cell.isNull {
            strays.append(Stray(node: node, name: nil, value: range))
        }
    }

    private mutating func learn(_ bytes: borrowing RawSpan, _ cell: JSONCell, at node: FieldTree.Node) {
        tree.addColumn(node)
        guard !cell.isNull else { return }
        hasValue.insert(node)
        guard samples[node] == nil, cell.count > 0 else { return }
        // A hundred characters are shown, and none is longer than twelve bytes as an escape.
        let range = cell.start..<cell.start + min(cell.count, 1200)
        let text = cell.hasEscapes ? JSONText.unescaped(bytes, range) : range.map { bytes.byte(at: $0) }
        samples[node] = String(String(decoding: text, as: UTF8.self).prefix(100))
    }

    /// The members of an object that has begun.
    private mutating func object(
        _ bytes: borrowing RawSpan,
        _ node: FieldTree.Node,
        from start: Int,
        _ end: Int,
        depth: Int
    ) throws(JSONFault) -> Int {
        var position = Self.space(bytes, from: start, end)
        guard position < end else { throw JSONFault(kind: .end, position: end) }
        if bytes.byte(at: position) == UInt8(ascii: "}") { return position &+ 1 }
        var guess = tree[node].guessedChild
        var last = FieldTree.none
        let firstStray = strays.count
        while true {
            guard position < end else { throw JSONFault(kind: .end, position: end) }
            guard bytes.byte(at: position) == UInt8(ascii: "\"") else {
                throw JSONFault(kind: .syntax, position: position)
            }
            var child = guess
            let name: Range<Int>
            if guess != FieldTree.none, tree.name(guess, isAt: position &+ 1, in: bytes),
                position &+ 1 &+ tree[guess].nameCount < end
            {
                name = position &+ 1..<position &+ 1 &+ tree[guess].nameCount
            } else {
                let string = try string(bytes, from: position &+ 1, end)
                name = position &+ 1..<string.end
                child = lookUp(bytes, name, string, in: node)
                if last == FieldTree.none { tree[node].guessedChild = child } else { tree[last].guessedNext = child }
            }
            position = try colon(bytes, from: name.upperBound &+ 1, end)
            if child == FieldTree.none {
                let begin = position
                position = try skip(bytes, from: position, end, depth: depth)
                if strays.dropFirst(firstStray).contains(where: { stray in
                    stray.node == node && stray.name.map { Self.areSame(bytes, $0, name) } ?? false
                }) {
                    spoil(.duplicateName, name.lowerBound)
                }
                strays.append(Stray(node: node, name: name, value: begin..<position))
                guess = FieldTree.none
            } else {
                if tree[child].stamp == stamp { spoil(.duplicateName, name.lowerBound) }
                tree[child].stamp = stamp
                position = try value(bytes, child, from: position, end, depth: depth)
                guess = tree[child].guessedNext
                last = child
            }
            position = Self.space(bytes, from: position, end)
            guard position < end else { throw JSONFault(kind: .end, position: end) }
            switch bytes.byte(at: position) {
            case UInt8(ascii: ","): position = Self.space(bytes, from: position &+ 1, end)
            case UInt8(ascii: "}"): return position &+ 1
            default: throw JSONFault(kind: .syntax, position: position)
            }
        }
    }

    /// The child of a name as written; while learning a new one.
    private mutating func lookUp(
        _ bytes: borrowing RawSpan,
        _ name: Range<Int>,
        _ string: StringEnd,
        in node: FieldTree.Node
    ) -> FieldTree.Node {
        if string.hasZero { spoil(.zeroCharacter, name.lowerBound) }
        let text =
            string.hasEscapes ? JSONText.unescaped(bytes, name) : name.map { bytes.byte(at: $0) }
        let child = tree.child(of: node, named: text)
        // A name that is no text would be shown as another one.
        guard child == FieldTree.none, isLearning, !string.hasZero, spoil == nil, text.span.isUTF8(0..<text.count)
        else {
            return child
        }
        return tree.addChild(text, to: node)
    }

    /// The elements of an array that has begun.
    private mutating func array(
        _ bytes: borrowing RawSpan,
        _ node: FieldTree.Node,
        from start: Int,
        _ end: Int,
        depth: Int
    ) throws(JSONFault) -> Int {
        var position = Self.space(bytes, from: start, end)
        guard position < end else { throw JSONFault(kind: .end, position: end) }
        if bytes.byte(at: position) == UInt8(ascii: "]") { return position &+ 1 }
        var index = 0
        while true {
            var element = index < FieldTree.elements ? tree.element(of: node, at: index) : FieldTree.none
            if element == FieldTree.none, isLearning, index < FieldTree.elements {
                element = tree.addElement(index, to: node)
            }
            // Elements without a place stay in the array's own text.
            let strayCount = strays.count
            if element == FieldTree.none {
                position = try skip(bytes, from: position, end, depth: depth)
            } else {
                position = try value(bytes, element, from: position, end, depth: depth)
                strays.removeLast(strays.count - strayCount)
            }
            position = Self.space(bytes, from: position, end)
            guard position < end else { throw JSONFault(kind: .end, position: end) }
            switch bytes.byte(at: position) {
            case UInt8(ascii: ","): position = Self.space(bytes, from: position &+ 1, end)
            case UInt8(ascii: "]"): return position &+ 1
            default: throw JSONFault(kind: .syntax, position: position)
            }
            index &+= 1
        }
    }

    // MARK: - Values without one

    /// Checks a value and says where it ends.
    private mutating func skip(
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
        let firstName = skippedNames.count
        defer { skippedNames.removeLast(skippedNames.count - firstName) }
        var longNames: Set<[UInt8]> = []
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
                note(bytes, name, hasEscapes: string.hasEscapes, since: firstName, &longNames)
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

    /// Looks whether a name was there in its object before: the first ones one by one, more of them in a set.
    private mutating func note(
        _ bytes: borrowing RawSpan,
        _ name: Range<Int>,
        hasEscapes: Bool,
        since first: Int,
        _ many: inout Set<[UInt8]>
    ) {
        let most = 16
        if !hasEscapes, many.isEmpty, skippedNames.count - first < most {
            for index in first..<skippedNames.count where Self.areSame(bytes, skippedNames[index], name) {
                spoil(.duplicateName, name.lowerBound)
            }
            skippedNames.append(name)
            return
        }
        if many.isEmpty {
            for index in first..<skippedNames.count { many.insert(skippedNames[index].map { bytes.byte(at: $0) }) }
        }
        if !many.insert(JSONText.unescaped(bytes, name)).inserted { spoil(.duplicateName, name.lowerBound) }
    }

    private static func areSame(_ bytes: borrowing RawSpan, _ one: Range<Int>, _ other: Range<Int>) -> Bool {
        guard one.count == other.count else { return false }
        for offset in 0..<one.count
        where bytes.byte(at: one.lowerBound + offset) != bytes.byte(at: other.lowerBound + offset) { return false }
        return true
    }

    private mutating func spoil(_ kind: JSONFault.Kind, _ position: Int) {
        if spoil == nil { spoil = JSONFault(kind: kind, position: position) }
    }

    // MARK: - Tokens

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
    private func colon(_ bytes: borrowing RawSpan, from start: Int, _ end: Int) throws(JSONFault) -> Int {
        let position = Self.space(bytes, from: start, end)
        guard position < end else { throw JSONFault(kind: .end, position: end) }
        guard bytes.byte(at: position) == UInt8(ascii: ":") else { throw JSONFault(kind: .syntax, position: position) }
        return Self.space(bytes, from: position &+ 1, end)
    }

    private struct StringEnd {
        /// Of the closing quote.
        var end: Int
        var hasEscapes = false
        /// Whether `\u0000` is among the escapes.
        var hasZero = false
    }

    /// The rest of a string, from behind its quote on, eight bytes at a time.
    @inline(__always)
    private mutating func string(
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
    private mutating func escape(
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
    private func scalar(_ bytes: borrowing RawSpan, from start: Int, _ end: Int) throws(JSONFault) -> Int {
        switch bytes.byte(at: start) {
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number(bytes, from: start, end)
        case UInt8(ascii: "t"): return try literal(bytes, "true", from: start, end)
        case UInt8(ascii: "f"): return try literal(bytes, "false", from: start, end)
        case UInt8(ascii: "n"): return try literal(bytes, "null", from: start, end)
        default: throw JSONFault(kind: .syntax, position: start)
        }
    }

    @inline(__always)
    private func literal(
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
