/// The places for values in records: a tree of names and array elements, some of which are columns.
///
/// `org.units[0].code` is the element 0 of `units` in `org`, and there `code`. Members of objects become columns of their
/// own; an array is one column with its JSON text, and its first elements are columns besides. Whatever the tree has no
/// place for is kept as JSON text by whoever reads.
struct FieldTree {
    /// An index into `nodes`; the record itself is 0, `none` is nowhere.
    typealias Node = Int
    static let none = -1
    /// Elements of an array that have columns of their own.
    static let elements = 3
    /// Names and elements on the way to a column; deeper objects are JSON text.
    static let depth = 8
    /// One is left for what has no column.
    static let maxColumns = Header.maxColumns - 1

    struct Entry {
        /// In `names`; an element of an array has none.
        var nameStart = 0
        var nameCount = 0
        /// Whether the name stands in JSON as it is: no escape can mean it otherwise.
        var isPlain = true
        var parent = FieldTree.none
        var element = FieldTree.none
        var depth = 0
        var column = FieldTree.none
        var firstChild = FieldTree.none
        var firstElement = FieldTree.none
        var childCount = 0
        /// The next child or element of the same parent.
        var sibling = FieldTree.none
        /// The child that came first, and the one that came after this, in the last record.
        var guessedChild = FieldTree.none
        var guessedNext = FieldTree.none
        /// The record that had it last.
        var stamp = 0
    }

    private(set) var nodes = [Entry()]
    /// Each with a quote behind it, and room behind the last one for a whole word.
    private(set) var names = [UInt8](repeating: 0, count: FieldTree.spare)
    private static let spare = 8
    /// The children of nodes that have many of them.
    private var childrenByName: [Node: [[UInt8]: Node]] = [:]
    private static let compared = 16
    /// The columns' nodes, in the order in which they were met.
    private(set) var columns: [Node] = []

    subscript(node: Node) -> Entry {
        @inline(__always) get { nodes[node] }
        @inline(__always) _modify { yield &nodes[node] }
    }

    /// Whether a name and its closing quote stand in the window, eight bytes at a time.
    @inline(__always)
    func name(_ node: Node, isAt position: Int, in window: borrowing RawSpan) -> Bool {
        let entry = nodes[node]
        // A word may be read where the last one begins.
        guard entry.isPlain, position &+ entry.nameCount &+ 8 <= window.byteCount else { return false }
        // Reading bytes of a byte span is no reinterpretation.
        let span = names.span
        let name = unsafe span.bytes
        var index = 0
        while true {
            let differing =
                name.littleEndianWord(at: entry.nameStart &+ index) ^ window.littleEndianWord(at: position &+ index)
            let left = entry.nameCount &+ 1 &- index
            if left <= 8 { return differing &<< UInt64((8 &- left) &* 8) == 0 }
            if differing != 0 { return false }
            index &+= 8
        }
    }

    /// The child of a name, without escapes.
    func child(of node: Node, named name: [UInt8]) -> Node {
        if nodes[node].childCount > Self.compared { return childrenByName[node]?[name] ?? Self.none }
        var child = nodes[node].firstChild
        while child != Self.none {
            if nameBytes(child).elementsEqual(name) { return child }
            child = nodes[child].sibling
        }
        return Self.none
    }

    func element(of node: Node, at index: Int) -> Node {
        var element = nodes[node].firstElement
        while element != Self.none, nodes[element].element != index { element = nodes[element].sibling }
        return element
    }

    // MARK: - Learning

    /// Adds a child; none where the tree is deep enough.
    mutating func addChild(_ name: [UInt8], to parent: Node) -> Node {
        guard nodes[parent].depth < Self.depth, nodes.count < 4 * Self.maxColumns else { return Self.none }
        var entry = Entry()
        names.removeLast(Self.spare)
        entry.nameStart = names.count
        entry.nameCount = name.count
        entry.isPlain = name.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        names += name + [UInt8(ascii: "\"")] + [UInt8](repeating: 0, count: Self.spare)
        entry.sibling = nodes[parent].firstChild
        nodes[parent].firstChild = nodes.count
        nodes[parent].childCount += 1
        let node = add(entry, to: parent)
        if nodes[parent].childCount > Self.compared { indexChild(node, name, of: parent) }
        return node
    }

    private mutating func indexChild(_ node: Node, _ name: [UInt8], of parent: Node) {
        guard childrenByName[parent] == nil else {
            childrenByName[parent]?[name] = node
            return
        }
        var children: [[UInt8]: Node] = [:]
        var child = nodes[parent].firstChild
        while child != Self.none {
            children[Array(nameBytes(child))] = child
            child = nodes[child].sibling
        }
        childrenByName[parent] = children
    }

    mutating func addElement(_ index: Int, to parent: Node) -> Node {
        guard index < Self.elements, nodes[parent].depth < Self.depth, nodes.count < 4 * Self.maxColumns else {
            return Self.none
        }
        var entry = Entry()
        entry.element = index
        entry.sibling = nodes[parent].firstElement
        nodes[parent].firstElement = nodes.count
        return add(entry, to: parent)
    }

    private mutating func add(_ entry: Entry, to parent: Node) -> Node {
        var entry = entry
        entry.parent = parent
        entry.depth = nodes[parent].depth + 1
        nodes.append(entry)
        return nodes.count - 1
    }

    /// Makes a place a column; it stays none where there are too many.
    mutating func addColumn(_ node: Node) {
        guard node > 0, nodes[node].column == Self.none, columns.count < Self.maxColumns else { return }
        nodes[node].column = columns.count
        columns.append(node)
    }

    /// Takes the columns away from the places that another one says more about.
    mutating func keepColumns(where isKept: (Node) -> Bool) {
        let all = columns
        columns = []
        for node in all {
            nodes[node].column = Self.none
            if isKept(node) { addColumn(node) }
        }
    }

    /// Forgets which record had which place last.
    mutating func forgetStamps() {
        for node in nodes.indices { nodes[node].stamp = 0 }
    }

    // MARK: - Names

    func nameBytes(_ node: Node) -> ArraySlice<UInt8> {
        names[nodes[node].nameStart..<nodes[node].nameStart + nodes[node].nameCount]
    }

    /// `org.units[0].code`
    func path(_ node: Node) -> String {
        guard node > 0 else { return "" }
        let before = path(nodes[node].parent)
        if nodes[node].element != Self.none { return "\(before)[\(nodes[node].element)]" }
        let name = String(decoding: nameBytes(node), as: UTF8.self)
        return before.isEmpty ? name : "\(before).\(name)"
    }
}
