import JSON
import Testing

struct `Streaming reader` {
    private let text = #" {"name": "Gr\u00fc\u00dfe", "list": [1, -2.5e3, true, false, null, {}], "": ""} "#

    private func events(_ chunk: Int) throws -> [String] {
        var reader = reader(Array(text.utf8), chunk: chunk)
        var events: [String] = []
        while let event = try reader.next() {
            let hasText = event == .name || event == .string || event == .number
            events.append("\(reader.offset) \(event)\(hasText ? " " + reader.text : "") \(reader.depth)")
        }
        return events
    }

    @Test func `gives events with their places, whatever the pieces`() throws {
        let expected = [
            "1 beginObject 1", "2 name name 1", "10 string Grüße 1", "29 name list 1", "37 beginArray 2",
            "38 number 1 2",
            "41 number -2.5e3 2", "49 bool(true) 2", "55 bool(false) 2", "62 null 2", "68 beginObject 3",
            "69 endObject 2", "70 endArray 1",
            "73 name  1", "77 string  1", "79 endObject 0",
        ]
        for chunk in [1, 2, 3, 7, 64, 4_096] { #expect(try events(chunk) == expected, "pieces of \(chunk)") }
    }

    @Test func `holds one piece and the longest token, whatever the length`() throws {
        let record = Array(#"{"id":12345,"text":"\#(String(repeating: "x", count: 500))"},"#.utf8)
        var sent = 0
        var highest = 0
        var records = 0
        var reader = JSONReader { window in
            highest = max(highest, window.count)
            if sent == 0 { window.append(UInt8(ascii: "[")) }
            sent += 1
            if sent == 10_000 {
                window += record.dropLast() + [UInt8(ascii: "]")]
                return false
            }
            window += record
            return true
        }
        while let event = try reader.next() { if event == .beginObject { records += 1 } }
        #expect(records == 10_000)
        #expect(highest <= record.count, "bytes kept when the next piece was asked for")
    }

    @Test(.timeLimit(.minutes(1)))
    func `a long token in tiny pieces is looked at once, not again with each piece`() throws {
        // Looking again at all that is there would be 2,000,000,000,000 bytes (a minute and more; debug builds do less).
        #if DEBUG
            let length = 50_000
        #else
            let length = 2_000_000
        #endif
        for token in ["\"" + String(repeating: "x", count: length) + "\"", String(repeating: "1", count: length)] {
            let value = try readWhole(Array(token.utf8), chunk: 1)
            #expect(value.text.utf8.count == token.utf8.count)
        }
    }

    @Test func `white space without end takes no memory`() throws {
        var pieces = 0
        var highest = 0
        var reader = JSONReader { window in
            highest = max(highest, window.count)
            pieces += 1
            window += pieces == 2_000 ? [UInt8(ascii: "7")] : [UInt8](repeating: 0x20, count: 1_000)
            return pieces < 2_000
        }
        #expect(try reader.nextValue() == 7)
        #expect(reader.offset == 1_999_000)
        #expect(highest == 0)
    }

    @Test func `a value is read whole, or passed over, in the middle of a stream`() throws {
        let text = #"{"skip":{"a":[1,[2,"]}"]]},"take":{"b":[true]},"rows":[{"n":1},{"n":2}],"last":null}"#
        var reader = reader(Array(text.utf8), chunk: 3)
        var taken: JSONValue = nil
        var rows: [JSONValue] = []
        var order: [String] = []
        #expect(try reader.next() == .beginObject)
        while let event = try reader.next(), event == .name {
            let name = reader.text
            order.append(name)
            switch (name, try reader.next()) {
            case ("skip", let event?): try reader.skip(from: event)
            case ("take", let event?): taken = try reader.value(from: event)
            case ("rows", .beginArray): while let row = try reader.nextValue() { rows.append(row) }
            case (_, let event): #expect(event == .null)
            }
        }
        #expect(order == ["skip", "take", "rows", "last"])
        #expect(taken == ["b": [true]])
        #expect(rows == [["n": 1], ["n": 2]])
        #expect(try reader.next() == nil)
    }

    @Test func `a cut value ends in an error, not in silence`() throws {
        var reader = reader(Array(#"[{"a":"#.utf8), chunk: 2)
        #expect(try reader.next() == .beginArray)
        do {
            _ = try reader.nextValue()
            Issue.record("a value was read")
        } catch let error as JSONError {
            #expect(error.code == .unexpectedEnd)
        }
    }

    @Test func `what the source throws comes out`() throws {
        struct Broken: Error {}
        var reader = JSONReader { _ in throw Broken() }
        do {
            _ = try reader.next()
            Issue.record("an event was read")
        } catch {
            #expect(error is Broken)
        }
    }

    @Test func `texts come as bytes too`() throws {
        var reader = reader(Array(#"["a\tb", "c"]"#.utf8), chunk: 1)
        var column: [UInt8] = []
        while let event = try reader.next() {
            guard event == .string else { continue }
            reader.appendText(to: &column)
            #expect(reader.withText { $0.count } == reader.text.utf8.count)
        }
        #expect(String(decoding: column, as: UTF8.self) == "a\tbc")
    }
}
