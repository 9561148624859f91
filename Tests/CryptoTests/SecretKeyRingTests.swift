import Crypto
import JSON
import Testing
import Time

struct `Secret keys` {
    private let fernetKey = "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4="

    @Test func `32 bytes in URL-safe base64 are used as they are`() throws {
        let ring = try SecretKeyRing(text: Secret(fernetKey))
        let key = try #require(FernetKey(base64: fernetKey))
        #expect(try Fernet(key: key).decrypt(ring.fernet.encrypt([7], now: .now())) == [7])
        // Python: hashlib.sha256(base64.urlsafe_b64decode(key)).hexdigest()[:8]
        #expect(ring.currentKeyID == "cbeb362f")
    }

    @Test func `a passphrase of 32 characters becomes its SHA-256`() throws {
        let phrase = "correct horse battery staple 123"
        let ring = try SecretKeyRing(text: Secret(phrase))
        let key = try #require(FernetKey(bytes: SHA256.hash(phrase).bytes))
        #expect(ring.keyIDs == [key.id])
        #expect(try Fernet(key: key).decrypt(ring.fernet.encrypt([7], now: .now())) == [7])
        // Standard alphabet, no padding, 31 or 33 bytes: not a key as it is, long enough as a passphrase.
        for text in [String(fernetKey.dropLast()), fernetKey.replacing("_", with: "/"), Base64.encode(randomBytes(33))]
        {
            #expect(try SecretKeyRing(text: Secret(text)).currentKeyID == FernetKey(bytes: SHA256.hash(text).bytes)?.id)
        }
    }

    @Test func `one key a line, the first encrypts, each opens its own`() throws {
        let text = "\n  \(fernetKey)  \r\n\nthe passphrase before this one, long enough\n\(fernetKey)\n"
        let ring = try SecretKeyRing(text: Secret(text))
        #expect(ring.keyIDs.count == 2)
        #expect(ring.currentKeyID == ring.keyIDs[0])
        let old = try SecretKeyRing(text: Secret("the passphrase before this one, long enough"))
        #expect(old.currentKeyID == ring.keyIDs[1])
        let token = old.fernet.encrypt([1], now: .now())
        #expect(try ring.fernet.decrypt(token) == [1])
        #expect(try ring.fernet(keyID: old.currentKeyID)?.decrypt(token) == [1])
        #expect(throws: FernetError()) { try #require(ring.fernet(keyID: ring.currentKeyID)).decrypt(token) }
        #expect(ring.fernet(keyID: "00000000") == nil)
        let rotated = try ring.fernet.rotate(token)
        #expect(throws: FernetError.self) { try old.fernet.decrypt(rotated) }
        #expect(try Fernet(key: #require(FernetKey(base64: fernetKey))).decrypt(rotated) == [1])
    }

    @Test func `what is too short is refused with its line and without itself`() {
        let error = #expect(throws: SecretKeyError.self) {
            try SecretKeyRing(text: Secret("\(fernetKey)\nhunter2 hunter2 hunter2 hunter2"))
        }
        #expect(error?.line == 2)
        #expect(error?.message == "SECRET_KEY, line 2: a key of 31 characters is too short: it needs 32 or more")
        let empty = #expect(throws: SecretKeyError.self) { try SecretKeyRing(text: Secret(" \n\n")) }
        #expect(empty?.message.contains("empty") == true)
    }

    @Test func `keys and secrets never print themselves`() throws {
        let key = FernetKey.random()
        let hashKey = try #require(SipHash(key: randomBytes(16)))
        var dumped = ""
        dump([key], to: &dumped)
        dump(Secret("hunter2"), to: &dumped)
        dump(try SecretKeyRing(text: Secret(key.reveal())), to: &dumped)
        dump(hashKey, to: &dumped)
        #expect(dumped.matches(of: /<secret>/).count == 4)
        #expect(!dumped.contains("hunter2"))
        #expect(!dumped.contains(/\d{2}/), "no byte of a key")
        #expect("\(key) \(hashKey) \(Secret("hunter2"))" == "<secret> <secret> <secret>")
        #expect("\([key])" == "[<secret>]")
    }
}
