import Crypto
import JSON
import Testing
import Time

struct `A token's claims` {
    private func code(_ payload: String, _ verifier: JSONWebTokenVerifier? = nil) throws -> TokenError.Code? {
        let verifier = try verifier ?? TokenMaking.verifier()
        do throws(TokenError) {
            _ = try verifier.verify(TokenMaking.signed(payload: payload), now: TokenMaking.now)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `what was signed comes back`() throws {
        let claims: JSONObject = [
            "sub": "ann", "tenant_id": "0198c0de-0000-7000-8000-000000000001", "role": "administrator",
            "iss": "https://id.example", "aud": ["a", "b"], "iat": 1_699_999_990, "nbf": 1_699_999_990,
            "exp": 1_700_000_100, "jti": "7", "more": ["deep": [1, nil, .number("2.5")]],
        ]
        let secret = Secret("0123456789abcdef0123456789abcdef")
        let text = try JSONWebToken.signed(claims: claims, secret: secret)
        let token = try TokenMaking.verifier(issuer: "https://id.example", audience: "b").verify(
            text,
            now: TokenMaking.now
        )
        #expect(token.claims == claims)
        #expect((token.subject, token.issuer, token.id) == ("ann", "https://id.example", "7"))
        #expect(token.audience == ["a", "b"])
        #expect(token.issuedAt == Instant(microseconds: 1_699_999_990_000_000))
        #expect(token.notBefore == token.issuedAt)
        #expect(token.expires == Instant(microseconds: 1_700_000_100_000_000))
        #expect(token["role"] == "administrator")
        #expect(token["nothing"] == nil)
    }

    @Test func `a token ends at its expiry, give or take the leeway`() throws {
        // Now is 1,700,000,000.
        #expect(try code(#"{"exp":1700000001}"#) == nil)
        #expect(try code(#"{"exp":1699999941}"#) == nil)
        #expect(try code(#"{"exp":1699999940}"#) == .expired)
        #expect(try code(#"{"exp":1699999940.000001}"#) == nil)
        #expect(try code(#"{"exp":0}"#) == .expired)
        let strict = try TokenMaking.verifier(leeway: .zero)
        #expect(try code(#"{"exp":1700000000}"#, strict) == .expired)
        #expect(try code(#"{"exp":1700000000.5}"#, strict) == nil)
        #expect(try code(#"{"exp":1.7e9}"#, strict) == .expired)
        #expect(try code(#"{"exp":17000000005e-1}"#, strict) == nil)
        let error = #expect(throws: TokenError.self) {
            try strict.verify(TokenMaking.signed(payload: #"{"exp":1700000000}"#), now: TokenMaking.now)
        }
        #expect(error?.message == "the token expired at 2023-11-14T22:13:20Z: get a new one")
    }

    @Test func `a token begins at its nbf, give or take the leeway`() throws {
        #expect(try code(#"{"exp":1700009999,"nbf":1700000060}"#) == nil)
        #expect(try code(#"{"exp":1700009999,"nbf":1700000061}"#) == .notYetValid)
        let strict = try TokenMaking.verifier(leeway: .zero)
        #expect(try code(#"{"exp":1700009999,"nbf":1700000000}"#, strict) == nil)
        #expect(try code(#"{"exp":1700009999,"nbf":1700000000.25}"#, strict) == .notYetValid)
    }

    @Test(arguments: [
        "null", "\"1800000000\"", "true", "[1800000000]", "{}", "-1", "-0.5", "1800000000000", "253402300800", "1e400",
        "99999999999999999999999999", "-1e400", "1e300",
    ])
    func `a time that is none is refused`(text: String) throws {
        #expect(try code(#"{"exp":\#(text)}"#) == .claims)
        #expect(try code(#"{"exp":1800000000,"nbf":\#(text)}"#) == .claims)
        #expect(try code(#"{"exp":1800000000,"iat":\#(text)}"#) == .claims)
    }

    @Test(arguments: ["253402300799", "253402300799.0", "1.8e9", "18E8"])
    func `the forms of a time`(text: String) throws {
        #expect(try code(#"{"exp":\#(text)}"#) == nil)
    }

    @Test func `a token without an expiry is refused`() throws {
        #expect(try code("{}") == .noExpiry)
        #expect(try code(#"{"EXP":1800000000}"#) == .noExpiry)
    }

    @Test(arguments: [
        "", "[]", "7", "null", "\"exp\"", "{", #"{"exp":1800000000}x"#, #"{"exp":1,"exp":1800000000}"#,
        #"{"exp":1800000000,"\u0065xp":1800000000}"#, #"{"exp":1800000000,"sub":7}"#, #"{"exp":1800000000,"sub":null}"#,
        #"{"exp":1800000000,"iss":["a"]}"#, #"{"exp":1800000000,"jti":7}"#, #"{"exp":1800000000,"aud":7}"#,
        #"{"exp":1800000000,"aud":["a",7]}"#, #"{"exp":1800000000,"aud":null}"#, #"{"exp":1800000000,"aud":{"a":"a"}}"#,
        #"{"exp":01800000000}"#, #"{"exp":1800000000,"x":"\ud800"}"#,
    ])
    func `claims that are no object, or not what they should be, are refused`(payload: String) throws {
        #expect(try code(payload) == .claims)
    }

    @Test func `nothing of the claims is told before the signature fits`() throws {
        let forged = TokenMaking.signed(payload: "not JSON", secret: Array(TokenMaking.secret.reversed()))
        let error = #expect(throws: TokenError.self) {
            try TokenMaking.verifier().verify(forged, now: TokenMaking.now)
        }
        #expect(error?.code == .signature)
        let expired = TokenMaking.signed(payload: #"{"exp":1}"#, secret: Array(TokenMaking.secret.reversed()))
        let other = #expect(throws: TokenError.self) {
            try TokenMaking.verifier().verify(expired, now: TokenMaking.now)
        }
        #expect(other == error)
    }

    @Test func `the issuer is compared exactly`() throws {
        let verifier = try TokenMaking.verifier(issuer: "https://id.example/é")
        #expect(try code(#"{"exp":1800000000,"iss":"https://id.example/é"}"#, verifier) == nil)
        for issuer in [
            "https://id.example/e\u{301}", "https://id.example", "https://id.example/é/", "HTTPS://id.example/é", "",
        ] {
            #expect(try code(#"{"exp":1800000000,"iss":"\#(issuer)"}"#, verifier) == .issuer)
        }
        #expect(try code(#"{"exp":1800000000}"#, verifier) == .issuer)
    }

    @Test func `the audience is one text or one of several`() throws {
        let verifier = try TokenMaking.verifier(audience: "trainflow")
        for audience in [#""trainflow""#, #"["trainflow"]"#, #"["other","trainflow"]"#] {
            #expect(try code(#"{"exp":1800000000,"aud":\#(audience)}"#, verifier) == nil)
        }
        for audience in [#""other""#, #"[]"#, #"["trainflow2"]"#, #""trainflow,other""#, #""""#] {
            #expect(try code(#"{"exp":1800000000,"aud":\#(audience)}"#, verifier) == .audience)
        }
        #expect(try code(#"{"exp":1800000000}"#, verifier) == .audience)
        #expect(try code(#"{"exp":1800000000,"aud":"anybody"}"#) == nil)
    }

    @Test func `bytes are verified as texts are`() throws {
        let token = Array(TokenMaking.signed(payload: #"{"exp":1800000000}"#).utf8)
        #expect(try TokenMaking.verifier().verify(token, now: TokenMaking.now)["exp"] == 1_800_000_000)
        #expect(throws: TokenError.self) { try TokenMaking.verifier().verify(token + [0xFF], now: TokenMaking.now) }
    }
}
