import JSON
import Testing

struct LookupTests {
    private static let csv = ["Content-Type": "text/csv"]
    private static let table = "key,value\r\nHR,Human Resources\r\n\"a,\"\"b\"\"\",\"two\nlines\"\r\n,nothing\r\n"

    private func put(
        _ test: TestAPI,
        _ name: String,
        _ table: String,
        _ headers: [String: String] = [:]
    ) async throws -> HTTPAnswer {
        try await test.ask("PUT", "/lookups/\(name)", Self.csv.merging(headers) { $1 }, body: Array(table.utf8))
    }

    @Test func `a table is put, given back as it was, replaced, listed and deleted`() async throws {
        let test = try await TestAPI()
        #expect(try await test.ask("GET", "/lookups").json["items"] == [])
        let made = try await put(test, "departments", "\u{FEFF}" + Self.table)
        #expect(made.status == 201, "\(made.text)")
        #expect(made.headers["location"]?.hasSuffix("/lookups/departments") == true)
        #expect(made.json["count"] == 3)
        let given = try await test.ask("GET", "/lookups/departments")
        #expect(given.text == Self.table)
        #expect(given.headers["content-type"] == "text/csv; charset=utf-8")
        let tag = try #require(given.headers["etag"])
        #expect(try await test.ask("GET", "/lookups/departments", ["If-None-Match": tag]).status == 304)
        let replaced = try await put(test, "departments", "KEY,Value\nHR,People", ["If-Match": tag])
        #expect(replaced.status == 200)
        #expect(try await put(test, "departments", Self.table, ["If-Match": tag]).status == 412)
        #expect(try await put(test, "new", Self.table, ["If-Match": tag]).status == 412)
        #expect(try await test.ask("GET", "/lookups/departments").text == "key,value\r\nHR,People\r\n")
        #expect(try await test.ask("DELETE", "/lookups/departments", ["If-Match": tag]).status == 412)
        let spellings = "key,value\r\ncaf\u{E9},1\r\ncafe\u{301},2\r\n"
        #expect(try await put(test, "spellings", spellings).json["count"] == 2)
        #expect(Array(try await test.ask("GET", "/lookups/spellings").text.utf8) == Array(spellings.utf8))
        #expect(try await test.ask("DELETE", "/lookups/departments").status == 204)
        #expect(try await test.ask("DELETE", "/lookups/departments").status == 404)
        #expect(try await test.ask("GET", "/lookups/departments").status == 404)
        try await test.stop()
    }

    @Test(arguments: [
        ("", "bad_header", 1), ("HR,People\n", "bad_header", 1), ("key,value\nHR\n", "wrong_columns", 2),
        ("key,value\nHR,a,b\n", "wrong_columns", 2), ("key,value\nHR,\"a\nb\"\n\nHR,c\n", "duplicate_key", 5),
        ("key,value\n\"HR,a\n", "unclosed_quote", 2), ("key,value\n\"HR\"x,a\n", "text_after_quote", 2),
        ("key,value\nHR,a\0\n", "bad_character", 2),
        ("key,value\n" + String(repeating: "k", count: 1_001) + ",v\n", "key_too_long", 2),
        ("key,value\nk," + String(repeating: "v", count: 4_001) + "\n", "value_too_long", 2),
    ])
    func `a table that is none names its line`(table: String, code: String, line: Int64) async throws {
        let test = try await TestAPI()
        let answer = try await put(test, "t", table)
        #expect(answer.status == 422, "\(answer.text)")
        #expect(answer.json["code"]?.stringValue == code)
        #expect(answer.json["line"]?.integerValue == line)
        #expect(try await test.ask("GET", "/lookups/t").status == 404)
        try await test.stop()
    }

    @Test func `names, types and sizes are checked`() async throws {
        let test = try await TestAPI()
        for name in ["Departments", "_a", "-a", "a.b", "%D8%A7"] {
            #expect(try await put(test, name, Self.table).json["code"] == "invalid_name", "\(name)")
        }
        #expect(try await put(test, String(repeating: "a", count: 64), Self.table).status == 404)
        #expect(try await put(test, "t", Self.table, ["Content-Type": "text/plain"]).status == 415)
        let bytes = Array("key,value\nHR,".utf8) + [0xFF]
        let answer = try await test.ask("PUT", "/lookups/t", Self.csv, body: bytes)
        #expect(answer.json["code"] == "not_utf8")
        let large = "key,value\n" + (0..<50_001).map { "\($0),x\n" }.joined()
        #expect(try await put(test, "t", large).json["code"] == "too_many_entries")
        #expect(try await put(test, "t", String(repeating: "x", count: 4 << 20 + 1)).status == 413)
        try await test.stop()
    }

    @Test func `mappings are checked against the tables, and previews read them`() async throws {
        let test = try await TestAPI()
        let config = try await test.plainConfig()
        _ = try await put(test, "departments", Self.table)
        func lines(_ transform: String) -> JSONValue {
            [
                [
                    "stream": "people", "target_entity": "users", "source_field": "id", "target_field": "external_id",
                ],
                [
                    "stream": "people", "target_entity": "users", "source_field": "dept", "target_field": "department",
                    "transform_function": .string(transform),
                ],
            ]
        }
        let path = "/\(config)/mappings"
        let wrong = try await test.ask("PUT", path, json: ["mappings": lines("lookup('deparments')")])
        #expect(wrong.status == 422)
        #expect(wrong.json["errors"]?.arrayValue?.first?["code"] == "unknown_table")
        #expect(wrong.json["errors"]?.arrayValue?.first?["suggestion"] == "Did you mean departments?")
        #expect(
            try await test.ask("PUT", path, json: ["mappings": lines("trim | lookup('departments')")]).status == 200
        )
        let preview = try await test.ask(
            "POST",
            "\(path)/preview",
            json: ["rows": [["id": "1", "dept": " HR "], ["id": "2", "dept": "XX"]]]
        )
        let rows = preview.json["rows"]?.arrayValue ?? []
        #expect(rows.first?["fields"]?.arrayValue?.last?["mapped"] == "Human Resources")
        #expect(rows.last?["failures"]?.arrayValue?.first?["code"] == "unknown_key")
        let inUse = try await test.ask("DELETE", "/lookups/departments")
        #expect(inUse.status == 409, "\(inUse.text)")
        let zones = try await test.ask(
            "POST",
            "\(path)/validate",
            json: ["mappings": lines("parseDate('dd/MM/yyyy HH:mm', 'Asia/Riyad') | dateInZone('Asia/Riyadh')")]
        )
        let problem = zones.json["problems"]?.arrayValue?.first
        #expect(problem?["code"] == "unknown_zone")
        #expect(problem?["suggestion"] == "Did you mean Asia/Riyadh?")
        try await test.stop()
    }
}
