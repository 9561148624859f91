internal import Columns

/// The sizes of everything in a `batch` frame, checked against the schema and the frame's length before any of it is
/// read: what is allocated afterwards is never more than the frame holds.
struct BatchLayout {
    struct Node: Equatable {
        var length: Int
        var nullCount: Int
        var validity: Int
        var offsets: Int
        var values: Int
    }

    var rows: Int
    var tokenLength: Int
    /// More pieces of the same batch follow.
    var isPartial: Bool
    /// Depth first, children after their parent.
    var nodes: [Node]

    static let headSize = 16
    static let nodeSize = 40
    static let largestToken = 65_536
    static let mostRows = 1 << 20
    /// Values of all columns, but those inside lists; a column of nulls or bits costs the wire almost nothing, and
    /// whoever works with it much more.
    static let mostValues = 4_000_000
    /// Values inside lists, whose number the rows do not bound.
    static let mostListValues = 1_000_000
    static let alignment = 64
    private static let partialFlag: UInt32 = 1

    /// The first 16 bytes of the body: how many nodes follow.
    static func nodeCount(in head: [UInt8]) -> Int { Int(head.integer(at: 4, as: UInt32.self)) }

    /// `head` are the first 16 bytes of the body, `table` the nodes after them.
    init(head: [UInt8], table: [UInt8], fields: [Field], bodyLength: Int) throws(ConnectorError) {
        rows = Int(head.integer(at: 0, as: UInt32.self))
        tokenLength = Int(head.integer(at: 8, as: UInt32.self))
        let flags = head.integer(at: 12, as: UInt32.self)
        guard flags & ~Self.partialFlag == 0 else { throw .brokenProtocol("a batch has reserved flags") }
        isPartial = flags & Self.partialFlag != 0
        guard !isPartial || tokenLength == 0 else {
            throw .brokenProtocol("a piece of a batch has a token, though more pieces follow")
        }
        guard rows <= Self.mostRows else { throw .brokenProtocol("a batch has \(rows) rows, more than 1,048,576") }
        guard tokenLength <= Self.largestToken else {
            throw .brokenProtocol("a batch's token has \(tokenLength) bytes, more than 65,536")
        }
        nodes = []
        nodes.reserveCapacity(table.count / Self.nodeSize)
        for start in stride(from: 0, to: table.count, by: Self.nodeSize) {
            var sizes: [Int] = []
            for place in 0..<5 {
                let size = table.integer(at: start + 8 * place, as: UInt64.self)
                // One buffer can't be larger than the frame, nor its bits more than 8 times that.
                guard size <= UInt64(8 * FrameHeader.largestBatchBody) else {
                    throw .brokenProtocol("a batch's node \(nodes.count) has an impossible size")
                }
                sizes.append(Int(size))
            }
            nodes.append(
                Node(length: sizes[0], nullCount: sizes[1], validity: sizes[2], offsets: sizes[3], values: sizes[4])
            )
        }
        var next = 0
        for field in fields { try check(field, length: rows, at: &next, path: field.name) }
        try checkCounts(fields)
        var total = Self.aligned(Self.headSize + table.count + tokenLength)
        for node in nodes {
            total += Self.aligned(node.validity) + Self.aligned(node.offsets) + Self.aligned(node.values)
        }
        guard total == bodyLength else {
            throw .brokenProtocol("a batch's buffers make \(total) bytes, its frame \(bodyLength)")
        }
    }

    static func aligned(_ size: Int) -> Int { (size + alignment - 1) / alignment * alignment }

    private func checkCounts(_ fields: [Field]) throws(ConnectorError) {
        var (values, listValues, next) = (0, 0, 0)
        func count(_ field: Field, isInList: Bool) {
            let length = nodes[next].length
            next += 1
            if isInList { listValues += length } else { values += length }
            switch field.type {
            case .structure(let children): for child in children { count(child, isInList: isInList) }
            case .list(let child): count(child, isInList: true)
            default: break
            }
        }
        for field in fields { count(field, isInList: false) }
        guard values <= Self.mostValues else {
            throw .brokenProtocol("a batch's columns have \(values) values together, more than 4,000,000")
        }
        guard listValues <= Self.mostListValues else {
            throw .brokenProtocol("a batch's lists have \(listValues) values together, more than 1,000,000")
        }
    }

    private func check(
        _ field: Field,
        length: Int?,
        at next: inout Int,
        path: String
    ) throws(ConnectorError) {
        let node = nodes[next]
        next += 1
        func fail(_ what: String) -> ConnectorError { .brokenProtocol("column \(path) has \(what)") }
        if let length, node.length != length { throw fail("\(node.length) values instead of \(length)") }
        guard node.nullCount <= node.length else { throw fail("more nulls than values") }
        guard node.nullCount == 0 || field.isNullable else { throw fail("nulls, though its field isn't nullable") }
        guard node.validity == (node.nullCount == 0 ? 0 : (node.length + 7) / 8) else {
            throw fail("\(node.validity) validity bytes for \(node.length) values and \(node.nullCount) nulls")
        }
        guard node.offsets == (field.type.hasOffsets ? 4 * (node.length + 1) : 0) else {
            throw fail("\(node.offsets) bytes of offsets for \(node.length) values")
        }
        switch field.type {
        case .utf8, .binary: break
        case .bool:
            guard node.values == (node.length + 7) / 8 else { throw fail("\(node.values) bytes of bits") }
        default:
            guard node.values == (field.type.width ?? 0) * node.length else {
                throw fail("\(node.values) bytes of values for \(node.length) values")
            }
        }
        switch field.type {
        case .structure(let children):
            for child in children { try check(child, length: node.length, at: &next, path: "\(path).\(child.name)") }
        case .list(let child):
            try check(child, length: nil, at: &next, path: "\(path)[]")
        default: break
        }
    }
}

extension ColumnType {
    var hasOffsets: Bool {
        switch self {
        case .utf8, .binary, .list: true
        default: false
        }
    }
}
