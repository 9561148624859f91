import Glibc
import JSON
import TestSupport
import Testing

struct ProviderTests {
    @Test func `the installed connectors are listed with what they need`() async throws {
        let test = try await TestAPI()
        let list = try await test.ask("GET", "/providers")
        #expect(list.status == 200)
        let items = list.json["items"]?.arrayValue ?? []
        #expect(items.compactMap { $0["id"]?.stringValue } == ["file", "test-crash", "test-turns"])
        #expect(items[0]["settings_schema"]?["properties"]?["delimiter"]?["maxLength"] == 1)
        #expect(items[2]["streams"]?.arrayValue?.first?["name"] == "people")
        #expect(items.allSatisfy { $0["is_enabled"] == true && $0["changed_at"] == .null })
        #expect(try await test.ask("GET", "/providers/file").json == items[0])
        #expect(try await test.ask("GET", "/providers/nothing").status == 404)
        try await test.stop()
    }

    @Test func `a provider that is off makes no config and answers no question, for its tenant alone`() async throws {
        let test = try await TestAPI()
        let config = try await test.plainConfig()
        let off = try await test.ask("PUT", "/providers/test-turns", json: ["is_enabled": false])
        #expect(off.status == 200)
        #expect(off.json["is_enabled"] == false)
        #expect(off.json["changed_by"] == "someone")
        let draft: JSONValue = ["name": "More", "provider": "test-turns"]
        let refused = try await test.ask("POST", "/configs", json: draft)
        #expect(refused.status == 409)
        #expect(refused.code == "provider_off")
        #expect(try await test.ask("POST", "/\(config)/test-connection").code == "provider_off")
        #expect(try await test.ask("POST", "/configs", token: PlainTokens.stranger, json: draft).status == 201)
        #expect(try await test.ask("PUT", "/providers/test-turns", json: ["is_enabled": true]).status == 200)
        #expect(try await test.ask("POST", "/configs", json: draft).status == 201)
        #expect(try await test.audit().filter { $0.hasPrefix("someone provider.") }.count == 2)
        #expect(try await test.ask("PUT", "/providers/nothing", json: ["is_enabled": true]).status == 404)
        #expect(try await test.ask("PUT", "/providers/file", json: ["is_enabled": "no"]).status == 422)
        try await test.stop()
    }

    @Test func `a folder of connectors that can't be used is the host's matter, and its path the log's`() async throws {
        let test = try await TestAPI()
        let all: mode_t = 0o777
        #expect(unsafe chmod(test.plugins.path, all) == 0)
        let draft: JSONValue = ["name": "People", "provider": "test-turns"]
        let answers = [
            try await test.ask("GET", "/providers"), try await test.ask("GET", "/providers/file"),
            try await test.ask("POST", "/configs", json: draft),
        ]
        for answer in answers {
            #expect(answer.status == 503 && answer.code == "connector_unusable", "\(answer.text)")
            #expect(!answer.text.contains(test.plugins.path))
        }
        #expect(test.logLines.count { $0.contains(test.plugins.path) && $0.contains("a request failed") } == 3)
        try await test.stop()
    }
}
