extension CalendarDate: CustomStringConvertible {
    /// Bytes of a date in ISO form.
    package static var isoLength: Int { 10 }

    /// `2024-02-29`: ISO 8601, always ten bytes.
    package var description: String {
        var text: [UInt8] = []
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the ISO form.
    package func append(to text: inout [UInt8]) {
        text.appendDigits(year, count: 4)
        text.append(UInt8(ascii: "-"))
        text.appendDigits(month, count: 2)
        text.append(UInt8(ascii: "-"))
        text.appendDigits(day, count: 2)
    }

    /// Writes the ISO form's ten bytes from `start` on.
    package func write(to bytes: inout MutableSpan<UInt8>, at start: Int) {
        bytes.writeDigits(year / 100, at: start)
        bytes.writeDigits(year % 100, at: start + 2)
        bytes[start + 4] = UInt8(ascii: "-")
        bytes.writeDigits(month, at: start + 5)
        bytes[start + 7] = UInt8(ascii: "-")
        bytes.writeDigits(day, at: start + 8)
    }

    /// Reads exactly what `description` writes.
    package init?(iso text: String) {
        self.init(iso: text.utf8Span.span)
    }

    /// Reads exactly what `description` writes.
    package init?(iso bytes: Span<UInt8>) {
        guard bytes.count == Self.isoLength, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            let year = bytes.number(at: 0, digits: 4), let month = bytes.number(at: 5, digits: 2),
            let day = bytes.number(at: 8, digits: 2)
        else { return nil }
        self.init(year: year, month: month, day: day)
    }
}

extension [UInt8] {
    /// Appends a number with leading zeros.
    mutating func appendDigits(_ number: Int, count: Int) {
        var divisor = 1
        for _ in 1..<count { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}

extension MutableSpan<UInt8> {
    /// Writes two digits.
    @inline(__always)
    fileprivate mutating func writeDigits(_ number: Int, at index: Int) {
        self[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10)
        self[index + 1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10)
    }
}

extension Span<UInt8> {
    /// The number that so many western digits say; nil where one is no digit or missing.
    @inline(__always)
    func number(at start: Int, digits count: Int) -> Int? {
        guard start &+ count <= self.count else { return nil }
        var number = 0
        for index in start..<start &+ count {
            let digit = self[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { return nil }
            number = number &* 10 &+ Int(digit)
        }
        return number
    }
}
