/// A date with a time of day, as it is written somewhere.
package struct LocalMoment: Hashable, Sendable {
    package var date: CalendarDate
    /// Since the day's begin.
    package var microseconds: Int64
    /// Seconds east of UTC; nil where it isn't said.
    package var offset: Int?
}

extension DatePattern {
    /// The date and time; nil if the text is not written so. Patterns without time give the day's begin.
    package func moment(_ text: Span<UInt8>) -> LocalMoment? {
        var reader = MomentReader(pivot: pivot)
        for piece in pieces {
            guard reader.read(piece, text) else { return nil }
        }
        return reader.moment(end: text.count)
    }

    package func moment(_ text: String) -> LocalMoment? {
        moment(text.utf8Span.span)
    }

    /// A date in this form; for patterns without time.
    package func write(_ date: CalendarDate, to output: inout [UInt8]) {
        for piece in pieces {
            switch piece {
            case .literal(let byte): output.append(byte)
            case .day(.two): output.appendDigits(date.day, count: 2)
            case .day(.shortest): output.append(contentsOf: String(date.day).utf8)
            case .month(.two): output.appendDigits(date.month, count: 2)
            case .month(.shortest): output.append(contentsOf: String(date.month).utf8)
            case .monthName: output.append(contentsOf: Self.monthNames[date.month - 1].utf8)
            case .year4: output.appendDigits(date.year, count: 4)
            case .year2: output.appendDigits(date.year % 100, count: 2)
            case .hour24, .hour12, .minute, .second, .fraction, .halfDay, .offset: break
            }
        }
    }

    private static let monthNames = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

/// What was read of a date and time so far.
private struct MomentReader {
    let pivot: Int
    private var index = 0
    private var year = 0
    private var month = 0
    private var day = 0
    private var hour = 0
    private var isHalfDay = false
    private var isAfternoon = false
    private var minute = 0
    private var second = 0
    private var microsecond = 0
    private var offset: Int?

    init(pivot: Int) { self.pivot = pivot }

    /// Whether the piece stands next.
    mutating func read(_ piece: DatePattern.Piece, _ text: Span<UInt8>) -> Bool {
        switch piece {
        case .literal(let byte):
            guard index < text.count, text[index] == byte else { return false }
            index += 1
            return true
        case .day(let width): return number(width, text, to: \.day)
        case .month(let width): return number(width, text, to: \.month)
        case .monthName:
            guard let number = text.monthName(at: index) else { return false }
            month = number
            index += 3
            return true
        case .year4:
            guard let number = text.number(at: index, digits: 4) else { return false }
            year = number
            index += 4
            return true
        case .year2:
            guard let number = text.number(at: index, digits: 2) else { return false }
            year = pivot + (number - pivot % 100 + 100) % 100
            index += 2
            return true
        case .hour24(let width): return hour(width, text, 0...23)
        case .hour12(let width): return hour(width, text, 1...12)
        case .minute: return number(.two, text, to: \.minute) && minute <= 59
        case .second: return number(.two, text, to: \.second) && second <= 59
        case .fraction(let digits): return fraction(digits, text)
        case .halfDay: return halfDay(text)
        case .offset(let hasColon): return readOffset(hasColon, text)
        }
    }

    func moment(end: Int) -> LocalMoment? {
        guard index == end, let date = CalendarDate(year: year, month: month, day: day) else { return nil }
        let hours = isHalfDay ? hour % 12 + (isAfternoon ? 12 : 0) : hour
        let seconds = hours * 3_600 + minute * 60 + second
        return LocalMoment(date: date, microseconds: Int64(seconds) * 1_000_000 + Int64(microsecond), offset: offset)
    }

    private mutating func number(
        _ width: DatePattern.Width,
        _ text: Span<UInt8>,
        to path: WritableKeyPath<Self, Int>
    ) -> Bool {
        switch width {
        case .two:
            guard let number = text.number(at: index, digits: 2) else { return false }
            self[keyPath: path] = number
            index += 2
        case .shortest:
            guard let (number, length) = text.shortNumber(at: index) else { return false }
            self[keyPath: path] = number
            index += length
        }
        return true
    }

    private mutating func hour(_ width: DatePattern.Width, _ text: Span<UInt8>, _ range: ClosedRange<Int>) -> Bool {
        // 0 has a digit too; other hours don't begin with it.
        if width == .shortest, range.contains(0), text.number(at: index, digits: 1) == 0,
            text.number(at: index + 1, digits: 1) == nil
        {
            hour = 0
            index += 1
            return true
        }
        return number(width, text, to: \.hour) && range.contains(hour)
    }

    private mutating func fraction(_ digits: Int, _ text: Span<UInt8>) -> Bool {
        var unit = 100_000
        var read = 0
        while read < (digits == 0 ? 9 : digits), let digit = text.number(at: index, digits: 1) {
            microsecond += digit * unit
            unit /= 10
            read += 1
            index += 1
        }
        return digits == 0 ? read > 0 : read == digits
    }

    private mutating func halfDay(_ text: Span<UInt8>) -> Bool {
        guard index + 2 <= text.count, text[index + 1] | 0x20 == UInt8(ascii: "m") else { return false }
        switch text[index] | 0x20 {
        case UInt8(ascii: "a"): isAfternoon = false
        case UInt8(ascii: "p"): isAfternoon = true
        default: return false
        }
        isHalfDay = true
        index += 2
        return true
    }

    private mutating func readOffset(_ hasColon: Bool, _ text: Span<UInt8>) -> Bool {
        guard index < text.count else { return false }
        let sign = text[index]
        if sign == UInt8(ascii: "Z") {
            offset = 0
            index += 1
            return true
        }
        let colon = hasColon ? 1 : 0
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
            let hours = text.number(at: index + 1, digits: 2), hours <= 23,
            !hasColon || index + 3 < text.count && text[index + 3] == UInt8(ascii: ":"),
            let minutes = text.number(at: index + 3 + colon, digits: 2), minutes <= 59
        else { return false }
        let seconds = hours * 3_600 + minutes * 60
        offset = sign == UInt8(ascii: "+") ? seconds : -seconds
        index += 5 + colon
        return true
    }
}
