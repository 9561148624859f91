internal import JSON

/// The keys that tokens are checked with: a JWKS (RFC 7517, section 5) or one shared secret.
package struct JSONWebKeySet: Sendable {
    /// At least one.
    package let keys: [JSONWebKey]
    /// One sentence for each key that was passed over, and for what should not be in the file: for the log.
    package let notes: [String]

    /// A shared secret's UTF-8 bytes, at least 32 of them (RFC 7518, section 3.2).
    package init(secret: Secret) throws(JSONWebKeyError) {
        try self.init(secret: Array(secret.reveal().utf8))
    }

    package init(secret: [UInt8]) throws(JSONWebKeyError) {
        guard secret.count >= 32 else {
            throw JSONWebKeyError(
                .weakKey,
                "the secret for tokens has \(secret.count) bytes and needs 32 or more: make one with "
                    + "`openssl rand -base64 48`"
            )
        }
        keys = [JSONWebKey(secret: secret)]
        notes = []
    }

    /// Reads a JWKS: `{"keys": […]}`.
    ///
    /// Taken are RSA (`n`, `e`; 2,048 to 8,192 bits) for RS256, EC on P-256 (`x`, `y`) for ES256 and OKP Ed25519 (`x`) for
    /// EdDSA. Keys of other kinds, for other algorithms or for encryption are passed over with a note; one of these kinds
    /// that is broken is an error. Unknown members are ignored, as RFC 7517 asks.
    package init(parsing bytes: [UInt8]) throws(JSONWebKeyError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, limits: JSONLimits(depth: 16, bytes: 1 << 20))
        } catch {
            throw JSONWebKeyError(.notJSON, "the keys are not JSON: \(error.message)")
        }
        guard case .array(let entries) = value["keys"] else {
            throw JSONWebKeyError(.invalidKey, "a key set is an object with an array \"keys\": {\"keys\": […]}")
        }
        guard entries.count <= 100 else {
            throw JSONWebKeyError(.invalidKey, at: "/keys", "there are \(entries.count) keys; 100 is the limit")
        }
        var reader = JSONWebKeyReader()
        var keys: [JSONWebKey] = []
        for (index, entry) in entries.enumerated() {
            guard let key = try reader.read(entry, at: "/keys/\(index)") else { continue }
            if let id = key.id, keys.contains(where: { $0.isNamed(id) }) {
                throw JSONWebKeyError(
                    .repeatedID,
                    at: "/keys/\(index)/kid",
                    "another key has this kid already: a kid names one key"
                )
            }
            keys.append(key)
        }
        guard !keys.isEmpty else {
            let reasons = reader.notes.isEmpty ? "it is empty" : reader.notes.joined(separator: "; ")
            throw JSONWebKeyError(.noUsableKey, "no key in the set can be used: \(reasons)")
        }
        self.keys = keys
        notes = reader.notes
    }

    /// The key that signed; an error that says why there is none.
    ///
    /// A `kid` picks the key of that name; keys without a name are tried for any. A key is only tried for its own algorithm.
    package func key(verifying signature: JSONWebSignature) throws(TokenError) -> JSONWebKey {
        let candidates = try candidates(for: signature).filter { $0.algorithm == signature.algorithm }
        guard !candidates.isEmpty else {
            let own = JSONWebAlgorithm.allCases.filter { algorithm in keys.contains { $0.algorithm == algorithm } }
            throw TokenError(
                .algorithm,
                "the token is signed with \(signature.algorithm), which the key is not for: this server's keys are for "
                    + own.map(\.rawValue).joined(separator: ", ")
            )
        }
        guard let key = candidates.first(where: { $0.verifies(signature.signature, of: signature.signedBytes) }) else {
            throw TokenError(
                .signature,
                "the token's signature is wrong: it was changed, or signed with another key; get a new token"
            )
        }
        return key
    }

    private func candidates(for signature: JSONWebSignature) throws(TokenError) -> [JSONWebKey] {
        guard let id = signature.keyID else { return keys }
        if let key = keys.first(where: { $0.isNamed(id) }) { return [key] }
        let unnamed = keys.filter { $0.id == nil }
        guard !unnamed.isEmpty else {
            throw TokenError(
                .unknownKey,
                "the token's kid names a key that this server doesn't have: get a new token, or have the key added"
            )
        }
        return unnamed
    }
}

extension JSONWebKey {
    /// By code points; `==` on texts takes canonically equivalent ones, too.
    fileprivate func isNamed(_ name: String) -> Bool {
        id.map { $0.utf8.elementsEqual(name.utf8) } ?? false
    }
}
