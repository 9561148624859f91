extension EmailAddress {
    /// What one pass over the bytes says of an address.
    enum Verdict {
        /// An ASCII address of the plain kind, its domain in lower case.
        case plain
        /// The same, with capitals in the domain, which begins at this index.
        case plainWithCapitals(domain: Int)
        /// Not plain: quoted, beyond ASCII, or no address. `EmailAddress.fault(in:)` knows.
        case unclear
    }

    /// Checks dot-atom `@` letters, digits and hyphens, all ASCII, within the lengths of RFC 5321.
    static func verdict(_ bytes: Span<UInt8>, _ classes: Span<UInt8>, _ start: Int, _ end: Int) -> Verdict {
        guard end &- start <= longest else { return .unclear }
        var index = start
        var previous = dot
        while index < end {
            let byte = bytes[index]
            if byte == at { break }
            if classes[Int(byte)] & Class.atom == 0 {
                if byte != dot || previous == dot { return .unclear }
            }
            previous = byte
            index &+= 1
        }
        guard index < end, previous != dot, index &- start <= longestLocalPart else { return .unclear }
        let domain = index &+ 1
        var label = domain
        var seen: UInt8 = 0
        var dots = 0
        previous = dot
        index = domain
        while index < end {
            let byte = bytes[index]
            let kind = classes[Int(byte)]
            if kind & Class.label != 0 {
                if byte == hyphen, previous == dot { return .unclear }
                seen |= kind
            } else {
                if byte != dot || previous == dot || previous == hyphen || index &- label > longestLabel {
                    return .unclear
                }
                dots &+= 1
                label = index &+ 1
                seen &= Class.capital
            }
            previous = byte
            index &+= 1
        }
        guard dots > 0, previous != dot, previous != hyphen, end &- label <= longestLabel, seen & Class.letter != 0
        else { return .unclear }
        return seen & Class.capital == 0 ? .plain : .plainWithCapitals(domain: domain)
    }

    /// What a byte may be part of, by its value.
    static let classes: [UInt8] = (UInt8.min...UInt8.max).map { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Class.atom | Class.label | Class.letter
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Class.atom | Class.label | Class.letter | Class.capital
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Class.atom | Class.label
        case hyphen: Class.atom | Class.label
        case _ where "!#$%&'*+/=?^_`{|}~".utf8.contains(byte): Class.atom
        default: 0
        }
    }

    enum Class {
        /// `atext` of RFC 5322 3.2.3.
        static let atom: UInt8 = 1
        /// Of a domain's label: RFC 5321 4.1.2 `Let-dig` and the hyphen.
        static let label: UInt8 = 2
        static let letter: UInt8 = 4
        static let capital: UInt8 = 8
    }

    /// Octets, RFC 5321 4.5.3.1 (and its erratum 1690 for the whole).
    static let longest = 254
    static let longestLocalPart = 64
    static let longestLabel = 63

    static let at = UInt8(ascii: "@")
    static let dot = UInt8(ascii: ".")
    static let hyphen = UInt8(ascii: "-")
}
