/// How a cell's number is shown, as far as it changes what the number means.
enum NumberFormat: UInt8, Equatable {
    case general
    case date
    case time
    case dateAndTime
    /// Hours, minutes or seconds beyond their usual range: `[h]:mm`.
    case elapsed
    /// Whole numbers with leading zeros: `DigitMask` shows them.
    case padded

    /// The formats that every workbook has without naming them.
    ///
    /// Source: ECMA-376 part 1, 18.8.30 (numFmt), with the ids that East Asian and Thai versions use.
    init(builtIn id: Int) {
        switch id {
        case 14...17, 27...31, 36, 50...54, 57, 58: self = .date
        case 18...21, 32...35, 45, 47, 55, 56: self = .time
        case 22: self = .dateAndTime
        case 46: self = .elapsed
        default: self = .general
        }
    }

    /// What a format's code says: its first section, without quoted text, escaped characters, colours, locales, conditions.
    init(code: String) {
        var parts = Parts()
        var bytes = Array(code.utf8)[...]
        while let byte = bytes.popFirst(), byte != UInt8(ascii: ";") { parts.take(byte, &bytes) }
        if parts.isElapsed {
            self = .elapsed
        } else if parts.hasDay {
            self = parts.hasTime ? .dateAndTime : .date
        } else if parts.hasTime {
            self = .time
        } else {
            // An m is a month unless hours or seconds stand beside it.
            self = parts.hasMonth ? .date : DigitMask(code: code) == nil ? .general : .padded
        }
    }

    private struct Parts {
        var hasDay = false
        var hasMonth = false
        var hasTime = false
        var isElapsed = false

        /// Takes a byte of the code, and what belongs to it of the bytes behind.
        mutating func take(_ byte: UInt8, _ bytes: inout ArraySlice<UInt8>) {
            switch byte {
            case UInt8(ascii: "\""):
                bytes = bytes.drop { $0 != UInt8(ascii: "\"") }.dropFirst()
            case UInt8(ascii: "\\"), UInt8(ascii: "_"), UInt8(ascii: "*"):
                bytes = bytes.dropFirst()
            case UInt8(ascii: "["):
                let inside = bytes.prefix { $0 != UInt8(ascii: "]") }
                bytes = bytes.dropFirst(inside.count + 1)
                if let first = inside.first, "hmsHMS".utf8.contains(first), inside.allSatisfy({ $0 == first }) {
                    isElapsed = true
                }
            case UInt8(ascii: "d"), UInt8(ascii: "D"), UInt8(ascii: "y"), UInt8(ascii: "Y"):
                hasDay = true
            case UInt8(ascii: "m"), UInt8(ascii: "M"):
                hasMonth = true
            case UInt8(ascii: "h"), UInt8(ascii: "H"), UInt8(ascii: "s"), UInt8(ascii: "S"):
                hasTime = true
            case UInt8(ascii: "A"), UInt8(ascii: "a"):
                // Half of the day: the M of AM/PM is no month.
                for rest in ["m/pm", "/p"] where Self.starts(bytes, with: rest) {
                    bytes = bytes.dropFirst(rest.utf8.count)
                    hasTime = true
                }
            default:
                break
            }
        }

        private static func starts(_ bytes: ArraySlice<UInt8>, with text: String) -> Bool {
            bytes.prefix(text.utf8.count).elementsEqual(text.utf8) { $0 | 0x20 == $1 | 0x20 }
        }
    }
}
