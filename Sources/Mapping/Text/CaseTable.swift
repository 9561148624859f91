/// What letters become in the other case, for those that keep their length in UTF-8: looked up by whole columns.
///
/// Covers U+0080–U+1FFF, two or three bytes, which is where nearly all cased letters beyond ASCII are. A letter that becomes
/// longer, shorter or several ones (`ß`, `İ`) is `hard`, and so is any other cased one.
struct CaseTable: Sendable {
    static let lower = CaseTable { $0.properties.lowercaseMapping }
    static let upper = CaseTable { $0.properties.uppercaseMapping }

    /// By scalar; the scalar itself where it doesn't change.
    private let mapped: [UInt16]

    private static let end: UInt32 = 0x2000
    private static let hard: UInt16 = 0xFFFF

    private init(_ mapping: (Unicode.Scalar) -> String) {
        mapped = (0..<Self.end).map { value in
            // Hebrew to Myanmar has no case: properties are slow to ask.
            guard value >= 0x80, !(0x590..<0x10A0 ~= value), let scalar = Unicode.Scalar(value) else {
                return UInt16(value)
            }
            let result = mapping(scalar).unicodeScalars
            guard result.count == 1, let one = result.first, one.value < Self.end,
                UTF8.width(one) == UTF8.width(scalar)
            else { return Self.hard }
            return UInt16(one.value)
        }
    }

    /// Changes all letters beyond ASCII that keep their length, in bytes that are valid UTF-8.
    ///
    /// - Returns: whether there are characters left that may be cased and are hard.
    @inline(never)
    func change(_ bytes: inout MutableSpan<UInt8>) -> Bool {
        let mapped = mapped.span
        var leavesHard = false
        var index = 0
        while index < bytes.count {
            let lead = bytes[index]
            if lead < 0x80 {
                index &+= 1
                if index &+ ByteScan.stride <= bytes.count, ByteScan.isASCII(bytes.span, at: index) {
                    index &+= ByteScan.stride
                }
            } else if lead < 0xE0 {
                let value = UInt32(lead & 0x1F) << 6 | UInt32(bytes[index &+ 1] & 0x3F)
                let new = mapped[Int(value)]
                if new == Self.hard {
                    leavesHard = true
                } else if UInt32(new) != value {
                    bytes[index] = 0xC0 | UInt8(truncatingIfNeeded: new >> 6)
                    bytes[index &+ 1] = 0x80 | UInt8(truncatingIfNeeded: new & 0x3F)
                }
                index &+= 2
            } else if lead < 0xF0 {
                let value =
                    UInt32(lead & 0x0F) << 12 | UInt32(bytes[index &+ 1] & 0x3F) << 6
                    | UInt32(bytes[index &+ 2] & 0x3F)
                if value < Self.end {
                    let new = mapped[Int(value)]
                    if new == Self.hard {
                        leavesHard = true
                    } else if UInt32(new) != value {
                        bytes[index] = 0xE0 | UInt8(truncatingIfNeeded: new >> 12)
                        bytes[index &+ 1] = 0x80 | UInt8(truncatingIfNeeded: new >> 6 & 0x3F)
                        bytes[index &+ 2] = 0x80 | UInt8(truncatingIfNeeded: new & 0x3F)
                    }
                } else if Self.mayBeCased(value) {
                    leavesHard = true
                }
                index &+= 3
            } else {
                leavesHard = true
                index &+= 4
            }
        }
        return leavesHard
    }

    /// Whether a range of valid UTF-8 has a character that `change` leaves and that may be cased.
    func hasHard(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        let mapped = mapped.span
        var index = start
        while index < end {
            let lead = bytes[index]
            if lead < 0x80 {
                index &+= 1
            } else if lead < 0xE0 {
                if mapped[Int(lead & 0x1F) << 6 | Int(bytes[index &+ 1] & 0x3F)] == Self.hard { return true }
                index &+= 2
            } else if lead < 0xF0 {
                let value =
                    UInt32(lead & 0x0F) << 12 | UInt32(bytes[index &+ 1] & 0x3F) << 6
                    | UInt32(bytes[index &+ 2] & 0x3F)
                if value < Self.end ? mapped[Int(value)] == Self.hard : Self.mayBeCased(value) { return true }
                index &+= 3
            } else {
                return true
            }
        }
        return false
    }

    /// Of U+2000–U+FFFF, by blocks: punctuation, Chinese, Japanese, Korean and private use have no case.
    private static func mayBeCased(_ value: UInt32) -> Bool {
        switch value {
        case 0x2000..<0x2100, 0x3000..<0xA640, 0xAC00..<0xFB00, 0xFB50..<0xFF00: false
        default: true
        }
    }
}
