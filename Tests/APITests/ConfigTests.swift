import JSON
import TestSupport
import Testing

struct ConfigTests {
    @Test func `what the connector's own code finds in settings is told before they are kept`() async throws {
        let test = try await TestAPI()
        func config(_ name: String, _ settings: JSONValue) -> JSONValue {
            ["name": .string(name), "provider": "test-turns", "settings": settings]
        }
        let refused = try await test.ask("POST", "/configs", json: config("Negative", ["rows": -1]))
        #expect(refused.status == 422 && refused.code == "invalid_config", "\(refused.text)")
        #expect(refused.json["pointer"] == "/settings/rows")
        let item = refused.json["errors"]?.arrayValue?.first
        #expect(item?["code"] == "negative" && item?["message"] == "rows must not be negative.")
        let odd = try await test.ask("POST", "/configs", json: config("None", ["rows": 0]))
        #expect(odd.status == 201, "\(odd.text)")
        let id = try #require(odd.json["id"]?.stringValue)
        let changed = try await test.ask("PATCH", "/configs/\(id)", json: ["settings": ["rows": -5]])
        #expect(changed.status == 422 && changed.json["pointer"] == "/settings/rows", "\(changed.text)")
        #expect(try await test.ask("PATCH", "/configs/\(id)", json: ["name": "Still none"]).status == 200)
        try await test.stop()
    }

    @Test func `a connector that can't look at settings keeps nobody from saving them`() async throws {
        let test = try await TestAPI()
        let settings: JSONValue = ["in": "validate", "how": "segv"]
        let config: JSONValue = ["name": "Crash", "provider": "test-crash", "settings": settings]
        let made = try await test.ask("POST", "/configs", json: config)
        #expect(made.status == 201, "\(made.text)")
        #expect(test.log.lines.contains { $0.contains("could not look at") && $0.contains("SIGSEGV") })
        try await test.stop()
    }

    @Test func `a setting that a run stumbles over is named`() async throws {
        let test = try await TestAPI()
        let config = try await test.config(provider: "test-turns", settings: ["do": "config"], [TestAPI.turns])
        let refused = try await test.ask("POST", "/\(config)/source-preview", json: ["stream": "people"])
        #expect(refused.json["error_class"] == "config" && refused.json["setting"] == "/do", "\(refused.text)")
        test.work()
        let run = try await test.end(of: try await test.sync(config))
        #expect(run["error"]?["hint"] == "The setting is /do.", "\(run)")
        try await test.stop()
    }

    private let draft: JSONValue = ["name": "People", "provider": "file", "settings": ["delimiter": ";"]]

    private func made(_ test: TestAPI, _ draft: JSONValue? = nil) async throws -> (path: String, answer: HTTPAnswer) {
        let answer = try await test.ask("POST", "/configs", json: draft ?? self.draft)
        #expect(answer.status == 201, "\(answer.text)")
        return ("/configs/\(answer.json["id"]?.stringValue ?? "")", answer)
    }

    @Test func `a configuration is made and shown, and its name is taken`() async throws {
        let test = try await TestAPI()
        let (path, made) = try await made(test)
        #expect(made.headers["location"] == "/api/v1/integrations\(path)")
        let shown = try await test.ask("GET", path)
        #expect(shown.status == 200)
        #expect(shown.json["settings"] == ["delimiter": ";"])
        #expect(shown.json["is_active"] == true)
        #expect(shown.json["has_credentials"] == false)
        #expect(shown.headers["etag"] == made.headers["etag"])
        #expect(try await test.ask("POST", "/configs", json: draft).status == 409)
        #expect(try await test.ask("POST", "/configs", token: PlainTokens.stranger, json: draft).status == 201)
        try await test.stop()
    }

    @Test func `a change names its version, and a stale one is refused`() async throws {
        let test = try await TestAPI()
        let (path, made) = try await made(test)
        let tag = made.headers["etag"] ?? ""
        let changed = try await test.ask("PATCH", path, ["If-Match": tag], json: ["is_active": false])
        #expect(changed.status == 200)
        #expect(changed.json["is_active"] == false)
        #expect(changed.json["name"] == "People")
        #expect(changed.headers["etag"] != tag)
        let stale = try await test.ask("PATCH", path, ["If-Match": tag], json: ["name": "Others"])
        #expect(stale.status == 412)
        #expect(try await test.ask("DELETE", path, ["If-Match": tag]).status == 412)
        #expect(try await test.ask("PATCH", path, json: ["name": "Others"]).json["name"] == "Others")
        try await test.stop()
    }

    @Test func `what can't be changed is refused`() async throws {
        let test = try await TestAPI()
        let (path, _) = try await made(test)
        #expect(try await test.ask("PATCH", path, json: ["provider": "sap"]).status == 422)
        #expect(try await test.ask("PATCH", path, json: ["name": nil]).status == 422)
        let policy = try await test.ask("PATCH", path, json: ["policy": ["match": ["shoe_size"]]])
        #expect(policy.status == 422)
        try await test.stop()
    }

    @Test func `what was deleted is gone, and strangers can't delete it`() async throws {
        let test = try await TestAPI()
        let (path, _) = try await made(test)
        #expect(try await test.ask("DELETE", path, token: PlainTokens.stranger).status == 404)
        #expect(try await test.ask("PATCH", path, token: PlainTokens.stranger, json: ["name": "X"]).status == 404)
        #expect(try await test.ask("DELETE", path).status == 204)
        #expect(try await test.ask("GET", path).status == 404)
        #expect(try await test.ask("DELETE", path).status == 404)
        #expect(try await test.ask("POST", "/configs", json: draft).status == 201)
        try await test.stop()
    }

    @Test func `a list comes in pages, filtered, and without others'`() async throws {
        let test = try await TestAPI()
        for number in 0..<7 {
            _ = try await made(
                test,
                ["name": .string("Config \(number)"), "provider": number == 3 ? "test-turns" : "file"]
            )
        }
        _ = try await test.ask("POST", "/configs", token: PlainTokens.stranger, json: draft)
        var (names, cursor): ([String], String?) = ([], nil)
        repeat {
            let page = try await test.ask("GET", "/configs?limit=3" + (cursor.map { "&cursor=\($0)" } ?? ""))
            names += page.json["items"]?.arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
            cursor = page.json["next_cursor"]?.stringValue
        } while cursor != nil && names.count < 20
        #expect(names == (0..<7).reversed().map { "Config \($0)" })
        let filtered = try await test.ask("GET", "/configs?provider=test-turns&name=CONFIG&is_active=true&type=pull")
        #expect(filtered.json["items"]?.arrayValue?.count == 1)
        try await test.stop()
    }
}
