import API
import HTTPServer
import JSON
import Testing

struct QueryTests {
    @Test(arguments: [
        "limit=0", "limit=501", "limit=x", "limit=1.5", "limit=", "limit=1&limit=2", "limit=99999999999999999999",
        "kind=three", "kind=one&kind=three", "since=yesterday", "since=2026-02-30T00:00:00Z", "deep=1", "deep=True",
        "limt=3", "cursor=", "cursor=%21", "cursor=bm8", "cursor=WyJsaXN0Q29uZmlncyIsMSwyXQ",
    ])
    func `a parameter that isn't as declared is named`(_ query: String) async throws {
        let test = try await TestAPI(more: [TrialTopic.topic])
        let answer = try await test.ask("GET", "/trials?\(query)")
        #expect(answer.status == 400)
        #expect(answer.json["parameter"]?.stringValue == query.split(separator: "=").first.map(String.init))
        try await test.stop()
    }

    @Test func `an unknown parameter brings the one that was meant`() async throws {
        let test = try await TestAPI(more: [TrialTopic.topic])
        let answer = try await test.ask("GET", "/trials?limt=3")
        #expect(answer.code == "unknown_parameter")
        #expect(answer.json["detail"]?.stringValue?.contains("did you mean limit?") == true)
        try await test.stop()
    }

    @Test func `good parameters pass`() async throws {
        let test = try await TestAPI(more: [TrialTopic.topic])
        let query = "kind=one&kind=two&since=2026-02-28T00:00:00%2B01:00&deep=true"
        #expect(try await test.ask("GET", "/trials?\(query)").status == 200)
        try await test.stop()
    }

    @Test func `pages follow each other to the end`() async throws {
        let test = try await TestAPI(more: [TrialTopic.topic])
        var (seen, cursor, pages): ([JSONValue], String?, Int) = ([], nil, 0)
        repeat {
            let answer = try await test.ask("GET", "/trials" + (cursor.map { "?limit=50&cursor=\($0)" } ?? ""))
            seen += answer.json["items"]?.arrayValue ?? []
            cursor = answer.json["next_cursor"]?.stringValue
            pages += 1
        } while cursor != nil && pages < 10
        #expect(pages == 3)
        #expect(seen == (0..<120).map { .integer($0) })
        try await test.stop()
    }
}

struct VersionTests {
    @Test func `an ETag that still holds is 304, without content`() async throws {
        let test = try await TestAPI(more: [TrialTopic.topic])
        let path = "/trials/\(PlainTokens.tenant)"
        let tag = try #require(try await test.ask("GET", path).headers["etag"])
        #expect(tag.hasPrefix("\"7-"))
        for field in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
            let answer = try await test.ask("GET", path, ["If-None-Match": field])
            #expect(answer.status == 304)
            #expect(answer.body.isEmpty)
            #expect(answer.headers["etag"] == tag)
        }
        #expect(try await test.ask("GET", path, ["If-None-Match": "\"7-0\""]).status == 200)
        try await test.stop()
    }

    @Test func `a change is made to the version that the client knows`() async throws {
        let test = try await TestAPI(more: [TrialTopic.topic])
        let path = "/trials/\(PlainTokens.tenant)"
        for field in ["\"7-abc\"", "W/\"7-abc\"", "*", "\"6\", \"7\""] {
            #expect(try await test.ask("PATCH", path, ["If-Match": field]).status == 200)
        }
        for field in ["\"6-abc\"", "\"77\"", "7", "\"\"", "nonsense"] {
            let answer = try await test.ask("PATCH", path, ["If-Match": field])
            #expect(answer.status == 412)
            #expect(answer.code == "stale_version")
        }
        for field in ["", " ", ","] {
            let answer = try await test.ask("PATCH", path, ["If-Match": field])
            #expect(answer.status == 400, "\(field)")
            #expect(answer.json["parameter"] == "If-Match")
        }
        #expect(try await test.ask("PATCH", path).status == 200)
        try await test.stop()
    }
}
