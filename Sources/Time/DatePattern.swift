/// How dates are written in a source, compiled once: `dd/MM/yyyy`, `d. MMM yyyy`, `yyyyMMdd`.
///
/// | letters | what |
/// |---|---|
/// | `d` `dd` | day, without or with a leading zero |
/// | `M` `MM` | month, the same |
/// | `MMM` | month as `Jan` … `Dec`, capital or not |
/// | `yyyy` | year, four digits |
/// | `yy` | year, two digits; only with a pivot |
/// | `H` `HH`, `h` `hh` | hour 0 to 23; 1 to 12, with `a` |
/// | `mm` `ss` | minute, second |
/// | `S` … | digits of the second, as many as there are letters; `S` alone: one to nine |
/// | `a` | `AM` or `PM`, capital or not |
/// | `XX` `XXX` | offset as `+0300` or `+03:00`, or `Z` |
///
/// Any other letter must stand in quotes; `''` is a quote. Everything else stands for itself. The letters are those of
/// Unicode TR 35, "Date Format Patterns"; reading is strict: what would not be written back the same is no date.
package struct DatePattern: Sendable, Hashable {
    enum Piece: Sendable, Hashable {
        case day(Width), month(Width)
        case monthName
        case year4, year2
        case hour24(Width), hour12(Width)
        case minute, second
        /// Of so many digits; 0 for one to nine.
        case fraction(Int)
        case halfDay
        case offset(hasColon: Bool)
        case literal(UInt8)
    }

    enum Width: Sendable, Hashable {
        /// One digit or two, no leading zero.
        case shortest
        case two
    }

    /// As it was written.
    package let text: String
    let pieces: [Piece]
    let pivot: Int
    /// Whether it says an hour.
    package let hasTime: Bool
    /// Whether it says how far from UTC its time is.
    package let hasOffset: Bool

    /// `pivot` is the first of the hundred years that `yy` can mean: with 1950, `49` is 2049 and `50` is 1950.
    package init(_ text: String, pivot: Int? = nil) throws(DatePatternError) {
        pieces = try DatePatternParser(text, hasPivot: pivot != nil).pieces()
        self.text = text
        self.pivot = pivot ?? 0
        hasTime = pieces.contains { if case .hour24 = $0 { true } else if case .hour12 = $0 { true } else { false } }
        hasOffset = pieces.contains { if case .offset = $0 { true } else { false } }
    }

    /// The date; nil if the text is not written so, or names a day that no calendar has. A time is read and left out.
    package func parse(_ text: Span<UInt8>) -> CalendarDate? {
        guard !hasTime else { return moment(text)?.date }
        guard let parts = dateParts(text) else { return nil }
        return CalendarDate(year: parts.year, month: parts.month, day: parts.day)
    }

    /// Year, month and day of a pattern without time, in whatever calendar; nil if the text is not written so.
    @inline(__always)
    package func dateParts(_ text: Span<UInt8>) -> (year: Int, month: Int, day: Int)? {
        var index = 0
        var year = 0
        var month = 0
        var day = 0
        let pieces = pieces.span
        for position in pieces.indices {
            switch pieces[position] {
            case .literal(let byte):
                guard index < text.count, text[index] == byte else { return nil }
                index &+= 1
            case .day(.two):
                guard let number = text.number(at: index, digits: 2) else { return nil }
                day = number
                index &+= 2
            case .month(.two):
                guard let number = text.number(at: index, digits: 2) else { return nil }
                month = number
                index &+= 2
            case .year4:
                guard let number = text.number(at: index, digits: 4) else { return nil }
                year = number
                index &+= 4
            case .year2:
                guard let number = text.number(at: index, digits: 2) else { return nil }
                year = pivot &+ (number &- pivot % 100 &+ 100) % 100
                index &+= 2
            case .day(.shortest):
                guard let (number, length) = text.shortNumber(at: index) else { return nil }
                day = number
                index &+= length
            case .month(.shortest):
                guard let (number, length) = text.shortNumber(at: index) else { return nil }
                month = number
                index &+= length
            case .monthName:
                guard let number = text.monthName(at: index) else { return nil }
                month = number
                index &+= 3
            case .hour24, .hour12, .minute, .second, .fraction, .halfDay, .offset:
                return nil
            }
        }
        guard index == text.count else { return nil }
        return (year, month, day)
    }

    package func parse(_ text: String) -> CalendarDate? {
        parse(text.utf8Span.span)
    }
}

/// A pattern that can't be compiled.
package struct DatePatternError: Error, Sendable, Equatable, CustomStringConvertible {
    /// In the pattern, in bytes of UTF-8 from 0; its length where something is missing.
    package var offset: Int
    /// One sentence: what is wrong and what would be right.
    package var message: String

    package var description: String { "\(message) (at byte \(offset) of the date pattern)" }
}

extension Span<UInt8> {
    /// A number of one digit or two that doesn't begin with 0, and its length.
    @inline(__always)
    func shortNumber(at index: Int) -> (number: Int, length: Int)? {
        guard let first = number(at: index, digits: 1), first > 0 else { return nil }
        guard let second = number(at: index &+ 1, digits: 1) else { return (first, 1) }
        return (first &* 10 &+ second, 2)
    }

    /// 1 for `Jan`, in capitals or not.
    @inline(__always)
    func monthName(at index: Int) -> Int? {
        guard index &+ 3 <= count else { return nil }
        // Setting bit 5 makes ASCII capitals small, and makes a small letter of nothing else.
        let letters =
            UInt32(self[index] | 0x20) << 16 | UInt32(self[index &+ 1] | 0x20) << 8 | UInt32(self[index &+ 2] | 0x20)
        return switch letters {
        case 0x6A616E: 1
        case 0x666562: 2
        case 0x6D6172: 3
        case 0x617072: 4
        case 0x6D6179: 5
        case 0x6A756E: 6
        case 0x6A756C: 7
        case 0x617567: 8
        case 0x736570: 9
        case 0x6F6374: 10
        case 0x6E6F76: 11
        case 0x646563: 12
        default: nil
        }
    }
}
