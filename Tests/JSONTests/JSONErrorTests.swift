import JSON
import Testing

struct `JSON errors` {
    @Test(
        arguments: [
            ("", "unexpected_end", 0, 1, 1), ("  \n ", "unexpected_end", 4, 2, 2), ("[1,", "unexpected_end", 3, 1, 4),
            ("[\"a", "unexpected_end", 1, 1, 2), ("\"a\\", "unexpected_end", 0, 1, 1),
            ("tru", "unexpected_end", 3, 1, 4),
            ("{\"a\":1}}", "trailing_content", 7, 1, 8), ("1 2", "trailing_content", 2, 1, 3),
            ("\u{FEFF}{}", "byte_order_mark", 0, 1, 1),
            ("[1}", "syntax", 2, 1, 3), ("{\"a\" 1}", "syntax", 5, 1, 6), ("{\"a\":1,}", "syntax", 7, 1, 8),
            ("[1,]", "syntax", 3, 1, 4),
            ("[,1]", "syntax", 1, 1, 2), ("{a:1}", "syntax", 1, 1, 2), ("{'a':1}", "syntax", 1, 1, 2),
            ("NaN", "syntax", 0, 1, 1),
            ("nan", "syntax", 1, 1, 2), ("-Infinity", "number", 1, 1, 2), ("[1 2]", "syntax", 3, 1, 4),
            ("// c\n1", "syntax", 0, 1, 1),
            ("]", "syntax", 0, 1, 1), ("trux", "syntax", 3, 1, 4), ("nulll", "trailing_content", 4, 1, 5),
            ("{1:2}", "syntax", 1, 1, 2),
            ("01", "number", 1, 1, 2), ("[-]", "number", 2, 1, 3), ("1.", "number", 2, 1, 3),
            ("1.e5", "number", 2, 1, 3), ("1e", "number", 2, 1, 3),
            ("1e+", "number", 3, 1, 4), ("+1", "syntax", 0, 1, 1), (".5", "syntax", 0, 1, 1),
            ("1-2", "number", 1, 1, 2), ("0x1", "trailing_content", 1, 1, 2),
            ("\"\\x\"", "escape", 1, 1, 2), ("\"\\u12g4\"", "escape", 1, 1, 2), ("\"\\u12\"", "escape", 1, 1, 2),
            ("\"é\\ud800\"", "surrogate", 3, 1, 3), ("\"\\udc00\"", "surrogate", 1, 1, 2),
            ("\"\\ud800\\ud800\"", "surrogate", 1, 1, 2),
            ("\"\\ud800x\"", "surrogate", 1, 1, 2), ("\"a\nb\"", "control_character", 2, 1, 3),
            ("\"a\u{1F}\"", "control_character", 2, 1, 3),
            ("{\"a\":1,\n \"a\":2}", "duplicate_name", 9, 2, 2), ("{\"a\":1,\"\\u0061\":2}", "duplicate_name", 7, 1, 8),
            ("[\n  1,\n  x\n]", "syntax", 9, 3, 3), ("[\"Größe\", x]", "syntax", 12, 1, 11),
        ] as [(String, String, Int, Int, Int)]
    )
    func `names the fault and its place`(text: String, code: String, offset: Int, line: Int, column: Int) throws {
        let error = try #require(throws: JSONError.self) { try JSONValue(parsing: text) }
        #expect(error.code.description == code, "\(error)")
        #expect(error.offset == offset)
        #expect((error.line, error.column) == (line, column))
        #expect(error.message.hasSuffix("at line \(line), column \(column)"))
        for chunk in 1...5 {
            #expect(throws: error, "in chunks of \(chunk)") { try readWhole(Array(text.utf8), chunk: chunk) }
        }
    }

    @Test(
        arguments: [
            ([0x22, 0xFF, 0x22], 1), ([0x22, 0x61, 0xC3, 0x22], 2), ([0x22, 0xED, 0xA0, 0x80, 0x22], 1),
            ([0x22, 0xC0, 0xAF, 0x22], 1),
            ([0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], 1), ([0x22, 0x5C, 0x6E, 0x80, 0x22], 3),
        ] as [([UInt8], Int)]
    )
    func `bytes that are not UTF-8 are refused where they stand`(bytes: [UInt8], offset: Int) throws {
        let error = try #require(throws: JSONError.self) { try JSONValue(parsing: bytes) }
        #expect(error.code == .utf8)
        #expect(error.offset == offset)
    }

    @Test func `a message says what would be right`() {
        func message(_ text: String) -> String? {
            #expect(throws: JSONError.self) { try JSONValue(parsing: text) }?.message
        }
        #expect(message("{\"a\":1 \"b\"}") == "'\"' stands where ',' or '}' should at line 1, column 8")
        #expect(message("[1") == "the text ends where ',' or ']' should stand at line 1, column 3")
        #expect(message("{,}") == "',' stands where a name in quotes or '}' should at line 1, column 2")
        #expect(message("[\u{7}]") == "0x07 stands where a value or ']' should at line 1, column 2")
    }
}

struct `JSON limits` {
    @Test func `nesting goes to the limit and not deeper`() throws {
        func nested(_ depth: Int) -> [UInt8] {
            Array(repeating: UInt8(ascii: "["), count: depth) + Array(repeating: UInt8(ascii: "]"), count: depth)
        }
        #expect(throws: Never.self) { try JSONValue(parsing: nested(64)) }
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: nested(65)) }
        #expect(error?.code == .tooDeep)
        #expect(error?.offset == 64)
        #expect(throws: JSONError.self) { try JSONValue(parsing: "[[1]]", limits: JSONLimits(depth: 1)) }
        #expect(throws: Never.self) { try JSONValue(parsing: "1", limits: JSONLimits(depth: 0)) }
        // Whatever is asked for: a value so deep could not be freed.
        #expect(throws: JSONError.self) { try JSONValue(parsing: nested(100_000), limits: JSONLimits(depth: .max)) }
        let deepest = try JSONValue(parsing: nested(1_024), limits: JSONLimits(depth: .max))
        #expect(deepest.serialized() == nested(1_024))
    }

    @Test func `bytes, tokens and members have limits`() {
        func code(_ text: String, _ limits: JSONLimits) -> JSONError.Code? {
            for chunk in [1, 3, 1_000] {
                let error = #expect(throws: JSONError.self) {
                    try readWhole(Array(text.utf8), chunk: chunk, limits: limits)
                }
                #expect(error?.code == .tooLarge)
            }
            return #expect(throws: JSONError.self) { try JSONValue(parsing: text, limits: limits) }?.code
        }
        #expect(code("[1, 2, 3]", JSONLimits(bytes: 8)) == .tooLarge)
        #expect(code("\"123456789\"", JSONLimits(tokenBytes: 10)) == .tooLarge)
        #expect(code("{\"123456789\":1}", JSONLimits(tokenBytes: 10)) == .tooLarge)
        #expect(code("[12345678901]", JSONLimits(tokenBytes: 10)) == .tooLarge)
        #expect(code("{\"a\":1,\"b\":2,\"c\":3}", JSONLimits(members: 2)) == .tooLarge)
        #expect(throws: Never.self) { try JSONValue(parsing: "[1, 2, 3]", limits: JSONLimits(bytes: 9)) }
        #expect(throws: Never.self) {
            try JSONValue(parsing: "[\"12345678\", 1234567890]", limits: JSONLimits(tokenBytes: 10))
        }
        #expect(throws: Never.self) {
            try JSONValue(parsing: "[{\"a\":1,\"b\":2}, {\"c\":3}]", limits: JSONLimits(members: 2))
        }
    }

    @Test func `a repeated name is found among many, also behind nested objects`() throws {
        for count in [2, 15, 16, 17, 18, 100, 5_000] {
            for repeated in [0, count / 2, count - 1] {
                var members = (0..<count).map { "\"name \($0)\":{\"name \($0)\":[{\"x\":1}]}" }
                #expect(throws: Never.self) { try JSONValue(parsing: "{" + members.joined(separator: ",") + "}") }
                members.append("\"name \(repeated)\":1")
                let error = #expect(throws: JSONError.self, "\(count), \(repeated)") {
                    try JSONValue(parsing: "{" + members.joined(separator: ",") + "}")
                }
                #expect(error?.code == .duplicateName)
            }
        }
        // Composed and decomposed are two names, though Swift calls the strings equal.
        let two = try JSONValue(parsing: "{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(two["\u{E9}"] == 1)
        #expect(two["e\u{301}"] == 2)
    }
}
