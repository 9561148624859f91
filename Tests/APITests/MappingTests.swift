import Identifiers
import JSON
import Testing

struct MappingTests {
    private static func line(_ source: String, _ target: String, _ transform: JSONValue = nil) -> JSONValue {
        [
            "stream": "people", "target_entity": "users", "source_field": .string(source),
            "target_field": .string(target), "transform_function": transform,
        ]
    }

    private static let id = line("id", "external_id")
    private static let email = line("email", "email", "trim | lower")

    @Test func `a whole set is versioned, and what was read can be sent again`() async throws {
        let test = try await TestAPI()
        let path = "/\(try await test.plainConfig())/mappings"
        let nothing = try await test.ask("GET", path)
        #expect(nothing.json["version"] == 0)
        let first = try await test.ask("PUT", path, json: ["mappings": [Self.id, Self.email]])
        #expect(first.status == 200, "\(first.text)")
        #expect(first.json["version"] == 1)
        let items = try #require(first.json["items"]?.arrayValue)
        #expect(items.map { $0["position"] } == [0, 1])
        #expect(items[1]["transform_function"] == "trim | lower")
        let turned = try await test.ask("PUT", path, json: ["mappings": .array(items.reversed())])
        #expect(turned.json["version"] == 2)
        #expect(turned.json["items"]?.arrayValue?.map { $0["id"] } == items.reversed().map { $0["id"] })
        let again = try await test.ask("PUT", path, json: ["mappings": .array(items.reversed())])
        #expect(again.json["version"] == 2)
        let old = try await test.ask("GET", "\(path)?version=1")
        #expect(old.json["items"] == first.json["items"])
        #expect(try await test.ask("GET", "\(path)?version=3").status == 404)
        let versions = try await test.ask("GET", "\(path)/versions?limit=1")
        #expect(versions.json["items"]?.arrayValue?.first?["version"] == 2)
        #expect(versions.json["items"]?.arrayValue?.first?["created_by"] == "someone")
        let cursor = versions.json["next_cursor"]?.stringValue ?? ""
        let rest = try await test.ask("GET", "\(path)/versions?limit=1&cursor=\(cursor)")
        #expect(rest.json["items"]?.arrayValue?.map { $0["version"] } == [1])
        try await test.stop()
    }

    @Test func `lines are added, changed, replaced and taken out, one by one`() async throws {
        let test = try await TestAPI()
        let path = "/\(try await test.plainConfig())/mappings"
        let first = try await test.ask("POST", path, json: Self.email)
        #expect(first.status == 201, "\(first.text)")
        let second = try await test.ask("POST", path, json: Self.id)
        let line = "\(path)/\(second.json["id"]?.stringValue ?? "")"
        #expect(second.headers["location"] == "/api/v1/integrations\(line)")
        #expect(try await test.ask("GET", line).json == second.json)
        let changed = try await test.ask("PATCH", line, json: ["transform_function": "trim", "position": 0])
        #expect(changed.status == 200, "\(changed.text)")
        #expect(changed.json["transform_function"] == "trim")
        #expect(changed.json["position"] == 0)
        #expect(changed.json["id"] == second.json["id"])
        #expect(
            try await test.ask("PATCH", line, json: ["transform_function": nil]).json["transform_function"] == .null
        )
        let replaced = try await test.ask("PUT", line, json: Self.line("number", "external_id"))
        #expect(replaced.json["source_field"] == "number")
        #expect(try await test.ask("DELETE", line).status == 204)
        #expect(try await test.ask("DELETE", line).status == 404)
        #expect(try await test.ask("PATCH", line, json: ["position": 0]).status == 404)
        #expect(try await test.ask("GET", path).json["items"]?.arrayValue?.count == 1)
        try await test.stop()
    }

    @Test func `a change names its version, and a stale one is refused`() async throws {
        let test = try await TestAPI()
        let path = "/\(try await test.plainConfig())/mappings"
        let first = try await test.ask("PUT", path, json: ["mappings": [Self.id]])
        let tag = first.headers["etag"] ?? ""
        let line = "\(path)/\(first.json["items"]?.arrayValue?.first?["id"]?.stringValue ?? "")"
        let good = try await test.ask("PATCH", line, ["If-Match": tag], json: ["source_field": "number"])
        #expect(good.status == 200)
        #expect(good.headers["etag"] != tag)
        #expect(try await test.ask("PATCH", line, ["If-Match": tag], json: ["source_field": "n"]).status == 412)
        #expect(try await test.ask("DELETE", line, ["If-Match": tag]).status == 412)
        #expect(try await test.ask("PUT", path, ["If-Match": tag], json: ["mappings": [Self.id]]).status == 412)
        #expect(try await test.ask("GET", path).json["version"] == 2)
        try await test.stop()
    }

    @Test func `lines that come at the same time all arrive`() async throws {
        let test = try await TestAPI()
        let path = "/\(try await test.plainConfig())/mappings"
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<4 {
                group.addTask {
                    let line = Self.line("f\(number)", "attributes.f\(number)")
                    return try await test.ask("POST", path, json: line).status
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == [201, 201, 201, 201])
        #expect(try await test.ask("GET", path).json["items"]?.arrayValue?.count == 4)
        try await test.stop()
    }

    @Test func `what can't be used is refused, with its place and what was meant`() async throws {
        let test = try await TestAPI()
        let path = "/\(try await test.plainConfig())/mappings"
        let set: JSONValue = [
            "mappings": [Self.id, Self.line("a", "emial"), Self.line("b", "first_name", "trim | lowr")]
        ]
        let refused = try await test.ask("PUT", path, json: set)
        #expect(refused.status == 422)
        #expect(refused.code == "invalid_mapping")
        #expect(refused.pointers == ["/mappings/1/target_field", "/mappings/2/transform_function"])
        let items = refused.json["errors"]?.arrayValue ?? []
        #expect(items.first?["suggestion"] == "Did you mean email?")
        #expect(items.last?["column"] == 8)
        #expect(items.last?["caret"] == "trim | lowr\n       ^")
        let one = try await test.ask("POST", path, json: Self.line("b", "first_name", "lowr"))
        #expect(one.status == 422)
        #expect(one.json["pointer"] == "/transform_function")
        _ = try await test.ask("POST", path, json: Self.email)
        let twice = try await test.ask("POST", path, json: Self.line("mail", "email"))
        #expect(twice.json["errors"]?.arrayValue?.first?["code"] == "duplicate_target")
        #expect(try await test.ask("GET", path).json["version"] == 1)
        for body in [["mappings": [["stream": "x"]]], ["mappings": "x"], [:], ["mappings": [], "x": 1]] as [JSONValue] {
            #expect(try await test.ask("PUT", path, json: body).status == 422)
        }
        try await test.stop()
    }

    @Test func `others' mappings are not there`() async throws {
        let test = try await TestAPI()
        let config = try await test.plainConfig()
        let made = try await test.ask("POST", "/\(config)/mappings", json: Self.id)
        let line = "/\(config)/mappings/\(made.json["id"]?.stringValue ?? "")"
        for (method, path, json) in [
            ("GET", "/\(config)/mappings", nil), ("POST", "/\(config)/mappings", Self.email),
            ("PUT", "/\(config)/mappings", ["mappings": [Self.id]]), ("GET", "/\(config)/mappings/versions", nil),
            ("GET", line, nil), ("PUT", line, Self.id), ("PATCH", line, ["position": 0]), ("DELETE", line, nil),
            ("POST", "/\(config)/mappings/validate", [:]), ("POST", "/\(config)/mappings/preview", [:]),
        ] as [(String, String, JSONValue?)] {
            let foreign = try await test.ask(method, path, token: PlainTokens.stranger, json: json)
            let never = try await test.ask(
                method,
                path.replacing(config, with: PlainTokens.tenant.description),
                json: json
            )
            #expect(foreign.status == 404, "\(method) \(path)")
            #expect(foreign.json.without("request_id") == never.json.without("request_id"))
        }
        try await test.stop()
    }
}
