/// A zone's offsets for all years by the rule of a POSIX TZ string: `EET-2EEST,M4.5.5/0,M10.5.4/24`.
///
/// Source: POSIX 8.3 "TZ", with the hours up to 167 of RFC 8536 3.3.1.
struct ZoneRule: Sendable, Equatable {
    /// Seconds east of UTC.
    private var standard: Int32
    private var summer: Summer?

    private struct Summer: Sendable, Equatable {
        var offset: Int32
        var begin: Change
        var end: Change
    }

    /// When clocks change, each year.
    fileprivate struct Change: Sendable, Equatable {
        var day: Day
        /// Seconds behind local midnight, by the clock that holds until then.
        var time: Int32

        enum Day: Sendable, Equatable {
            /// 1 to 365, 29 February never counted.
            case julian(Int)
            /// 0 to 365.
            case ofYear(Int)
            /// 5 is the last week.
            case weekday(month: Int, week: Int, weekday: Int)
        }
    }

    init?(_ text: String) {
        var reader = RuleReader(text)
        guard reader.name(), let west = reader.time(most: 24) else { return nil }
        standard = -west
        if reader.isAtEnd { return }
        guard reader.name() else { return nil }
        var offset = standard + 3_600
        if !reader.isAt(",") {
            guard let west = reader.time(most: 24) else { return nil }
            offset = -west
        }
        guard let begin = reader.change(), let end = reader.change(), reader.isAtEnd else { return nil }
        summer = Summer(offset: offset, begin: begin, end: end)
    }

    func offset(atSecond second: Int64) -> Int32 {
        guard let summer else { return standard }
        // In which year a change falls is a matter of local time; a day more or less of the year's end decides nothing there.
        let local = second + Int64(standard)
        let days = Int(local >= 0 ? local / 86_400 : (local - 86_399) / 86_400)
        let year = Civil(days: days).year
        let begin = summer.begin.second(in: year) - Int64(standard)
        let end = summer.end.second(in: year) - Int64(summer.offset)
        let isSummer = begin < end ? begin <= second && second < end : second < end || begin <= second
        return isSummer ? summer.offset : standard
    }

    private struct RuleReader {
        private let text: [UInt8]
        private var index = 0

        init(_ text: String) { self.text = Array(text.utf8) }

        var isAtEnd: Bool { index == text.count }

        func isAt(_ character: Character) -> Bool { index < text.count && text[index] == character.asciiValue }

        /// Three letters or more, or anything between angle brackets.
        mutating func name() -> Bool {
            let start = index
            if isAt("<") {
                guard let end = text[index...].firstIndex(of: UInt8(ascii: ">")) else { return false }
                index = end + 1
                return true
            }
            while index < text.count, (text[index] | 0x20) &- UInt8(ascii: "a") < 26 { index += 1 }
            return index - start >= 3
        }

        private mutating func number(_ range: ClosedRange<Int>) -> Int? {
            let start = index
            var number = 0
            while index < text.count, text[index] &- UInt8(ascii: "0") <= 9, index - start < 4 {
                number = number * 10 + Int(text[index] - UInt8(ascii: "0"))
                index += 1
            }
            return index > start && range.contains(number) ? number : nil
        }

        private mutating func skip(_ character: Character) -> Bool {
            guard isAt(character) else { return false }
            index += 1
            return true
        }

        /// `[+-]hh[:mm[:ss]]` in seconds.
        mutating func time(most: Int) -> Int32? {
            let isNegative = skip("-")
            if !isNegative { _ = skip("+") }
            guard let hours = number(0...most) else { return nil }
            var seconds = hours * 3_600
            for unit in [60, 1] where skip(":") {
                guard let part = number(0...59) else { return nil }
                seconds += part * unit
            }
            return Int32(isNegative ? -seconds : seconds)
        }

        mutating func change() -> Change? {
            guard skip(","), let day = day() else { return nil }
            guard skip("/") else { return Change(day: day, time: 7_200) }
            return time(most: 167).map { Change(day: day, time: $0) }
        }

        private mutating func day() -> Change.Day? {
            if skip("J") { return number(1...365).map(Change.Day.julian) }
            guard skip("M") else { return number(0...365).map(Change.Day.ofYear) }
            guard let month = number(1...12), skip("."), let week = number(1...5), skip("."),
                let weekday = number(0...6)
            else { return nil }
            return .weekday(month: month, week: week, weekday: weekday)
        }
    }
}

extension ZoneRule.Change {
    /// Local seconds since 1970.
    fileprivate func second(in year: Int) -> Int64 { Int64(days(in: year)) * 86_400 + Int64(time) }

    private func days(in year: Int) -> Int {
        let first = Civil.days(year: year, month: 1, day: 1)
        switch day {
        case .julian(let number):
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            return first + number - 1 + (isLeap && number >= 60 ? 1 : 0)
        case .ofYear(let number):
            return first + number
        case .weekday(let month, let week, let weekday):
            let start = Civil.days(year: year, month: month, day: 1)
            // 1970-01-01 was a Thursday.
            let startWeekday = ((start + 4) % 7 + 7) % 7
            let firstSuch = start + (weekday - startWeekday + 7) % 7
            let next =
                month == 12
                ? Civil.days(year: year + 1, month: 1, day: 1)
                : Civil.days(year: year, month: month + 1, day: 1)
            var day = firstSuch + (week - 1) * 7
            while day >= next { day -= 7 }
            return day
        }
    }
}
