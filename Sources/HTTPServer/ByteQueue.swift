/// Bytes that come in pieces and go out in other pieces.
struct ByteQueue: Sendable {
    private var bytes: [UInt8] = []
    private var head = 0

    var count: Int { bytes.count - head }
    var isEmpty: Bool { count == 0 }

    mutating func append(_ more: [UInt8]) {
        if isEmpty {
            bytes = more
            head = 0
        } else {
            bytes.append(contentsOf: more)
        }
    }

    mutating func takeAll() -> [UInt8] {
        defer { removeAll() }
        return head == 0 ? bytes : Array(bytes[head...])
    }

    mutating func take(upTo limit: Int) -> [UInt8] {
        guard count > limit else { return takeAll() }
        let piece = Array(bytes[head..<(head + limit)])
        head += limit
        if head >= 64 << 10, head * 2 >= bytes.count {
            bytes.removeFirst(head)
            head = 0
        }
        return piece
    }

    mutating func removeAll() {
        bytes = []
        head = 0
    }
}
