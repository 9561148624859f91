import API
import Crypto
import Identifiers
import JSON
import Testing
import Time

struct TokenTests {
    private static let secret = Secret("0123456789abcdef0123456789abcdef")
    private static let now = Instant(microseconds: 1_800_000_000_000_000)

    private func identity(_ claims: JSONObject) throws -> Identity {
        let verifier = JSONWebTokenVerifier(keys: try JSONWebKeySet(secret: Self.secret))
        let token = try JSONWebToken.signed(claims: claims, secret: Self.secret)
        return try TokenAuthenticator(verifier).identity(token, now: Self.now)
    }

    private static let good: JSONObject = [
        "sub": "anna", "tenant_id": .string(PlainTokens.tenant.description), "role": "admin", "exp": 1_800_000_600,
    ]

    @Test func `a good token says who its bearer is`() throws {
        let expected = Identity(tenant: PlainTokens.tenant, subject: "anna", role: "admin")
        #expect(try identity(Self.good) == expected)
        #expect(Role(claim: "admin") == .administrator)
        #expect(Role(claim: "training_officer") == .trainingOfficer)
        #expect(Role(claim: "Administrator") == nil)
    }

    @Test(arguments: ["sub", "tenant_id", "role", "exp"])
    func `each claim must be there, and of its kind`(_ claim: String) throws {
        for value in [nil, 7, "", [:]] as [JSONValue?] {
            // A role may be any text: whether it may call is another question.
            guard claim != "role" || value != "" else { continue }
            // 7 is a time, long over.
            var claims = Self.good
            claims[claim] = value
            #expect(throws: TokenRefusal.self) { try identity(claims) }
        }
    }
}

struct AddressRangeTests {
    @Test func `a range holds what begins alike`() throws {
        let range = try #require(AddressRange("10.128.0.0/9"))
        #expect(range.contains("10.128.0.1"))
        #expect(range.contains("10.255.255.255"))
        #expect(!range.contains("10.127.255.255"))
        #expect(!range.contains("::ffff:10.128.0.1"))
        #expect(!range.contains("not an address"))
        let one = try #require(AddressRange("fd00::1"))
        #expect(one.contains("fd00:0:0:0::1"))
        #expect(!one.contains("fd00::2"))
        #expect(try #require(AddressRange("0.0.0.0/0")).contains("1.2.3.4"))
    }

    @Test(arguments: ["", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "10.0.0.0/", "fd00::/129", "a/8"])
    func `what is no range is none`(_ text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test func `behind a trusted proxy the log names the client`() async throws {
        var settings = APISettings()
        settings.trustedProxies = [try #require(AddressRange("127.0.0.0/8")), try #require(AddressRange("10.0.0.0/8"))]
        let test = try await TestAPI(settings)
        _ = try await test.ask("GET", "/functions", ["X-Forwarded-For": "6.6.6.6, 203.0.113.9, 10.1.2.3"])
        try await test.stop()
        #expect(test.logLines.contains { $0.contains("\"client\":\"203.0.113.9\"") })
        #expect(!test.logLines.contains { $0.contains("6.6.6.6") })
    }
}
