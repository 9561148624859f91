import Crypto
import JSON
import Testing
import Time

struct `Signatures of the standards` {
    @Test func `RFC 7515 A.1 is verified and written anew`() throws {
        let secret = try #require(Base64.decode(TokenVectors.hs256Secret, alphabet: .urlSafe, isPadded: false))
        let verifier = JSONWebTokenVerifier(keys: try JSONWebKeySet(secret: secret), issuer: "joe")
        let token = try verifier.verify(TokenVectors.hs256, now: TokenVectors.now)
        #expect(token.issuer == "joe")
        #expect(token.expires == Instant(microseconds: 1_300_819_380_000_000))
        #expect(token["http://example.com/is_root"] == true)
        let again = try JSONWebToken.signed(claims: token.claims, secret: secret)
        #expect(try verifier.verify(again, now: TokenVectors.now) == token)
    }

    @Test(arguments: [(TokenVectors.rs256, "rsa"), (TokenVectors.es256, "ec")])
    func `RFC 7515 A.2 and A.3 are verified`(token: String, kid: String) throws {
        let keys = try TokenMaking.keys(TokenVectors.keys)
        #expect(keys.notes == [])
        #expect(try keys.key(verifying: JSONWebSignature(compact: Array(token.utf8))).id == kid)
        let verified = try JSONWebTokenVerifier(keys: keys).verify(token, now: TokenVectors.now)
        #expect(verified["http://example.com/is_root"] == true)
    }

    @Test func `RFC 8037 A.4 is verified; its payload is no set of claims`() throws {
        let keys = try TokenMaking.keys(TokenVectors.keys)
        let signature = try JSONWebSignature(compact: Array(TokenVectors.edDSA.utf8))
        #expect(try keys.key(verifying: signature).id == "ed")
        #expect(String(decoding: signature.payload, as: UTF8.self) == "Example of Ed25519 signing")
        let error = #expect(throws: TokenError.self) {
            try JSONWebTokenVerifier(keys: keys).verify(TokenVectors.edDSA, now: TokenVectors.now)
        }
        #expect(error?.code == .claims)
    }

    /// Also the last digit of a part, whose unused bits are zero: three in four digits there would be read alike by a
    /// lenient reader.
    @Test(arguments: [TokenVectors.hs256, TokenVectors.rs256, TokenVectors.es256, TokenVectors.edDSA])
    func `no character can be another`(token: String) throws {
        let secret = try #require(Base64.decode(TokenVectors.hs256Secret, alphabet: .urlSafe, isPadded: false))
        let keys =
            token == TokenVectors.hs256
            ? try JSONWebKeySet(secret: secret) : try TokenMaking.keys(TokenVectors.keys)
        let bytes = Array(token.utf8)
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var refused = 0
        for position in bytes.indices where bytes[position] != UInt8(ascii: ".") {
            var changed = bytes
            let value = try #require(digits.firstIndex(of: bytes[position]))
            // One bit of the six, another for every position.
            changed[position] = digits[value ^ 1 << (position % 6)]
            do throws(TokenError) {
                _ = try keys.key(verifying: JSONWebSignature(compact: changed))
                Issue.record("a token changed at \(position) is taken")
            } catch {
                refused += 1
            }
        }
        #expect(refused == bytes.count - 2)
    }

    @Test func `a signature of another length or in another form is none`() throws {
        let keys = try TokenMaking.keys(TokenVectors.keys)
        let zeros = [UInt8](repeating: 0, count: 64)
        // The order of P-256's group (FIPS 186-5): R and S are less than it.
        let order: [UInt8] =
            [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 8)
            + [0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51]
        for token in [TokenVectors.rs256, TokenVectors.es256, TokenVectors.edDSA] {
            let parts = token.split(separator: ".")
            let good = try #require(Base64.decode(String(parts[2]), alphabet: .urlSafe, isPadded: false))
            let (r, s) = (Array(good[..<32]), Array(good[32..<64]))
            let der = [0x30, 0x45, 0x02, 0x20] + r + [0x02, 0x21, 0x00] + s
            let others: [[UInt8]] = [
                [], [0], Array(good.dropLast()), good + [0], [0] + good, good + good, zeros, order + order, order + s,
                r + order, s + r, [UInt8](repeating: 0, count: good.count), [UInt8](repeating: 0xFF, count: good.count),
                der, [UInt8](repeating: 0, count: 31) + [1] + [UInt8](repeating: 0, count: 31) + [1],
                // The same two numbers, one of them with a zero before it.
                [0] + r + s, r + [0] + s, r + s.dropFirst() + [0],
            ]
            for other in others {
                let changed = "\(parts[0]).\(parts[1]).\(TokenMaking.encode(other))"
                let error = #expect(throws: TokenError.self, "\(parts[0]) \(other)") {
                    try keys.key(verifying: JSONWebSignature(compact: Array(changed.utf8)))
                }
                #expect(error?.code == .signature)
            }
            #expect(throws: Never.self) { try keys.key(verifying: JSONWebSignature(compact: Array(token.utf8))) }
        }
    }

    /// RFC 8032, 5.1.7: S is less than the group's order, else one signature would have several forms.
    @Test func `an Ed25519 signature with S plus the group's order is refused`() throws {
        let keys = try TokenMaking.keys(TokenVectors.keys)
        let parts = TokenVectors.edDSA.split(separator: ".")
        var signature = try #require(Base64.decode(String(parts[2]), alphabet: .urlSafe, isPadded: false))
        // 2^252 + 27742317777372353535851937790883648493, least byte first.
        let order: [UInt8] =
            [0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58, 0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14]
            + [UInt8](repeating: 0, count: 15) + [0x10]
        var carry = 0
        for index in 0..<32 {
            carry += Int(signature[32 + index]) + Int(order[index])
            signature[32 + index] = UInt8(carry & 0xFF)
            carry >>= 8
        }
        #expect(carry == 0)
        let changed = "\(parts[0]).\(parts[1]).\(TokenMaking.encode(signature))"
        let error = #expect(throws: TokenError.self) {
            try keys.key(verifying: JSONWebSignature(compact: Array(changed.utf8)))
        }
        #expect(error?.code == .signature)
    }
}
