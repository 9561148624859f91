package import JSON

extension JSONWebToken {
    /// A token in compact form, signed with HS256: for development and tests.
    ///
    /// The claims are written as they are; one that lives needs an `exp`. A secret of less than 32 bytes is an error.
    package static func signed(claims: JSONObject, secret: Secret) throws(JSONWebKeyError) -> String {
        try signed(claims: claims, secret: Array(secret.reveal().utf8))
    }

    package static func signed(claims: JSONObject, secret: [UInt8]) throws(JSONWebKeyError) -> String {
        // What makes no key to verify with makes none to sign with.
        _ = try JSONWebKeySet(secret: secret)
        let header: JSONValue = ["alg": "HS256", "typ": "JWT"]
        let signed = encode(header.serialized()) + "." + encode(JSONValue.object(claims).serialized())
        return signed + "." + encode(HMAC.sha256(Array(signed.utf8), key: secret))
    }

    private static func encode(_ bytes: [UInt8]) -> String {
        Base64.encode(bytes, alphabet: .urlSafe, isPadded: false)
    }
}
