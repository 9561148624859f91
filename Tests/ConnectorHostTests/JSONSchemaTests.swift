import ConnectorHost
import JSON
import Testing

@Suite struct JSONSchemaTests {
    private func findings(_ schema: JSONValue, _ value: JSONValue) throws -> [String] {
        try JSONSchema(compiling: schema).findings(in: value).map { "\($0.pointer): \($0.message)" }
    }

    private func refusal(_ schema: JSONValue) -> JSONSchema.Refusal? {
        #expect(throws: JSONSchema.Refusal.self) { try JSONSchema(compiling: schema) }
    }

    @Test func `keywords that nobody checks are refused with their place`() {
        #expect(refusal(["properties": ["a": ["patern": "x"]]])?.pointer == "/properties/a/patern")
        #expect(refusal(["pattern": "^a$"])?.pointer == "/pattern")
        #expect(refusal(["items": ["not": true]])?.pointer == "/items/not")
        #expect(refusal(["format": "ipv4"])?.pointer == "/format")
        #expect(refusal(["type": "int"])?.pointer == "/type")
        #expect(refusal(["anyOf": [true]])?.pointer == "/anyOf")
        #expect(refusal(["properties": ["a/b": ["$defs": [:]]]])?.pointer == "/properties/a~1b/$defs")
        #expect(refusal(["then": true])?.pointer == "/then")
        #expect(refusal(["multipleOf": 0])?.pointer == "/multipleOf")
        #expect(refusal(["minLength": -1])?.pointer == "/minLength")
        #expect(refusal(["minItems": 3, "maxItems": 2])?.pointer == "/maxItems")
        #expect(refusal([1])?.pointer == "")
    }

    @Test func `notes for people change nothing`() throws {
        let schema: JSONValue = [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "T", "description": "D", "default": 1,
            "examples": [1], "writeOnly": true, "x-trainflow-order": 3,
        ]
        #expect(try findings(schema, ["anything": true]).isEmpty)
    }

    @Test func `types, with whole numbers however they are written`() throws {
        let integer = try JSONSchema(compiling: ["type": "integer"])
        for text in ["1", "1.0", "10e-1", "1E2", "-0", "123456789012345678901234567890", "0.0"] {
            #expect(integer.findings(in: try JSONValue(parsing: text)).isEmpty, "\(text)")
        }
        for text in ["1.5", "1e-1", "\"1\"", "true", "null"] {
            #expect(integer.findings(in: try JSONValue(parsing: text)).count == 1, "\(text)")
        }
        #expect(try findings(["type": ["string", "null"]], 3) == [": must be null or a text"])
    }

    @Test func `enum and const compare as JSON does`() throws {
        #expect(try findings(["const": 1], .number("1.0")).isEmpty)
        #expect(try findings(["const": ["a": 1, "b": 2]], ["b": 2, "a": 1]).isEmpty)
        #expect(try findings(["enum": ["a", "b", 3]], "c") == [": must be \"a\", \"b\" or 3"])
        #expect(try !findings(["const": "\u{E9}"], "e\u{301}").isEmpty)
        #expect(try !findings(["const": false], 0).isEmpty)
    }

    @Test func `numbers are compared without rounding`() throws {
        let bounds: JSONValue = ["minimum": .number("0.1"), "exclusiveMaximum": .number("1e20")]
        #expect(try findings(bounds, .number("0.1")).isEmpty)
        #expect(try findings(bounds, .number("0.10000000000000000000001")).isEmpty)
        #expect(try findings(bounds, .number("0.09999999999999999999999")) == [": must be at least 0.1"])
        #expect(try findings(bounds, .number("99999999999999999999")).isEmpty)
        #expect(try findings(bounds, .number("100000000000000000000")) == [": must be less than 1e20"])
        #expect(try findings(["maximum": -5, "exclusiveMinimum": -7], -5).isEmpty)
        #expect(try findings(["maximum": -5, "exclusiveMinimum": -7], -4) == [": must be at most -5"])
        #expect(try findings(["maximum": -5, "exclusiveMinimum": -7], -7) == [": must be more than -7"])
    }

    @Test func `multiples are exact`() throws {
        let cent = try JSONSchema(compiling: ["multipleOf": .number("0.01")])
        for text in ["0.01", "19.99", "0", "4.35", "1e3", "123456789012345678901234567890.12", "1e400"] {
            #expect(cent.findings(in: try JSONValue(parsing: text)).isEmpty, "\(text)")
        }
        for text in ["0.001", "19.999", "1e-3"] {
            #expect(cent.findings(in: try JSONValue(parsing: text)).count == 1, "\(text)")
        }
        #expect(try findings(["multipleOf": 7], .number("7e30")).isEmpty)
        #expect(try !findings(["multipleOf": 7], .number("1e30")).isEmpty)
    }

    @Test func `members are required, known and named by pointer`() throws {
        let schema: JSONValue = [
            "type": "object", "properties": ["base_url": ["type": "string"], "a/b": ["type": "integer"]],
            "required": ["base_url"], "additionalProperties": false, "dependentRequired": ["a/b": ["c~d"]],
        ]
        #expect(
            try findings(schema, ["base_ulr": "x", "a/b": "y"]) == [
                "/base_url: is required", "/c~0d: is required beside a/b",
                "/base_ulr: isn't known; did you mean base_url?", "/a~1b: must be a whole number",
            ]
        )
    }

    @Test func `lists`() throws {
        let schema: JSONValue = ["items": ["type": "integer"], "minItems": 1, "maxItems": 3, "uniqueItems": true]
        #expect(try findings(schema, [1, 2, 3]).isEmpty)
        #expect(try findings(schema, []) == [": needs at least 1 items"])
        #expect(
            try findings(schema, [1, "x", .number("1.0"), 4]) == [
                ": has more than 3 items", "/2: repeats item 0", "/1: must be a whole number",
            ]
        )
    }

    @Test func `lengths count code points`() throws {
        let schema: JSONValue = ["minLength": 2, "maxLength": 3]
        #expect(try findings(schema, "e\u{301}").isEmpty)
        #expect(try findings(schema, "👩‍👩‍👧") == [": is longer than 3 characters"])
        #expect(try findings(schema, "x") == [": is shorter than 2 characters"])
    }

    @Test(arguments: [
        (
            "uri", ["https://hr.example.org:8443/a?b=%20#c", "http://[::1]/", "urn:x:y", "sftp://h/p"],
            [
                "x", "https://", "https:example.org", "https://exa mple.org", "https://h/%2", "https://[@h/", "1a:b",
                "http://h:80000000/",
            ]
        ),
        (
            "hostname", ["a", "a.example.org", "xn--bcher-kva.example"],
            ["", "a..b", "-a", "a-", "a_b", "ü.example", String(repeating: "a", count: 64)]
        ),
        (
            "email", ["a@example.org", "a.b+c@example.org", "ü@example.org"],
            ["a", "@example.org", "a@", ".a@example.org", "a..b@example.org", "a b@example.org", "a@b_c"]
        ),
        (
            "date", ["2024-02-29", "2000-02-29", "9999-12-31"],
            ["2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-1-01", "2024-01-32", "2024/01/01"]
        ),
        (
            "date-time", ["2024-02-29T23:59:60Z", "2024-02-29t01:02:03.5z", "2024-01-01T00:59:60+01:00"],
            [
                "2024-02-29", "2024-02-29T24:00:00Z", "2024-02-29T12:59:60Z", "2024-02-29T01:02:03",
                "2024-02-29T01:02:03.Z",
                "2024-02-29T01:02:03+24:00",
            ]
        ),
        (
            "uuid", ["018f2d2c-6a5e-7c3b-9a52-0c1f5a8a9b10", "018F2D2C-6A5E-7C3B-9A52-0C1F5A8A9B10"],
            ["018f2d2c6a5e7c3b9a520c1f5a8a9b10", "018f2d2c-6a5e-7c3b-9a52-0c1f5a8a9b1g"]
        ),
    ])
    func `formats are checked`(name: String, right: [String], wrong: [String]) throws {
        let schema = try JSONSchema(compiling: ["format": .string(name)])
        for text in right { #expect(schema.findings(in: .string(text)).isEmpty, "\(text)") }
        for text in wrong { #expect(schema.findings(in: .string(text)).count == 1, "\(text)") }
        #expect(schema.findings(in: 3).isEmpty)
    }

    @Test func `oneOf chooses by its discriminator and checks only that branch`() throws {
        func branch(_ kind: String, _ property: String) -> JSONValue {
            [
                "properties": ["kind": ["const": .string(kind)], property: ["type": "string"]],
                "required": ["kind", .string(property)],
            ]
        }
        let schema: JSONValue = ["oneOf": [branch("basic", "user"), branch("token", "token")]]
        #expect(try findings(schema, ["kind": "basic", "user": "x"]).isEmpty)
        #expect(try findings(schema, ["kind": "token", "user": "x"]) == ["/token: is required"])
        #expect(try findings(schema, ["kind": "oauth"]) == ["/kind: must be \"basic\" or \"token\""])
        #expect(try findings(schema, [:]) == ["/kind: is required"])
        #expect(refusal(["oneOf": [["type": "string"], ["type": "integer"]]])?.pointer == "/oneOf")
        #expect(refusal(["oneOf": [branch("a", "x"), branch("a", "y")]])?.pointer == "/oneOf")
    }

    @Test func `if, then and else`() throws {
        let schema: JSONValue = [
            "if": ["properties": ["mode": ["const": "file"]], "required": ["mode"]],
            "then": ["required": ["path"]], "else": ["required": ["url"]],
        ]
        #expect(try findings(schema, ["mode": "file"]) == ["/path: is required"])
        #expect(try findings(schema, ["mode": "web"]) == ["/url: is required"])
        #expect(try findings(schema, ["mode": "web", "url": ""]).isEmpty)
    }

    @Test func `references, also recursive ones through members`() throws {
        let schema: JSONValue = [
            "$defs": [
                "node": ["type": "object", "properties": ["next": ["$ref": "#/$defs/node"], "v": ["type": "integer"]]]
            ],
            "$ref": "#/$defs/node",
        ]
        #expect(try findings(schema, ["next": ["next": ["v": "x"]]]) == ["/next/next/v: must be a whole number"])
        #expect(refusal(["$ref": "#/$defs/none"])?.pointer == "/$ref")
        #expect(refusal(["$ref": "https://example.org/schema"])?.pointer == "/$ref")
        let loop: JSONValue = ["$defs": ["a": ["$ref": "#/$defs/b"], "b": ["if": ["$ref": "#/$defs/a"]]]]
        #expect(refusal(loop)?.message == "refers back to itself")
    }

    @Test func `a schema that multiplies its work is stopped, and says so`() throws {
        var definitions: JSONObject = ["d0": ["type": "object"]]
        for level in 1...30 {
            let below = JSONValue.string("#/$defs/d\(level - 1)")
            definitions["d\(level)"] = ["if": ["$ref": below], "then": ["$ref": below]]
        }
        let schema: JSONValue = ["$defs": .object(definitions), "$ref": "#/$defs/d30"]
        #expect(try findings(schema, [:]) == [": is too involved to be checked"])
    }

    @Test func `findings never quote the value`() throws {
        let schema: JSONValue = ["properties": ["token": ["format": "uuid", "minLength": 99, "enum": ["x"]]]]
        let texts = try findings(schema, ["token": "hunter2"])
        #expect(texts.count == 3)
        #expect(!texts.joined().contains("hunter2"))
    }
}
