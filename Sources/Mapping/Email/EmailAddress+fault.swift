extension EmailAddress {
    /// Why something is no e-mail address.
    enum Fault: Equatable {
        case noAt
        case space
        case invisible(Unicode.Scalar)
        case noLocalPart
        case localPartTooLong
        case localPart(Character)
        case dots
        case unclosedQuote
        case noDomain
        case domainWithoutDot
        case domain
        case tooLong

        /// Goes on after “… is not an e-mail address: ”.
        var reason: String {
            switch self {
            case .noAt: "it has no @"
            case .space: "it has a space in it"
            case .invisible(let scalar): "it has an invisible character in it (\(scalar.codePoint))"
            case .noLocalPart: "nothing stands before the @"
            case .localPartTooLong: "more than \(longestLocalPart) bytes stand before the @"
            case .localPart(let character): "“\(character)” can't stand before the @"
            case .dots: "a dot stands at the begin or the end of the part before the @, or two in a row"
            case .unclosedQuote: "the quoted part before the @ is not closed"
            case .noDomain: "nothing stands after the @"
            case .domainWithoutDot: "the domain after the @ has no dot"
            case .domain: "what stands after the @ is no domain name"
            case .tooLong: "it is longer than \(longest) bytes"
            }
        }
    }

    /// What keeps a text from being an address; nil if it is one.
    ///
    /// The local part is a dot-atom or a quoted string and may have letters of any script; the domain has at least two labels
    /// and may be international. Address literals (`[192.0.2.1]`) and comments are no person's address and are refused.
    /// Source: RFC 5321 4.1.2 and 2.3.5 (names are fully qualified), RFC 6531 3.3, UTS #46.
    static func fault(in address: String) -> Fault? {
        if let odd = address.unicodeScalars.first(where: \.isInvisible) {
            return odd.properties.isWhitespace ? .space : .invisible(odd)
        }
        let bytes = Array(address.utf8)
        guard let at = bytes.lastIndex(of: at) else { return .noAt }
        let local = bytes[..<at]
        let domain = bytes[(at + 1)...]
        if let fault = localPartFault(String(decoding: local, as: UTF8.self)) { return fault }
        if local.count > longestLocalPart { return .localPartTooLong }
        if let fault = domainFault(domain) { return fault }
        return bytes.count > longest ? .tooLong : nil
    }

    private static func localPartFault(_ local: String) -> Fault? {
        guard !local.isEmpty else { return .noLocalPart }
        if local.utf8.first == UInt8(ascii: "\"") { return quotedFault(local) }
        if local.hasPrefix(".") || local.hasSuffix(".") || local.utf8.containsPair(dot) { return .dots }
        let odd = local.unicodeScalars.first { $0.isASCII && $0 != "." && classes[Int($0.value)] & Class.atom == 0 }
        return odd.map { .localPart(Character($0)) }
    }

    /// `"` then any printable character, `"` and `\` only after a `\`, then `"`. RFC 5321 4.1.2 Quoted-string.
    private static func quotedFault(_ local: String) -> Fault? {
        var isEscaped = false
        var isClosed = false
        for scalar in local.unicodeScalars.dropFirst() {
            if isClosed { return .localPart(Character(scalar)) }
            if isEscaped {
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else if scalar == "\"" {
                isClosed = true
            }
        }
        return isClosed ? nil : .unclosedQuote
    }

    private static func domainFault(_ domain: ArraySlice<UInt8>) -> Fault? {
        guard !domain.isEmpty else { return .noDomain }
        let isASCII = domain.allSatisfy { $0 < 0x80 }
        guard let name = isASCII ? Array(domain) : InternationalDomain.ascii(domain) else { return .domain }
        guard name.contains(dot) else { return .domainWithoutDot }
        // A local part that is known to be good leaves the verdict to the domain. Its length counts as it is written.
        let probe = Array("a@".utf8) + name
        let classes = classes
        guard case .unclear = verdict(probe.span, classes.span, 0, probe.count) else { return nil }
        return name.count > longest - 2 ? .tooLong : .domain
    }
}

extension Sequence<UInt8> {
    fileprivate func containsPair(_ byte: UInt8) -> Bool {
        var previous: UInt8?
        for current in self {
            if current == byte, previous == byte { return true }
            previous = current
        }
        return false
    }
}

extension Unicode.Scalar {
    /// A space, or what nobody sees: controls, format characters (direction marks, joiners), unassigned.
    var isInvisible: Bool {
        if isASCII { return value <= 0x20 || value == 0x7F }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .spaceSeparator, .lineSeparator,
            .paragraphSeparator:
            return true
        default:
            return false
        }
    }

    /// `U+200F`
    var codePoint: String {
        let digits = String(value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
