extension Duration {
    /// Reads a whole number with its unit: `30s`, `15m`, `12h`, `7d`. nil for anything else, and for more than a century.
    ///
    /// No initialiser: looking for Duration's, Swift 6.3.1 in release takes `timespec` for a type of the overlay's shims, and
    /// `Instant` no longer compiles.
    package static func parse(_ text: String) -> Duration? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }) else { return nil }
        let digits = text.dropLast()
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let number = Int64(digits)
        else { return nil }
        let (seconds, isTooLarge) = number.multipliedReportingOverflow(by: unit)
        guard !isTooLarge, seconds <= 36_525 * 86_400 else { return nil }
        return .seconds(seconds)
    }
}
