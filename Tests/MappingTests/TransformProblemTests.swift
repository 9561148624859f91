import Columns
import Mapping
import Testing

@Suite struct TransformProblemTests {
    /// What is wrong with the transform of `value` → `status`.
    private func problems(_ transform: String, target: String = "status") -> [MappingProblem] {
        let names = ["id", "value", "first_name", "last_name", "Full Name"]
        let set = people(MappingRow(sourceField: "value", targetField: target, transform: transform))
        do throws(MappingProblems) {
            _ = try CompiledMapping.compile(
                set,
                source: names.map { Field(name: $0, type: .utf8) },
                environment: environment(for: set)
            )
            return []
        } catch {
            return error.problems
        }
    }

    struct Case: CustomTestStringConvertible, Sendable {
        var transform: String
        var code: MappingProblem.Code
        /// How far the caret stands in.
        var indent: Int
        var message: String
        var suggestion: String?

        init(_ transform: String, _ code: MappingProblem.Code, _ indent: Int, _ message: String, _ suggestion: String?)
        {
            self.transform = transform
            self.code = code
            self.indent = indent
            self.message = message
            self.suggestion = suggestion
        }

        var testDescription: String { transform }
    }

    static let pairs = "{\"A\": \"active\", \"T\": \"inactive\"}"

    static let cases = [
        // Steps
        Case("trim | lowr", .unknownFunction, 7, "There is no function “lowr”.", "Did you mean lower?"),
        Case(
            "trim | frobnicate",
            .unknownFunction,
            7,
            "There is no function “frobnicate”.",
            "Functions are \(MappingFunction.catalogue.map(\.name).joined(separator: ", "))."
        ),
        Case("trim |", .syntax, 6, "A function's name is missing at the end.", nil),
        Case(
            "| trim",
            .syntax,
            0,
            "A function's name is missing before this “|”.",
            "Functions follow each other with one |."
        ),
        Case(
            "trim || lower",
            .syntax,
            6,
            "A function's name is missing before this “|”.",
            "Functions follow each other with one |."
        ),
        Case("trim lower", .syntax, 5, "Between two functions stands “|”.", "Write them as trim | lower."),
        Case("trim,lower", .syntax, 4, "Here the transform should end, or go on with “|”.", nil),
        Case("trim)", .syntax, 4, "This parenthesis closes nothing.", nil),
        Case("`trim`", .syntax, 0, "Functions are written without backticks.", "Write trim."),
        Case(
            "\"n/a\"",
            .syntax,
            0,
            "Here stands a function's name, not a value.",
            "A fixed value for empty fields is written default(…)."
        ),
        Case(
            "value.trim()",
            .syntax,
            5,
            "“.” can't stand here.",
            "Functions follow each other with |, as in first_name | trim."
        ),
        Case(
            "  =value.trim()",
            .expressionNotSupported,
            2,
            "A transform is a pipe of functions; expressions, which begin with “=”, are not supported.",
            "Write a pipe, as in trim | lower. valueMap chooses between values, concatNonEmpty joins fields."
        ),
        // Arguments
        Case("trim(", .syntax, 5, "The transform ends inside an argument list.", "Close it with “)”."),
        Case("trim(1)", .tooManyArguments, 5, "trim takes no arguments.", "Write trim."),
        Case(
            "parseDate(\"dd/MM/yyyy\", \"UTC\", 1950, 3)",
            .tooManyArguments,
            37,
            "parseDate takes at most 3 arguments.",
            "Write parseDate(pattern[, zone][, firstYear])."
        ),
        Case("trim | default", .missingArgument, 7, "default lacks its argument value.", "Write default(value)."),
        Case("default()", .missingArgument, 0, "default lacks its argument value.", "Write default(value)."),
        Case(
            "concatNonEmpty(\" \")",
            .missingArgument,
            0,
            "concatNonEmpty lacks its argument part.",
            "Write concatNonEmpty(separator, part, …)."
        ),
        Case("default(\"active\",)", .syntax, 17, "A value is missing here.", nil),
        Case(
            "default(5)",
            .wrongArgumentType,
            8,
            "default takes a text here, and this is a whole number.",
            "Put it in quotes: \"5\"."
        ),
        Case(
            "default(true)",
            .wrongArgumentType,
            8,
            "default takes a text here, and this is true or false.",
            "Put it in quotes: \"true\"."
        ),
        Case(
            "valueMap(\"A\")",
            .wrongArgumentType,
            9,
            "valueMap takes a list of pairs here, and this is a text.",
            "Write pairs: \(pairs)."
        ),
        Case(
            "concatNonEmpty(last_name, first_name)",
            .wrongArgumentType,
            15,
            "The separator of concatNonEmpty must be written out; a field can't give it.",
            "Texts stand in quotes."
        ),
        Case(
            "parseDate(dd)",
            .wrongArgumentType,
            10,
            "The pattern of parseDate must be written out; a field can't give it.",
            "Texts stand in quotes."
        ),
        Case(
            "parseDate(\"dd/MM/yyyy\") | lower",
            .wrongArgumentType,
            26,
            "lower takes a text, and what stands before it is a date.",
            "Write lower before parseDate, or formatDate after it."
        ),
        Case(
            "concatNonEmpty(\" \", trim(last_name))",
            .syntax,
            20,
            "A function can't stand before its value here.",
            "Write the value first: first_name | trim."
        ),
        Case(
            "split(\",\")",
            .wrongResultType,
            0,
            "status takes one of active, on_leave, suspended, inactive, and the transform makes a list.",
            "item(0) takes its first text, join(\" \") makes one text of all."
        ),
        Case(
            "split(\",\") | upper",
            .wrongArgumentType,
            13,
            "upper takes a text, and what stands before it is a list.",
            "item(0) takes its first text, join(\" \") makes one text of all."
        ),
        Case(
            "join(\",\")",
            .wrongArgumentType,
            0,
            "join takes a list, and what stands before it is a text.",
            "split(\",\") makes a list of a text."
        ),
        Case(
            "parseNumber | padLeft(5)",
            .wrongArgumentType,
            14,
            "padLeft takes a text, and what stands before it is a number.",
            "Write padLeft before parseNumber."
        ),
        Case(
            "round(2)",
            .wrongArgumentType,
            0,
            "round takes a number or a whole number, and what stands before it is a text.",
            "parseNumber makes a number of a text."
        ),
        Case(
            "parseBool",
            .wrongResultType,
            0,
            "status takes one of active, on_leave, suspended, inactive, and the transform makes true or false.",
            "valueMap({\"true\": …, \"false\": …}) says what each becomes."
        ),
        Case(
            "parseBool({\"X\": \"yes\"})",
            .wrongArgumentType,
            16,
            "parseBool lists true or false, and this is a text.",
            "Write {\"X\": true, \"-\": false}."
        ),
        Case(
            "lookup(\"deprtments\")",
            .unknownTable,
            7,
            "There is no lookup table “deprtments”.",
            "Did you mean departments?"
        ),
        Case(
            "dateInZone(\"Asia/Riyad\")",
            .unknownZone,
            11,
            "There is no time zone “Asia/Riyad”.",
            "Did you mean Asia/Riyadh?"
        ),
        Case(
            "parseDate(\"dd/MM/yyyy HH:mm\")",
            .missingArgument,
            10,
            "The pattern has hours, and nothing says in which time zone they are.",
            "Name it, as in parseDate(\"dd/MM/yyyy HH:mm\", \"Asia/Riyadh\")."
        ),
        Case(
            "parseDate(\"dd/MM/yyyy\", \"UTC\") | addDays(1)",
            .wrongArgumentType,
            33,
            "addDays takes a date, and what stands before it is a time.",
            "dateInZone(\"Asia/Riyadh\") makes a date of a time."
        ),
        Case(
            "regexExtract(\"a(b\")",
            .badRegex,
            13,
            "This is no regular expression: missing ): a(b.",
            nil
        ),
        Case(
            "regexReplace(\"a\", \"\\\\1\")",
            .badArgument,
            18,
            "The pattern has no group 1: it has 0.",
            nil
        ),
        Case(
            "phoneE164(\"sa\")",
            .badArgument,
            10,
            "phoneE164 knows no country “sa”.",
            "Write SA."
        ),
        Case(
            "parseNumber(\"eng\")",
            .badArgument,
            12,
            "There is no number form “eng”.",
            "Did you mean en?"
        ),
        Case("hmac(\"short\")", .badArgument, 5, "The key of hmac has at least 16 bytes, and this has 5.", nil),
        Case("padLeft(0)", .badArgument, 8, "The width is between 1 and 255, and this is 0.", nil),
        // Fields
        Case(
            "concatNonEmpty(\" \", last_nam)",
            .unknownField,
            20,
            "The source has no field “last_nam”.",
            "Did you mean last_name?"
        ),
        Case(
            "default(`Full Nam` | trim)",
            .unknownField,
            8,
            "The source has no field “Full Nam”.",
            "Did you mean Full Name?"
        ),
        Case(
            "default(`Full Name | trim)",
            .syntax,
            8,
            "This field name has no closing backtick.",
            "Close it: `Full Name`."
        ),
        Case("default(_tf_at)", .unknownField, 8, "Names that begin with _tf_ are reserved.", nil),
        Case(
            "default(الاسم)",
            .syntax,
            8,
            "“ا” can't stand here.",
            "A field whose name has other letters than a to z stands in backticks: `Full Name`."
        ),
        // Texts and numbers
        Case(
            "default(\"n/a)",
            .syntax,
            8,
            "This text has no closing quote.",
            "Close it with \"; a line break inside is written \\n."
        ),
        Case(
            "default('a\\q')",
            .syntax,
            10,
            "After a backslash stands one of \\ \" ' ` n r t, or u with 4 or U with 8 hexadecimal digits.",
            "A backslash itself is written \\\\."
        ),
        Case(
            "default('\\ud800')",
            .syntax,
            9,
            "This is no Unicode code point: 4 hexadecimal digits must follow, up to 10FFFF, no surrogate.",
            nil
        ),
        Case("default(“n/a”)", .syntax, 8, "““” can't stand here.", "Texts stand between straight quotes: \"…\"."),
        Case("default(n/a)", .syntax, 9, "“/” can't stand here.", "Texts stand in quotes: \"n/a\"."),
        Case("default(007)", .syntax, 8, "A number can't begin with 0.", "Identifiers are texts: \"007\"."),
        Case("default(12a)", .syntax, 8, "This is no number.", "Put texts in quotes."),
        Case("default(-)", .syntax, 8, "A digit must follow the minus sign.", nil),
        Case("default(1.)", .syntax, 8, "This is no number.", "Write it as 0.5 or 1e6."),
        Case(
            "default(9999999999999999999)",
            .syntax,
            8,
            "This number is out of range.",
            "Identifiers are texts: \"9999999999999999999\"."
        ),
        // Maps
        Case(
            "valueMap({A: \"x\"})",
            .syntax,
            10,
            "Here a key in quotes should stand, or “}”.",
            "Pairs are written \(pairs)."
        ),
        Case("valueMap({\"A\" \"x\"})", .syntax, 14, "A colon must follow the key.", nil),
        Case(
            "valueMap({\"A\": \"x\" \"B\": \"y\"})",
            .syntax,
            19,
            "Between two pairs stands a comma; the last is followed by “}”.",
            nil
        ),
        Case("valueMap({\"A\": x})", .syntax, 15, "Here the value for “A” should stand.", "Texts stand in quotes."),
        Case(
            "valueMap({\"A\": 1})",
            .wrongArgumentType,
            15,
            "valueMap lists texts, and this is a whole number.",
            "Put it in quotes: \"1\"."
        ),
        Case(
            "valueMap({\"A\": \"active\", \"A\": \"inactive\"})",
            .duplicateKey,
            25,
            "“A” is listed twice.",
            nil
        ),
        Case("valueMap({})", .missingArgument, 9, "valueMap lists no pairs.", "Write them as \(pairs)."),
        // Values and patterns
        Case(
            "valueMap({\"A\": \"actve\"})",
            .badValue,
            15,
            "“actve” can't be status: it is one of active, on_leave, suspended, inactive.",
            "Did you mean active?"
        ),
        Case(
            "trim | default('Nowhere') | lower | require",
            .badValue,
            15,
            "“nowhere” can't be status: it is one of active, on_leave, suspended, inactive.",
            nil
        ),
        Case(
            "parseDate(\"dd/MM/yyyy\") | default(\"soon\")",
            .badValue,
            34,
            "“soon” is no date; default takes one here, because the value is one.",
            "Write it in the form yyyy-MM-dd."
        ),
        Case(
            "parseDate(\"dd/mm/yyyy\")",
            .badDatePattern,
            14,
            "This is no date pattern: mm is the minute, and there is no hour (M is the month).",
            nil
        ),
        Case(
            "parseDate(\"dd/MM/yy\")",
            .badDatePattern,
            17,
            "This is no date pattern: yy leaves the century open: write yyyy, or say where its hundred years begin.",
            "parseDate(\"dd/MM/yy\", 1950) reads 49 as 2049 and 50 as 1950."
        ),
        Case(
            "parseDate(\"dd/MM/yyyy\", 0)",
            .badDatePattern,
            24,
            "The first of the hundred years is between 1 and 9900.",
            "With 1950, 49 is 2049 and 50 is 1950."
        ),
        Case(
            "parseDate(\"dd/MM/yyyy\")",
            .wrongResultType,
            0,
            "status takes one of active, on_leave, suspended, inactive, and the transform makes a date.",
            nil
        ),
    ]

    @Test(arguments: cases)
    func `a wrong transform is named with its place`(wrong: Case) throws {
        let problems = problems(wrong.transform)
        let problem = try #require(problems.first)
        #expect(problems.count == 1)
        #expect(problem.code == wrong.code)
        #expect(problem.message == wrong.message)
        #expect(problem.suggestion == wrong.suggestion)
        #expect(problem.rowIndex == 1 && problem.sourceField == "value" && problem.targetField == "status")
        #expect(problem.line == 1 && problem.column == wrong.indent + 1)
        #expect(problem.caret == "\(wrong.transform)\n\(String(repeating: " ", count: wrong.indent))^")
    }

    @Test func `the description shows row, sentence and caret`() throws {
        let problem = try #require(problems("trim | lowr").first)
        #expect(
            problem.description == """
                value → status: There is no function “lowr”. Did you mean lower?
                trim | lowr
                       ^
                """
        )
    }

    @Test func `a caret stands under its line, after tabs and wide characters`() throws {
        let problem = try #require(problems("trim\r\n\t| default('é👨‍👩‍👧') | lowr\n| upper", target: "attributes.x").first)
        #expect(problem.line == 2)
        #expect(problem.column == 20)
        #expect(problem.caret == "\t| default('é👨‍👩‍👧') | lowr\n\t                  ^")
    }

    @Test func `of a long line only what is near is shown`() throws {
        let pairs = (0..<400).map { "\"\($0)\": \"\($0 == 200 ? "actve" : "active")\"" }.joined(separator: ", ")
        let problem = try #require(problems("valueMap({\(pairs)})").first)
        let lines = problem.caret.split(separator: "\n")
        #expect(lines[0].count == 202 && lines[0].hasPrefix("…") && lines[0].hasSuffix("…"))
        #expect(lines[1].count == 102)
        #expect(lines[0].dropFirst(101).hasPrefix("\"actve\""))
    }

    @Test func `all that is wrong with a transform comes at once, from left to right`() {
        let problems = problems("trim | default(nam | uper) | parseDate(\"mm\") | lowr(5 | trim)")
        #expect(
            problems.map(\.code) == [
                .unknownField, .unknownFunction, .badDatePattern, .unknownFunction, .wrongArgumentType,
            ]
        )
        #expect(problems.map(\.column) == [16, 22, 41, 48, 57])
    }

    @Test func `limits end what is too long or too deep`() {
        #expect(problems(String(repeating: "default(id | ", count: 20)).map(\.code) == [.syntax])
        #expect(problems(String(repeating: "(", count: 100_000)).map(\.code) == [.syntax])
        let many = Array(repeating: "trim", count: 101).joined(separator: " | ")
        #expect(problems(many).map(\.message) == ["A transform has at most 100 functions."])
        let most = Array(repeating: "trim", count: 100).joined(separator: " | ")
        #expect(problems(most, target: "attributes.x").isEmpty)
        let text = String(repeating: "x", count: 1_001)
        #expect(problems("default('\(text)')").map(\.message) == ["This text is longer than 1000 characters."])
        let open = String(repeating: "(", count: 40)
        #expect(problems("default\(open)").map(\.code) == [.syntax])
    }

    @Test(arguments: [
        "", "  \n", "trim", " trim | lower ", "trim()", "trim\n| lower", "default(\"active\")", "default('active')",
        "default(null)", "default(`Full Name`)", "default((first_name))", "default(first_name | trim | lower)",
        "valueMap({\"A\": \"active\",})", "valueMap({\"\": \"active\", 'B': null}) | default(\"inactive\")",
        "valueMap({\"A\": \"Active\"}) | lower", "default('\\u0061ctive')",
    ])
    func `a right transform compiles`(transform: String) {
        #expect(problems(transform).isEmpty)
    }

    @Test func `random transforms never crash the reader`() {
        var generator = SeededGenerator(seed: 7)
        let parts = [
            "trim", "lower", "|", "(", ")", ",", "\"a\"", "'", "`", "{", "}", ":", "default", "valueMap", "parseDate",
            " ",
            "\n", "1", "-", ".", "e", "null", "true", "value", "\\", "é", "=", "concatNonEmpty", "\u{0}", "\u{301}",
            "split", "item", "regexReplace", "lookup", "substring", "parseNumber", "0", "2",
        ]
        var compiled = 0
        for _ in 0..<5_000 {
            let length = Int.random(in: 1...12, using: &generator)
            let transform = (0..<length).compactMap { _ in parts.randomElement(using: &generator) }.joined()
            let problems = problems(transform, target: "attributes.x")
            if problems.isEmpty { compiled += 1 }
            for problem in problems {
                #expect(problem.line >= 1 && problem.column >= 1 && problem.caret.hasSuffix("^"))
            }
        }
        #expect(compiled > 0)
    }
}

/// The same numbers each time (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
