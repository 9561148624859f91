internal import JSON
package import Time

/// Texts encrypted and signed with one key or several: github.com/fernet/spec, version 0x80.
///
/// A token is URL-safe base64, padded, of `0x80 ‖ seconds since 1970 (8, big-endian) ‖ iv (16) ‖ AES-128-CBC ‖ HMAC-SHA256
/// over all before (32)`. Python's `cryptography` reads and writes the same; it also takes tokens that are not clean base64,
/// which are refused here, as the specification says.
package struct Fernet: Sendable {
    /// The first encrypts, all decrypt.
    package let keys: [FernetKey]

    package init(key: FernetKey, older: [FernetKey] = []) {
        keys = [key] + older
    }

    package func encrypt(_ plaintext: [UInt8], now: Instant) -> String {
        encrypt(plaintext, seconds: UInt64(max(0, now.microseconds / 1_000_000)), iv: randomBytes(16))
    }

    /// With a time and an initialisation vector of the caller's: for test vectors, never twice the same vector.
    package func encrypt(_ plaintext: [UInt8], seconds: UInt64, iv: [UInt8]) -> String {
        let key = keys[0]
        var token: [UInt8] = [0x80]
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            token.append(UInt8(truncatingIfNeeded: seconds >> shift))
        }
        token += iv
        token += AES128CBC.encrypt(plaintext, key: key.encryptionKey, iv: iv)
        token += HMAC.sha256(token, key: key.signingKey)
        return Base64.encode(token, alphabet: .urlSafe)
    }

    /// Opens a token without asking for its age.
    package func decrypt(_ token: String) throws(FernetError) -> [UInt8] {
        try open(token).plaintext
    }

    /// Opens a token that is at most `ttl` seconds old and at most 60 seconds in the future.
    package func decrypt(_ token: String, ttl: Int, now: Instant) throws(FernetError) -> [UInt8] {
        let opened = try open(token)
        let now = now.microseconds / 1_000_000
        guard let sealed = Int64(exactly: opened.seconds), sealed <= now + 60, now - sealed <= Int64(ttl) else {
            throw FernetError()
        }
        return opened.plaintext
    }

    /// The same content under the first key, with the token's own time.
    package func rotate(_ token: String) throws(FernetError) -> String {
        try rotate(token, iv: randomBytes(16))
    }

    package func rotate(_ token: String, iv: [UInt8]) throws(FernetError) -> String {
        let opened = try open(token)
        return encrypt(opened.plaintext, seconds: opened.seconds, iv: iv)
    }

    private func open(_ token: String) throws(FernetError) -> (plaintext: [UInt8], seconds: UInt64) {
        // 1 version, 8 time, 16 vector, at least one block of 16, 32 signature.
        guard let bytes = Base64.decode(token, alphabet: .urlSafe), bytes.count >= 73, bytes[0] == 0x80 else {
            throw FernetError()
        }
        let signed = Array(bytes.dropLast(32))
        let signature = Array(bytes.suffix(32))
        // Every key is tried, so that the time doesn't tell which one fits.
        var fitting: FernetKey?
        for key in keys where HMAC.isEqual(HMAC.sha256(signed, key: key.signingKey), signature) {
            fitting = fitting ?? key
        }
        let vector = Array(signed[9..<25])
        guard let fitting,
            let plaintext = AES128CBC.decrypt(Array(signed[25...]), key: fitting.encryptionKey, iv: vector)
        else { throw FernetError() }
        return (plaintext, signed[1..<9].reduce(0) { $0 << 8 | UInt64($1) })
    }
}

/// A token that doesn't open. The reason is not told: who tries tokens would learn from it.
package struct FernetError: Error, Sendable, Equatable, CustomStringConvertible {
    package init() {}

    package var description: String { "the token can't be decrypted with these keys" }
}
