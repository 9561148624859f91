import JSON
import Testing

struct ConfigTransferTests {
    private let lines: JSONValue = [
        [
            "stream": "people", "target_entity": "users", "source_field": "id", "target_field": "external_id",
        ],
        [
            "stream": "people", "target_entity": "users", "source_field": "email", "target_field": "email",
            "transform_function": "trim | lower", "write": "on_create",
        ],
    ]

    private func mapped(_ test: TestAPI) async throws -> String {
        let config = try await test.plainConfig(settings: ["rows": 7])
        let saved = try await test.ask("PUT", "/\(config)/mappings", json: ["mappings": lines])
        #expect(saved.status == 200, "\(saved.text)")
        return config
    }

    @Test func `the copy of a long name is found, patched and copied again`() async throws {
        let test = try await TestAPI()
        let config = try await test.config(String(repeating: "é", count: 200))
        for ending in [" (copy)", " (copy 2)"] {
            let copy = try await test.ask("POST", "/configs/\(config)/copy")
            #expect(copy.status == 201)
            let name = try #require(copy.json["name"]?.stringValue)
            #expect(name == String(repeating: "é", count: 180) + ending)
        }
        try await test.stop()
    }

    @Test func `a copy has settings and mappings, is off and has no credentials`() async throws {
        let test = try await TestAPI()
        let config = try await mapped(test)
        _ = try await test.ask("PUT", "/\(config)/credentials?test=false", json: ["password": "swordfish"])
        let copy = try await test.ask("POST", "/configs/\(config)/copy")
        #expect(copy.status == 201)
        #expect(copy.json["name"] == "People (copy)")
        #expect(copy.json["settings"] == ["rows": 7])
        #expect(copy.json["is_active"] == false)
        #expect(copy.json["has_credentials"] == false)
        let id = copy.json["id"]?.stringValue ?? ""
        #expect(copy.headers["location"] == "/api/v1/integrations/configs/\(id)")
        #expect(try await test.ask("GET", "/\(id)/mappings").json["items"]?.arrayValue?.count == 2)
        #expect(try await test.audit().contains("someone config.copied"))
        #expect(try await test.ask("POST", "/configs/\(config)/copy", token: PlainTokens.stranger).status == 404)
        try await test.stop()
    }

    @Test func `what was exported can be imported, by another tenant too, and says no secret`() async throws {
        let test = try await TestAPI()
        let config = try await mapped(test)
        _ = try await test.ask("PUT", "/\(config)/credentials?test=false", json: ["password": "swordfish"])
        let export = try await test.ask("GET", "/configs/\(config)/export")
        #expect(export.status == 200)
        #expect(!export.text.contains("swordfish"))
        #expect(export.json["provider_version"] == "1.0.0")
        #expect(try await test.ask("GET", "/configs/\(config)/export", token: PlainTokens.stranger).status == 404)
        let made = try await test.ask("POST", "/configs/import", token: PlainTokens.stranger, json: export.json)
        #expect(made.status == 201, "\(made.text)")
        #expect(made.json["is_active"] == false)
        let path = "/configs/\(made.json["id"]?.stringValue ?? "")/export"
        #expect(try await test.ask("GET", path, token: PlainTokens.stranger).json == export.json)
        let again = try await test.ask("POST", "/configs/import", token: PlainTokens.stranger, json: export.json)
        #expect(again.status == 409)
        try await test.stop()
    }

    @Test func `an import that is wrong anywhere makes nothing`() async throws {
        let test = try await TestAPI()
        let config = try await mapped(test)
        let export = try await test.ask("GET", "/configs/\(config)/export").json
        var fields = try #require(export["config"]?.objectValue)
        fields["name"] = "Others"
        let mapping = try #require(export["mappings"]?.arrayValue)
        func refused(_ config: JSONObject, _ mappings: [JSONValue]) async throws -> HTTPAnswer {
            let document: JSONValue = [
                "format": "trainflow.config/1", "config": .object(config), "mappings": .array(mappings),
            ]
            return try await test.ask("POST", "/configs/import", json: document)
        }
        var wrong = fields
        wrong["settings"] = ["rows": "many"]
        wrong["policy"] = ["match": ["shoe_size"]]
        let settings = try await refused(wrong, mapping)
        #expect(settings.status == 422)
        #expect(settings.pointers == ["/config/settings/rows", "/config/policy/match/0"])
        wrong = fields
        wrong["provider"] = "test-turn"
        let provider = try await refused(wrong, mapping)
        #expect(provider.json["pointer"] == "/config/provider")
        #expect(provider.json["detail"]?.stringValue?.contains("Did you mean test-turns?") == true)
        let incomplete = try await refused(fields, [mapping[1]])
        #expect(incomplete.status == 422)
        #expect(incomplete.json["errors"]?.arrayValue?.first?["code"] == "required_target_missing")
        var line = try #require(mapping[1].objectValue)
        line["transform_function"] = "trim | lowr"
        let transform = try await refused(fields, [mapping[0], .object(line)])
        #expect(transform.pointers == ["/mappings/1/transform_function"])
        #expect(try await test.ask("GET", "/configs").json["items"]?.arrayValue?.count == 1)
        #expect(try await refused(fields, mapping).status == 201)
        try await test.stop()
    }

    @Test func `settings and policy are refused where they are wrong`() async throws {
        let test = try await TestAPI()
        let draft: JSONValue = [
            "name": "Files", "provider": "file", "settings": ["delimiter": ";;", "delimter": ";"],
            "policy": ["match": ["emial"]],
        ]
        let refused = try await test.ask("POST", "/configs", json: draft)
        #expect(refused.status == 422)
        #expect(refused.pointers == ["/settings/delimiter", "/settings/delimter", "/policy/match/0"])
        #expect(refused.text.contains("did you mean delimiter?"))
        let unknown = try await test.ask("POST", "/configs", json: ["name": "Files", "provider": "fil"])
        #expect(unknown.status == 422)
        #expect(unknown.json["pointer"] == "/provider")
        #expect(!unknown.text.contains("/tmp"))
        let config = try await test.plainConfig("file", settings: ["delimiter": ";"])
        let changed = try await test.ask("PATCH", "/configs/\(config)", json: ["settings": ["delimiter": ""]])
        #expect(changed.status == 422)
        #expect(changed.json["pointer"] == "/settings/delimiter")
        #expect(try await test.ask("GET", "/configs/\(config)").json["version"] == 1)
        try await test.stop()
    }
}
