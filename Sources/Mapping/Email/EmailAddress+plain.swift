extension EmailAddress {
    /// What one pass over the bytes says of an address.
    enum Verdict {
        /// An ASCII address of the plain kind, its domain in lower case.
        case plain
        /// The same with capitals in the domain, which begins at this index, or with a local part beyond ASCII: that one is
        /// still to be looked at for invisible characters.
        case almostPlain(domain: Int, hasCapitals: Bool, isASCII: Bool)
        /// Quoted, of an international domain, or no address. `EmailAddress.fault(in:)` knows.
        case unclear
    }

    /// Checks dot-atom `@` letters, digits and hyphens, within the lengths of RFC 5321.
    static func verdict(_ bytes: Span<UInt8>, _ classes: Span<UInt8>, _ start: Int, _ end: Int) -> Verdict {
        guard end &- start <= longest else { return .unclear }
        let address = bytes.extracting(start..<end)
        var index = 0
        var isASCII = true
        while index < address.count {
            let byte = address[index]
            if !isLetter(byte), !isDigit(byte) {
                if byte == at { break }
                if byte == dot {
                    if index == 0 || address[index &- 1] == dot { return .unclear }
                } else if classes[Int(byte)] & Class.atom == 0 {
                    return .unclear
                } else if byte >= 0x80 {
                    isASCII = false
                }
            }
            index &+= 1
        }
        guard 1...longestLocalPart ~= index, index < address.count, address[index &- 1] != dot else { return .unclear }
        let domain = index &+ 1
        guard let hasCapitals = capitals(ofDomain: address.extracting(domain...)) else { return .unclear }
        if isASCII, !hasCapitals { return .plain }
        return .almostPlain(domain: start &+ domain, hasCapitals: hasCapitals, isASCII: isASCII)
    }

    /// Whether an ASCII domain name has capitals; nil where it is none, has one label only, or ends in a number.
    ///
    /// Source: RFC 5321 4.1.2 `Domain`; RFC 3696 2 (the last label is never all digits).
    @inline(__always)
    private static func capitals(ofDomain domain: Span<UInt8>) -> Bool? {
        var label = 0
        var lettersInLabel = false
        var capitals: UInt8 = 0
        for index in 0..<domain.count {
            let byte = domain[index]
            if isLetter(byte) {
                lettersInLabel = true
                capitals |= ~byte & 0x20
            } else if byte == dot {
                guard 1...longestLabel ~= index &- label, domain[index &- 1] != hyphen else { return nil }
                label = index &+ 1
                lettersInLabel = false
            } else if byte == hyphen {
                if index == label { return nil }
            } else if !isDigit(byte) {
                return nil
            }
        }
        guard label > 0, 1...longestLabel ~= domain.count &- label, domain[domain.count &- 1] != hyphen, lettersInLabel
        else { return nil }
        return capitals != 0
    }

    @inline(__always)
    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    @inline(__always)
    private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    /// What a byte may be part of, by its value.
    static let classes: [UInt8] = (UInt8.min...UInt8.max).map { byte in
        isLetter(byte) || isDigit(byte) || byte >= 0x80 || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte) ? Class.atom : 0
    }

    enum Class {
        /// `atext` of RFC 5322 3.2.3, and what RFC 6531 3.3 adds: everything beyond ASCII.
        static let atom: UInt8 = 1
    }

    /// Octets, RFC 5321 4.5.3.1 (and its erratum 1690 for the whole).
    static let longest = 254
    static let longestLocalPart = 64
    static let longestLabel = 63

    static let at = UInt8(ascii: "@")
    static let dot = UInt8(ascii: ".")
    static let hyphen = UInt8(ascii: "-")
}
