internal import Glibc

extension OutputSpan<UInt8> {
    /// Appends a part of other bytes at once.
    @inline(__always)
    mutating func append(_ bytes: Span<UInt8>, from start: Int, count length: Int) {
        guard length > 0 else { return }
        let part = bytes.extracting(start..<start &+ length)
        unsafe withUnsafeMutableBufferPointer { buffer, initialized in
            unsafe part.withUnsafeBufferPointer { source in
                // `part` holds exactly `length` bytes (extracting checked it), and the precondition keeps them within the
                // output; the two can't overlap, for the output is not readable yet.
                precondition(length <= buffer.count &- initialized)
                guard let target = buffer.baseAddress, let origin = source.baseAddress else { return }
                unsafe memcpy(target + initialized, origin, length)
                initialized &+= length
            }
        }
    }
}
