import ConnectorKit
import ConnectorKitSupport
import FileImport
import Glibc
import JSON
import Testing

@Suite struct `JSON records` {
    @Test func `an array of objects becomes rows with the bytes they begin at`() throws {
        let text = #"[{"id":"001","name":"Ada","salary":1.50},"# + "\n" + #" {"id":"002","name":null,"salary":-2e+3}]"#
        let reading = try readJSON(text.utf8)
        #expect(reading.columns == ["id", "name", "salary", "_more"])
        #expect(reading.values == [["001", "Ada", "1.50"], ["002", nil, "-2e+3"]])
        #expect(reading.rows.map(\.offset) == [1, 43])
        #expect(reading.summary.isComplete && reading.summary.read == 2 && reading.summary.warnings == [])
        #expect(reading.summary.found == ["format": "json", "encoding": "utf-8", "json_path": ""])
    }

    @Test func `empty, null and absent are told apart`() throws {
        let reading = try readJSON(#"[{"a":"","b":null},{"b":true},{"a":"x","b":false},{}]"#.utf8)
        #expect(reading.values == [["", nil], [nil, "true"], ["x", "false"], [nil, nil]])
        #expect(reading.rows.map(\.lacking) == [[], ["a"], [], ["a", "b"]])
    }

    @Test func `null has no members and no elements; an object may lack some, and an array ends`() throws {
        let text =
            #"[{"o":{"x":1,"y":{"z":2}},"t":[{"k":1},5,6]},{"o":null,"t":null},{"o":{"y":null},"t":[{}]},{"t":[]},{"o":{}}]"#
        let reading = try readJSON(text.utf8)
        #expect(reading.columns == ["o.x", "o.y.z", "t[0].k", "t[1]", "t[2]", "t", "o", "t[0]", "_more"])
        #expect(
            reading.rows.map { $0.lacking.filter { $0 != "o" && $0 != "t[0]" } } == [
                [], [], ["o.x", "t[0].k"], ["o.x", "o.y.z"], ["o.x", "o.y.z", "t[0].k", "t[1]", "t[2]", "t"],
            ]
        )
        let spoiled = try readJSON(#"[{"a":1,"b":2},{"a":1,"a":2},{"b":3}]"#.utf8)
        #expect(spoiled.rows.map(\.lacking) == [[], [], ["a"]])
    }

    @Test func `members of objects and first elements of arrays are columns, whole arrays too`() throws {
        let text =
            #"[{"name":{"first":"Ada","last":"L"},"org":{"units":[{"code":"A"},{"code":"B","n":2}, 3, 4]},"e":{},"t":[]}]"#
        let reading = try readJSON(text.utf8)
        #expect(
            reading.objects == [
                [
                    "name.first": "Ada", "name.last": "L", "org.units[0].code": "A", "org.units[1].code": "B",
                    "org.units[1].n": "2", "org.units[2]": "3",
                    "org.units": #"[{"code":"A"},{"code":"B","n":2}, 3, 4]"#, "e": "{}", "t": "[]",
                ]
            ]
        )
    }

    @Test func `an object too deep for columns stays JSON text`() throws {
        let reading = try readJSON(#"[{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":{"i":1}}}}}}}}}]"#.utf8)
        #expect(reading.objects == [["a.b.c.d.e.f.g.h": #"{"i":1}"#]])
    }

    @Test func `null in one record and an object in another is one column less`() throws {
        let reading = try readJSON(#"[{"m":null,"x":1},{"m":{"id":"7"}},{"m":"odd"}]"#.utf8)
        #expect(reading.columns == ["m", "x", "m.id", "_more"])
        #expect(try readJSON(#"[{"m":null,"x":1},{"m":{"id":"7"}}]"#.utf8).columns == ["x", "m.id", "_more"])
    }

    @Test func `escapes are resolved, names and all`() throws {
        let reading = try readJSON(#"[{"n\u0061me":"a\"b\\c\/d\b\f\n\r\t\u00e9\ud83d\ude00é😀"},{"name":"x"}]"#.utf8)
        #expect(reading.columns == ["name", "_more"])
        #expect(reading.values == [["a\"b\\c/d\u{8}\u{C}\n\r\té😀é😀"], ["x"]])
    }

    @Test func `a name that looks like another one's escape is another name`() throws {
        let reading = try readJSON(#"[{"a\\b":1},{"a\b":2},{"a.b":3,"a":{"b":4}}]"#.utf8)
        #expect(reading.columns == ["a\\b", "a\u{8}", "a.b", "a.b_2", "_more"])
        #expect(reading.objects == [["a\\b": "1"], ["a\u{8}": "2"], ["a.b": "3", "a.b_2": "4"]])
    }

    @Test func `what turns up later is kept as JSON and warned of`() throws {
        var text = "["
        for number in 0..<1000 { text += #"{"id":\#(number),"o":{"x":1},"s":"t"},"# }
        text +=
            #"{"id":1000,"nick":"Z\u00fc","o":{"x":2,"y":[1, {"k":null}]},"s":{"deep":true}},{"id":1001,"nick":null}]"#
        let reading = try readJSON(text.utf8)
        #expect(reading.columns == ["id", "o.x", "s", "_more"])
        #expect(
            reading.more.suffix(3) == [
                nil, #"{"nick":"Z\u00fc","o.y":[1, {"k":null}],"s.deep":true}"#, #"{"nick":null}"#,
            ]
        )
        #expect(reading.values.suffix(2) == [["1000", "2", nil], ["1001", nil, nil]])
        #expect(
            reading.summary.warnings == [
                "2 records have fields that the first 1000 do not have: nick (2), o.y (1), s.deep (1). They are in the "
                    + "column _more, as JSON."
            ]
        )
    }

    @Test func `a repeated name spoils its record, wherever it stands`() throws {
        var many = (0..<40).map { #""k\#($0)":1"# }.joined(separator: ",")
        many += #","k\u0033":2"#
        let text = #"""
            [{"a":1},{"a":1,"a":2},{"a":{"b":1},"a":{"c":2}},{"a":[{"b":1,"b":1}]},{"a":[0,0,0,{"b":1,"b":1}]},
            {"a":[0,0,0,{\#(many)}]},{"a":2}]
            """#
        let reading = try readJSON(text.utf8)
        #expect(reading.faults == Array(repeating: "duplicate_name", count: 5))
        #expect(reading.rows.count == 7 && reading.summary.isComplete)
        #expect(reading.rows[1].raw == Array(#"{"a":1,"a":2}"#.utf8))
        #expect(reading.rows[1].message.hasPrefix("Record 2 can't be taken, at byte 17: a name is repeated"))
        let later = #"[\#(String(repeating: #"{"a":1},"#, count: 1000)){"z":1,"z":2}]"#
        #expect(try readJSON(later.utf8).faults == ["duplicate_name"])
    }

    /// Twenty thousand comparisons for each of them would be four hundred million, and more than a minute.
    @Test func `a record of very many fields that no other has is read in its bytes' time, up to a limit`() throws {
        func record(_ names: some Sequence<Int>) -> String {
            "{\(names.map { "\"field number \($0)\":1" }.joined(separator: ","))}"
        }
        let first = Array(repeating: #"{"a":1}"#, count: 1000).joined(separator: ",")
        let others = [
            record(0..<60_000), "{\"a\":\(record(0..<60_000))}", "{\"b\":[0,0,0,\(record(0..<60_000))]}",
            record(Array(0..<60_000) + [7]), record(0..<65_536), record(0...65_536),
            "{\"b\":\(record(0...65_536))}", "{\"a\":2}",
        ]
        let reading = try readJSON("[\(first),\(others.joined(separator: ","))]".utf8)
        #expect(reading.summary.isComplete && reading.rows.count == 1008)
        #expect(
            reading.rows.suffix(8).map(\.fault) == [
                nil, nil, nil, "duplicate_name", nil, "too_many_members", "too_many_members", nil,
            ]
        )
    }

    @Test func `names in another order in each record are found`() throws {
        var names = (0..<3000).map { "field \($0)" }
        var random = SplitMix64(state: 5)
        let records = (0..<40).map { number in
            names.shuffle(using: &random)
            return "{\(names.map { "\"\($0)\":\"\($0) of \(number)\"" }.joined(separator: ","))}"
        }
        let reading = try readJSON(records.joined(separator: "\n").utf8, lines: true)
        #expect(reading.columns.count == 3001 && reading.rows.count == 40 && reading.faults == [])
        for (number, row) in reading.rows.enumerated() {
            #expect(zip(reading.columns, row.values).dropLast().allSatisfy { $1 == "\($0) of \(number)" })
        }
    }

    @Test(
        arguments: [
            (#"{"a":"\ud800"}"#, "lone_surrogate"), (#"{"a":"\ude00x"}"#, "lone_surrogate"),
            (#"{"a":"\ud800\ud800"}"#, "lone_surrogate"), (#"{"a":["x","\ud83d\n"]}"#, "lone_surrogate"),
            (#"{"a":"\u0000"}"#, "nul_byte"), ("17", "no_object"), ("[1]", "no_object"), ("null", "no_object"),
            ("{\"a\":\"\u{1}\"}", "control_character"),
        ])
    func `what spoils one record leaves the others`(record: String, code: String) throws {
        let reading = try readJSON("[{\"a\":1},\(record),{\"a\":2}]".utf8)
        if code == "control_character" {
            #expect(reading.failure?.code == "json_control_character" && reading.values == [["1"]])
            return
        }
        #expect(reading.values.map(\.first) == ["1", "2"] && reading.faults == [code] && reading.summary.isComplete)
        let lines = try readJSON("{\"a\":1}\n\(record)\n{\"a\":2}".utf8, lines: true)
        #expect(lines.faults == [code] && lines.values.map(\.first) == ["1", "2"] && lines.summary.isComplete)
    }

    @Test func `bytes that are not UTF-8 spoil their record`() throws {
        let bytes = Array(#"[{"a":"é"},{"a":"x"#.utf8) + [0xC3] + Array(#""},{"a":"ok"}]"#.utf8)
        #expect(try readJSON(bytes).faults == ["not_utf8"])
        #expect(try readJSON(bytes).values == [["é"], ["ok"]])
    }
}

@Suite struct `JSON files that break off` {
    @Test(
        arguments: [
            (#"[{"a":1},{"a":2"#, "json_unexpected_end", 2), (#"[{"a":1},{"a":2},"#, "json_unexpected_end", 3),
            (#"[{"a":1}"#, "json_unexpected_end", 2), (#"[{"a":1} {"a":2}]"#, "json_syntax", 2),
            (#"[{"a":1},{"a":2},]"#, "json_syntax", 3), (#"[{"a":01}]"#, "json_number", 1),
            (#"[{"a":1},{"a":nul}]"#, "json_syntax", 2), (#"[{"a":1},{a:1}]"#, "json_syntax", 2),
            (#"[{"a":1},{"a":"\x"}]"#, "json_escape", 2), (#"[{"a":1},{"a" 1}]"#, "json_syntax", 2),
        ])
    func `the rows before are given, and the failure names byte and record`(
        text: String,
        code: String,
        record: Int
    ) throws {
        let reading = try readJSON(text.utf8)
        #expect(reading.failure?.code == code)
        #expect(reading.failure?.failureClass == .data)
        #expect(reading.failure?.message.contains("in record \(record): ") == true)
        #expect(reading.values.count >= (record == 1 ? 0 : 1))
        #expect(!reading.summary.isComplete)
    }

    @Test func `the byte is the right one behind many windows`() throws {
        let good = String(repeating: #"{"a":"x"},"#, count: 5000)
        let text = "[\(good){\"a\":?}]"
        let reading = try readJSON(text.utf8, Ways(windowBytes: 100))
        #expect(reading.failure?.message.contains("than byte \(1 + good.utf8.count + 5), in record 5001") == true)
        #expect(reading.rows.count == 5000)
    }

    @Test(arguments: ["x", "]", "[]", ",", "{}", "null"]) func `something behind the array is no complete file`(
        rest: String
    ) throws {
        let reading = try readJSON("[{\"a\":1}]\(rest)".utf8)
        #expect(reading.values == [["1"]])
        #expect(reading.failure?.failureClass == .data && !reading.summary.isComplete)
        let inner = try readJSON("{\"d\":[{\"a\":1}]\(rest)".utf8)
        #expect(inner.failure?.failureClass == .data && !inner.summary.isComplete)
    }

    @Test func `a record longer than the limit is refused`() throws {
        let long = "[{\"a\":1},{\"a\":\"\(String(repeating: "x", count: 3000))\"}]"
        for window in [64, 1000, CSVFile.windowBytes] {
            let reading = try readJSON(long.utf8, maxRecordBytes: 2000, Ways(windowBytes: window))
            #expect(reading.failure?.code == "record_too_large" && reading.values == [["1"]])
            let lines = try readJSON(
                long.dropFirst().split(separator: ",", maxSplits: 1).joined(separator: "\n").utf8,
                lines: true,
                maxRecordBytes: 2000,
                Ways(windowBytes: window)
            )
            #expect(lines.failure?.code == "record_too_large" && lines.values == [["1"]])
        }
    }

    @Test func `nesting has a limit`() throws {
        func nested(_ depth: Int) -> String {
            "[{\"a\":\(String(repeating: "[", count: depth))\(String(repeating: "]", count: depth))}]"
        }
        #expect(try readJSON(nested(60).utf8).failure == nil)
        #expect(try readJSON(nested(70).utf8).failure?.code == "json_too_deep")
        #expect(try readJSON(nested(100_000).utf8).failure?.code == "json_too_deep")
    }

    @Test func `other encodings are refused with their names`() throws {
        #expect(try readJSON(encoded("[{\"a\":1}]", .utf16LE)).failure?.code == "json_not_utf8")
        #expect(try readJSON(encoded("\u{FEFF}[{\"a\":1}]", .utf16BE)).failure?.message.contains("utf-16be") == true)
        #expect(try readJSON([0xEF, 0xBB, 0xBF] + Array("[{\"a\":1}]".utf8)).values == [["1"]])
    }
}

@Suite struct `JSON, one record a line` {
    @Test func `a bad line is a row error, and blank lines are none`() throws {
        let reading = try readJSON(
            "{\"a\":1}\r\n\n{\"a\":2\n{\"a\":3} {}\n  {\"a\":\"4\"}  \nx\n{\"a\":5}".utf8,
            lines: true
        )
        #expect(reading.values == [["1"], ["4"], ["5"]])
        #expect(reading.faults == ["unexpected_end", "trailing_content", "no_object"])
        #expect(reading.rows[1].message.hasPrefix("The record on line 3 can't be taken, at byte 16"))
        #expect(reading.rows[1].raw == Array("{\"a\":2".utf8))
        #expect(reading.summary.isComplete && reading.summary.read == 6)
        #expect(reading.summary.found["format"] == "ndjson")
    }

    @Test func `a file without records has no columns but the last`() throws {
        #expect(try readJSON("\n\n".utf8, lines: true).columns == ["_more"])
        #expect(try readJSON("[]".utf8).columns == ["_more"])
        #expect(try readJSON("[]".utf8).summary.isComplete)
        #expect(try readJSON("".utf8).failure?.code == "file_empty")
    }
}

@Suite struct `JSON parts` {
    private let text = #"""
        {"meta":{"at":"2026","tags":["x"]},"people":[{"id":1},{"id":2}],"org":{"units":[{"code":"A"}]},"n":[[{"id":9}]],"last":{"people":3}}
        """#

    @Test func `arrays of objects under names are streams`() throws {
        let host = TestHost()
        host.handIn(text.utf8, as: "all.json")
        host.handIn(#"{"d":{"results":[{"id":1}]}}"#.utf8, as: "one.json")
        let streams = try FileImport(settings: Settings(json: Array("{}".utf8))).discover(host.context())
        #expect(streams.map(\.name) == ["people", "org.units", "one.json"])
        #expect(streams.map { $0.fields.map(\.name) } == [["id", "_more"], ["code", "_more"], ["id", "_more"]])
        #expect(streams.map { $0.fields[0].sample } == ["1", "A", "1"])
        #expect(streams.map { $0.found["json_path"] } == ["people", "org.units", "d.results"])
    }

    @Test func `a stream's name or the setting chooses`() throws {
        #expect(try readJSON(text.utf8, stream: "people").values == [["1"], ["2"]])
        #expect(try readJSON(text.utf8, stream: "org.units").values == [["A"]])
        #expect(try readJSON(text.utf8, path: ["org", "units"], stream: "whatever").values == [["A"]])
        #expect(try readJSON(#"{"d":{"results":[{"id":1}]}}"#.utf8, stream: "whatever").values == [["1"]])
        let unknown = try readJSON(text.utf8, stream: "staff").failure
        #expect(unknown?.code == "stream_unknown" && unknown?.failureClass == .notFound)
        #expect(unknown?.message.contains("people, org.units") == true)
        let missing = try readJSON(text.utf8, path: ["people", "id"]).failure
        #expect(missing?.code == "json_path_missing" && missing?.pointer == "/json_path")
        #expect(try readJSON("[{\"a\":1}]".utf8, path: ["a"]).failure?.message.contains("is an array itself") == true)
        #expect(try readJSON(#"{"a":1,"b":[1,2]}"#.utf8).failure?.code == "json_no_records")
        #expect(try readJSON("{\"a\":1}\n{\"a\":2}\n".utf8).failure?.code == "json_trailing_content")
    }

    @Test func `what stands around the array is checked to the end`() throws {
        #expect(try readJSON(text.utf8, stream: "people").summary.isComplete)
        let cut = try readJSON(text.dropLast(2).utf8, stream: "people")
        #expect(cut.values == [["1"], ["2"]] && cut.failure?.code == "json_unexpected_end" && !cut.summary.isComplete)
    }

    @Test(
        arguments: [
            ("[{\"a\":1}]", "x", "json"), ("[\n {\"a\":1}]", "x.json", "json"),
            ("{\"a\":1}\n{\"a\":2}\n", "x", "ndjson"),
            ("{\"a\":[{\"b\":1}]}", "x", "json"), ("{\"a\":[{\"b\":1}]}\n", "x.json", "json"),
            ("{\"a\":1}\n", "x.ndjson", "ndjson"), ("{\"a\":1}\n", "x.jsonl", "ndjson"),
            ("[id],name\n1,2\n", "x", "csv"),
            ("{\n\"a\":[\n{\"b\":1}]}", "x", "json"), ("[{\"a\":1}]", "x.csv", "csv"), ("a,b\n1,2\n", "x", "csv"),
        ])
    func `the format is found by the first bytes`(text: String, name: String, format: String) throws {
        let host = TestHost()
        host.handIn(text.utf8, as: name)
        let streams = try FileImport(settings: Settings(json: Array("{}".utf8))).discover(host.context())
        #expect(streams.map { $0.found["format"] } == [format])
    }
}

@Suite struct `JSON windows and resumption` {
    private static func records(_ random: inout SplitMix64) -> [String] {
        func value(_ depth: Int) -> String {
            switch Int.random(in: 0..<(depth > 2 ? 6 : 9), using: &random) {
            case 0: "null"
            case 1: "\(Int.random(in: -5..<5000, using: &random))"
            case 2: "-0.\(Int.random(in: 0..<50, using: &random))e+7"
            case 3: "true"
            case 4:
                "\"\(["", "plain", "é😀", #"\u00e9\n"#, #"q\"\\"#, "long enough for words"].randomElement(using: &random) ?? "")\""
            case 5: [#"{ }"#, "[ ]"].randomElement(using: &random) ?? ""
            case 6: "[\(value(depth + 1)) , \(value(depth + 1))]"
            case 7: #"{"x":\#(value(depth + 1)),"y" : \#(value(depth + 1))}"#
            default: "{\"\(["é", "k", #"\u006b2"#].randomElement(using: &random) ?? "")\":\(value(depth + 1))}"
            }
        }
        return (0..<Int.random(in: 1..<12, using: &random)).map { _ in
            let members = ["id", "name", "extra", "z"].filter { _ in UInt8.random(in: 0..<4, using: &random) > 0 }.map {
                "\"\($0)\":\(value(1))"
            }
            return UInt8.random(in: 0..<12, using: &random) == 0
                ? #"{"id":1,"id":2}"# : "{\(members.joined(separator: ","))}"
        }
    }

    /// The columns of a record by another way: the room JSON's values.
    private func flat(_ value: JSONValue, _ path: String, _ depth: Int, into all: inout [String: JSONValue]) {
        switch value {
        case .object(let object) where !object.members.isEmpty && depth < 8:
            for member in object.members {
                flat(member.value, path.isEmpty ? member.name : "\(path).\(member.name)", depth + 1, into: &all)
            }
        case .array(let elements):
            all[path] = value
            for (index, element) in elements.prefix(3).enumerated() {
                flat(element, "\(path)[\(index)]", depth + 1, into: &all)
            }
        case .null: break
        default: if depth > 0 { all[path] = value }
        }
    }

    @Test func `random records are what another parser says, through any window, and after any token`() throws {
        var random = SplitMix64(state: 11)
        var compared = 0
        for _ in 0..<250 {
            let records = Self.records(&random)
            let isLines = Bool.random(using: &random)
            let spaces = ["", " ", "\n", " \r\n\t"].randomElement(using: &random) ?? ""
            let text =
                isLines
                ? records.joined(separator: "\n")
                : "[\(spaces)\(records.joined(separator: "\(spaces),\(spaces)"))\(spaces)]\(spaces)"
            let batchRows = Int.random(in: 1...4, using: &random)
            let whole = try readJSON(text.utf8, lines: isLines, Ways(batchRows: batchRows))
            #expect(whole.failure == nil && whole.rows.count == records.count, "\(text)")
            for (record, row) in zip(records, whole.rows) {
                var expected: [String: JSONValue] = [:]
                let value: JSONValue
                do throws(JSONError) {
                    value = try JSONValue(parsing: record)
                } catch {
                    #expect(error.code == .duplicateName && row.fault == "duplicate_name", "\(error), \(text)")
                    continue
                }
                flat(value, "", 0, into: &expected)
                var found: [String: JSONValue] = [:]
                for (name, cell) in zip(whole.columns, row.values) {
                    guard let cell, let wanted = expected[name] else { continue }
                    if case .string = wanted {
                        found[name] = .string(cell)
                    } else {
                        found[name] = try JSONValue(parsing: cell)
                    }
                }
                #expect(found == expected, "\(record) of \(text)")
                #expect(row.values.compactMap(\.self).count == expected.count, "\(record)")
                compared += 1
            }
            let ways = Ways(
                windowBytes: Int.random(in: 1...60, using: &random),
                bytesPerRead: Int.random(in: 1...17, using: &random),
                batchRows: batchRows
            )
            #expect(try readJSON(text.utf8, lines: isLines, ways) == whole, "\(text), \(ways)")
            for (index, token) in whole.tokens.enumerated() {
                let rest = try readJSON(text.utf8, lines: isLines, Ways(batchRows: batchRows, token: token))
                #expect(rest.batches == Array(whole.batches[(index + 1)...]), "\(text)")
                #expect(rest.tokens == Array(whole.tokens[(index + 1)...]) && rest.summary.isComplete)
            }
        }
        #expect(compared > 800)
    }

    @Test func `a text with wrong bytes in it is taken if and only if another parser takes it`() throws {
        let good = Array(
            #"[{"a":"x\u00e9\ud83d\ude00","b":[1,-2.5e3,true,null,{}],"c":{"d":"é"}} , {"a":"y","b":0}]"#.utf8
        )
        let bytes = Array(#"{}[]",:\ux01-+.eEtfn 9d8"#.utf8) + [0x00, 0x0A, 0x1F, 0x7F, 0x80, 0xC3, 0xFF]
        var random = SplitMix64(state: 21)
        var taken = 0
        for _ in 0..<4000 {
            var text = good
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                let place = Int.random(in: 1..<text.count, using: &random)
                switch UInt8.random(in: 0..<3, using: &random) {
                case 0: text[place] = bytes.randomElement(using: &random) ?? 0
                case 1: text.remove(at: place)
                default: text.insert(bytes.randomElement(using: &random) ?? 0, at: place)
                }
            }
            let isJSON: Bool
            do {
                isJSON = try JSONValue(parsing: text).arrayValue != nil
            } catch {
                isJSON = false
            }
            let reading = try readJSON(text, Ways(windowBytes: Int.random(in: 1...90, using: &random)))
            // Stricter than the other: a record is an object, and texts have no zero character.
            let spoiled = reading.faults.filter { $0 != "no_object" && $0 != "nul_byte" }
            let isTaken = reading.failure == nil && reading.summary.isComplete && spoiled.isEmpty
            #expect(isTaken == isJSON, "\(String(decoding: text, as: UTF8.self)): \(reading)")
            if isTaken { taken += 1 }
        }
        #expect(taken > 200 && taken < 3000)
    }

    @Test func `a token of another file or path loses its state`() throws {
        let text = #"{"a":[{"id":1},{"id":2}],"b":[{"id":1},{"id":2}]}"#
        let token = try #require(try readJSON(text.utf8, stream: "a", Ways(batchRows: 1)).tokens.first)
        #expect(try readJSON(text.utf8, stream: "a", Ways(token: token)).values == [["2"]])
        #expect(try readJSON(text.utf8, stream: "b", Ways(token: token)).failure?.failureClass == .stateLost)
        #expect(try readJSON("\(text) ".utf8, stream: "a", Ways(token: token)).failure?.code == "file_differs")
        #expect(try readJSON(text.utf8, stream: "a", Ways(token: [1])).failure?.code == "file_differs")
    }

    @Test func `a batch ends with four mebibytes, and a limit ends the reading`() throws {
        let record = "{\"a\":\"\(String(repeating: "x", count: 1000))\"}"
        let text = "[\(Array(repeating: record, count: 9000).joined(separator: ","))]"
        let reading = try readJSON(text.utf8)
        #expect(reading.batches.map(\.count) == [4157, 4157, 686])
        let limited = try readJSON(text.utf8, Ways(batchRows: 100, limit: 150))
        #expect(limited.rows.count == 150 && !limited.summary.isComplete)
    }
}
