/// Why a token is not taken. The message may reach whoever sent it: it says what to do, and nothing about keys or claims
/// that the token doesn't say itself.
package struct TokenError: Error, Sendable, Equatable, CustomStringConvertible {
    package var code: Code
    package var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    package struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case malformed
            case algorithm
            case unknownKey = "unknown_key"
            case signature
            case expired
            case notYetValid = "not_yet_valid"
            case noExpiry = "no_expiry"
            case issuer
            case audience
            case claims
        }
        private var value: Value

        package var description: String { value.rawValue }

        /// Not three parts of base64url, a header that is no JSON object, or too long.
        package static var malformed: Code { Code(value: .malformed) }
        /// An `alg` that is not taken, or not the key's.
        package static var algorithm: Code { Code(value: .algorithm) }
        /// A `kid` that no key has.
        package static var unknownKey: Code { Code(value: .unknownKey) }
        package static var signature: Code { Code(value: .signature) }
        package static var expired: Code { Code(value: .expired) }
        package static var notYetValid: Code { Code(value: .notYetValid) }
        package static var noExpiry: Code { Code(value: .noExpiry) }
        package static var issuer: Code { Code(value: .issuer) }
        package static var audience: Code { Code(value: .audience) }
        /// Well signed, but the claims are no JSON object, or one of them is not what RFC 7519 says.
        package static var claims: Code { Code(value: .claims) }
    }
}
