import Crypto
import JSON
import Testing
import Time

struct `A token's form` {
    private let payload = #"{"exp":1800000000}"#

    private func code(of token: String, keys: JSONWebKeySet? = nil) throws -> TokenError.Code? {
        let verifier = JSONWebTokenVerifier(keys: try keys ?? JSONWebKeySet(secret: TokenMaking.secret))
        do throws(TokenError) {
            _ = try verifier.verify(token, now: TokenMaking.now)
            return nil
        } catch {
            #expect(!error.message.isEmpty)
            return error.code
        }
    }

    @Test func `three parts in clean base64url, no more, no less`() throws {
        let good = TokenMaking.signed(payload: payload)
        #expect(try code(of: good) == nil)
        let parts = good.split(separator: ".")
        for bad in [
            "", ".", "..", "...", "a.b.c", "\(parts[0]).\(parts[1])", "\(good).", ".\(good)", "\(good).\(parts[2])",
            "\(good)=", "\(good)\n", " \(good)", "\(good) ", "Bearer \(good)", "\(good)\0",
            "\(parts[0])=.\(parts[1]).\(parts[2])",
            "\(parts[0]). \(parts[1]).\(parts[2])", "\(parts[0])\u{FF0E}\(parts[1]).\(parts[2])",
            "\(parts[0])A.\(parts[1]).\(parts[2])", "\(parts[0]).\(parts[1]).\(parts[2])+",
        ] {
            #expect(try code(of: bad) == .malformed, "\(bad)")
        }
        #expect(try code(of: "\(parts[0]).\(parts[1]).") == .signature)
        #expect(try code(of: "\(parts[0])..\(parts[2])") == .signature)
        #expect(try code(of: ".\(parts[1]).\(parts[2])") == .malformed)
    }

    @Test func `the last digit's unused bits are zero`() throws {
        // 32 bytes are 43 digits, of which the last one carries four bits.
        let good = TokenMaking.signed(payload: payload)
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let last = try #require(good.last)
        let value = try #require(digits.firstIndex(of: last))
        for bits in 1...3 {
            #expect(try code(of: good.dropLast() + String(digits[value | bits])) == .malformed)
        }
    }

    @Test func `8,192 bytes are the most`() throws {
        func token(_ filling: Int) -> String {
            TokenMaking.signed(payload: #"{"exp":1800000000,"x":""# + String(repeating: "a", count: filling) + #""}"#)
        }
        let longest = try #require((6_000..<6_200).last { token($0).utf8.count <= 8_192 })
        #expect(token(longest).utf8.count > 8_188)
        #expect(try code(of: token(longest)) == nil)
        #expect(try code(of: token(longest + 4)) == .malformed)
        #expect(try code(of: String(repeating: ".", count: 1_000_000)) == .malformed)
    }

    @Test(arguments: [
        "", "{", "[]", "null", #""HS256""#, "7", #"{"alg":"HS256""#, #"{"alg":"HS256"} {}"#,
        "\u{FEFF}{\"alg\":\"HS256\"}",
        #"{"alg":"HS256","alg":"HS256"}"#, #"{"alg":"none","alg":"HS256"}"#, #"{"alg":"HS256","\u0061lg":"HS256"}"#,
        #"{"alg":"HS256","kid":7}"#, #"{"alg":"HS256","kid":null}"#, #"{"alg":"HS256","kid":["a"]}"#,
        #"{"alg":"HS256","crit":["exp"],"exp":1}"#, #"{"alg":"HS256","crit":[]}"#, #"{"alg":"HS256","crit":null}"#,
        #"{"alg":"HS256","b64":false,"crit":["b64"]}"#, #"{"alg":"HS256","x":[[[[[[[[[[1]]]]]]]]]]}"#,
        "{alg:\"HS256\"}",
    ])
    func `a header that is not one plain object is refused before any key is tried`(header: String) throws {
        #expect(try code(of: TokenMaking.signed(header: header, payload: payload)) == .malformed)
    }

    @Test(arguments: [
        #"{}"#, #"{"alg":null}"#, #"{"alg":256}"#, #"{"alg":""}"#, #"{"alg":"none"}"#, #"{"alg":"None"}"#,
        #"{"alg":"nOnE"}"#, #"{"alg":"NONE"}"#, #"{"alg":"none "}"#, #"{"alg":"hs256"}"#, #"{"alg":"HS384"}"#,
        #"{"alg":"HS512"}"#, #"{"alg":"RS384"}"#, #"{"alg":"PS256"}"#, #"{"alg":"ES256K"}"#, #"{"alg":"ES512"}"#,
        #"{"alg":"EdDSA\u0000"}"#, #"{"alg":"dir","enc":"A128GCM"}"#, #"{"ALG":"HS256"}"#, #"{"alg":["HS256"]}"#,
    ])
    func `no other algorithm is taken, least of all none`(header: String) throws {
        let signed = TokenMaking.signed(header: header, payload: payload)
        #expect(try code(of: signed) == .algorithm)
        let unsigned = signed.split(separator: ".").dropLast().joined(separator: ".") + "."
        #expect(try code(of: unsigned) == .algorithm)
    }

    @Test func `unknown members of the header are ignored, also keys that it brings along`() throws {
        let jwk = #"{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#
        let header = #"{"typ":"JWT","alg":"HS256","jku":"https://evil.example","jwk":\#(jwk),"x5c":["MII"]}"#
        #expect(try code(of: TokenMaking.signed(header: header, payload: payload)) == nil)
        let zeros = [UInt8](repeating: 0, count: 32)
        #expect(try code(of: TokenMaking.signed(header: header, payload: payload, secret: zeros)) == .signature)
    }

    @Test func `a public key never serves as a shared secret`() throws {
        let keys = try TokenMaking.keys(TokenVectors.keys)
        let secrets = try [TokenVectors.rsaModulus, TokenVectors.p256X, TokenVectors.ed25519X].flatMap { text in
            [Array(text.utf8), try #require(Base64.decode(text, alphabet: .urlSafe, isPadded: false))]
        }
        for secret in secrets {
            for header in [#"{"alg":"HS256"}"#, #"{"alg":"HS256","kid":"rsa"}"#, #"{"alg":"HS256","kid":"ed"}"#] {
                let token = TokenMaking.signed(header: header, payload: payload, secret: secret)
                #expect(try code(of: token, keys: keys) == .algorithm)
            }
        }
    }

    @Test func `the kid picks the key, and the key picks the algorithm`() throws {
        func code(_ header: String, _ vector: String) throws -> TokenError.Code? {
            // The signature doesn't fit the header, so the best that can come is a wrong signature.
            let parts = vector.split(separator: ".")
            let token = "\(TokenMaking.encode(Array(header.utf8))).\(parts[1]).\(parts[2])"
            return try self.code(of: token, keys: try TokenMaking.keys(TokenVectors.keys))
        }
        #expect(try code(#"{"alg":"RS256","kid":"rsa"}"#, TokenVectors.rs256) == .signature)
        #expect(try code(#"{"alg":"RS256","kid":"ec"}"#, TokenVectors.rs256) == .algorithm)
        #expect(try code(#"{"alg":"ES256","kid":"ed"}"#, TokenVectors.es256) == .algorithm)
        #expect(try code(#"{"alg":"EdDSA","kid":"rsa"}"#, TokenVectors.edDSA) == .algorithm)
        #expect(try code(#"{"alg":"RS256","kid":"RSA"}"#, TokenVectors.rs256) == .unknownKey)
        #expect(try code(#"{"alg":"RS256","kid":""}"#, TokenVectors.rs256) == .unknownKey)
        #expect(try code(#"{"alg":"RS256"}"#, TokenVectors.es256) == .signature)
        // A key without a name is tried for any kid.
        let named = TokenMaking.signed(header: #"{"alg":"HS256","kid":"any"}"#, payload: payload)
        #expect(try self.code(of: named) == nil)
    }

    @Test func `RFC 7515 A.4 with ES512 is refused by name`() throws {
        let token = "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA.AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZq"
        #expect(try code(of: token, keys: try TokenMaking.keys(TokenVectors.keys)) == .algorithm)
    }
}
