/// Values with characters that nobody sees, or that stand for others.
struct CharacterFaults: Sendable {
    /// White space at the ends, or two in a row.
    var spaces = Examples()
    /// No-break and other spaces beside the usual one.
    var oddSpaces = Examples()
    /// Direction marks, which come with copied Arabic text. Unicode, Bidi_Control.
    var directionMarks = Examples()
    /// Digits of Arabic or Persian writing.
    var arabicDigits = Examples()
    /// UTF-8 that was read as Windows-1252, or the mark for what could not be read (U+FFFD).
    var mojibake = Examples()
    var controls = Examples()
    /// A spreadsheet would run it. OWASP, "CSV Injection".
    var formulas = Examples()

    mutating func add(_ value: Span<UInt8>, at: Int64) {
        var (isASCII, hasControl, hasRun) = (true, false, false)
        for index in value.indices {
            let byte = value[index]
            if byte >= 0x80 { isASCII = false }
            if byte == 0x7F || byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D { hasControl = true }
            if byte == 0x20, index > 0, value[index - 1] == 0x20 { hasRun = true }
        }
        if hasControl { controls.add(value, at: at) }
        if value.count > 0, hasRun || value[0] <= 0x20 || value[value.count - 1] <= 0x20 { spaces.add(value, at: at) }
        if value.isFormula { formulas.add(value, at: at) }
        if !isASCII { addScalars(value, at: at) }
    }

    private mutating func addScalars(_ value: Span<UInt8>, at: Int64) {
        var (odd, marks, digits, garbled) = (false, false, false, false)
        var last: UInt32 = 0
        for scalar in value.text(longest: value.count).unicodeScalars {
            switch scalar.value {
            case 0xA0, 0x1680, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: odd = true
            case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: marks = true
            case 0x0660...0x0669, 0x06F0...0x06F9: digits = true
            case 0xFFFD: garbled = true
            default: break
            }
            garbled = garbled || Self.isGarbled(last, scalar.value)
            last = scalar.value
        }
        if odd { oddSpaces.add(value, at: at) }
        if marks { directionMarks.add(value, at: at) }
        if digits { arabicDigits.add(value, at: at) }
        if garbled { mojibake.add(value, at: at) }
    }

    /// Whether two characters are what a two-byte character of UTF-8 becomes in Windows-1252: `Ã©`, `Ø§`, `Ù„`.
    private static func isGarbled(_ lead: UInt32, _ next: UInt32) -> Bool {
        switch lead {
        case 0xC3, 0xC2, 0xD8, 0xD9, 0xDA, 0xDB: 0x80...0xBF ~= next || windows1252Upper.contains(next)
        default: false
        }
    }

    /// What the bytes 0x80 to 0x9F are in Windows-1252.
    private static let windows1252Upper: Set<UInt32> = [
        0x20AC, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x017D, 0x2018,
        0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x017E, 0x0178,
    ]
}

extension Span<UInt8> {
    /// Begins as a formula does. A sign is one before a letter or a bracket only: numbers and phone numbers have one too.
    fileprivate var isFormula: Bool {
        guard count > 1 else { return false }
        switch self[0] {
        case UInt8(ascii: "="), UInt8(ascii: "@"), 0x09, 0x0D: return true
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            for index in indices {
                let byte = self[index]
                if byte == UInt8(ascii: "(") || byte == UInt8(ascii: "!") || byte == UInt8(ascii: "|") { return true }
            }
            return false
        default: return false
        }
    }
}
