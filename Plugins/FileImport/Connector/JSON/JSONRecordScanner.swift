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
    var hasValue: Set<FieldTree.Node> = []
    var samples: [FieldTree.Node: String] = [:]

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
    var sawHighByte = false
    /// By depth, of the objects that are open.
    var seen = [SeenNames](repeating: SeenNames(), count: JSONRecordScanner.depth + 1)

    init(tree: FieldTree = FieldTree()) {
        self.tree = tree
        self.tree.forgetStamps()
        let columns = max(1, tree.columns.count)
        capacity = max(1, min(1024, 16384 / columns))
        cells = [JSONCell](repeating: .absent, count: tree.columns.count * capacity)
    }

    /// Makes all rows ones that lack everything.
    mutating func removeAll() {
        for index in cells.indices { cells[index] = .absent }
    }

    /// Makes a row one of nulls.
    mutating func clear(row: Int) {
        for column in tree.columns.indices { cells[column * capacity + row] = .null }
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
            if !isLearning { putNulls(below: node) }
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

    /// Null has no members and no elements, and says so: these are not absent.
    private mutating func putNulls(below node: FieldTree.Node) {
        var child = tree[node].firstChild
        while child != FieldTree.none {
            putNulls(from: child)
            child = tree[child].sibling
        }
        putNulls(elementsOf: node, from: 0)
    }

    /// The same of the elements that an array doesn't have.
    private mutating func putNulls(elementsOf node: FieldTree.Node, from first: Int) {
        var element = tree[node].firstElement
        while element != FieldTree.none {
            if tree[element].element >= first { putNulls(from: element) }
            element = tree[element].sibling
        }
    }

    private mutating func putNulls(from node: FieldTree.Node) {
        let column = tree[node].column
        if column != FieldTree.none { cells[column &* capacity &+ row] = .null }
        putNulls(below: node)
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
        seen[depth].forget()
        while true {
            guard position < end else { throw JSONFault(kind: .end, position: end) }
            guard bytes.byte(at: position) == UInt8(ascii: "\"") else {
                throw JSONFault(kind: .syntax, position: position)
            }
            var child = guess
            let name: Range<Int>
            var hasEscapes = false
            if guess != FieldTree.none, tree.name(guess, isAt: position &+ 1, in: bytes),
                position &+ 1 &+ tree[guess].nameCount < end
            {
                name = position &+ 1..<position &+ 1 &+ tree[guess].nameCount
            } else {
                let string = try string(bytes, from: position &+ 1, end)
                name = position &+ 1..<string.end
                hasEscapes = string.hasEscapes
                child = lookUp(bytes, name, string, in: node)
                if last == FieldTree.none { tree[node].guessedChild = child } else { tree[last].guessedNext = child }
            }
            position = try colon(bytes, from: name.upperBound &+ 1, end)
            if child == FieldTree.none {
                let begin = position
                note(bytes, name, hasEscapes: hasEscapes, depth: depth)
                position = try skip(bytes, from: position, end, depth: depth)
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
        if bytes.byte(at: position) == UInt8(ascii: "]") {
            if !isLearning { putNulls(elementsOf: node, from: 0) }
            return position &+ 1
        }
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
            case UInt8(ascii: "]"):
                if !isLearning, index &+ 1 < FieldTree.elements { putNulls(elementsOf: node, from: index &+ 1) }
                return position &+ 1
            default: throw JSONFault(kind: .syntax, position: position)
            }
            index &+= 1
        }
    }

    mutating func spoil(_ kind: JSONFault.Kind, _ position: Int) {
        if spoil == nil { spoil = JSONFault(kind: kind, position: position) }
    }
}
