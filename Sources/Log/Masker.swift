internal import JSON

/// Replaces secrets in bytes that come in pieces, also where a secret lies across a border.
///
/// Masked are each secret of at least four bytes, its form inside a JSON string, and each line of at least sixteen bytes
/// of a secret that has several (a private key). Occurrences that overlap or touch become one mark.
///
/// Source: Aho and Corasick, "Efficient string matching", 1975: one pass, whatever the number of secrets.
package struct Masker: Sendable {
    package static let mark = Array("<secret>".utf8)

    private let tree: SecretTree

    private var node = 0
    /// Bytes that may be the beginning of a secret, or part of one that ended inside them.
    private var pending: [(byte: UInt8, isSecret: Bool)] = []
    private var lastWasSecret = false

    package init(_ secrets: [String]) {
        tree = SecretTree(secrets.flatMap(Self.forms))
    }

    /// Whether there is nothing to mask.
    package var isEmpty: Bool { tree.isEmpty }

    /// The masked bytes that are certain by now: the last few may wait for the next piece.
    package mutating func mask(_ chunk: [UInt8]) -> [UInt8] {
        guard !isEmpty else { return chunk }
        var output: [UInt8] = []
        output.reserveCapacity(chunk.count)
        var index = 0
        while index < chunk.count {
            if node == 0 {
                // Nothing is pending here: pass over what can't begin a secret.
                let start = index
                while index < chunk.count, !tree.begins(with: chunk[index]) { index += 1 }
                if index > start { lastWasSecret = false }
                output += chunk[start..<index]
                guard index < chunk.count else { break }
            }
            pending.append((chunk[index], false))
            node = tree.step(from: node, by: chunk[index])
            index += 1
            for position in pending.count - tree.longestSecret(at: node)..<pending.count {
                pending[position].isSecret = true
            }
            giveOut(pending.count - tree.depth(of: node), &output)
        }
        return output
    }

    /// What was still held back; the masker can begin anew.
    package mutating func finish() -> [UInt8] {
        var output: [UInt8] = []
        giveOut(pending.count, &output)
        node = 0
        lastWasSecret = false
        return output
    }

    /// A whole text, masked.
    package func masked(_ text: String) -> String {
        guard !isEmpty else { return text }
        var copy = self
        return String(decoding: copy.mask(Array(text.utf8)) + copy.finish(), as: UTF8.self)
    }

    /// Gives out the first bytes, which no secret that is still to end can reach back to.
    private mutating func giveOut(_ count: Int, _ output: inout [UInt8]) {
        for (byte, isSecret) in pending.prefix(count) {
            if !isSecret {
                output.append(byte)
            } else if !lastWasSecret {
                output += Self.mark
            }
            lastWasSecret = isSecret
        }
        pending.removeFirst(count)
    }

    private static func forms(of secret: String) -> [[UInt8]] {
        let lines = secret.split(whereSeparator: \.isNewline).map { Array($0.utf8) }
        let escaped = JSONValue.string(secret).serialized().dropFirst().dropLast()
        let whole = [Array(secret.utf8), Array(escaped)]
        return whole.filter { $0.count >= 4 } + (lines.count > 1 ? lines.filter { $0.count >= 16 } : [])
    }
}

/// All secrets as one tree of bytes, with a link from each node to the longest ending of its text that is in the tree too.
private struct SecretTree: Sendable {
    private struct Node: Sendable {
        var byte: UInt8
        var depth: Int
        /// 0 where there is none: the root is nobody's child.
        var firstChild = 0
        var nextSibling = 0
        var link = 0
        /// Bytes of the longest secret that ends here; 0 for none.
        var longestSecret = 0
    }

    private var nodes = [Node(byte: 0, depth: 0)]
    /// For each byte whether a secret begins with it.
    private var beginnings = [Bool](repeating: false, count: 256)

    var isEmpty: Bool { nodes.count == 1 }

    init(_ secrets: [[UInt8]]) {
        for secret in secrets {
            insert(secret)
            if let first = secret.first { beginnings[Int(first)] = true }
        }
        link()
    }

    func begins(with byte: UInt8) -> Bool { beginnings[Int(byte)] }
    func depth(of node: Int) -> Int { nodes[node].depth }
    func longestSecret(at node: Int) -> Int { nodes[node].longestSecret }

    /// The node of the longest ending of what was read that may grow to a secret.
    func step(from node: Int, by byte: UInt8) -> Int {
        var node = node
        while true {
            let next = child(of: node, byte)
            if next != 0 || node == 0 { return next }
            node = nodes[node].link
        }
    }

    private func child(of node: Int, _ byte: UInt8) -> Int {
        var child = nodes[node].firstChild
        while child != 0, nodes[child].byte != byte { child = nodes[child].nextSibling }
        return child
    }

    private mutating func insert(_ secret: [UInt8]) {
        var node = 0
        for byte in secret {
            var next = child(of: node, byte)
            if next == 0 {
                next = nodes.count
                nodes.append(Node(byte: byte, depth: nodes[node].depth + 1, nextSibling: nodes[node].firstChild))
                nodes[node].firstChild = next
            }
            node = next
        }
        nodes[node].longestSecret = secret.count
    }

    /// Breadth first, so that shorter texts have their links before longer ones need them.
    private mutating func link() {
        var level = [0]
        while !level.isEmpty {
            var next: [Int] = []
            for parent in level {
                var child = nodes[parent].firstChild
                while child != 0 {
                    let link = parent == 0 ? 0 : step(from: nodes[parent].link, by: nodes[child].byte)
                    nodes[child].link = link
                    nodes[child].longestSecret = max(nodes[child].longestSecret, nodes[link].longestSecret)
                    next.append(child)
                    child = nodes[child].nextSibling
                }
            }
            level = next
        }
    }
}
