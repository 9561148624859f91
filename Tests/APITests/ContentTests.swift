import API
import HTTPServer
import JSON
import TestSupport
import Testing

struct ContentTests {
    /// The answer to content that `createTrial` doesn't take.
    private func refused(_ text: String, type: String? = "application/json") async throws -> HTTPAnswer {
        let test = try await TestAPI(more: [TrialTopic.topic])
        let headers = type.map { ["Content-Type": $0] } ?? [:]
        let answer = try await test.ask("POST", "/trials", headers, body: Array(text.utf8))
        try await test.stop()
        return answer
    }

    @Test func `good content reaches the handler`() async throws {
        let answer = try await refused(
            "{\"name\":\"a\",\"inner\":{\"kind\":\"two\"}}",
            type: "Application/JSON; charset=UTF-8"
        )
        #expect(answer.status == 200)
        #expect(answer.json["inner"]?["kind"] == "two")
    }

    @Test func `an unknown member is named, with the one that was meant`() async throws {
        let answer = try await refused("{\"name\":\"a\",\"inner\":{\"kind\":\"one\",\"knd\":1}}")
        #expect(answer.status == 422)
        #expect(answer.headers["content-type"] == "application/problem+json")
        #expect(answer.json["pointer"] == "/inner/knd")
        #expect(answer.json["detail"]?.stringValue?.contains("did you mean kind?") == true)
    }

    @Test func `everything that is wrong is told at once`() async throws {
        let answer = try await refused("{\"size\":101,\"inner\":{\"kind\":\"three\"}}")
        #expect(answer.status == 422)
        let pointers = answer.json["errors"]?.arrayValue?.compactMap { $0["pointer"]?.stringValue }
        #expect(pointers.map(Set.init) == ["/name", "/size", "/inner/kind"])
    }

    @Test(arguments: [
        "", "{", "[", "{\"name\":\"a\"}x", "{\"name\":\"a\",\"name\":\"b\"}", "{\"name\":\"\\ud800\"}",
        "\u{FEFF}{}", "{\"name\":01}", String(repeating: "[", count: 1_900),
    ])
    func `what is no JSON is 400`(_ text: String) async throws {
        #expect(try await refused(text).status == 400)
    }

    @Test(arguments: [
        "null", "[]", "\"name\"", "{}", "{\"name\":null}", "{\"name\":\"a\\u0000b\"}",
        "{\"name\":\"a\",\"x\\u0000\":1}",
        "{\"name\":\"a\",\"size\":9223372036854775808}", "{\"name\":\"a\",\"size\":1.5}", "{\"name\":\"aaaaaaaaaaa\"}",
    ])
    func `what the schema doesn't allow is 422`(_ text: String) async throws {
        #expect(try await refused(text).status == 422)
    }

    @Test(arguments: [nil, "text/plain", "application/json; charset=latin1", "multipart/form-data; boundary=x", "json"])
    func `other types are 415`(_ type: String?) async throws {
        #expect(try await refused("{\"name\":\"a\"}", type: type).status == 415)
    }

    @Test func `too much is 413, whether it was announced or not`() async throws {
        let long = "{\"name\":\"\(String(repeating: "a", count: 3_000))\"}"
        #expect(try await refused(long).status == 413)
        let test = try await TestAPI(more: [TrialTopic.topic])
        let chunks = "\(String(long.utf8.count, radix: 16))\r\n\(long)\r\n0\r\n\r\n"
        let headers = ["Transfer-Encoding": "chunked", "Content-Type": "application/json"]
        let answer = try await test.askRaw("POST", "/trials", headers, Array(chunks.utf8))
        #expect(answer.status == 413)
        try await test.stop()
    }

    @Test func `content where none is taken is refused`() async throws {
        let test = try await TestAPI()
        let answer = try await test.ask("GET", "/functions", body: Array("{}".utf8))
        #expect(answer.status == 400)
        #expect(answer.code == "content_not_expected")
        try await test.stop()
    }

    @Test func `content that may be missing may be missing`() async throws {
        let test = try await TestAPI(more: [TrialTopic.topic])
        let path = "/trials/\(PlainTokens.tenant)"
        #expect(try await test.ask("PATCH", path).status == 200)
        #expect(try await test.ask("PATCH", path, json: [:]).status == 200)
        #expect(try await test.ask("PATCH", path, json: ["a": 1]).status == 422)
        try await test.stop()
    }

    @Test func `an error's own words stay in the log`() async throws {
        let test = try await TestAPI(more: [TrialTopic.topic])
        let answer = try await test.ask("GET", "/trials/failing", ["X-Request-Id": "lost-1"])
        #expect(answer.status == 500)
        #expect(answer.code == "internal")
        #expect(!answer.text.contains("hunter2"))
        #expect(answer.json["request_id"] == "lost-1")
        #expect(test.log.lines.contains { $0.contains("lost-1") && $0.contains("Secret") })
        try await test.stop()
    }
}
