import ConnectorHost
import Crypto
import Identifiers
import JSON
import Sync
import Testing
import Time

struct CredentialCipherTests {
    private let config = UUID(high: 1, low: 1)
    private let tenant = UUID(high: 2, low: 2)
    private let old = "the old key, of more than 32 characters"
    private let new = "the new key, of more than 32 characters"
    private let now = Instant(microseconds: 1_780_000_000_000_000)

    private func ring(_ keys: String...) throws -> SecretKeyRing {
        try SecretKeyRing(text: Secret(keys.joined(separator: "\n")))
    }

    @Test func `what was sealed opens, also under an older key`() throws {
        let secrets = ["user": Secret("anna"), "password": Secret("sword\"fish\\ €")]
        let sealed = CredentialCipher(keys: try ring(old))
            .seal(secrets, config: config, tenant: tenant, now: now)
        #expect(sealed.keyID == (try ring(old).currentKeyID))
        #expect(!sealed.payload.contains("anna"))
        let rotated = CredentialCipher(keys: try ring(new, old))
        #expect(try rotated.open(sealed.payload, keyID: sealed.keyID, config: config, tenant: tenant) == secrets)
        #expect(rotated.seal(secrets, config: config, tenant: tenant, now: now).keyID == (try ring(new).currentKeyID))
    }

    @Test func `a payload opens for its own config and tenant only`() throws {
        let cipher = CredentialCipher(keys: try ring(new))
        let sealed = cipher.seal(["a": Secret("b")], config: config, tenant: tenant, now: now)
        for (config, tenant) in [(tenant, tenant), (config, config)] {
            let error = #expect(throws: ConnectorError.self) {
                try cipher.open(sealed.payload, keyID: sealed.keyID, config: config, tenant: tenant)
            }
            #expect(error?.errorClass == .config && error?.code == "credentials_unreadable")
        }
    }

    @Test func `a missing key is named, a wrong payload is not blamed on it`() throws {
        let sealed = CredentialCipher(keys: try ring(old)).seal([:], config: config, tenant: tenant, now: now)
        let cipher = CredentialCipher(keys: try ring(new))
        let missing = #expect(throws: ConnectorError.self) {
            try cipher.open(sealed.payload, keyID: sealed.keyID, config: config, tenant: tenant)
        }
        #expect(missing?.code == "credentials_unreadable")
        #expect(missing?.message.contains(sealed.keyID) == true && missing?.message.contains("SECRET_KEY") == true)
        let fernet = try ring(new).fernet
        let payloads = [
            "", "no token", sealed.payload, fernet.encrypt(Array("no JSON".utf8), now: now),
            fernet.encrypt(Array(#"{"secrets":{}}"#.utf8), now: now),
            fernet.encrypt(
                Array(#"{"config":"\#(config)","tenant":"\#(tenant)","secrets":{"a":1}}"#.utf8),
                now: now
            ),
        ]
        for payload in payloads {
            let error = #expect(throws: ConnectorError.self) {
                try cipher.open(payload, keyID: ring(new).currentKeyID, config: config, tenant: tenant)
            }
            #expect(error?.code == "credentials_unreadable")
            #expect(error?.message.contains("not what was encrypted") == true)
        }
    }
}
