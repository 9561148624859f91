internal import Time

/// The one way in which targets keep numbers and times; nil for what is none.
enum CanonicalText {
    /// Digits with a sign, if any: `-0012` is `-12`. 64 bits.
    static func integer(_ text: String) -> String? {
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        guard !digits.isEmpty, digits.allSatisfy(isDigit) else { return nil }
        return Int64(text).map { String($0) }
    }

    /// Digits with a sign and a decimal point, if any: `087.50` is `87.5`. No exponent.
    static func number(_ text: String) -> String? {
        let isNegative = text.utf8.first == UInt8(ascii: "-")
        let parts = (isNegative ? text.dropFirst() : text[...]).split(separator: ".", omittingEmptySubsequences: false)
        guard 1...2 ~= parts.count, text.utf8.count <= 64,
            parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) })
        else { return nil }
        let whole = parts[0].drop { $0 == "0" }
        var fraction = parts.count > 1 ? parts[1] : ""
        while fraction.last == "0" { fraction.removeLast() }
        let number = (whole.isEmpty ? "0" : whole) + (fraction.isEmpty ? "" : ".\(fraction)")
        return isNegative && number != "0" ? "-\(number)" : String(number)
    }

    /// UTC, as `Instant` writes it. A date is its first instant in UTC.
    static func instant(_ text: String) -> String? {
        if let date = CalendarDate(iso: text) { return "\(date)T00:00:00Z" }
        return Instant(rfc3339: text)?.description
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }
}
