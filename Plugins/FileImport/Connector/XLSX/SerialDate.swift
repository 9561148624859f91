/// Days since a workbook's epoch as text: `2024-02-29`, `2024-02-29T13:05:07`, `13:05:07`, `36:00:00`; parts of a second
/// follow as `.250` where there are any.
///
/// Source: ECMA-376 part 1, 18.17.4 (dates and times), with the leap day of 1900 that Lotus invented and Excel kept: in the
/// 1900 system serial 60 is 1900-02-29, a day that never was, and all before it count from one day later.
struct SerialDate {
    var is1904: Bool

    /// What was written.
    enum Kind {
        case date
        case time
        case dateAndTime
        case duration
    }

    /// Appends a serial as its format means it, to the millisecond; nil, with nothing appended, for what is no day between
    /// the epoch and the end of 9999.
    func append(_ serial: Double, _ format: NumberFormat, to text: inout [UInt8]) -> Kind? {
        guard abs(serial) <= Self.most else { return nil }
        let milliseconds = Int((serial * Double(Self.dayMilliseconds)).rounded())
        if format == .elapsed {
            appendDuration(milliseconds, to: &text)
            return .duration
        }
        guard milliseconds >= 0 else { return nil }
        let (day, time) = milliseconds.quotientAndRemainder(dividingBy: Self.dayMilliseconds)
        // Day 0 of the 1900 system is no day, as the time of a day it is one.
        if day == 0, !is1904 || format == .time {
            appendTime(time, to: &text)
            return .time
        }
        guard day <= (is1904 ? Self.lastDay1904 : Self.lastDay1900) else { return nil }
        appendDate(day, to: &text)
        guard time > 0 || format != .date else { return .date }
        text.append(UInt8(ascii: "T"))
        appendTime(time, to: &text)
        return .dateAndTime
    }

    private static let dayMilliseconds = 86_400_000
    private static let lastDay1900 = 2_958_465
    private static let lastDay1904 = 2_957_003
    /// Keeps milliseconds far inside 64 bits.
    private static let most = 1e9

    private func appendDate(_ day: Int, to text: inout [UInt8]) {
        if !is1904, day == 60 {
            text.append(contentsOf: "1900-02-29".utf8)
            return
        }
        // Days from 1970-01-01 to 1904-01-01, 1899-12-30 and 1899-12-31.
        let epoch = is1904 ? -24107 : day > 60 ? -25569 : -25568
        let (year, month, dayOfMonth) = Self.civil(day + epoch)
        Self.append(year, digits: 4, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(month, digits: 2, to: &text)
        text.append(UInt8(ascii: "-"))
        Self.append(dayOfMonth, digits: 2, to: &text)
    }

    private func appendTime(_ milliseconds: Int, to text: inout [UInt8]) {
        Self.append(milliseconds / 3_600_000, digits: 2, to: &text)
        Self.appendMinutes(milliseconds % 3_600_000, to: &text)
    }

    private func appendDuration(_ milliseconds: Int, to text: inout [UInt8]) {
        if milliseconds < 0 { text.append(UInt8(ascii: "-")) }
        let hours = abs(milliseconds) / 3_600_000
        if hours < 10 { text.append(UInt8(ascii: "0")) }
        text.append(contentsOf: String(hours).utf8)
        Self.appendMinutes(abs(milliseconds) % 3_600_000, to: &text)
    }

    private static func appendMinutes(_ milliseconds: Int, to text: inout [UInt8]) {
        text.append(UInt8(ascii: ":"))
        append(milliseconds / 60000, digits: 2, to: &text)
        text.append(UInt8(ascii: ":"))
        append(milliseconds % 60000 / 1000, digits: 2, to: &text)
        guard milliseconds % 1000 > 0 else { return }
        text.append(UInt8(ascii: "."))
        append(milliseconds % 1000, digits: 3, to: &text)
    }

    private static func append(_ value: Int, digits: Int, to text: inout [UInt8]) {
        var unit = 1
        for _ in 1..<digits { unit *= 10 }
        while unit > 0 {
            text.append(UInt8(0x30 + value / unit % 10))
            unit /= 10
        }
    }

    /// Year, month and day of a number of days since 1970-01-01, in the Gregorian calendar.
    ///
    /// Source: Hinnant, chrono-compatible low-level date algorithms, civil_from_days.
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
