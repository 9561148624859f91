import API
import HTTPServer
import JSON
import Store
import TestSupport
import Testing
import Time

struct OperatorTests {
    @Test func `health and readiness are told to everybody`() async throws {
        let test = try await TestAPI()
        #expect(try await test.ask("GET", "/healthz", token: nil).status == 200)
        let ready = try await test.ask("GET", "/readyz", token: nil)
        #expect(ready.status == 200)
        #expect(ready.json["status"] == "ready")
        try await test.stop()
    }

    @Test func `readiness is looked at once a second at most`() async throws {
        let test = try await TestAPI()
        let began = ContinuousClock.now
        #expect(try await test.ask("GET", "/readyz", token: nil).status == 200)
        try await test.store.close()
        let answer = try await test.ask("GET", "/readyz", token: nil)
        // On a machine that stood still in between it may have looked again.
        #expect(answer.status == 200 || ContinuousClock.now - began >= .seconds(1))
        await test.stopServer()
    }

    @Test func `a store that is gone is not ready`() async throws {
        let test = try await TestAPI()
        try await test.store.close()
        let answer = try await test.ask("GET", "/readyz", token: nil)
        #expect(answer.status == 503)
        #expect(answer.json["missing"]?.arrayValue?.count == 1)
        #expect(!answer.text.contains(test.folder.path))
        #expect(try await test.ask("GET", "/healthz", token: nil).status == 200)
        await test.stopServer()
    }

    @Test func `metrics count by route, and know no tenant`() async throws {
        let test = try await TestAPI()
        test.metrics.addProcess(started: .now())
        test.metrics.count("trainflow_runs_total", "Runs that ended.", [("state", "do\"ne")], by: 3)
        _ = try await test.ask("GET", "/configs/\(PlainTokens.tenant)")
        _ = try await test.ask("GET", "/configs/\(PlainTokens.otherTenant)")
        let text = try await test.ask("GET", "/metrics", token: nil).text
        let route = "method=\"GET\",route=\"/api/v1/integrations/configs/{id}\""
        #expect(text.contains("trainflow_http_requests_total{\(route),class=\"4xx\"} 2\n"))
        #expect(text.contains("trainflow_http_request_seconds_bucket{\(route),le=\"+Inf\"} 2\n"))
        #expect(text.contains("trainflow_http_request_seconds_count{\(route)} 2\n"))
        #expect(text.contains("trainflow_runs_total{state=\"do\\\"ne\"} 3\n"))
        #expect(text.contains("\nprocess_resident_memory_bytes "))
        #expect(!text.contains("\(PlainTokens.tenant)"))
        try await test.stop()
    }

    @Test func `every answer keeps browsers from guessing and caching`() async throws {
        let test = try await TestAPI()
        for path in ["/functions", "/nothing", "/healthz", "/openapi.json"] {
            let answer = try await test.ask("GET", path)
            #expect(answer.headers["x-content-type-options"] == "nosniff")
            #expect(answer.headers["cache-control"] == "no-store")
            #expect(answer.headers["content-security-policy"]?.contains("default-src 'none'") == true)
            #expect(answer.headers["x-request-id"] != nil)
        }
        try await test.stop()
    }
}

struct OriginTests {
    private static let page = "https://lms.example.org"

    @Test func `no other origin may, unless it is named`() async throws {
        let test = try await TestAPI()
        let answer = try await test.ask("GET", "/functions", ["Origin": Self.page])
        #expect(answer.headers["access-control-allow-origin"] == nil)
        try await test.stop()
    }

    @Test func `a named origin may, after a preflight`() async throws {
        var settings = APISettings()
        settings.corsOrigins = [Self.page, "https://other.example.org"]
        let test = try await TestAPI(settings)
        let asked = ["Origin": Self.page, "Access-Control-Request-Method": "POST"]
        let preflight = try await test.ask("OPTIONS", "/configs", token: nil, asked)
        #expect(preflight.status == 204)
        #expect(preflight.headers["access-control-allow-origin"] == Self.page)
        #expect(preflight.headers["access-control-allow-methods"]?.contains("POST") == true)
        #expect(preflight.headers["access-control-allow-headers"]?.contains("Authorization") == true)
        let answer = try await test.ask("GET", "/functions", ["Origin": Self.page])
        #expect(answer.headers["access-control-allow-origin"] == Self.page)
        #expect(answer.headers["vary"] == "Origin")
        #expect(answer.headers["access-control-allow-credentials"] == nil)
        let refused = try await test.ask("GET", "/functions", token: nil, ["Origin": Self.page])
        #expect(refused.status == 401)
        #expect(refused.headers["access-control-allow-origin"] == Self.page)
        let evil = try await test.ask("OPTIONS", "/configs", token: nil, ["Origin": "https://evil.example.org"])
        #expect(evil.headers["access-control-allow-origin"] == nil)
        try await test.stop()
    }
}
