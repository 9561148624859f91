extension Instant: CustomStringConvertible {
    /// RFC 3339 in UTC, as many digits of the second as it needs: `2024-02-29T08:05:00Z`, `2024-02-29T08:05:00.25Z`.
    package var description: String {
        var text: [UInt8] = []
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the same as UTF-8. Years beyond 9999 or before 0 are written with a sign (ISO 8601, expanded).
    package func append(to text: inout [UInt8]) {
        let (days, ofDay) = Int(microseconds).dividedDown(by: 86_400_000_000)
        let civil = Civil(days: days)
        if 0...9999 ~= civil.year {
            text.appendDigits(civil.year, count: 4)
        } else {
            text.append(UInt8(ascii: civil.year < 0 ? "-" : "+"))
            text.appendDigits(abs(civil.year), count: 6)
        }
        text.append(UInt8(ascii: "-"))
        text.appendDigits(civil.month, count: 2)
        text.append(UInt8(ascii: "-"))
        text.appendDigits(civil.day, count: 2)
        text.append(UInt8(ascii: "T"))
        let seconds = ofDay / 1_000_000
        text.appendDigits(seconds / 3_600, count: 2)
        text.append(UInt8(ascii: ":"))
        text.appendDigits(seconds / 60 % 60, count: 2)
        text.append(UInt8(ascii: ":"))
        text.appendDigits(seconds % 60, count: 2)
        let fraction = ofDay % 1_000_000
        if fraction > 0 {
            text.append(UInt8(ascii: "."))
            text.appendDigits(fraction, count: 6)
            while text.last == UInt8(ascii: "0") { text.removeLast() }
        }
        text.append(UInt8(ascii: "Z"))
    }

    package init?(rfc3339 text: String) {
        self.init(rfc3339: text.utf8Span.span)
    }

    /// Reads RFC 3339, any offset: `2024-02-29T11:05:00.25+03:00`. nil for anything else.
    ///
    /// Stricter than the standard in what it leaves open: capital T and Z, no second 60, no year 0, at most nine digits of
    /// the second, of which those behind the sixth are cut.
    package init?(rfc3339 bytes: Span<UInt8>) {
        guard bytes.count >= 20, let date = CalendarDate(iso: bytes.extracting(..<10)), bytes[10] == UInt8(ascii: "T"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
            let hour = bytes.number(at: 11, digits: 2), hour <= 23,
            let minute = bytes.number(at: 14, digits: 2), minute <= 59,
            let second = bytes.number(at: 17, digits: 2), second <= 59
        else { return nil }
        var index = 19
        var fraction = 0
        if bytes[index] == UInt8(ascii: ".") {
            index += 1
            let start = index
            var unit = 100_000
            while index < bytes.count, let digit = bytes.number(at: index, digits: 1) {
                fraction += digit * unit
                unit /= 10
                index += 1
            }
            guard 1...9 ~= index - start else { return nil }
        }
        guard let offset = Self.offset(bytes, at: index) else { return nil }
        let seconds = date.daysSince1970 * 86_400 + hour * 3_600 + minute * 60 + second - offset
        self.init(microseconds: Int64(seconds) * 1_000_000 + Int64(fraction))
    }

    /// Seconds east of UTC; nil unless the bytes from here to the end are an offset.
    private static func offset(_ bytes: Span<UInt8>, at index: Int) -> Int? {
        guard index < bytes.count else { return nil }
        let sign = bytes[index]
        if sign == UInt8(ascii: "Z") { return index + 1 == bytes.count ? 0 : nil }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), index + 6 == bytes.count,
            bytes[index + 3] == UInt8(ascii: ":"), let hours = bytes.number(at: index + 1, digits: 2), hours <= 23,
            let minutes = bytes.number(at: index + 4, digits: 2), minutes <= 59
        else { return nil }
        let seconds = hours * 3_600 + minutes * 60
        return sign == UInt8(ascii: "+") ? seconds : -seconds
    }
}

extension Int {
    /// Quotient and remainder, the remainder never negative.
    fileprivate func dividedDown(by divisor: Int) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
