import Crypto
import JSON
import Testing
import Time

/// Tokens of any form, for tests: also such that no good signer makes.
enum TokenMaking {
    static let secret = Array("0123456789abcdef0123456789abcdef".utf8)
    /// 2023-11-14T22:13:20Z
    static let now = Instant(microseconds: 1_700_000_000_000_000)

    static func encode(_ bytes: [UInt8]) -> String {
        Base64.encode(bytes, alphabet: .urlSafe, isPadded: false)
    }

    /// Header and payload as they are, signed with HMAC and SHA-256 whatever the header says.
    static func signed(header: String = #"{"alg":"HS256"}"#, payload: String, secret: [UInt8] = secret) -> String {
        let text = encode(Array(header.utf8)) + "." + encode(Array(payload.utf8))
        return text + "." + encode(HMAC.sha256(Array(text.utf8), key: secret))
    }

    static func verifier(
        issuer: String? = nil,
        audience: String? = nil,
        leeway: Duration = .seconds(60)
    ) throws -> JSONWebTokenVerifier {
        JSONWebTokenVerifier(
            keys: try JSONWebKeySet(secret: secret),
            issuer: issuer,
            audience: audience,
            leeway: leeway
        )
    }

    static func keys(_ text: String) throws -> JSONWebKeySet {
        try JSONWebKeySet(parsing: Array(text.utf8))
    }
}

/// Keys and signatures as the standards print them.
enum TokenVectors {
    /// RFC 7515, A.1 to A.3: `{"iss":"joe", "exp":1300819380, "http://example.com/is_root":true}`
    static let payload =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"

    static let hs256Secret = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
    static let hs256 = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\(payload).dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    static let rsaModulus =
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ"
        + "S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2"
        + "R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD"
        + "TW9gb54h4FRWyuXpoQ"
    static let rs256 =
        "eyJhbGciOiJSUzI1NiJ9.\(payload)."
        + "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CU"
        + "Ar7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_d"
        + "O--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0ig"
        + "cN_IoypGlUPQGe77Rw"

    static let p256X = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
    static let p256Y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
    static let es256 =
        "eyJhbGciOiJFUzI1NiJ9.\(payload)."
        + "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"

    /// RFC 8037, A.2 and A.4: the payload is `Example of Ed25519 signing`.
    static let ed25519X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    static let edDSA =
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
        + "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"

    static let keys = """
        {"keys": [
          {"kty": "RSA", "kid": "rsa", "n": "\(rsaModulus)", "e": "AQAB"},
          {"kty": "EC", "kid": "ec", "crv": "P-256", "x": "\(p256X)", "y": "\(p256Y)", "use": "sig"},
          {"kty": "OKP", "kid": "ed", "crv": "Ed25519", "x": "\(ed25519X)", "alg": "EdDSA", "key_ops": ["verify"]}
        ]}
        """

    /// Second 1,300,819,000: before the expiry that the standard's tokens carry.
    static let now = Instant(microseconds: 1_300_819_000_000_000)
}
