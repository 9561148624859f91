/// A header's value with parameters: `form-data; name="file"`, `br;q=0.5`. RFC 9110, section 5.6.6.
package struct ParameterizedValue: Sendable, Equatable {
    /// What stands before the first semicolon.
    package var value: String
    /// In their order, names in lower case.
    package var parameters: [Parameter] = []

    package struct Parameter: Sendable, Equatable {
        package var name: String
        package var value: String
    }

    /// Nil where a parameter has no name, or a quote is not closed.
    package init?(parsing text: some StringProtocol) {
        // Byte by byte: a quote before a combining mark is a quote.
        var rest = Array(text.utf8)[...]
        value = Self.token(&rest)
        while rest.popFirst() != nil {
            rest = rest.drop { $0.isBlank }
            // An empty parameter: `a;;b=1`, `a;`.
            guard let first = rest.first, first != UInt8(ascii: ";") else { continue }
            guard let equals = rest.firstIndex(where: { $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ";") }),
                rest[equals] == UInt8(ascii: "=")
            else { return nil }
            let name = String(decoding: rest[..<equals], as: UTF8.self).trimmingBlanks().lowercased()
            rest = rest[(equals + 1)...]
            guard Headers.isName(name), let value = Self.value(&rest) else { return nil }
            parameters.append(Parameter(name: name, value: value))
        }
    }

    /// The first parameter of that name.
    package subscript(name: String) -> String? {
        parameters.first { $0.name == name }?.value
    }

    /// Up to the next semicolon, without blanks around it.
    private static func token(_ rest: inout ArraySlice<UInt8>) -> String {
        let end = rest.firstIndex(of: UInt8(ascii: ";")) ?? rest.endIndex
        defer { rest = rest[end...] }
        return String(decoding: rest[..<end], as: UTF8.self).trimmingBlanks()
    }

    private static func value(_ rest: inout ArraySlice<UInt8>) -> String? {
        let (quote, backslash) = (UInt8(ascii: "\""), UInt8(ascii: "\\"))
        guard rest.first == quote else { return token(&rest) }
        rest = rest.dropFirst()
        var value: [UInt8] = []
        while let byte = rest.popFirst() {
            switch byte {
            case quote: return token(&rest).isEmpty ? String(decoding: value, as: UTF8.self) : nil
            // Browsers send the backslashes of a file name as they are; only these two are escapes.
            case backslash where rest.first == quote || rest.first == backslash: value.append(rest.removeFirst())
            default: value.append(byte)
            }
        }
        return nil
    }
}
