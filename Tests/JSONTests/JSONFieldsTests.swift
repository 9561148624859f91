import JSON
import Testing

struct `Typed access` {
    private enum Mode: String, CaseIterable {
        case full, changes
    }

    private let value: JSONValue = [
        "name": "people", "rows": 12, "active": true, "list": [1, 2], "inner": ["a/b~c": "x"], "mode": "changes",
        "none": nil, "price": .number("1.5"),
    ]

    @Test func `members come out as what they are`() throws {
        var fields = try JSONFields(value)
        #expect(try fields.string("name") == "people")
        #expect(try fields.integer("rows") == 12)
        #expect(try fields.bool("active"))
        #expect(try fields.array("list") == [1, 2])
        #expect(try fields.object("inner")["a/b~c"] == "x")
        #expect(try fields.oneOf("mode", Mode.self) == .changes)
        #expect(try fields.value("price") == .number("1.5"))
        #expect(try fields.value("none") == nil)
        #expect(try fields.optionalString("none") == nil)
        #expect(try fields.optionalString("absent") == nil)
        #expect(try fields.optionalInteger("absent") == nil)
        #expect(fields.optionalValue("absent") == nil)
        try fields.finish()
    }

    private func error(_ pointer: String = "", _ read: (inout JSONFields) throws -> Void) throws -> JSONFieldError {
        try #require(throws: JSONFieldError.self) {
            var fields = try JSONFields(value, at: pointer)
            try read(&fields)
        }
    }

    @Test func `a member of another kind is refused with its pointer`() throws {
        let wrong = try error("/config") { _ = try $0.integer("name") }
        #expect(
            (wrong.code, wrong.pointer, wrong.message) == (
                .wrongType, "/config/name", "must be a whole number, is a string"
            )
        )
        #expect(wrong.description == "/config/name: must be a whole number, is a string")
        #expect(try error { _ = try $0.optionalString("rows") }.message == "must be a string, is a number")
        #expect(try error { _ = try $0.integer("price") }.message == "must be a whole number, is a number")
        #expect(try error { _ = try $0.bool("list") }.message == "must be true or false, is an array")
        #expect(try error { _ = try $0.array("active") }.message == "must be an array, is true")
        let inner = try error { fields in
            var inner = try fields.fields("inner")
            _ = try inner.integer("a/b~c")
        }
        #expect(inner.pointer == "/inner/a~1b~0c")
        let top = try #require(throws: JSONFieldError.self) { _ = try JSONFields([1], at: "/rows/3") }
        #expect((top.code, top.pointer, top.message) == (.wrongType, "/rows/3", "must be an object, is an array"))
    }

    @Test func `what is missing is named, and what may be meant`() throws {
        let missing = try error { _ = try $0.string("title") }
        #expect((missing.code, missing.pointer, missing.message) == (.missing, "/title", "is missing"))
        #expect(try error { _ = try $0.string("none") }.code == .missing, "null counts as missing")
        #expect(try error { _ = try $0.string("nmae") }.message == "is missing; is \"name\" meant?")
    }

    @Test func `what nobody asked for is refused, with the nearest known name`() throws {
        let object: JSONValue = ["name": "x", "modus": "full"]
        var fields = try JSONFields(object, at: "/s")
        _ = try fields.string("name")
        _ = try fields.optionalString("mode")
        let near = #expect(throws: JSONFieldError.self) { try fields.finish() }
        #expect(near?.code == .unknownField)
        #expect(near?.pointer == "/s/modus")
        #expect(near?.message == "unknown field; known are mode, name")
        var others = try JSONFields(["nam": 1] as JSONValue)
        _ = try others.optionalString("name")
        #expect(throws: JSONFieldError(.unknownField, at: "/nam", "unknown field: did you mean \"name\"?")) {
            try others.finish()
        }
        var none = try JSONFields(["x": 1] as JSONValue)
        #expect(throws: JSONFieldError(.unknownField, at: "/x", "unknown field; none is expected")) {
            try none.finish()
        }
        _ = none.optionalValue("x")
        try none.finish()
    }

    @Test func `one of several says which there are`() throws {
        let wrong = try error { _ = try $0.oneOf("name", ["users", "peoples"]) }
        #expect(
            (wrong.code, wrong.message) == (.notAllowed, "must be one of users, peoples; did you mean \"peoples\"?")
        )
        #expect(try error { _ = try $0.optionalOneOf("name", Mode.self) }.message == "must be one of full, changes")
    }
}

struct `Nearest names` {
    @Test(
        arguments: [
            ("trmi", "trim"), ("Trim", "trim"), ("lowwer", "lower"), ("parsDate", "parseDate"),
            ("parsedate", "parseDate"), ("dflt", nil), ("defualt", "default"),
            ("x", nil), ("", nil), ("requires", "require"), ("valuemaps", "valueMap"),
            ("concatNonEmpt", "concatNonEmpty"), ("zzzzzzzz", nil),
        ] as [(String, String?)]
    )
    func `a misspelt word`(word: String, expected: String?) {
        let names = ["trim", "lower", "default", "parseDate", "valueMap", "require", "email", "concatNonEmpty"]
        #expect(nearest(to: word, in: names) == expected)
    }

    @Test func `the first of two equally near wins, and a monster is no misspelling`() {
        #expect(nearest(to: "cat", in: ["bat", "rat"]) == "bat")
        #expect(nearest(to: String(repeating: "a", count: 100_000), in: [String(repeating: "a", count: 99_999)]) == nil)
        #expect(nearest(to: "a", in: [String]()) == nil)
    }
}

struct `Base 64` {
    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `the standard's examples`(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(text.utf8))
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"), ("\u{3FF}\u{3FF}", "z7_Pvw"),
    ])
    func `tokens go without padding`(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8), alphabet: .urlSafe, isPadded: false) == encoded)
        #expect(Base64.decode(encoded, alphabet: .urlSafe, isPadded: false) == Array(text.utf8))
    }

    @Test(arguments: ["Z", "Zg==", "Zg=", "Zh", "Zm9", "Zm8=", "Zm9vZ", "=", "====", "Zg ", "Zm9v\n", "Zm9+", "Zm9ö"])
    func `without padding, too, only what encoding writes is read`(text: String) {
        #expect(Base64.decode(text, alphabet: .urlSafe, isPadded: false) == nil)
    }

    @Test func `both alphabets carry every byte, and don't mix`() {
        let bytes = (0...255).map { UInt8($0) } + [0xFB, 0xFF, 0xFE]
        for alphabet in [Base64.Alphabet.standard, .urlSafe] {
            #expect(Base64.decode(Base64.encode(bytes, alphabet: alphabet), alphabet: alphabet) == bytes)
        }
        #expect(Base64.encode([0xFB, 0xFF]) == "+/8=")
        #expect(Base64.encode([0xFB, 0xFF], alphabet: .urlSafe) == "-_8=")
        #expect(Base64.decode("-_8=") == nil)
        #expect(Base64.decode("+/8=", alphabet: .urlSafe) == nil)
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm8=Zm8=", "=", "====", "Z===", "Zg==\n", " Zg==", "Z g=", "Zg=a",
        "Zm9ö", "=Zg=",
    ])
    func `only what encoding writes is read`(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
