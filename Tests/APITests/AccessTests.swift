import API
import HTTPServer
import Identifiers
import JSON
import TestSupport
import Testing

struct AccessTests {
    @Test func `every endpoint wants a token, then a role, before anything else`() async throws {
        let test = try await TestAPI(more: [TrialTopic.topic])
        for endpoint in test.api.topics.flatMap(\.endpoints) where !endpoint.isOpen {
            let path = endpoint.path.split(separator: "/").map { $0.first == "{" ? "nobody" : String($0) }
            let target = "/" + path.joined(separator: "/") + "?unknown=1"
            // Content that nothing takes: who is refused does not get that far.
            let body = Array("{".utf8)
            let method = endpoint.method.name
            let nobody = try await test.ask(method, target, token: nil, body: body)
            #expect(nobody.status == 401, "\(method) \(target)")
            #expect(nobody.headers["www-authenticate"] == "Bearer")
            let forged = try await test.ask(method, target, token: "forged", body: body)
            #expect(forged.status == 401)
            #expect(forged.code == "token_malformed")
            #expect(forged.headers["www-authenticate"] == "Bearer error=\"invalid_token\"")
            let learner = try await test.ask(method, target, token: PlainTokens.learner, body: body)
            #expect(learner.status == 403)
        }
        try await test.stop()
    }

    @Test(arguments: ["Basic YTpi", "Bearer", "Bearer ", ""])
    func `other ways to sign in are no token`(_ field: String) async throws {
        let test = try await TestAPI()
        let answer = try await test.ask("GET", "/functions", token: nil, ["Authorization": field])
        #expect(answer.status == 401)
        try await test.stop()
    }

    @Test func `both roles may, but what is kept for administrators`() async throws {
        var settings = APISettings()
        settings.administratorOnly = ["createConfig"]
        let test = try await TestAPI(settings)
        #expect(try await test.ask("GET", "/functions", token: PlainTokens.officer).status == 200)
        let config: JSONValue = ["name": "People", "provider": "file"]
        let refused = try await test.ask("POST", "/configs", token: PlainTokens.officer, json: config)
        #expect(refused.status == 403)
        #expect(refused.code == "administrators_only")
        #expect(try await test.ask("POST", "/configs", json: config).status == 201)
        try await test.stop()
    }

    @Test func `an operation that isn't there can't be kept for administrators`() async throws {
        var settings = APISettings()
        settings.administratorOnly = ["createConfg"]
        let error = await #expect(throws: DeclarationError.self) { _ = try await TestAPI(settings) }
        #expect(error?.description.contains("did you mean createConfig?") == true)
    }

    @Test func `another tenant's id is answered as one that never was`() async throws {
        let test = try await TestAPI()
        let made = try await test.ask("POST", "/configs", json: ["name": "People", "provider": "file"])
        let path = "/configs/\(made.json["id"]?.stringValue ?? "")"
        #expect(try await test.ask("GET", path).status == 200)
        let foreign = try await test.ask("GET", path, token: PlainTokens.stranger)
        let never = try await test.ask("GET", "/configs/0198c0de-0000-7000-8000-00000000ffff")
        #expect(foreign.status == 404)
        #expect(foreign.json.without("request_id") == never.json.without("request_id"))
        #expect(try await test.ask("GET", "/configs/no-id").status == 404)
        #expect(try await test.ask("GET", "/nothing/here").status == 404)
        try await test.stop()
    }

    @Test func `a tenant that asks too often waits, and nobody else`() async throws {
        var settings = APISettings()
        (settings.rate.rate, settings.rate.burst) = (0.001, 2)
        let test = try await TestAPI(settings)
        #expect(try await test.ask("GET", "/functions").status == 200)
        #expect(try await test.ask("GET", "/functions").status == 200)
        let refused = try await test.ask("GET", "/functions")
        #expect(refused.status == 429)
        #expect((refused.headers["retry-after"].flatMap { Int($0) } ?? 0) > 900)
        #expect(try await test.ask("GET", "/functions", token: PlainTokens.stranger).status == 200)
        try await test.stop()
    }

    @Test func `the log tells request and tenant, and no token`() async throws {
        let test = try await TestAPI()
        _ = try await test.ask("GET", "/functions", ["X-Request-Id": "abc-1"])
        try await test.stop()
        let line = test.log.lines.first { $0.contains("\"route\":\"/api/v1/integrations/functions\"") } ?? ""
        #expect(line.contains("\"tenant\":\"\(PlainTokens.tenant)\""))
        #expect(line.contains("\"request_id\":\"abc-1\""))
        #expect(line.contains("\"status\":200"))
        #expect(!test.log.lines.contains { $0.contains(PlainTokens.administrator) })
    }
}

struct RateLimiterTests {
    private static let start = ContinuousClock.now

    private func limiter(rate: Double, burst: Double, tenants: Int = 10) -> RateLimiter {
        var settings = RateLimiter.Settings()
        (settings.rate, settings.burst, settings.tenants) = (rate, burst, tenants)
        return RateLimiter(settings)
    }

    @Test func `after a burst tokens come back with time`() {
        var limiter = limiter(rate: 10, burst: 2)
        #expect(limiter.decide(PlainTokens.tenant, now: Self.start) == .pass)
        #expect(limiter.decide(PlainTokens.tenant, now: Self.start) == .pass)
        #expect(limiter.decide(PlainTokens.tenant, now: Self.start) == .wait(.milliseconds(100)))
        #expect(limiter.decide(PlainTokens.tenant, now: Self.start + .milliseconds(101)) == .pass)
        #expect(limiter.decide(PlainTokens.tenant, now: Self.start + .milliseconds(102)) != .pass)
    }

    @Test func `who waits long has no more than a burst`() {
        var limiter = limiter(rate: 10, burst: 2)
        let later = Self.start + .seconds(1_000)
        #expect(limiter.decide(PlainTokens.tenant, now: Self.start) == .pass)
        #expect(limiter.decide(PlainTokens.tenant, now: later) == .pass)
        #expect(limiter.decide(PlainTokens.tenant, now: later) == .pass)
        #expect(limiter.decide(PlainTokens.tenant, now: later) != .pass)
    }

    @Test func `no more tenants are remembered than it is told`() {
        var limiter = limiter(rate: 1, burst: 5, tenants: 3)
        for number in 0..<1_000 as Range<UInt64> {
            let now = Self.start + .milliseconds(Int64(number))
            #expect(limiter.decide(.init(high: 0, low: number), now: now) == .pass)
            #expect(limiter.remembered <= 3)
        }
    }
}

extension JSONValue {
    func without(_ name: String) -> JSONValue {
        guard var object = objectValue else { return self }
        object[name] = nil
        return .object(object)
    }
}
