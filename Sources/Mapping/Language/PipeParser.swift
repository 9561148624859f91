/// Reads pipes.
///
///     pipe     = step { "|" step }
///     step     = name [ "(" [ argument { "," argument } ] ")" ]
///     argument = value { "|" step }
///     value    = literal | map | field | "(" argument ")"
///     literal  = text | number | "true" | "false" | "null"
///     map      = "{" [ text ":" literal { "," text ":" literal } [ "," ] ] "}"
///     field    = name | "`" any "`"
struct PipeParser {
    /// Scalars of one transform. Long enough for a valueMap of some hundred entries.
    static let longest = 32_768
    /// Calls of one transform: each has a state byte of its own.
    static let mostCalls = 100
    /// Arguments within arguments.
    static let deepest = 16

    private var lexer: PipeLexer
    private var token: PipeToken
    private var calls = 0
    private var depth = 0

    /// The tree of a transform that is applied to a source field; the field alone where the transform is blank.
    static func parse(_ transform: String, source: String) throws(SyntaxProblem) -> Syntax {
        let head = Syntax(kind: .field(source), range: 0..<0)
        guard transform.unicodeScalars.count <= longest else {
            throw SyntaxProblem(offset: 0, message: "This transform is longer than \(longest) characters.")
        }
        let first = transform.unicodeScalars.enumerated().first { !$0.element.properties.isWhitespace }
        guard let first else { return head }
        if first.element == "=" {
            throw SyntaxProblem(
                code: .expressionNotSupported,
                offset: first.offset,
                message: "A transform is a pipe of functions; expressions, which begin with “=”, are not supported.",
                suggestion:
                    "Write a pipe, as in trim | lower. valueMap chooses between values, concatNonEmpty joins fields."
            )
        }
        var parser = try PipeParser(transform)
        let pipe = try parser.steps(after: head, isStart: true)
        try parser.expectEnd()
        return pipe
    }

    private init(_ transform: String) throws(SyntaxProblem) {
        lexer = PipeLexer(transform)
        token = try lexer.next()
    }

    private mutating func advance() throws(SyntaxProblem) {
        token = try lexer.next()
    }

    private func problem(_ message: String, _ suggestion: String? = nil) -> SyntaxProblem {
        SyntaxProblem(offset: token.range.lowerBound, message: message, suggestion: suggestion)
    }

    private func isAt(_ symbol: Character) -> Bool {
        token.kind == .symbol(symbol)
    }

    private mutating func expect(_ symbol: Character, _ message: String) throws(SyntaxProblem) {
        guard isAt(symbol) else { throw problem(message) }
        try advance()
    }

    private func expectEnd() throws(SyntaxProblem) {
        switch token.kind {
        case .end: return
        case .symbol(")"): throw problem("This parenthesis closes nothing.")
        case .symbol("("), .text, .integer, .number, .quotedName, .name:
            throw problem("Between two functions stands “|”.", "Write them as trim | lower.")
        default: throw problem("Here the transform should end, or go on with “|”.")
        }
    }

    // MARK: - Steps

    private mutating func steps(after head: Syntax, isStart: Bool) throws(SyntaxProblem) -> Syntax {
        var value = head
        var expectsStep = isStart
        while expectsStep || isAt("|") {
            if !expectsStep { try advance() }
            expectsStep = false
            value = try step(receiver: value)
        }
        return value
    }

    private mutating func step(receiver: Syntax) throws(SyntaxProblem) -> Syntax {
        guard case .name(let function) = token.kind, !Self.words.contains(function) else {
            throw stepMissing()
        }
        let nameRange = token.range
        try advance()
        var end = nameRange.upperBound
        var arguments: [Syntax] = []
        if isAt("(") {
            try advance()
            arguments = try self.arguments()
            end = token.range.upperBound
            try expect(")", "The arguments of \(function) have no closing parenthesis.")
        }
        calls += 1
        guard calls <= Self.mostCalls else {
            throw SyntaxProblem(
                offset: nameRange.lowerBound,
                message: "A transform has at most \(Self.mostCalls) functions."
            )
        }
        let call = Syntax.Call(function: function, nameRange: nameRange, receiver: receiver, arguments: arguments)
        return Syntax(kind: .call(call), range: receiver.range.lowerBound..<end)
    }

    private func stepMissing() -> SyntaxProblem {
        switch token.kind {
        case .symbol("|"):
            problem("A function's name is missing before this “|”.", "Functions follow each other with one |.")
        case .end:
            problem("A function's name is missing at the end.")
        case .text, .integer, .number:
            problem(
                "Here stands a function's name, not a value.",
                "A fixed value for empty fields is written default(…)."
            )
        case .quotedName(let name):
            problem("Functions are written without backticks.", "Write \(name).")
        default:
            problem("Here a function's name should stand.")
        }
    }

    // MARK: - Arguments

    private mutating func arguments() throws(SyntaxProblem) -> [Syntax] {
        if isAt(")") { return [] }
        var arguments = [try argument()]
        while isAt(",") {
            try advance()
            arguments.append(try argument())
        }
        return arguments
    }

    private mutating func argument() throws(SyntaxProblem) -> Syntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else {
            throw problem("Arguments are nested more than \(Self.deepest) deep.")
        }
        return try steps(after: try value(), isStart: false)
    }

    private mutating func value() throws(SyntaxProblem) -> Syntax {
        let range = token.range
        if let literal = try literal() {
            return Syntax(kind: .literal(literal), range: range.lowerBound..<range.upperBound)
        }
        switch token.kind {
        case .quotedName(let name):
            try advance()
            return Syntax(kind: .field(name), range: range)
        case .name(let name):
            try advance()
            guard !isAt("(") else {
                throw SyntaxProblem(
                    offset: range.lowerBound,
                    message: "A function can't stand before its value here.",
                    suggestion: "Write the value first: first_name | \(name)."
                )
            }
            return Syntax(kind: .field(name), range: range)
        case .symbol("{"):
            return try map()
        case .symbol("("):
            try advance()
            let inner = try argument()
            try expect(")", "This argument has no closing parenthesis.")
            return inner
        case .end:
            throw problem("The transform ends inside an argument list.", "Close it with “)”.")
        case .symbol(","), .symbol(")"):
            throw problem("A value is missing here.")
        default:
            throw problem("Here a text, a number or a field's name should stand.")
        }
    }

    /// Words that are values, not names.
    private static let words: Set<String> = ["true", "false", "null"]

    private mutating func literal() throws(SyntaxProblem) -> Literal? {
        let literal: Literal
        switch token.kind {
        case .text(let text): literal = .text(text)
        case .integer(let integer): literal = .integer(integer)
        case .number(let number): literal = .number(number)
        case .name("true"): literal = .truth(true)
        case .name("false"): literal = .truth(false)
        case .name("null"): literal = .null
        default: return nil
        }
        try advance()
        return literal
    }

    private mutating func map() throws(SyntaxProblem) -> Syntax {
        let start = token.range.lowerBound
        try advance()
        var entries: [Literal.MapEntry] = []
        while !isAt("}") {
            let keyRange = token.range
            guard case .text(let key) = token.kind else {
                throw problem(
                    "Here a key in quotes should stand, or “}”.",
                    "Pairs are written {\"A\": \"active\", \"T\": \"inactive\"}."
                )
            }
            try advance()
            try expect(":", "A colon must follow the key.")
            let valueRange = token.range
            guard let value = try literal() else {
                throw problem("Here the value for “\(key)” should stand.", "Texts stand in quotes.")
            }
            entries.append(Literal.MapEntry(key: key, value: value, keyRange: keyRange, valueRange: valueRange))
            if !isAt("}") { try expect(",", "Between two pairs stands a comma; the last is followed by “}”.") }
        }
        let end = token.range.upperBound
        try advance()
        return Syntax(kind: .literal(.map(entries)), range: start..<end)
    }
}
