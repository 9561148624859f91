/// Turns a date pattern's text into its pieces.
struct DatePatternParser {
    private let text: [UInt8]
    private let hasPivot: Bool

    private enum Part: String {
        case day, month, year, hour, minute, second
        case fraction = "fraction of the second"
        case halfDay = "half of the day"
        case offset
    }

    init(_ text: String, hasPivot: Bool) {
        self.text = Array(text.utf8)
        self.hasPivot = hasPivot
    }

    func pieces() throws(DatePatternError) -> [DatePattern.Piece] {
        var pieces: [DatePattern.Piece] = []
        var seen: [Part] = []
        var places: [Part: Int] = [:]
        var index = 0
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "'"):
                let (literal, end) = try quoted(from: index)
                try add(literal.map(DatePattern.Piece.literal), at: index, to: &pieces)
                index = end
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
                let end = text[index...].firstIndex { $0 != text[index] } ?? text.count
                let (piece, part) = try field(index..<end)
                if seen.contains(part) {
                    throw DatePatternError(offset: index, message: "the \(part.rawValue) stands twice")
                }
                seen.append(part)
                places[part] = index
                try add([piece], at: index, to: &pieces)
                index = end
            default:
                try add([.literal(text[index])], at: index, to: &pieces)
                index += 1
            }
        }
        if let minutes = places[.minute], !seen.contains(.hour) {
            throw DatePatternError(
                offset: minutes,
                message: "mm is the minute, and there is no hour (M is the month)"
            )
        }
        for (part, letters) in [(Part.day, "d or dd"), (.month, "M, MM or MMM"), (.year, "yyyy")]
        where !seen.contains(part) {
            throw DatePatternError(offset: text.count, message: "the \(part.rawValue) is missing: write \(letters)")
        }
        try checkTime(seen, places, isHalf: pieces.contains { if case .hour12 = $0 { true } else { false } })
        return pieces
    }

    /// A time has its larger parts too, and half days where its hours end at 12.
    private func checkTime(_ seen: [Part], _ places: [Part: Int], isHalf: Bool) throws(DatePatternError) {
        for (part, larger, letters) in [
            (Part.second, Part.minute, "mm"), (.fraction, .second, "ss"),
            (.halfDay, .hour, "h or hh"), (.offset, .hour, "H or HH"),
        ] {
            guard let place = places[part], !seen.contains(larger) else { continue }
            throw DatePatternError(
                offset: place,
                message: "the \(part.rawValue) stands without the \(larger.rawValue): write \(letters)"
            )
        }
        guard let hour = places[.hour], isHalf != seen.contains(.halfDay) else { return }
        throw DatePatternError(
            offset: hour,
            message: isHalf
                ? "hours to 12 need a, for AM and PM; H and HH are hours to 23"
                : "with a, for AM and PM, hours are h or hh"
        )
    }

    /// A field of so many equal letters.
    private func field(_ range: Range<Int>) throws(DatePatternError) -> (DatePattern.Piece, Part) {
        let letters = String(decoding: text[range], as: UTF8.self)
        switch letters {
        case "d": return (.day(.shortest), .day)
        case "dd": return (.day(.two), .day)
        case "M": return (.month(.shortest), .month)
        case "MM": return (.month(.two), .month)
        case "MMM": return (.monthName, .month)
        case "H": return (.hour24(.shortest), .hour)
        case "HH": return (.hour24(.two), .hour)
        case "h": return (.hour12(.shortest), .hour)
        case "hh": return (.hour12(.two), .hour)
        case "mm": return (.minute, .minute)
        case "ss": return (.second, .second)
        case "S": return (.fraction(0), .fraction)
        case "SS", "SSS", "SSSSSS": return (.fraction(letters.count), .fraction)
        case "a": return (.halfDay, .halfDay)
        case "XX": return (.offset(hasColon: false), .offset)
        case "XXX": return (.offset(hasColon: true), .offset)
        case "yyyy": return (.year4, .year)
        case "yy" where hasPivot: return (.year2, .year)
        case "yy":
            throw DatePatternError(
                offset: range.lowerBound,
                message: "yy leaves the century open: write yyyy, or say where its hundred years begin"
            )
        default:
            let hint =
                letters == "m" ? " (M is the month, mm the minute)" : letters.hasPrefix("D") ? " (d is the day)" : ""
            throw DatePatternError(
                offset: range.lowerBound,
                message:
                    "\(letters) is not known\(hint): known are d, dd, M, MM, MMM, yyyy, H, HH, h, hh, mm, ss, S, a, XX and "
                    + "XXX; other letters stand in quotes"
            )
        }
    }

    /// What a quoted part stands for, and the place behind it. Two quotes are one.
    private func quoted(from start: Int) throws(DatePatternError) -> ([UInt8], Int) {
        let quote = UInt8(ascii: "'")
        if start + 1 < text.count, text[start + 1] == quote { return ([quote], start + 2) }
        var literal: [UInt8] = []
        var index = start + 1
        while index < text.count {
            guard text[index] == quote else {
                literal.append(text[index])
                index += 1
                continue
            }
            guard index + 1 < text.count, text[index + 1] == quote else { return (literal, index + 1) }
            literal.append(quote)
            index += 2
        }
        throw DatePatternError(offset: start, message: "a quote is not closed")
    }

    /// Refuses digits behind a number whose end only another character shows.
    private func add(
        _ more: [DatePattern.Piece],
        at offset: Int,
        to pieces: inout [DatePattern.Piece]
    ) throws(DatePatternError) {
        if let last = pieces.last, let name = last.openEndedName, let first = more.first {
            let isNumber =
                switch first {
                case .day, .month, .year4, .year2, .hour24, .hour12, .minute, .second, .fraction: true
                case .literal(let byte): UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                case .monthName, .halfDay, .offset: false
                }
            if isNumber {
                throw DatePatternError(
                    offset: offset,
                    message: "nothing shows where \(name) ends: write \(name)\(name), or something between them"
                )
            }
        }
        pieces += more
    }
}

extension DatePattern.Piece {
    /// The letter of a number that has as many digits as it needs.
    fileprivate var openEndedName: String? {
        switch self {
        case .day(.shortest): "d"
        case .month(.shortest): "M"
        case .hour24(.shortest): "H"
        case .hour12(.shortest): "h"
        case .fraction(0): "S"
        default: nil
        }
    }
}
