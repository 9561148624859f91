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

    @Test func `files that can't be used are listed with the reason, without their path`() async throws {
        let test = try await TestAPI()
        #expect(try await test.ask("GET", "/providers").json["refused"] == [])
        _ = try test.plugins.write(Array("no connector".utf8), to: "odd.so")
        _ = try test.plugins.write(Array("no connector".utf8), to: "open.so")
        let all: mode_t = 0o777
        #expect(unsafe chmod(test.plugins.file("open.so"), all) == 0)
        // A link out of the folder, to where everybody may write: the name of that folder holds a blank.
        let elsewhere = try TemporaryFolder()
        #expect(unsafe mkdir(elsewhere.file("an open place"), all) == 0)
        #expect(unsafe chmod(elsewhere.file("an open place"), all) == 0)
        _ = try elsewhere.write(Array("no connector".utf8), to: "an open place/far.so")
        #expect(unsafe symlink(elsewhere.file("an open place/far.so"), test.plugins.file("far.so")) == 0)
        let list = try await test.ask("GET", "/providers")
        let refused = list.json["refused"]?.arrayValue ?? []
        #expect(refused.map { $0["file"] } == ["far.so", "odd.so", "open.so"])
        #expect(refused.allSatisfy { $0["reason"]?.stringValue != "" && $0["hint"]?.stringValue != "" })
        #expect(refused.last?["hint"] == "Run: chmod o-w open.so")
        #expect(refused.first?["hint"] == "Run: chmod o-w an open place")
        #expect(!list.text.contains(test.plugins.path))
        #expect(!list.text.contains(elsewhere.path))
        #expect(list.json["items"]?.arrayValue?.count == 3)
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
