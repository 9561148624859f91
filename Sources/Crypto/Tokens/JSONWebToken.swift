package import JSON
package import Time

/// The claims of a token that was verified (RFC 7519, section 4).
package struct JSONWebToken: Sendable, Equatable {
    /// All of them, as they came.
    package let claims: JSONObject
    /// `sub`
    package let subject: String?
    /// `iss`
    package let issuer: String?
    /// `aud`, one text or several; empty where there is none.
    package let audience: [String]
    /// `exp`
    package let expires: Instant
    /// `nbf`
    package let notBefore: Instant?
    /// `iat`
    package let issuedAt: Instant?
    /// `jti`
    package let id: String?

    /// A claim of any name.
    package subscript(name: String) -> JSONValue? { claims[name] }

    /// Reads claims whose signature was verified.
    init(payload: [UInt8]) throws(TokenError) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: payload, limits: JSONLimits(depth: 16))
        } catch {
            throw TokenError(.claims, "the token's claims are not JSON: \(error.message)")
        }
        guard case .object(let claims) = value else {
            throw TokenError(.claims, "the token's claims must be a JSON object")
        }
        let reader = ClaimsReader(claims: claims)
        self.claims = claims
        subject = try reader.text("sub")
        issuer = try reader.text("iss")
        audience = try reader.texts("aud")
        notBefore = try reader.date("nbf")
        issuedAt = try reader.date("iat")
        id = try reader.text("jti")
        guard let expires = try reader.date("exp") else {
            throw TokenError(.noExpiry, "the token never expires: it must have an exp claim")
        }
        self.expires = expires
    }
}

private struct ClaimsReader {
    var claims: JSONObject

    func text(_ name: String) throws(TokenError) -> String? {
        guard let value = claims[name] else { return nil }
        guard case .string(let text) = value else { throw wrong(name, "must be a string") }
        return text
    }

    /// One text or an array of them (RFC 7519, section 4.1.3).
    func texts(_ name: String) throws(TokenError) -> [String] {
        switch claims[name] {
        case nil: return []
        case .string(let text): return [text]
        case .array(let items):
            let texts = items.compactMap(\.stringValue)
            guard texts.count == items.count else { throw wrong(name, "must hold strings only") }
            return texts
        default: throw wrong(name, "must be a string or an array of strings")
        }
    }

    /// A NumericDate: seconds since 1970, whole or with a fraction, up to the year 9999.
    func date(_ name: String) throws(TokenError) -> Instant? {
        guard let value = claims[name] else { return nil }
        let last: Int64 = 253_402_300_799
        switch value {
        case .integer(let seconds) where (0...last).contains(seconds):
            return Instant(microseconds: seconds * 1_000_000)
        case .number(let text):
            // A text too large for a Double becomes infinity, which isn't in the range either.
            guard let seconds = Double(text), seconds >= 0, seconds <= Double(last) else { break }
            return Instant(microseconds: Int64(seconds * 1_000_000))
        default: break
        }
        throw wrong(name, "must be a number of seconds (not milliseconds) since 1970")
    }

    private func wrong(_ name: String, _ message: String) -> TokenError {
        TokenError(.claims, "the token's claim \(name) \(message)")
    }
}
