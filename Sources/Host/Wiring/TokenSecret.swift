internal import Crypto

/// The shared secret that tokens are signed and verified with, from JWT_SECRET or JWT_SECRET_FILE.
enum TokenSecret {
    /// nil where neither is set. A file's one line end at the end is not part of the secret.
    static func read(_ invocation: Invocation) throws(UsageError) -> Secret? {
        switch (invocation.value(.tokenSecret), invocation.value(.tokenSecretFile)) {
        case (nil, nil): return nil
        case (_?, _?): throw UsageError("both JWT_SECRET and JWT_SECRET_FILE are set: keep one")
        case (let text?, nil): return try checked(text, source: "JWT_SECRET")
        case (nil, let path?):
            let bytes = try TextFile.bytes(path, atMost: 1 << 20)
            guard var text = String(validating: bytes, as: UTF8.self) else {
                throw UsageError(
                    "\(path) (JWT_SECRET_FILE) is not UTF-8: write the secret as text, for example in base64"
                )
            }
            // CR LF is one character.
            if text.last?.isNewline == true { text.removeLast() }
            return try checked(text, source: "\(path) (JWT_SECRET_FILE)")
        }
    }

    private static func checked(_ text: String, source: String) throws(UsageError) -> Secret {
        let secret = Secret(text)
        do throws(JSONWebKeyError) {
            _ = try JSONWebKeySet(secret: secret)
        } catch {
            throw UsageError("\(source): \(error.message)")
        }
        return secret
    }
}
