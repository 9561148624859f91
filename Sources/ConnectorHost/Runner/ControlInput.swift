/// Puts the frames of the control socket together from pieces of any size.
package struct ControlInput: Sendable {
    private let call: UInt64
    private var bytes: [UInt8] = []
    private var start = 0

    /// Frames of this call are expected, and before it those of none.
    package init(call: UInt64) {
        self.call = call
    }

    package mutating func append(_ piece: some Sequence<UInt8>) {
        bytes.append(contentsOf: piece)
    }

    /// The next whole frame; nil until more has come.
    package mutating func next() throws(ConnectorError) -> RunnerFrame? {
        guard bytes.count - start >= FrameHeader.size else {
            compact()
            return nil
        }
        let header = try FrameHeader(decoding: Array(bytes[start..<start + FrameHeader.size]))
        guard header.length <= FrameHeader.largestControlBody else {
            throw .brokenProtocol("a control frame of \(header.length) bytes, more than 1 MiB")
        }
        guard header.call == call || header.call == 0 else {
            throw .brokenProtocol("a control frame of call \(header.call) instead of \(call)")
        }
        let end = start + FrameHeader.size + header.length
        guard end <= bytes.count else {
            compact()
            return nil
        }
        let body = Array(bytes[start + FrameHeader.size..<end])
        start = end
        return try RunnerFrame(type: header.type, body: body)
    }

    private mutating func compact() {
        bytes.removeFirst(start)
        start = 0
    }
}
