internal import JSON

/// The 16 bytes before each frame's body (docs/wire.md).
struct FrameHeader: Equatable {
    var length: Int
    var type: UInt16
    /// The call the frame belongs to; 0 for none.
    var call: UInt64

    static let size = 16
    static let largestControlBody = 1 << 20
    static let largestSchemaBody = 1 << 20
    static let largestBatchBody = 64 << 20

    init(length: Int, type: UInt16, call: UInt64) {
        self.length = length
        self.type = type
        self.call = call
    }

    /// Reads 16 bytes.
    init(decoding bytes: [UInt8]) throws(ConnectorError) {
        guard bytes.integer(at: 6, as: UInt16.self) == 0 else {
            throw .brokenProtocol("a frame's reserved bytes are not 0")
        }
        length = Int(bytes.integer(at: 0, as: UInt32.self))
        type = bytes.integer(at: 4, as: UInt16.self)
        call = bytes.integer(at: 8, as: UInt64.self)
    }

    var encoded: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.size)
        for place in 0..<4 { bytes[place] = UInt8(truncatingIfNeeded: length >> (8 * place)) }
        for place in 0..<2 { bytes[4 + place] = UInt8(truncatingIfNeeded: type >> (8 * UInt16(place))) }
        for place in 0..<8 { bytes[8 + place] = UInt8(truncatingIfNeeded: call >> (8 * UInt64(place))) }
        return bytes
    }
}

extension ConnectorError {
    /// The runner sent something that docs/wire.md forbids.
    static func brokenProtocol(_ what: String) -> ConnectorError {
        ConnectorError(
            .protocol,
            code: "bad_frame",
            message: "The connector's runner broke the protocol: \(what). It was stopped; tell the connector's author."
        )
    }
}
