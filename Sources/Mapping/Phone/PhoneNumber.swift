/// Telephone numbers of people.
enum PhoneNumber {
    enum Fault: Error, Equatable {
        case empty
        case character(Unicode.Scalar)
        /// International, of a country that the table doesn't have.
        case unknownCode
        /// How many digits there are behind the code and the trunk prefix.
        case length(Int, PhoneCountry)
        /// A number of the country with and without the code that it begins with.
        case ambiguous(PhoneCountry)
    }

    /// E.164: `+966501234567`. Numbers that begin with neither `+` nor `00` are the country's own.
    ///
    /// Spaces, hyphens, dots, slashes, parentheses and direction marks don't count; Arabic digits do as digits.
    static func e164(_ text: String, country: PhoneCountry) throws(Fault) -> String {
        var digits = try digits(text)
        guard !digits.isEmpty else { throw .empty }
        if digits.hasPrefix("+") {
            digits.removeFirst()
        } else if digits.hasPrefix("00") {
            digits.removeFirst(2)
        } else {
            return try national(digits, country)
        }
        guard let own = PhoneCountry.withCode(of: digits) else { throw .unknownCode }
        var rest = String(digits.dropFirst(own.code.count))
        // +44 (0)20 …: the trunk prefix is often left standing. No number behind a code begins with 0 where 0 is the prefix.
        if own.trunk == "0", rest.hasPrefix("0") { rest.removeFirst() }
        guard own.lengths.contains(rest.count) else { throw .length(rest.count, own) }
        return "+\(own.code)\(rest)"
    }

    private static func national(_ digits: String, _ country: PhoneCountry) throws(Fault) -> String {
        var number = digits
        if !country.trunk.isEmpty, number.hasPrefix(country.trunk),
            country.trunk.hasPrefix("0") || !country.lengths.contains(number.count)
        {
            number.removeFirst(country.trunk.count)
        }
        // The plus is often lost on the way through a spreadsheet.
        let rest = digits.dropFirst(country.code.count)
        let mayHaveCode = digits.hasPrefix(country.code) && country.lengths.contains(rest.count)
        if country.lengths.contains(number.count) {
            // Behind a trunk prefix stands no code.
            guard !mayHaveCode || number.count < digits.count else { throw .ambiguous(country) }
            return "+\(country.code)\(number)"
        }
        if mayHaveCode { return "+\(digits)" }
        throw .length(number.count, country)
    }

    /// Digits, a plus before them if there is one.
    private static func digits(_ text: String) throws(Fault) -> String {
        var digits = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "0"..."9": digits.unicodeScalars.append(scalar)
            case "+" where digits.isEmpty: digits = "+"
            case "-", ".", "/", "(", ")", "\u{2010}"..."\u{2015}", "\u{2212}": continue
            case _ where scalar.properties.isWhitespace || scalar.properties.isBidiControl: continue
            default:
                guard let digit = Arabic.digit(scalar.value) else { throw .character(scalar) }
                digits.unicodeScalars.append(Unicode.Scalar(digit))
            }
        }
        return digits == "+" ? "" : digits
    }
}
