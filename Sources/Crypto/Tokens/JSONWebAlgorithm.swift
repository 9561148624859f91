/// How a token is signed: the four of RFC 7518, section 3.1 and RFC 8037, section 3.1 that are taken here.
///
/// The algorithm belongs to the key, never to the token (RFC 8725, section 3.1).
package enum JSONWebAlgorithm: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// HMAC with SHA-256 and a shared secret.
    case hs256 = "HS256"
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    case rs256 = "RS256"
    /// ECDSA on P-256 with SHA-256.
    case es256 = "ES256"
    /// Ed25519.
    case edDSA = "EdDSA"

    package var description: String { rawValue }
}
