package import Time

/// Says whether a token is to be believed at a point in time: RFC 7519, section 7.2 as RFC 8725 narrows it.
package struct JSONWebTokenVerifier: Sendable {
    package var keys: JSONWebKeySet
    /// What `iss` must be; nil if anybody may have issued the token who has the key.
    package var issuer: String?
    /// What `aud` must be or contain; nil if it isn't looked at.
    package var audience: String?
    /// How far clocks may be apart.
    package var leeway: Duration

    package init(
        keys: JSONWebKeySet,
        issuer: String? = nil,
        audience: String? = nil,
        leeway: Duration = .seconds(60)
    ) {
        self.keys = keys
        self.issuer = issuer
        self.audience = audience
        self.leeway = leeway
    }

    package func verify(_ token: String, now: Instant) throws(TokenError) -> JSONWebToken {
        try verify(Array(token.utf8), now: now)
    }

    /// Nothing of the payload is read before a key has verified the signature.
    package func verify(_ token: [UInt8], now: Instant) throws(TokenError) -> JSONWebToken {
        let signature = try JSONWebSignature(compact: token)
        _ = try keys.key(verifying: signature)
        let token = try JSONWebToken(payload: signature.payload)
        try checkTime(token, now: now)
        try checkParties(token)
        return token
    }

    private func checkTime(_ token: JSONWebToken, now: Instant) throws(TokenError) {
        guard now < token.expires + leeway else {
            throw TokenError(.expired, "the token expired at \(token.expires): get a new one")
        }
        if let notBefore = token.notBefore, now + leeway < notBefore {
            throw TokenError(.notYetValid, "the token is not valid before \(notBefore): wait, or set the clocks")
        }
    }

    private func checkParties(_ token: JSONWebToken) throws(TokenError) {
        if let issuer, token.issuer?.utf8.elementsEqual(issuer.utf8) != true {
            throw TokenError(.issuer, "the token comes from an issuer (iss) that this server doesn't take tokens from")
        }
        if let audience, !token.audience.contains(where: { $0.utf8.elementsEqual(audience.utf8) }) {
            throw TokenError(.audience, "the token is for another audience (aud): ask for one for this server")
        }
    }
}
