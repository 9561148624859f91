import JSON
import Testing

struct ConfigTests {
    @Test func `a configuration is made, shown, and its name is taken`() async throws {
        let test = try await TestAPI()
        let draft: JSONValue = ["name": "People", "provider": "file", "settings": ["delimiter": ";"]]
        let made = try await test.ask("POST", "/configs", json: draft)
        #expect(made.status == 201)
        let path = try #require(made.headers["location"])
        #expect(path.hasPrefix("/api/v1/integrations/configs/"))
        let shown = try await test.ask("GET", "/configs/\(made.json["id"]?.stringValue ?? "")")
        #expect(shown.status == 200)
        #expect(shown.json["settings"] == ["delimiter": ";"])
        #expect(shown.headers["etag"] == made.headers["etag"])
        let again = try await test.ask("POST", "/configs", json: draft)
        #expect(again.status == 409)
        #expect(try await test.ask("POST", "/configs", token: PlainTokens.stranger, json: draft).status == 201)
        try await test.stop()
    }
}
