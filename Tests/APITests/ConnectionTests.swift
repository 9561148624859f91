import JSON
import Testing

struct ConnectionTests {
    @Test func `a file's connection is tested, its fields discovered, its rows shown`() async throws {
        let test = try await TestAPI()
        let config = try await test.plainConfig("file")
        let file = try await test.upload("id,email\n1,a@example.org\n2,\n3,c@example.org\n", to: config)
        let report = try await test.ask("POST", "/\(config)/test-connection", json: ["file_id": .string(file)])
        #expect(report.status == 200, "\(report.text)")
        #expect(report.json["ok"] == true)
        #expect(report.json["steps"]?.arrayValue?.first?["message"] == "people.csv has 2 columns: id, email.")
        let found = try await test.ask("POST", "/\(config)/discover", json: ["file_id": .string(file)])
        #expect(found.status == 200)
        let stream = found.json["streams"]?.arrayValue?.first
        #expect(stream?["name"] == "people.csv")
        #expect(stream?["fields"]?.arrayValue?.first?["sample"] == "1")
        #expect(stream?["fields"]?.arrayValue?.first?["type"] == "text")
        let sample = try await test.ask(
            "POST",
            "/\(config)/source-preview",
            json: ["stream": "people", "limit": 2, "file_id": .string(file)]
        )
        #expect(sample.status == 200, "\(sample.text)")
        let rows = sample.json["rows"]?.arrayValue ?? []
        #expect(rows.map { $0["at"] } == [2, 3])
        #expect(rows.first?["values"] == ["id": "1", "email": "a@example.org"])
        #expect(sample.json["locator_kind"] == "line")
        try await test.stop()
    }

    @Test func `files are those of the config`() async throws {
        let test = try await TestAPI()
        let config = try await test.plainConfig("file")
        let other = try await test.plainConfig("file", name: "Other")
        let file = try await test.upload("id\n1\n", to: other)
        let foreign = try await test.ask("POST", "/\(config)/discover", json: ["file_id": .string(file)])
        let never = try await test.ask("POST", "/\(config)/discover", json: ["file_id": .string(config)])
        #expect(foreign.status == 422)
        #expect(foreign.json["pointer"] == "/file_id")
        #expect(foreign.json.without("request_id") == never.json.without("request_id"))
        try await test.stop()
    }

    @Test func `a connector's failure is told by its class, and a crash hurts nobody`() async throws {
        let test = try await TestAPI()
        let config = try await test.plainConfig("test-crash", settings: ["in": "test", "how": "segv"])
        let crashed = try await test.ask("POST", "/\(config)/test-connection")
        #expect(crashed.status == 503)
        #expect(crashed.json["error_class"] == "crash")
        let password = try await test.plainConfig("test-turns", name: "Turns", settings: ["password": "swordfish"])
        let auth = try await test.ask("POST", "/\(password)/source-preview", json: ["stream": "people"])
        #expect(auth.status == 422)
        #expect(auth.code == "login_refused")
        let gone = try await test.plainConfig("file", name: "Files")
        let none = try await test.ask("POST", "/\(gone)/source-preview", json: ["stream": "people"])
        #expect(none.status == 422)
        try await test.stop()
    }

    @Test func `nobody waits for a connector without end, nor behind others that hold all runners`() async throws {
        let test = try await TestAPI(connectorDeadline: .milliseconds(700))
        let config = try await test.plainConfig("test-crash", settings: ["in": "test", "how": "sleep"])
        // Two runners are a tenant's: the third waits for its turn.
        let answers = try await withThrowingTaskGroup(of: HTTPAnswer.self) { group in
            for _ in 0..<3 { group.addTask { try await test.ask("POST", "/\(config)/test-connection") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.map(\.status) == [503, 503, 503])
        #expect(answers.contains { $0.code == "connector_timeout" && $0.headers["retry-after"] != nil })
        try await test.stop()
    }

    @Test func `a connector that doesn't stop at the limit is stopped`() async throws {
        let test = try await TestAPI()
        let config = try await test.plainConfig(settings: ["rows": 1_000_000, "batch": 10])
        let sample = try await test.ask("POST", "/\(config)/source-preview", json: ["stream": "people", "limit": 15])
        #expect(sample.json["rows"]?.arrayValue?.count == 15)
        try await test.stop()
    }

    @Test func `limits are kept, and others' configs are not asked`() async throws {
        let test = try await TestAPI()
        let config = try await test.plainConfig()
        for (body, status) in [
            (["stream": "people", "limit": 201], 422), (["stream": "people", "limit": 0], 422), ([:], 422),
            (["stream": ""], 422), (["stream": "people", "file_id": "7"], 422),
        ] as [(JSONValue, Int)] {
            #expect(try await test.ask("POST", "/\(config)/source-preview", json: body).status == status)
        }
        for path in ["test-connection", "discover"] {
            #expect(try await test.ask("POST", "/\(config)/\(path)", token: PlainTokens.stranger).status == 404)
        }
        let preview: JSONValue = ["stream": "people"]
        let stranger = PlainTokens.stranger
        #expect(
            try await test.ask("POST", "/\(config)/source-preview", token: stranger, json: preview).status == 404
        )
        try await test.stop()
    }
}
