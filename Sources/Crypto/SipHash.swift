/// SipHash-1-3: a fast keyed hash of 64 bits. Nobody without the key can make two texts collide on purpose.
///
/// Absorb whole words first, then finish with bytes: the result is that of the words' bytes (little-endian) and the
/// bytes end to end.
///
/// Public, as few things here are, because the compiler inlines nothing across rooms that is `package` (Swift 6.3.1), and
/// these functions are the inner loops of a sync.
///
/// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", with one compression and three final rounds.
@frozen
public struct SipHash: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    @usableFromInline var v0: UInt64
    @usableFromInline var v1: UInt64
    @usableFromInline var v2: UInt64
    @usableFromInline var v3: UInt64
    @usableFromInline var length: UInt64 = 0

    /// The key's 16 bytes as two words, each little-endian.
    @inlinable
    public init(_ first: UInt64, _ second: UInt64) {
        v0 = first ^ 0x736F_6D65_7073_6575
        v1 = second ^ 0x646F_7261_6E64_6F6D
        v2 = first ^ 0x6C79_6765_6E65_7261
        v3 = second ^ 0x7465_6462_7974_6573
    }

    /// Takes 16 bytes; nil for any other count.
    public init?(key: [UInt8]) {
        guard key.count == 16 else { return nil }
        let words = [key[..<8], key[8...]].map { $0.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        self.init(words[0], words[1])
    }

    /// Never the key.
    public var description: String { "<secret>" }
    /// Never the key.
    public var debugDescription: String { "<secret>" }
    /// Never the key.
    public var customMirror: Mirror { Mirror(self, children: []) }

    /// Takes eight bytes, the lowest first.
    @inlinable @inline(__always)
    public mutating func absorb(_ word: UInt64) {
        v3 ^= word
        round()
        v0 ^= word
        length &+= 8
    }

    /// The hash of the words that were absorbed.
    @inlinable @inline(__always)
    public consuming func finish() -> UInt64 {
        var state = self
        state.end(with: state.length << 56)
        return state.v0 ^ state.v1 ^ state.v2 ^ state.v3
    }

    /// The hash of what was absorbed and these bytes.
    @inlinable @inline(__always)
    public consuming func finish(_ bytes: Span<UInt8>) -> UInt64 {
        unsafe finish(bytes.bytes, from: 0, to: bytes.count)
    }

    /// The hash of what was absorbed and these bytes of a buffer; traps if the range lies outside.
    @inlinable @inline(__always)
    public consuming func finish(_ bytes: RawSpan, from start: Int, to end: Int) -> UInt64 {
        precondition(start <= end)
        var state = self
        var position = start
        while end &- position >= 8 {
            state.absorb(bytes.eightBytes(at: position))
            position &+= 8
        }
        state.length &+= UInt64(truncatingIfNeeded: end &- position)
        state.end(with: bytes.word(from: position, to: end) | state.length << 56)
        return state.v0 ^ state.v1 ^ state.v2 ^ state.v3
    }

    @inlinable @inline(__always)
    mutating func end(with last: UInt64) {
        v3 ^= last
        round()
        v0 ^= last
        v2 ^= 0xFF
        round()
        round()
        round()
    }

    @inlinable @inline(__always)
    mutating func round() {
        v0 &+= v1
        v1 = v1 << 13 | v1 >> 51
        v1 ^= v0
        v0 = v0 << 32 | v0 >> 32
        v2 &+= v3
        v3 = v3 << 16 | v3 >> 48
        v3 ^= v2
        v0 &+= v3
        v3 = v3 << 21 | v3 >> 43
        v3 ^= v0
        v2 &+= v1
        v1 = v1 << 17 | v1 >> 47
        v1 ^= v2
        v2 = v2 << 32 | v2 >> 32
    }
}

extension RawSpan {
    /// Eight bytes from an offset on, the first one lowest.
    @inlinable @inline(__always)
    public func eightBytes(at offset: Int) -> UInt64 {
        // Bytes hold for any pattern; the load is checked against the span's end.
        unsafe UInt64(littleEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    /// Up to seven bytes, the first one lowest, zeros behind them: by one load of eight where the neighbours allow it.
    @inlinable @inline(__always)
    public func word(from start: Int, to end: Int) -> UInt64 {
        let length = end &- start
        if length == 0 { return 0 }
        if start &+ 8 <= byteCount { return eightBytes(at: start) & ((1 << UInt64(8 &* length)) &- 1) }
        if end >= 8, end <= byteCount { return eightBytes(at: end &- 8) >> UInt64(64 &- 8 &* length) }
        var word: UInt64 = 0
        for offset in start..<end {
            // The same.
            word |= UInt64(unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)) << UInt64(8 &* (offset &- start))
        }
        return word
    }
}
