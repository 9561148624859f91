/// How much words look like Arabic in an encoding.
struct ArabicScore {
    let encoding: TextEncoding
    private let table: [UInt16]
    private var letters = 0
    private var strangers = 0
    private var weight = 0

    init(_ encoding: TextEncoding) {
        self.encoding = encoding
        table = CodePage.upperHalf(encoding) ?? []
    }

    mutating func add(_ word: [UInt8]) {
        for byte in word {
            let scalar = table[Int(byte) - 0x80]
            if let frequency = Self.frequencies[scalar] {
                letters += 1
                weight += frequency
            } else if !Self.neutral.contains(scalar) {
                strangers += 1
            }
        }
    }

    /// Mean frequency per letter, in tenths of a per mille; what is no Arabic letter counts as zero.
    var mean: Int { weight / max(1, letters + strangers) }

    /// Letters taken at random would have a mean of 28, Arabic has about 70.
    var isLikely: Bool { letters >= 2 && strangers * 10 <= letters && mean >= 400 }

    /// Arabic comma, semicolon, question mark, tatweel, diacritics, no-break space, quotes.
    private static let neutral: Set<UInt16> = Set(
        [0x60C, 0x61B, 0x61F, 0x640, 0xA0, 0xAB, 0xBB, 0x200C, 0x200D, 0x200E, 0x200F] + Array(0x64B...0x652)
    )

    /// Per 10,000 letters of Arabic text, rounded: enough to tell one table from another.
    private static let frequencies: [UInt16: Int] = [
        0x627: 1300, 0x644: 1150, 0x64A: 750, 0x645: 630, 0x648: 600, 0x646: 630, 0x631: 500, 0x62A: 460,
        0x628: 360, 0x647: 320, 0x629: 320, 0x639: 360, 0x62F: 320, 0x633: 290, 0x641: 270, 0x643: 220,
        0x642: 240, 0x623: 220, 0x62D: 210, 0x62C: 150, 0x649: 90, 0x634: 110, 0x637: 100, 0x635: 110,
        0x62E: 100, 0x625: 100, 0x636: 70, 0x632: 70, 0x630: 60, 0x62B: 60, 0x621: 40, 0x63A: 50, 0x638: 20,
        0x626: 40, 0x624: 20, 0x622: 20,
    ]
}
