import JSON
import Testing

struct `JSON writing` {
    @Test func `values are compact, in order, and always the same bytes`() {
        let value: JSONValue = ["b": [1, -9_223_372_036_854_775_808, true, nil, "x"], "a": ["": []], "empty": [:]]
        #expect(value.text == #"{"b":[1,-9223372036854775808,true,null,"x"],"a":{"":[]},"empty":{}}"#)
        #expect(value.serialized() == Array(value.text.utf8))
    }

    @Test func `of a name that comes again the first stays, and names that only look alike are two`() {
        let pairs: [(String, JSONValue)] = [("a", 1), ("\u{E9}", 2), ("e\u{301}", 3), ("a", 4)]
        #expect(JSONObject(firstOfEach: pairs).members.map(\.value) == [1, 2, 3])
        let many = JSONObject(firstOfEach: (0..<200_000).lazy.map { ("\($0)", JSONValue.null) })
        #expect(many.members.count == 200_000)
    }

    @Test func `the pretty form has two spaces a level`() {
        let value: JSONValue = ["a": [1, ["b": nil]], "empty": [], "none": [:]]
        #expect(
            value.prettyText == """
                {
                  "a": [
                    1,
                    {
                      "b": null
                    }
                  ],
                  "empty": [],
                  "none": {}
                }
                """
        )
        #expect((JSONValue.integer(7)).prettyText == "7")
    }

    @Test func `every control character is escaped, everything else stays`() throws {
        for value in (UInt32(0)...0x2FF).compactMap(UnicodeScalar.init) {
            let text = String(Character(value))
            let written = JSONValue.string(text).text
            let mustEscape = value.properties.generalCategory == .control || value == "\"" || value == "\\"
            #expect(written.hasPrefix("\"\\") == mustEscape, "U+\(String(value.value, radix: 16))")
            #expect(!written.unicodeScalars.contains { $0.properties.generalCategory == .control })
            #expect(try JSONValue(parsing: written) == .string(text))
        }
        #expect(
            JSONValue.string("\u{8}\t\n\u{C}\r\u{0}\u{1F}\u{7F}\u{9B}\"\\/é€😀").text
                == #""\b\t\n\f\r\u0000\u001f\u007f\u009b\"\\/é€😀""#
        )
    }

    @Test func `special characters are found at every place of a long text`() throws {
        for special in ["\"", "\\", "\n", "\u{7F}", "\u{85}", "\u{A9}", "é"] {
            for length in 0..<20 {
                let text = String(repeating: "x", count: length) + special + String(repeating: "y", count: 19 - length)
                #expect(try JSONValue(parsing: JSONValue.string(text).text) == .string(text))
            }
        }
    }

    @Test func `numbers stay as they were written`() throws {
        for text in ["0", "-1", "9223372036854775807", "-9223372036854775808"] {
            #expect(try JSONValue(parsing: text) == JSONValue.integer(try #require(Int64(text))))
            #expect(try JSONValue(parsing: text).text == text)
        }
        for text in ["1.0", "9223372036854775808", "1E400", "-0.0", "123456789012345678901234567890.10"] {
            #expect(try JSONValue(parsing: text) == .number(text))
            #expect(try JSONValue(parsing: text).text == text)
            #expect(JSONValue(number: text) == .number(text))
        }
        for text in ["", "NaN", "01", "1 ", "+1", "1.", "0x1"] { #expect(JSONValue(number: text) == nil) }
        #expect(JSONValue(number: "12") == 12)
    }

    @Test func `the writer goes on behind what is there, and needs no values`() {
        var writer = JSONWriter(appendingTo: Array("data: ".utf8))
        writer.beginObject()
        writer.name("rows")
        writer.beginArray()
        for row in 0..<3 { writer.integer(Int64(row)) }
        writer.endArray()
        writer.name("text")
        writer.string("a\u{0}b".utf8Span.span)
        writer.name("price")
        writer.number("12.50")
        writer.name("ok")
        writer.bool(false)
        writer.name("value")
        writer.value(["nested": [nil]])
        writer.endObject()
        let expected = #"data: {"rows":[0,1,2],"text":"a\u0000b","price":12.50,"ok":false,"value":{"nested":[null]}}"#
        #expect(String(decoding: writer.bytes, as: UTF8.self) == expected)
    }

    @Test func `what is no number is not written as one`() async {
        await #expect(processExitsWith: .failure) {
            var writer = JSONWriter()
            writer.number("NaN")
        }
    }
}
