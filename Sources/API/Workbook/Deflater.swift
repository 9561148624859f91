internal import CZlib

/// Compresses bytes that come in pieces (RFC 1951), and sums them up as ZIP archives want it. zlib(3).
@safe
final class Deflater {
    private let stream: UnsafeMutablePointer<z_stream>
    /// CRC-32 of what was added.
    private(set) var checksum: UInt32 = 0
    /// Bytes added.
    private(set) var added: Int64 = 0

    private static let pieceBytes = 32_768

    init() {
        guard let stream = unsafe czlib_deflater() else { preconditionFailure("zlib has no memory") }
        unsafe self.stream = stream
    }

    deinit {
        unsafe czlib_end(stream)
    }

    /// What is ready by now; all that is left where this is the end.
    func add(_ bytes: [UInt8], isLast: Bool = false) -> [UInt8] {
        added += Int64(bytes.count)
        var compressed: [UInt8] = []
        var bytes = bytes
        unsafe bytes.withUnsafeMutableBufferPointer { input in
            // Of no bytes at all crc32(3) forgets what it has summed up.
            if input.count > 0 {
                checksum = UInt32(truncatingIfNeeded: unsafe crc32_z(UInt(checksum), input.baseAddress, input.count))
            }
            unsafe stream.pointee.next_in = input.baseAddress
            unsafe stream.pointee.avail_in = UInt32(input.count)
            var isFull = true
            // deflate(3): called again as long as it fills what it is given.
            while isFull {
                let piece = unsafe [UInt8](unsafeUninitializedCapacity: Self.pieceBytes) { output, count in
                    unsafe stream.pointee.next_out = output.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(output.count)
                    let code = unsafe deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                    precondition(code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR, "deflate failed: \(code)")
                    count = unsafe output.count - Int(stream.pointee.avail_out)
                }
                compressed += piece
                isFull = piece.count == Self.pieceBytes
            }
        }
        return compressed
    }
}
