/// A number format that shows whole numbers with leading zeros: `000000`, `00-00`, `"EMP-"0000`. Whoever formats cells so holds
/// identifiers in them, and means what is shown.
///
/// Source: ECMA-376 part 1, 18.8.31 (numFmts), of the first section of a code.
struct DigitMask: Equatable {
    private var pieces: [Piece] = []
    private var places = 0
    /// What the code has behind its first section.
    private var sections = 1

    private enum Piece: Equatable {
        /// Shown in any case.
        case text(UInt8)
        case zero
        /// Left out where the number has no digit for it.
        case digit
    }

    /// nil for codes that ask for anything else (decimals, thousands, percent, fractions, exponents, dates, conditions), and
    /// for those without a zero to put before a digit.
    init?(code: String) {
        var bytes = Array(code.utf8)[...]
        var zeros = 0
        while let byte = bytes.popFirst(), byte != UInt8(ascii: ";") {
            switch byte {
            case UInt8(ascii: "0"):
                pieces.append(.zero)
                zeros += 1
            case UInt8(ascii: "#"), UInt8(ascii: "?"):
                pieces.append(.digit)
            case UInt8(ascii: "\""):
                let text = bytes.prefix { $0 != UInt8(ascii: "\"") }
                pieces += text.map { .text($0) }
                bytes = bytes.dropFirst(text.count + 1)
            case UInt8(ascii: "\\"):
                // The rest of the character stands in the next bytes, as text.
                if let escaped = bytes.popFirst() { pieces.append(.text(escaped)) }
            case UInt8(ascii: "_"), UInt8(ascii: "*"):
                bytes = bytes.dropFirst()
            case UInt8(ascii: "["):
                let inside = bytes.prefix { $0 != UInt8(ascii: "]") }
                guard
                    inside.first == UInt8(ascii: "$")
                        ? inside.dropFirst().first == UInt8(ascii: "-") : Self.isColour(inside)
                else { return nil }
                bytes = bytes.dropFirst(inside.count + 1)
            case UInt8(ascii: "-"), UInt8(ascii: " "), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "+"), 0x80...:
                pieces.append(.text(byte))
            default:
                return nil
            }
        }
        places = pieces.count { $0 == .zero || $0 == .digit }
        guard zeros > 1 else { return nil }
        if !bytes.isEmpty || code.utf8.last == UInt8(ascii: ";") {
            sections = code.utf8.count { $0 == UInt8(ascii: ";") } + 1
        }
    }

    private static func isColour(_ inside: ArraySlice<UInt8>) -> Bool {
        !inside.isEmpty && inside.allSatisfy { $0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z") }
            && !inside.allSatisfy { "hmsHMS".utf8.contains($0) }
    }

    /// A whole number as it is shown; nil for what other sections of the code show, and for other numbers.
    func shown(_ number: [UInt8]) -> [UInt8]? {
        let isNegative = number.first == UInt8(ascii: "-")
        let digits = number.drop { $0 == UInt8(ascii: "-") }
        guard !digits.isEmpty, digits.allSatisfy({ $0.decimalDigit != nil }) else { return nil }
        if isNegative && sections > 1 || digits.elementsEqual([UInt8(ascii: "0")]) && sections > 2 { return nil }
        var shown: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
        // Digits beyond the places stand before the first of them.
        var left = digits
        var place = 0
        for piece in pieces {
            if case .text(let byte) = piece {
                shown.append(byte)
                continue
            }
            let behind = places - place - 1
            if left.count > behind {
                shown += left.dropLast(behind)
                left = left.suffix(behind)
            } else if piece == .zero {
                shown.append(UInt8(ascii: "0"))
            }
            place += 1
        }
        return shown
    }
}
