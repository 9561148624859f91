internal import API
internal import Crypto
internal import Log

/// The host's secrets, which come from the environment or files alone.
struct ServeSecrets: Sendable {
    var keys: SecretKeyRing
    var verifier: JSONWebTokenVerifier
    /// For the log's masker.
    var texts: [String] = []

    /// Refuses to go on without them, saying how they are made.
    init(_ invocation: Invocation) throws(UsageError) {
        let ring = try Self.keyRing(invocation)
        let tokens = try Self.tokenKeys(invocation)
        keys = ring.keys
        texts = ring.text.reveal().split(whereSeparator: \.isNewline).map(String.init)
        if let secret = tokens.secret { texts.append(secret.reveal()) }
        verifier = JSONWebTokenVerifier(
            keys: tokens.keys,
            issuer: invocation.value(.tokenIssuer),
            audience: invocation.value(.tokenAudience)
        )
    }

    /// What credentials are encrypted with, and the text it comes from.
    static func keyRing(_ invocation: Invocation) throws(UsageError) -> (keys: SecretKeyRing, text: Secret) {
        let text = try secretKey(invocation)
        do throws(SecretKeyError) {
            return (try SecretKeyRing(text: text), text)
        } catch {
            throw UsageError(error.message)
        }
    }

    /// What tokens are checked with, and the shared secret where it is one.
    static func tokenKeys(_ invocation: Invocation) throws(UsageError) -> (keys: JSONWebKeySet, secret: Secret?) {
        let secret = try TokenSecret.read(invocation)
        return (try tokenKeys(secret, invocation.value(.tokenKeys)), secret)
    }

    private static func secretKey(_ invocation: Invocation) throws(UsageError) -> Secret {
        switch (invocation.value(.secretKey), invocation.value(.secretKeyFile)) {
        case (let text?, nil): return Secret(text)
        case (nil, let path?):
            guard let text = String(validating: try TextFile.bytes(path, atMost: 1 << 20), as: UTF8.self) else {
                throw UsageError("\(path) (SECRET_KEY_FILE) is not UTF-8 text")
            }
            return Secret(text)
        case (_?, _?): throw UsageError("both SECRET_KEY and SECRET_KEY_FILE are set: keep one")
        case (nil, nil):
            throw UsageError(
                """
                there is no key to encrypt credentials with. Make one, keep it as carefully as the database, and name it:
                  openssl rand -base64 32 | tr +/ -_ > secret.key && chmod 600 secret.key
                  export SECRET_KEY_FILE=secret.key
                """
            )
        }
    }

    private static func tokenKeys(_ secret: Secret?, _ path: String?) throws(UsageError) -> JSONWebKeySet {
        switch (secret, path) {
        case (let secret?, nil):
            return try read("JWT_SECRET") { () throws(JSONWebKeyError) in try JSONWebKeySet(secret: secret) }
        case (nil, let path?):
            let bytes = try TextFile.bytes(path, atMost: 1 << 20)
            return try read("\(path) (JWT_JWKS)") { () throws(JSONWebKeyError) in try JSONWebKeySet(parsing: bytes) }
        case (_?, _?):
            throw UsageError(
                "tokens are checked with a shared secret (JWT_SECRET) or with a key set (JWT_JWKS): keep one"
            )
        case (nil, nil):
            throw UsageError(
                """
                there is no key to check tokens with. Name TrainFlow's: JWT_SECRET_FILE (a shared secret) or JWT_JWKS (a file
                with its public keys). To try things out, make a secret; trainflow token then makes tokens:
                  openssl rand -base64 48 > jwt.secret && chmod 600 jwt.secret
                  export JWT_SECRET_FILE=jwt.secret
                """
            )
        }
    }

    private static func read(
        _ source: String,
        _ body: () throws(JSONWebKeyError) -> JSONWebKeySet
    ) throws(UsageError) -> JSONWebKeySet {
        do throws(JSONWebKeyError) {
            return try body()
        } catch {
            throw UsageError("\(source): \(error.description)")
        }
    }
}
