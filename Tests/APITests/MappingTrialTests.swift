import JSON
import Testing

struct MappingTrialTests {
    private static func line(
        _ source: String,
        _ target: String,
        _ transform: JSONValue = nil,
        stream: String = "people"
    ) -> JSONValue {
        [
            "stream": .string(stream), "target_entity": "users", "source_field": .string(source),
            "target_field": .string(target), "transform_function": transform,
        ]
    }

    @Test func `mappings are checked against given fields, and against those of the source`() async throws {
        let test = try await TestAPI()
        let config = try await test.plainConfig()
        let path = "/\(config)/mappings/validate"
        let lines: JSONValue = [
            Self.line("id", "external_id"), Self.line("emial", "email"), Self.line("id", "first_name", "trim | lowr"),
        ]
        let given = try await test.ask(
            "POST",
            path,
            json: ["mappings": lines, "source_fields": ["people": ["id", "email"]]]
        )
        #expect(given.status == 200, "\(given.text)")
        #expect(given.json["ok"] == false)
        let problems = given.json["problems"]?.arrayValue ?? []
        #expect(problems.map { $0["pointer"] } == ["/mappings/1/source_field", "/mappings/2/transform_function"])
        #expect(problems.first?["suggestion"] == "Did you mean email?")
        #expect(problems.last?["suggestion"] == "Did you mean lower?")
        let asked = try await test.ask("POST", path, json: ["mappings": lines, "discover": true])
        #expect(asked.json["problems"] == given.json["problems"])
        let blind = try await test.ask("POST", path, json: ["mappings": lines])
        #expect(blind.json["problems"]?.arrayValue?.map { $0["pointer"] } == ["/mappings/2/transform_function"])
        try await test.stop()
    }

    @Test func `the kept mappings are checked where none are given`() async throws {
        let test = try await TestAPI()
        let config = try await test.plainConfig()
        _ = try await test.ask("POST", "/\(config)/mappings", json: Self.line("email", "email"))
        let incomplete = try await test.ask("POST", "/\(config)/mappings/validate")
        #expect(incomplete.json["version"] == 1)
        #expect(incomplete.json["problems"]?.arrayValue?.map { $0["code"] } == ["required_target_missing"])
        _ = try await test.ask("POST", "/\(config)/mappings", json: Self.line("id", "external_id"))
        #expect(try await test.ask("POST", "/\(config)/mappings/validate").json["ok"] == true)
        #expect(try await test.ask("POST", "/\(config)/mappings/validate", json: ["version": 1]).json["ok"] == false)
        #expect(try await test.ask("POST", "/\(config)/mappings/validate", json: ["version": 9]).status == 404)
        try await test.stop()
    }

    @Test func `given rows show each value on its way, and what is wrong`() async throws {
        let test = try await TestAPI()
        let config = try await test.plainConfig()
        let body: JSONValue = [
            "mappings": [
                Self.line("id", "external_id"), Self.line("mail", "email", "trim | lower"),
                Self.line("hired", "hire_date", "parseDate(\"dd.MM.yyyy\")"),
            ],
            "rows": [
                ["id": 7, "mail": "  Anna@Example.ORG ", "hired": "31.01.2020"],
                ["id": "8", "mail": "nobody", "hired": "31.02.2020"], ["id": "9"],
            ],
        ]
        let preview = try await test.ask("POST", "/\(config)/mappings/preview", json: body)
        #expect(preview.status == 200, "\(preview.text)")
        #expect(preview.json["counts"] == ["rows": 3, "accepted": 2, "rejected": 1])
        let rows = try #require(preview.json["rows"]?.arrayValue)
        let email = rows[0]["fields"]?.arrayValue?.first { $0["target_field"] == "email" }
        #expect(email?["value"] == "  Anna@Example.ORG ")
        #expect(
            email?["steps"] == [
                ["function": "trim", "value": "Anna@Example.ORG"], ["function": "lower", "value": "anna@example.org"],
            ]
        )
        #expect(email?["mapped"] == "anna@example.org")
        #expect(rows[0]["source"]?["id"] == "7")
        #expect(rows[0]["accepted"] == true)
        #expect(rows[1]["accepted"] == false)
        #expect(rows[1]["failures"]?.arrayValue?.map { $0["field"] } == ["email", "hire_date"])
        #expect(rows[1]["failures"]?.arrayValue?.first?["value"] == "nobody")
        let states = rows[2]["fields"]?.arrayValue?.map { $0["state"] }
        #expect(states == ["value", "absent", "absent"])
        try await test.stop()
    }

    @Test func `the source's own rows are mapped with what is kept`() async throws {
        let test = try await TestAPI()
        let config = try await test.plainConfig("file")
        let file = try await test.upload("id,email\n1,A@example.org\n2,broken\n", to: config)
        let lines: JSONValue = [Self.line("id", "external_id"), Self.line("email", "email", "lower")]
        _ = try await test.ask("PUT", "/\(config)/mappings", json: ["mappings": lines])
        let body: JSONValue = ["file_id": .string(file), "limit": 200]
        let preview = try await test.ask("POST", "/\(config)/mappings/preview", json: body)
        #expect(preview.status == 200, "\(preview.text)")
        #expect(preview.json["source"] == "people.csv")
        #expect(preview.json["rows"]?.arrayValue?.map { $0["at"] } == [2, 3])
        #expect(preview.json["counts"] == ["rows": 2, "accepted": 1, "rejected": 1])
        try await test.stop()
    }

    @Test func `rows are chosen, and each tells what it would do`() async throws {
        let test = try await TestAPI()
        let config = try await test.plainConfig("file")
        let people = (1...600).map { "\($0),\($0 % 100 == 0 ? "broken" : "p\($0)@example.org")\n" }.joined()
        let file = try await test.upload("id,email\n" + people, to: config)
        let lines: JSONValue = [Self.line("id", "external_id"), Self.line("email", "email", "lower")]
        _ = try await test.ask("PUT", "/\(config)/mappings", json: ["mappings": lines])
        func preview(_ more: JSONObject) async throws -> HTTPAnswer {
            var body: JSONObject = ["file_id": .string(file), "limit": 5]
            for member in more.members { body[member.name] = member.value }
            return try await test.ask("POST", "/\(config)/mappings/preview", json: .object(body))
        }
        func ids(_ answer: HTTPAnswer) -> [JSONValue?] {
            answer.json["rows"]?.arrayValue?.map { $0["source"]?["id"] } ?? []
        }
        let first = try await preview([:])
        #expect(ids(first) == ["1", "2", "3", "4", "5"] && first.json["looked_at"] == 5, "\(first.text)")
        #expect(first.json["effects"]?["create"] == 5)
        #expect(first.json["rows"]?.arrayValue?.first?["effect"]?["outcome"] == "create")
        let failing = try await preview(["choose": "failing"])
        #expect(ids(failing) == ["100", "200", "300", "400", "500"])
        #expect(failing.json["effects"]?["reject"] == 5)
        let one = try await preview(["choose": "key", "key": "417"])
        #expect(ids(one) == ["417"] && one.json["looked_at"] == 600)
        let random = try await preview(["choose": "random", "seed": 7])
        #expect(ids(random).count == 5 && ids(random) != ids(first))
        #expect(ids(try await preview(["choose": "random", "seed": 7])) == ids(random))
        #expect(ids(try await preview(["choose": "random", "seed": 8])) != ids(random))
        #expect(try await preview(["choose": "key"]).status == 422)
        try await test.stop()
    }

    @Test func `two hundred rows of fourteen fields are shown at once`() async throws {
        let test = try await TestAPI()
        let path = "/\(try await test.plainConfig())/mappings/preview"
        let targets = [
            "external_id", "email", "username", "first_name", "last_name", "display_name", "department",
            "manager_external_id", "job_title", "language", "country", "phone", "attributes.a", "attributes.b",
        ]
        let lines = targets.map { Self.line($0, $0, $0 == "email" ? "trim | lower" : "trim | normalizeSpace") }
        let rows = (0..<200).map { row -> JSONValue in
            .object(targets.reduce(into: [:]) { $0[$1] = .string(" \($1)\(row)@example.org ") })
        }
        let body: JSONValue = ["mappings": .array(lines), "rows": .array(rows)]
        let clock = ContinuousClock()
        var answer: HTTPAnswer?
        let time = try await clock.measure { answer = try await test.ask("POST", path, json: body) }
        #expect(answer?.status == 200)
        #expect(answer?.json["counts"] == ["rows": 200, "accepted": 200, "rejected": 0])
        print("preview of 200 rows x 14 fields: \(time)")
        let many = try await test.ask(
            "POST",
            path,
            json: ["mappings": .array(lines), "rows": .array(rows + [rows[0]])]
        )
        #expect(many.status == 422)
        try await test.stop()
    }

    @Test func `which mappings are meant must be clear`() async throws {
        let test = try await TestAPI()
        let path = "/\(try await test.plainConfig())/mappings/preview"
        let rows: JSONValue = [["id": "1"]]
        #expect(try await test.ask("POST", path, json: ["rows": rows]).code == "no_mapping")
        let lines: JSONValue = [
            Self.line("id", "external_id"), Self.line("id", "external_id", stream: "others"),
        ]
        let several = try await test.ask("POST", path, json: ["mappings": lines, "rows": rows])
        #expect(several.code == "several_mappings")
        let chosen = try await test.ask("POST", path, json: ["mappings": lines, "rows": rows, "stream": "others"])
        #expect(chosen.json["stream"] == "others")
        let unknown = try await test.ask("POST", path, json: ["mappings": lines, "rows": rows, "stream": "other"])
        #expect(unknown.json["pointer"] == "/stream")
        try await test.stop()
    }

    @Test func `few rows of very many fields are refused before they become very many values`() async throws {
        let test = try await TestAPI()
        let path = "/\(try await test.plainConfig())/mappings/preview"
        let lines: JSONValue = [Self.line("id", "external_id")]
        func row(_ numbers: Range<Int>) -> JSONValue {
            .object(numbers.reduce(into: ["id": "1"]) { $0["f\($1)"] = "" })
        }
        func ask(_ rows: [JSONValue]) async throws -> HTTPAnswer {
            try await test.ask("POST", path, json: ["mappings": lines, "rows": .array(rows)])
        }
        let many = try await ask([row(0..<500), row(500..<1_000)])
        #expect(many.status == 422)
        #expect(many.json["pointer"] == "/rows")
        #expect(many.code == "too_many_fields")
        let wide = try await ask([row(0..<500)] + [JSONValue](repeating: ["id": "2"], count: 199))
        #expect(wide.status == 422)
        #expect(wide.code == "too_many_values", "\(wide.text.prefix(500))")
        let most = try await ask([row(0..<499)] + [JSONValue](repeating: ["id": "2"], count: 199))
        #expect(most.status == 200)
        #expect(most.json["rows"]?.arrayValue?.first?["source"]?.objectValue?.members.count == 500)
        #expect(most.json["rows"]?.arrayValue?.last?["source"] == ["id": "2"], "what a row lacks is left out")
        try await test.stop()
    }

    @Test func `rows that are none, or make too much, are refused`() async throws {
        let test = try await TestAPI()
        let path = "/\(try await test.plainConfig())/mappings/preview"
        let lines: JSONValue = [Self.line("id", "external_id")]
        for (rows, pointer) in [
            ([["id": [1]]], "/rows/0/id"), ([["id": "1"], ["_tf_at": 1]], "/rows/1/_tf_at"),
            ([["": 1]], "/rows/0/"), ([7], "/rows/0"), ([], "/rows"),
        ] as [(JSONValue, String)] {
            let answer = try await test.ask("POST", path, json: ["mappings": lines, "rows": rows])
            #expect(answer.status == 422)
            #expect(answer.json["pointer"]?.stringValue == pointer)
        }
        let much = (0..<99).map { _ in "concatNonEmpty(\" \", id)" }.joined(separator: " | ")
        let row: JSONValue = ["id": .string(String(repeating: "x", count: 60_000))]
        let body: JSONValue = [
            "mappings": [Self.line("id", "external_id"), Self.line("id", "first_name", .string(much))],
            "rows": .array((0..<15).map { _ in row }),
        ]
        let refused = try await test.ask("POST", path, json: body)
        #expect(refused.status == 422)
        #expect(refused.code == "preview_too_large", "\(refused.text.prefix(2_000))")
        try await test.stop()
    }
}

/// Mappings proposed for columns.
struct MappingSuggestTests {
    @Test func `given columns are proposed for, and what is left out says why`() async throws {
        let test = try await TestAPI()
        let config = try await test.plainConfig()
        let body: JSONValue = [
            "target_entity": "users", "stream": "people",
            "columns": [
                ["name": "الرقم الوظيفي", "samples": ["001", "002"]],
                ["name": "E-Mail", "samples": ["a@example.org", nil]],
                ["name": "hired", "type": "date"], ["name": "born", "samples": ["01/02/1990"]],
                ["name": "Score", "samples": [1, true, "2.5"]],
            ],
        ]
        let answer = try await test.ask("POST", "/\(config)/mappings/suggest", json: body)
        #expect(answer.status == 200, "\(answer.text)")
        let proposals = answer.json["proposals"]?.arrayValue ?? []
        #expect(proposals.map { $0["target_field"] } == ["external_id", "email", "hire_date"])
        #expect(proposals.map { $0["transform_function"] } == ["trim", "trim | lower | email", .null])
        #expect(proposals.allSatisfy { $0["stream"] == "people" && $0["target_entity"] == "users" })
        #expect(answer.json["left_out"]?.arrayValue?.map { $0["source_field"] } == ["born", "Score"])
        #expect(answer.json["missing"] == [])
        let twice: JSONValue = ["target_entity": "users", "columns": [["name": "a"], ["name": "a"]]]
        let refused = try await test.ask("POST", "/\(config)/mappings/suggest", json: twice)
        #expect(refused.json["pointer"] == "/columns/1/name")
        try await test.stop()
    }

    @Test func `an uploaded file's columns are proposed for, and the proposals can be kept`() async throws {
        let test = try await TestAPI()
        let config = try await test.plainConfig("file")
        let table =
            "Employee No,Mail,Name,Status,Joined on\n7,a@example.org,Ann Lee,Active,28/02/2024\n8,b@example.org,Bob Ray,Left,01/03/2024\n"
        let file = try await test.upload(table, to: config)
        let path = "/\(config)/mappings"
        let answer = try await test.ask(
            "POST",
            "\(path)/suggest",
            json: ["target_entity": "users", "file_id": .string(file)]
        )
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.json["rows"] == 2)
        let lines = (answer.json["proposals"]?.arrayValue ?? []).map { $0.without("confidence").without("reason") }
        #expect(
            lines.map { $0["target_field"] } == [
                "external_id", "email", "first_name", "last_name", "display_name", "status", "hire_date",
            ]
        )
        let kept = try await test.ask("PUT", path, json: ["mappings": .array(lines)])
        #expect(kept.status == 200, "\(kept.text)")
        let nothing = try await test.ask("POST", "\(path)/suggest", json: ["target_entity": "users"])
        #expect(nothing.status == 422, "\(nothing.text)")
        try await test.stop()
    }
}
