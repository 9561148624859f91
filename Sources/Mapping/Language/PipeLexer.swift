/// One word of a pipe.
struct PipeToken: Sendable, Equatable {
    var kind: Kind
    var range: Range<Int>

    enum Kind: Sendable, Equatable {
        case name(String)
        /// A field's name in backticks.
        case quotedName(String)
        case text(String)
        case integer(Int64)
        case number(Double)
        case symbol(Character)
        case end
    }
}

/// What can't be read, and where (an offset in scalars).
struct SyntaxProblem: Error, Equatable {
    var code = MappingProblem.Code.syntax
    var offset: Int
    var message: String
    var suggestion: String?
}

/// Cuts a pipe into words.
struct PipeLexer {
    /// Scalars of one text: what stands in a mapping is not meant to be long, and every row may get it.
    static let longestText = 1_000

    private let scalars: [Unicode.Scalar]
    private var position = 0

    init(_ transform: String) {
        scalars = Array(transform.unicodeScalars)
    }

    mutating func next() throws(SyntaxProblem) -> PipeToken {
        while let scalar = peek, " \t\r\n".unicodeScalars.contains(scalar) { position += 1 }
        let start = position
        guard let scalar = peek else { return PipeToken(kind: .end, range: start..<start) }
        let kind: PipeToken.Kind
        switch scalar {
        case "|", "(", ")", "{", "}", ",", ":":
            position += 1
            kind = .symbol(Character(scalar))
        case "\"", "'":
            kind = .text(try text(quote: scalar))
        case "`":
            kind = .quotedName(try quotedName())
        case "0"..."9", "-":
            kind = try number()
        case "a"..."z", "A"..."Z", "_":
            kind = .name(name())
        default:
            throw unexpected(scalar)
        }
        return PipeToken(kind: kind, range: start..<position)
    }

    private var peek: Unicode.Scalar? {
        position < scalars.count ? scalars[position] : nil
    }

    // MARK: - Names

    private mutating func name() -> String {
        let start = position
        while let scalar = peek, scalar.isNamePart { position += 1 }
        return String(String.UnicodeScalarView(scalars[start..<position]))
    }

    /// A name between backticks; two backticks inside stand for one.
    private mutating func quotedName() throws(SyntaxProblem) -> String {
        let start = position
        position += 1
        var name = String.UnicodeScalarView()
        while let scalar = peek {
            position += 1
            if scalar == "`" {
                guard peek == "`" else { return String(name) }
                position += 1
            }
            name.append(scalar)
        }
        throw SyntaxProblem(
            offset: start,
            message: "This field name has no closing backtick.",
            suggestion: "Close it: `Full Name`."
        )
    }

    // MARK: - Texts

    private mutating func text(quote: Unicode.Scalar) throws(SyntaxProblem) -> String {
        let start = position
        position += 1
        var text = String.UnicodeScalarView()
        while let scalar = peek, scalar != "\n", scalar != "\r" {
            if scalar == "\\" {
                text.append(try escape())
                continue
            }
            position += 1
            if scalar == quote {
                guard text.count <= Self.longestText else {
                    throw SyntaxProblem(
                        offset: start,
                        message: "This text is longer than \(Self.longestText) characters."
                    )
                }
                return String(text)
            }
            text.append(scalar)
        }
        throw SyntaxProblem(
            offset: start,
            message: "This text has no closing quote.",
            suggestion: "Close it with \(quote); a line break inside is written \\n."
        )
    }

    private mutating func escape() throws(SyntaxProblem) -> Unicode.Scalar {
        let start = position
        position += 1
        let letter = peek
        position += 1
        switch letter {
        case "\\", "\"", "'", "`": return letter ?? "\\"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u": return try escapedScalar(digits: 4, start: start)
        case "U": return try escapedScalar(digits: 8, start: start)
        default:
            throw SyntaxProblem(
                offset: start,
                message: "After a backslash stands one of \\ \" ' ` n r t, or u with 4 or U with 8 hexadecimal digits.",
                suggestion: "A backslash itself is written \\\\."
            )
        }
    }

    private mutating func escapedScalar(digits: Int, start: Int) throws(SyntaxProblem) -> Unicode.Scalar {
        var value: UInt32 = 0
        var read = 0
        while read < digits, let digit = peek?.hexValue {
            value = value << 4 | digit
            position += 1
            read += 1
        }
        guard read == digits, let scalar = Unicode.Scalar(value) else {
            throw SyntaxProblem(
                offset: start,
                message:
                    "This is no Unicode code point: \(digits) hexadecimal digits must follow, up to 10FFFF, no surrogate."
            )
        }
        return scalar
    }

    // MARK: - Numbers

    private mutating func number() throws(SyntaxProblem) -> PipeToken.Kind {
        let start = position
        if peek == "-" { position += 1 }
        let digits = position
        skipDigits()
        let whole = position
        if peek == "." {
            position += 1
            skipDigits()
        }
        if position > whole, peek == "e" || peek == "E" {
            position += 1
            if peek == "-" || peek == "+" { position += 1 }
            skipDigits()
        }
        let written = String(String.UnicodeScalarView(scalars[start..<position]))
        if scalars[digits..<whole].count > 1, scalars[digits] == "0" {
            throw SyntaxProblem(
                offset: start,
                message: "A number can't begin with 0.",
                suggestion: "Identifiers are texts: \"\(written)\"."
            )
        }
        if let scalar = peek, scalar.isNamePart || scalar == "." {
            throw SyntaxProblem(offset: start, message: "This is no number.", suggestion: "Put texts in quotes.")
        }
        if position == whole {
            guard let value = Int64(written) else {
                throw SyntaxProblem(
                    offset: start,
                    message: whole == digits ? "A digit must follow the minus sign." : "This number is out of range.",
                    suggestion: whole == digits ? nil : "Identifiers are texts: \"\(written)\"."
                )
            }
            return .integer(value)
        }
        guard digits < whole, scalars[position - 1].isDigit, let value = Double(written), value.isFinite else {
            throw SyntaxProblem(offset: start, message: "This is no number.", suggestion: "Write it as 0.5 or 1e6.")
        }
        return .number(value)
    }

    private mutating func skipDigits() {
        while let scalar = peek, scalar.isDigit { position += 1 }
    }

    // MARK: - Everything else

    private func unexpected(_ scalar: Unicode.Scalar) -> SyntaxProblem {
        let shown = scalar.properties.isWhitespace || scalar.value < 0x20 ? scalar.escaped(asASCII: true) : "\(scalar)"
        let suggestion: String? =
            switch scalar {
            case "“", "”", "„", "«", "»", "‘", "’": "Texts stand between straight quotes: \"…\"."
            case "،", ";", "؛": "Arguments are separated by a comma: ,"
            case ".": "Functions follow each other with |, as in first_name | trim."
            case "[", "]": "A valueMap's pairs stand between { and }."
            case _ where scalar.properties.isAlphabetic:
                "A field whose name has other letters than a to z stands in backticks: `Full Name`."
            case "!"..."~": "Texts stand in quotes: \"n/a\"."
            default: nil
            }
        return SyntaxProblem(offset: position, message: "“\(shown)” can't stand here.", suggestion: suggestion)
    }
}

extension Unicode.Scalar {
    fileprivate var isDigit: Bool { "0" <= self && self <= "9" }

    fileprivate var isNamePart: Bool {
        isDigit || self == "_" || ("a" <= self && self <= "z") || ("A" <= self && self <= "Z")
    }

    fileprivate var hexValue: UInt32? {
        switch self {
        case "0"..."9": value - 0x30
        case "a"..."f": value - 0x57
        case "A"..."F": value - 0x37
        default: nil
        }
    }
}
