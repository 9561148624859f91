internal import JSON

/// A signed text in compact form (RFC 7515, section 7.1), taken apart but not yet believed.
package struct JSONWebSignature: Sendable {
    /// What the header says. Only ever compared with a key's own.
    package let algorithm: JSONWebAlgorithm
    /// The header's `kid`.
    package let keyID: String?
    /// Anybody's, until a key has verified the signature.
    package let payload: [UInt8]
    let signature: [UInt8]
    /// What is signed: header and payload as they came, with the dot between them.
    let signedBytes: [UInt8]

    package static let maximumBytes = 8_192

    package init(compact bytes: [UInt8]) throws(TokenError) {
        guard bytes.count <= Self.maximumBytes else {
            throw TokenError(
                .malformed,
                "the token is longer than \(Self.maximumBytes) bytes: ask for one with fewer claims"
            )
        }
        let dots = bytes.indices.filter { bytes[$0] == UInt8(ascii: ".") }
        guard dots.count == 2,
            let header = Self.decode(bytes[..<dots[0]]),
            let payload = Self.decode(bytes[(dots[0] + 1)..<dots[1]]),
            let signature = Self.decode(bytes[(dots[1] + 1)...])
        else {
            throw TokenError(
                .malformed,
                "this is no signed JSON Web Token: three parts in base64url without padding, with dots between them"
            )
        }
        (algorithm, keyID) = try Self.readHeader(header)
        self.payload = payload
        self.signature = signature
        signedBytes = Array(bytes[..<dots[1]])
    }

    /// `jku`, `jwk`, `x5u`, `x5c` are never looked at: a token doesn't bring its own key (RFC 8725, section 3.10).
    private static func readHeader(_ bytes: [UInt8]) throws(TokenError) -> (JSONWebAlgorithm, String?) {
        let header: JSONValue
        do throws(JSONError) {
            header = try JSONValue(parsing: bytes, limits: JSONLimits(depth: 8, bytes: maximumBytes, members: 64))
        } catch {
            throw TokenError(.malformed, "the token's header is not JSON: \(error.message)")
        }
        guard case .object(let members) = header else {
            throw TokenError(.malformed, "the token's header must be a JSON object")
        }
        guard members["crit"] == nil else {
            throw TokenError(
                .malformed,
                "the token's header asks for extensions (crit) that this server doesn't have: leave them out"
            )
        }
        guard let algorithm = members["alg"]?.stringValue.flatMap(JSONWebAlgorithm.init(rawValue:)) else {
            throw TokenError(
                .algorithm,
                "the token's alg is not taken here: sign it with one of "
                    + JSONWebAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
            )
        }
        guard let keyID = members["kid"] else { return (algorithm, nil) }
        guard case .string(let name) = keyID else {
            throw TokenError(.malformed, "the kid in the token's header must be a string")
        }
        return (algorithm, name)
    }

    private static func decode(_ part: ArraySlice<UInt8>) -> [UInt8]? {
        Base64.decode(part.span, alphabet: .urlSafe, isPadded: false)
    }
}
