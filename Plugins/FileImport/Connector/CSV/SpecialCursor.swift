/// Walks over the delimiters, quotes, line feeds and carriage returns of a window, eight bytes at a time.
struct SpecialCursor {
    private let delimiters: UInt64
    private let quotes: UInt64
    /// Where the word of `mask` begins.
    private var base: Int
    /// Bit 7 of each byte of the word that is special and still to come.
    private var mask: UInt64 = 0
    private var word: UInt64 = 0
    /// All words since `startRecord`, ored.
    private var ored: UInt64 = 0
    /// Bit 7 set somewhere if one of these words holds a zero byte.
    private var zeros: UInt64 = 0

    init(delimiter: UInt8, quote: UInt8, at start: Int) {
        delimiters = UInt64(delimiter) &* Self.ones
        quotes = UInt64(quote) &* Self.ones
        base = start - 8
    }

    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// The next special byte's position. The window must hold one, and seven more bytes after it.
    @inline(__always)
    mutating func next(in window: borrowing RawSpan) -> Int {
        while mask == 0 {
            base &+= 8
            word = window.littleEndianWord(at: base)
            ored |= word
            zeros |= (word &- Self.ones) & ~word
            mask =
                ~(Self.differs(word ^ delimiters) & Self.differs(word ^ quotes)
                & Self.differs(word ^ (UInt64(UInt8(ascii: "\n")) &* Self.ones))
                & Self.differs(word ^ (UInt64(UInt8(ascii: "\r")) &* Self.ones))) & Self.highs
        }
        let position = base &+ (mask.trailingZeroBitCount &>> 3)
        mask &= mask &- 1
        return position
    }

    /// Bit 7 of each byte that isn't zero; the other bits mean nothing.
    @inline(__always)
    private static func differs(_ word: UInt64) -> UInt64 {
        ((word & ~highs) &+ ~highs) | word
    }

    /// Forgets what was seen before the present word.
    @inline(__always)
    mutating func startRecord() {
        ored = word
        zeros = (word &- Self.ones) & ~word
    }

    /// Whether a byte above 127 may stand in the record. (The words at its ends may hold bytes of its neighbours.)
    var mayHoldNonASCII: Bool { ored & Self.highs != 0 }
    /// Whether a zero byte may stand in the record.
    var mayHoldZero: Bool { zeros & Self.highs != 0 }
}

extension RawSpan {
    /// Eight bytes, the first of them lowest.
    @inline(__always)
    func littleEndianWord(at offset: Int) -> UInt64 {
        // Any eight bytes are a UInt64, and the span checks that they lie inside it.
        UInt64(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }

    @inline(__always)
    func byte(at offset: Int) -> UInt8 {
        // Any byte is a UInt8, and the span checks that it lies inside it.
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }
}
