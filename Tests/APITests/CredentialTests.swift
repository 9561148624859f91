import JSON
import Store
import TestSupport
import Testing

struct CredentialTests {
    @Test func `credentials are kept, told of and deleted, and never shown`() async throws {
        let test = try await TestAPI()
        let config = try await test.plainConfig(settings: ["password": "swordfish"])
        let path = "/\(config)/credentials"
        #expect(try await test.ask("GET", path).json["is_set"] == false)
        let put = try await test.ask("PUT", path, json: ["password": "swordfish"])
        #expect(put.status == 200, "\(put.text)")
        let shown = try await test.ask("GET", path)
        #expect(shown.json["is_set"] == true)
        #expect(shown.json["updated_by"] == "someone")
        #expect(shown.json["key_id"]?.stringValue?.isEmpty == false)
        #expect(try await test.ask("GET", "/configs/\(config)").json["has_credentials"] == true)
        #expect(try await test.ask("DELETE", path).status == 204)
        #expect(try await test.ask("GET", path).json["is_set"] == false)
        #expect(try await test.audit().filter { $0.hasPrefix("someone credentials.") }.count == 2)
        try await test.stop()
    }

    @Test func `what fails its test does not replace what works`() async throws {
        let test = try await TestAPI()
        // The test connector wants the same password in its settings; these are no secret here.
        let config = try await test.plainConfig(settings: ["password": "swordfish"])
        let path = "/\(config)/credentials"
        #expect(try await test.ask("PUT", path, json: ["password": "swordfish"]).status == 200)
        let before = try await test.ask("GET", path)
        let failed = try await test.ask("PUT", path, json: ["password": "hunter2-wrong"])
        #expect(failed.status == 422)
        #expect(failed.code == "connection_test_failed")
        #expect(failed.json["steps"]?.arrayValue?.first?["name"] == "auth")
        #expect(failed.json["steps"]?.arrayValue?.first?["ok"] == false)
        #expect(!failed.text.contains("hunter2-wrong"))
        #expect(try await test.ask("GET", path).json == before.json)
        #expect(try await test.ask("POST", "/\(config)/test-connection").json["ok"] == true)
        #expect(try await test.ask("PUT", "\(path)?test=false", json: ["password": "hunter2-wrong"]).status == 200)
        #expect(try await test.ask("POST", "/\(config)/test-connection").json["ok"] == false)
        let saved = try await test.store.auditTrail(
            AuditFilter(action: "credentials.saved"),
            page: PageRequest(),
            tenant: PlainTokens.tenant
        )
        #expect(saved.items.map { $0.deed.detail["tested"] } == [false, true])
        try await test.stop()
    }

    @Test func `a secret is found nowhere but encrypted`() async throws {
        let test = try await TestAPI()
        let secret = "correct-horse-battery-staple"
        let config = try await test.plainConfig()
        var answers = ""
        for (method, path, json) in [
            ("PUT", "/\(config)/credentials", ["password": .string(secret)]),
            ("GET", "/\(config)/credentials", nil),
            ("POST", "/\(config)/test-connection", nil),
            ("PUT", "/\(config)/credentials", ["password": .string(secret), "pasword": .string(secret)]),
            ("PUT", "/\(config)/credentials", ["password": [.string(secret)]]),
            ("PUT", "/\(config)/credentials?test=no", ["password": .string(secret)]),
            ("POST", "/\(config)/discover", nil),
            ("GET", "/configs/\(config)", nil), ("GET", "/configs/\(config)/export", nil), ("GET", "/metrics", nil),
        ] as [(String, String, JSONValue?)] {
            answers += try await test.ask(method, path, json: json).text
        }
        #expect(answers.contains("<secret>"), "The connector says its password; that is masked.")
        #expect(!answers.contains(secret))
        #expect(test.logLines.contains { $0.contains("signing in with <secret>") })
        #expect(!test.logLines.contains { $0.contains(secret) })
        try await test.stop()
        for name in ["trainflow.db", "trainflow.db-wal"] where test.folder.exists(name) {
            let bytes = try test.folder.read(name)
            #expect(!String(decoding: bytes, as: UTF8.self).contains(secret))
        }
    }

    @Test func `credentials are what the connector asks for, and belong to their tenant`() async throws {
        let test = try await TestAPI()
        let turns = try await test.plainConfig()
        let files = try await test.plainConfig("file", name: "Files")
        let unknown = try await test.ask("PUT", "/\(files)/credentials", json: ["password": "swordfish"])
        #expect(unknown.status == 422)
        #expect(unknown.code == "invalid_credentials")
        #expect(unknown.pointers == ["/password"])
        let long = JSONValue.string(String(repeating: "x", count: 40_000))
        let large = try await test.ask("PUT", "/\(turns)/credentials?test=false", json: ["password": long, "b": long])
        #expect(large.code == "credentials_too_large")
        for (method, json) in [("GET", nil), ("PUT", ["password": "swordfish"]), ("DELETE", nil)]
            as [(String, JSONValue?)]
        {
            let path = "/\(turns)/credentials"
            let foreign = try await test.ask(method, path, token: PlainTokens.stranger, json: json)
            let never = try await test.ask(method, "/\(PlainTokens.tenant)/credentials", json: json)
            #expect(foreign.status == 404)
            #expect(foreign.json.without("request_id") == never.json.without("request_id"))
        }
        try await test.stop()
    }
}
