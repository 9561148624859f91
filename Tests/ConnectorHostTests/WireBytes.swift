import Columns
import ConnectorHost
import JSON
import Platform

/// Frames from bytes, given out in pieces of any size.
struct BytesInput: FrameInput {
    var bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        let count = min(buffer.count, bytes.count - position)
        unsafe buffer.copyBytes(from: bytes[position..<position + count])
        position += count
        return count
    }
}

func frame(_ type: UInt16, _ body: [UInt8], call: UInt64 = 1, reserved: UInt16 = 0) -> [UInt8] {
    little(UInt32(body.count)) + little(type) + little(reserved) + little(call) + body
}

func schemaFrame(_ fields: [JSONValue], metadata: JSONValue = ["trainflow.locator": "line"]) -> [UInt8] {
    let body: JSONValue = ["fields": .array(fields), "metadata": metadata]
    return frame(32, body.serialized())
}

func field(_ name: String, _ format: String, nullable: Bool = true, children: [JSONValue] = []) -> JSONValue {
    ["name": .string(name), "format": .string(format), "nullable": .bool(nullable), "children": .array(children)]
}

let endFrame = frame(34, [])

/// The body of a batch frame, right unless something in it is changed.
struct WireBatch {
    struct Node {
        var length: Int
        var nullCount = 0
        var validity: [UInt8] = []
        var offsets: [Int32] = []
        var values: [UInt8] = []
        /// Instead of the sizes that the buffers have.
        var sizes: [UInt64]?
    }

    var rows: Int
    var token: [UInt8] = Array("token".utf8)
    var nodes: [Node]
    var nodeCount: Int?
    var tokenLength: Int?
    var reserved: UInt32 = 0
    var padding: UInt8 = 0
    var tail: [UInt8] = []

    var body: [UInt8] {
        var body = little(UInt32(rows)) + little(UInt32(nodeCount ?? nodes.count))
        body += little(UInt32(tokenLength ?? token.count)) + little(reserved)
        for node in nodes {
            let sizes = [
                node.length, node.nullCount, node.validity.count, 4 * node.offsets.count, node.values.count,
            ]
            for size in node.sizes ?? sizes.map(UInt64.init) { body += little(size) }
        }
        body += token
        pad(&body)
        for node in nodes {
            for buffer in [node.validity, node.offsets.flatMap { little($0) }, node.values] {
                body += buffer
                pad(&body)
            }
        }
        return body + tail
    }

    private func pad(_ body: inout [UInt8]) {
        while body.count % 64 != 0 { body.append(padding) }
    }

    static func text(_ values: [String?]) -> Node {
        var node = Node(length: values.count, offsets: [0])
        for value in values {
            node.values += Array((value ?? "").utf8)
            node.offsets.append(Int32(node.values.count))
        }
        node.setValidity(values.map { $0 != nil })
        return node
    }

    static func integers(_ values: [Int64?]) -> Node {
        var node = Node(length: values.count, values: values.flatMap { little($0 ?? 0) })
        node.setValidity(values.map { $0 != nil })
        return node
    }
}

extension WireBatch.Node {
    mutating func setValidity(_ isValid: [Bool]) {
        nullCount = isValid.count { !$0 }
        guard nullCount > 0 else { return }
        validity = [UInt8](repeating: 0, count: (isValid.count + 7) / 8)
        for (row, valid) in isValid.enumerated() where valid { validity[row >> 3] |= 1 << UInt8(row & 7) }
    }
}
