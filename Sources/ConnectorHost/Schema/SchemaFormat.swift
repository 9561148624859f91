internal import Identifiers

/// The formats of texts that a schema may ask for; each is checked, none is a mere note.
package enum SchemaFormat: String, Sendable, CaseIterable {
    case uri, hostname, email, date, uuid
    case dateTime = "date-time"

    /// What a text of this format looks like, for messages.
    package var example: String {
        switch self {
        case .uri: "https://example.org/path"
        case .hostname: "hr.example.org"
        case .email: "name@example.org"
        case .date: "2026-02-28"
        case .dateTime: "2026-02-28T23:59:59Z"
        case .uuid: "018f2d2c-6a5e-7c3b-9a52-0c1f5a8a9b10"
        }
    }

    package func accepts(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        switch self {
        case .uri: return Self.isURI(bytes)
        case .hostname: return Self.isHostname(bytes[...])
        case .email: return Self.isEmail(bytes)
        case .date: return Self.isDate(bytes[...])
        case .dateTime: return Self.isDateTime(bytes)
        case .uuid: return UUID(text) != nil
        }
    }

    /// RFC 3986, section 3: a scheme, then only allowed characters; http and https name a host.
    private static func isURI(_ text: [UInt8]) -> Bool {
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")), let first = text.first, first.isLetter else {
            return false
        }
        let scheme = text[..<colon]
        guard scheme.allSatisfy({ $0.isLetter || $0.isDigit || "+-.".utf8.contains($0) }) else { return false }
        let rest = text[(colon + 1)...]
        let marks = Array("-._~:/?#[]@!$&'()*+,;=%".utf8)
        guard rest.allSatisfy({ $0.isLetter || $0.isDigit || marks.contains($0) }) else { return false }
        for place in rest.indices where rest[place] == UInt8(ascii: "%") {
            guard place + 2 < rest.endIndex, rest[place + 1].isHexDigit, rest[place + 2].isHexDigit else {
                return false
            }
        }
        let name = String(decoding: scheme, as: UTF8.self).lowercased()
        guard name == "http" || name == "https" else { return !rest.isEmpty }
        guard rest.starts(with: "//".utf8) else { return false }
        var authority = rest.dropFirst(2).prefix { !"/?#".utf8.contains($0) }
        if let at = authority.lastIndex(of: UInt8(ascii: "@")) {
            guard !authority[..<at].contains(where: { "[]".utf8.contains($0) }) else { return false }
            authority = authority[(at + 1)...]
        }
        guard let start = authority.first else { return false }
        if start == UInt8(ascii: "[") { return authority.contains(UInt8(ascii: "]")) }
        let host = authority.prefix { $0 != UInt8(ascii: ":") }
        let port = authority.dropFirst(host.count + 1)
        return isHostname(host) && port.allSatisfy(\.isDigit) && port.count <= 5
    }

    /// RFC 1123, section 2.1: labels of letters, digits and inner hyphens, each 1 to 63, together at most 253.
    private static func isHostname(_ text: ArraySlice<UInt8>) -> Bool {
        guard !text.isEmpty, text.count <= 253 else { return false }
        return text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
            guard (1...63).contains(label.count), label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-")
            else { return false }
            return label.allSatisfy { $0.isLetter || $0.isDigit || $0 == UInt8(ascii: "-") }
        }
    }

    /// RFC 5321, section 4.1.2, the dot-string form, with UTF-8 as in RFC 6531.
    private static func isEmail(_ text: [UInt8]) -> Bool {
        guard let at = text.lastIndex(of: UInt8(ascii: "@")) else { return false }
        let local = text[..<at]
        guard (1...64).contains(local.count), isHostname(text[(at + 1)...]) else { return false }
        let marks = Array("!#$%&'*+-/=?^_`{|}~".utf8)
        return local.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { atom in
            !atom.isEmpty && atom.allSatisfy { $0.isLetter || $0.isDigit || $0 >= 0x80 || marks.contains($0) }
        }
    }

    /// RFC 3339, `full-date`, of the Gregorian calendar.
    private static func isDate(_ text: ArraySlice<UInt8>) -> Bool {
        let text = Array(text)
        guard text.count == 10, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
            let year = number(text[0..<4]), let month = number(text[5..<7]), let day = number(text[8..<10])
        else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return (1...12).contains(month) && day >= 1 && day <= lengths[month - 1]
    }

    /// RFC 3339, `date-time`; second 60 only where a leap second can stand, at 23:59 UTC.
    private static func isDateTime(_ text: [UInt8]) -> Bool {
        guard text.count >= 20, isDate(text[..<10]), text[10] | 0x20 == UInt8(ascii: "t"),
            text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"),
            let hour = number(text[11..<13]), let minute = number(text[14..<16]), let second = number(text[17..<19]),
            hour <= 23, minute <= 59, second <= 60
        else { return false }
        var rest = text[19...]
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst().prefix(while: \.isDigit)
            guard !fraction.isEmpty else { return false }
            rest = rest.dropFirst(1 + fraction.count)
        }
        guard let offset = zoneOffset(Array(rest)) else { return false }
        let minuteOfDay = ((hour * 60 + minute - offset) % 1_440 + 1_440) % 1_440
        return second < 60 || minuteOfDay == 1_439
    }

    /// Minutes east of UTC.
    private static func zoneOffset(_ text: [UInt8]) -> Int? {
        if text.count == 1, text[0] | 0x20 == UInt8(ascii: "z") { return 0 }
        guard text.count == 6, text[0] == UInt8(ascii: "+") || text[0] == UInt8(ascii: "-"),
            text[3] == UInt8(ascii: ":"), let hours = number(text[1..<3]), let minutes = number(text[4..<6]),
            hours <= 23, minutes <= 59
        else { return nil }
        return (text[0] == UInt8(ascii: "-") ? -1 : 1) * (hours * 60 + minutes)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard digits.allSatisfy(\.isDigit) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int($1) - 48 }
    }
}

extension UInt8 {
    var isDigit: Bool { self >= 48 && self <= 57 }
    var isLetter: Bool { (self | 0x20) >= 97 && (self | 0x20) <= 122 }
    var isHexDigit: Bool { isDigit || ((self | 0x20) >= 97 && (self | 0x20) <= 102) }
}
