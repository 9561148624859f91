import Crypto
import JSON
import Testing

struct `Key sets` {
    private let ec = #""kty":"EC","crv":"P-256","x":"\#(TokenVectors.p256X)","y":"\#(TokenVectors.p256Y)""#
    private let rsa = #""kty":"RSA","n":"\#(TokenVectors.rsaModulus)","e":"AQAB""#
    private let ed = #""kty":"OKP","crv":"Ed25519","x":"\#(TokenVectors.ed25519X)""#

    private func error(_ text: String) -> JSONWebKeyError? {
        #expect(throws: JSONWebKeyError.self, "\(text)") { try TokenMaking.keys(text) }
    }

    @Test func `each kind has its algorithm`() throws {
        let keys = try TokenMaking.keys(TokenVectors.keys).keys
        #expect(keys.map(\.id) == ["rsa", "ec", "ed"])
        #expect(keys.map(\.algorithm) == [.rs256, .es256, .edDSA])
        let secret = try JSONWebKeySet(secret: Secret(String(repeating: "ä", count: 16))).keys
        #expect(secret.map(\.algorithm) == [.hs256])
        #expect(secret[0].id == nil)
    }

    @Test func `a secret has 32 bytes or more`() {
        let error = #expect(throws: JSONWebKeyError.self) {
            try JSONWebKeySet(secret: Secret("hunter2 hunter2 hunter2 hunter2"))
        }
        #expect(error?.code == .weakKey)
        #expect(error?.message.contains("31 bytes") == true)
        #expect(error?.message.contains("hunter2") == false)
        #expect(throws: JSONWebKeyError.self) { try JSONWebKeySet(secret: Secret("")) }
        #expect(throws: JSONWebKeyError.self) {
            try JSONWebToken.signed(claims: [:], secret: Secret("short"))
        }
        #expect(throws: Never.self) { try JSONWebKeySet(secret: Secret("hunter2 hunter2 hunter2 hunter2!")) }
    }

    @Test func `other kinds are passed over with a note, and unknown members ignored`() throws {
        let set = try TokenMaking.keys(
            """
            {"keys": [
              {"kty":"oct","k":"AAAA"}, {"kty":"AKP","alg":"ML-DSA-44","pub":"AA"},
              {"kty":"EC","crv":"P-384","x":"AA","y":"AA"}, {"kty":"OKP","crv":"X25519","x":"AA"},
              {"use":"enc",\(rsa)}, {"alg":"PS256",\(rsa)}, {"key_ops":["sign"],\(rsa)}, {"alg":"ES512",\(ec)},
              {"kid":"it","x5c":["x"],"issuer":{"deep":[1]},"alg":"ES256","key_ops":["sign","verify"],"d":"AAAA",\(ec)}
            ], "more": true}
            """
        )
        #expect(set.keys.map(\.id) == ["it"])
        #expect(
            set.notes == [
                "/keys/0 is passed over: a shared secret (kty oct) has no place in this file: give it as JWT_SECRET",
                "/keys/1 is passed over: its kty \"AKP\" is none of RSA, EC, OKP",
                "/keys/2 is passed over: its curve \"P-384\" is not P-256",
                "/keys/3 is passed over: its curve \"X25519\" is not Ed25519",
                "/keys/4 is passed over: its use is \"enc\", not \"sig\"",
                "/keys/5 is passed over: its alg \"PS256\" is not RS256, the one taken for keys of this kind",
                "/keys/6 is passed over: its key_ops don't contain \"verify\"",
                "/keys/7 is passed over: its alg \"ES512\" is not ES256, the one taken for keys of this kind",
                "/keys/8 holds a private key (d): whoever reads the file can sign; keep only public keys in it",
            ]
        )
    }

    @Test func `a set that holds no usable key is an error that says why`() {
        #expect(error(#"{"keys":[]}"#)?.code == .noUsableKey)
        let none = error(#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#)
        #expect(none?.code == .noUsableKey)
        #expect(none?.message.contains("JWT_SECRET") == true)
        #expect(none?.message.contains("c2VjcmV0") == false)
    }

    @Test(arguments: ["", "{", "null", "[]", "{}", #"{"keys":{}}"#, #"{"keys":null}"#, #"{"keys":[],"keys":[]}"#])
    func `what is no set is an error`(text: String) {
        #expect(error(text) != nil)
    }

    @Test func `two keys of one name are an error, two without a name are not`() throws {
        let repeated = error(#"{"keys":[{"kid":"a",\#(ec)},{"kid":"b",\#(ed)},{"kid":"a",\#(rsa)}]}"#)
        #expect(repeated?.code == .repeatedID)
        #expect(repeated?.pointer == "/keys/2/kid")
        #expect(try TokenMaking.keys(#"{"keys":[{\#(ec)},{\#(rsa)},{\#(ec)}]}"#).keys.count == 3)
        // Composed and decomposed: equal texts to Swift, two names to everybody else.
        #expect(
            try TokenMaking.keys("{\"keys\":[{\"kid\":\"\u{E9}\",\(ec)},{\"kid\":\"e\u{301}\",\(ed)}]}").keys.count == 2
        )
    }

    @Test func `broken keys are errors that name the member`() {
        func pointer(_ members: String) -> String? { error("{\"keys\":[{\(ed)},{\(members)}]}")?.pointer }
        let x = TokenVectors.p256X
        #expect(pointer(#""kid":"no kty""#) == "/keys/1/kty")
        #expect(pointer(#""kty":7"#) == "/keys/1/kty")
        #expect(pointer(#""kid":7,\#(ec)"#) == "/keys/1/kid")
        #expect(pointer(#""kty":"EC","x":"\#(x)","y":"\#(x)""#) == "/keys/1/crv")
        #expect(pointer(#""kty":"EC","crv":"P-256","x":"\#(x)""#) == "/keys/1/y")
        // Off the curve, too short, too long, at infinity, beyond the field, with padding, with plus.
        #expect(pointer(#""kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(x)""#) == "/keys/1/x")
        #expect(pointer(#""kty":"EC","crv":"P-256","x":"\#(x)","y":"AA""#) == "/keys/1/y")
        #expect(pointer(#""kty":"EC","crv":"P-256","x":"\#(x)AAAA","y":"\#(x)""#) == "/keys/1/x")
        let zeros = String(repeating: "A", count: 43)
        #expect(pointer(#""kty":"EC","crv":"P-256","x":"\#(zeros)","y":"\#(zeros)""#) == "/keys/1/x")
        let most = String(repeating: "_", count: 42) + "8"
        #expect(pointer(#""kty":"EC","crv":"P-256","x":"\#(most)","y":"\#(most)""#) == "/keys/1/x")
        #expect(pointer(#""kty":"EC","crv":"P-256","x":"\#(x)=","y":"\#(x)""#) == "/keys/1/x")
        #expect(pointer(#""kty":"EC","crv":"P-256","x":"+\#(x.dropFirst())","y":"\#(x)""#) == "/keys/1/x")
        #expect(pointer(#""kty":"OKP","crv":"Ed25519","x":"AA""#) == "/keys/1/x")
        #expect(pointer(#""kty":"OKP","crv":"Ed25519""#) == "/keys/1/x")
        #expect(pointer(#""kty":"RSA","e":"AQAB""#) == "/keys/1/n")
        #expect(pointer(#""kty":"RSA","n":"\#(TokenVectors.rsaModulus)""#) == "/keys/1/e")
        #expect(pointer(#""use":7,\#(rsa)"#) == "/keys/1/use")
        #expect(pointer(#""key_ops":"verify",\#(rsa)"#) == "/keys/1/key_ops")
    }

    @Test func `an RSA key has 2,048 bits or more, and is one`() throws {
        func code(n: [UInt8], e: [UInt8]) -> JSONWebKeyError.Code? {
            error(
                #"{"keys":[{"kty":"RSA","n":"\#(TokenMaking.encode(n))","e":"\#(TokenMaking.encode(e))"}]}"#
            )?.code
        }
        let n = try #require(Base64.decode(TokenVectors.rsaModulus, alphabet: .urlSafe, isPadded: false))
        #expect(code(n: Array(n[..<128]), e: [1, 0, 1]) == .weakKey)
        // 2,047 bits, and the same behind a byte of zero.
        #expect(code(n: [n[0] >> 1] + n[1...], e: [1, 0, 1]) == .weakKey)
        #expect(code(n: [0, n[0] >> 1] + n[1...], e: [1, 0, 1]) == .weakKey)
        #expect(code(n: [], e: [1, 0, 1]) == .weakKey)
        #expect(code(n: [UInt8](repeating: 0xFF, count: 1_025), e: [1, 0, 1]) == .invalidKey)
        // Even, and exponents that make no key: zero, one, an even one, a giant.
        #expect(code(n: n.dropLast() + [n[255] & 0xFE], e: [1, 0, 1]) == .invalidKey)
        for exponent: [UInt8] in [[], [0], [1], [2], [1, 0, 0], [1] + [UInt8](repeating: 1, count: 8)] {
            #expect(code(n: n, e: exponent) == .invalidKey)
        }
        // A byte of zero before the modulus is a common slip of writers (RFC 7518, 6.3.1.1).
        let text = #"{"keys":[{"kty":"RSA","n":"\#(TokenMaking.encode([0] + n))","e":"AQAB"}]}"#
        #expect(
            throws: Never.self
        ) {
            try TokenMaking.keys(text).key(verifying: JSONWebSignature(compact: Array(TokenVectors.rs256.utf8)))
        }
    }

    @Test func `a hundred keys are the most`() throws {
        func set(_ count: Int) -> String {
            "{\"keys\":[\(Array(repeating: "{\(ed)}", count: count).joined(separator: ","))]}"
        }
        #expect(try TokenMaking.keys(set(100)).keys.count == 100)
        #expect(error(set(101)) != nil)
    }

    @Test func `keys never print themselves`() throws {
        var dumped = ""
        dump(try JSONWebKeySet(secret: Secret("hunter2 hunter2 hunter2 hunter2!")), to: &dumped)
        dump(JSONWebTokenVerifier(keys: try JSONWebKeySet(secret: TokenMaking.secret)), to: &dumped)
        #expect(dumped.contains("HS256"))
        #expect(!dumped.contains("hunter2"))
        #expect(!dumped.contains("104"), "the first byte of the secret")
        #expect("\(try TokenMaking.keys(TokenVectors.keys).keys)" == #"[RS256 "rsa", ES256 "ec", EdDSA "ed"]"#)
    }

    @Test func `many threads may verify with one key`() async throws {
        let keys = try TokenMaking.keys(TokenVectors.keys)
        let verified = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var count = 0
                    for token in [TokenVectors.rs256, TokenVectors.es256, TokenVectors.edDSA] {
                        for _ in 0..<20 {
                            _ = try keys.key(verifying: JSONWebSignature(compact: Array(token.utf8)))
                            count += 1
                        }
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(verified == 480)
    }
}
