extension EmailAddress {
    /// Appends the form under which a person is found: NFC, lower case by Unicode, the domain in ASCII by IDNA.
    ///
    /// Addresses that differ only by case, by composed or decomposed letters, or by a domain's spelling (`bücher.example`,
    /// `xn--bcher-kva.example`) have one form. Any bytes have a form, also what is no address: where the domain is no
    /// IDNA name it is only composed and put in lower case. ASCII goes through without allocation of its own.
    ///
    /// Source: RFC 5321 4.1.2 (the last `@` ends the local part), UTS #46 non-transitional, UAX #15.
    package static func appendDirectoryForm(of address: Span<UInt8>, to output: inout [UInt8]) {
        let start = output.count
        unsafe address.withUnsafeBufferPointer { unsafe output.append(contentsOf: $0) }
        var form = output.mutableSpan
        if lowercaseIfASCII(&form, from: start) { return }
        output.removeSubrange(start...)
        appendUnicodeDirectoryForm(of: address, to: &output)
    }

    /// Puts what follows `start` in lower case where it is all ASCII; false where it isn't.
    private static func lowercaseIfASCII(_ bytes: inout MutableSpan<UInt8>, from start: Int) -> Bool {
        var seen: UInt8 = 0
        for index in start..<bytes.count {
            let byte = bytes[index]
            seen |= byte
            bytes[index] = byte &- 0x41 < 26 ? byte | 0x20 : byte
        }
        return seen < 0x80
    }

    private static func appendUnicodeDirectoryForm(of address: Span<UInt8>, to output: inout [UInt8]) {
        let bytes = (0..<address.count).map { address[$0] }
        guard let at = bytes.lastIndex(of: 0x40) else {
            output.append(contentsOf: Unicode.composedLowercase(bytes))
            return
        }
        let domain = bytes[(at + 1)...]
        output.append(contentsOf: Unicode.composedLowercase(Array(bytes[..<at])))
        output.append(0x40)
        output.append(contentsOf: InternationalDomain.ascii(domain) ?? Unicode.composedLowercase(Array(domain)))
    }
}
