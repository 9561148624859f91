package import Crypto
internal import Identifiers
internal import JSON
package import Time

/// Believes JSON Web Tokens: `sub`, `tenant_id` (a UUID) and `role` are what TrainFlow says of their bearers.
package struct TokenAuthenticator: Authenticator {
    private let verifier: JSONWebTokenVerifier

    package init(_ verifier: JSONWebTokenVerifier) {
        self.verifier = verifier
    }

    package func identity(_ token: String, now: Instant) throws(TokenRefusal) -> Identity {
        let claims: JSONWebToken
        do throws(TokenError) {
            claims = try verifier.verify(token, now: now)
        } catch {
            throw TokenRefusal(code: error.code.description, message: error.message)
        }
        guard let tenant = claims["tenant_id"]?.stringValue.flatMap(UUID.init) else {
            throw TokenRefusal(code: "claims", message: "its claim tenant_id is no UUID")
        }
        guard let subject = claims.subject, !subject.isEmpty, let role = claims["role"]?.stringValue else {
            throw TokenRefusal(code: "claims", message: "it must have the claims sub and role")
        }
        return Identity(tenant: tenant, subject: subject, role: role)
    }
}
