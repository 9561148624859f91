/// Questions about a buffer as a whole, in loops that the compiler turns into vector code.
enum ByteScan {
    @inline(never)
    static func isASCII(_ bytes: Span<UInt8>) -> Bool {
        var seen: UInt8 = 0
        for index in 0..<bytes.count { seen |= bytes[index] }
        return seen < 0x80
    }

    /// Bytes that `isASCII(_:at:)` looks at.
    static let stride = 16

    /// Whether the next `stride` bytes are ASCII.
    @inline(__always)
    static func isASCII(_ bytes: Span<UInt8>, at start: Int) -> Bool {
        let part = bytes.extracting(start..<start &+ stride)
        var seen: UInt8 = 0
        for index in 0..<stride { seen |= part[index] }
        return seen < 0x80
    }

    /// Whether any byte lies in the range.
    @inline(never)
    static func hasByte(in range: ClosedRange<UInt8>, _ bytes: Span<UInt8>) -> Bool {
        let first = range.lowerBound
        let width = range.upperBound - first
        var found: UInt8 = 0
        for index in 0..<bytes.count { found |= bytes[index] &- first <= width ? 1 : 0 }
        return found != 0
    }

    /// Whether any byte is a control character of ASCII.
    static func hasControl(_ bytes: Span<UInt8>) -> Bool {
        hasByte(in: 0...0x1F, bytes) || hasByte(in: 0x7F...0x7F, bytes)
    }
}
