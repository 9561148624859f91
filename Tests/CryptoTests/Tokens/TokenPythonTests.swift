import Crypto
import JSON
import Testing
import Time

struct `Tokens of others` {
    /// Keys and tokens of Python's `cryptography`, the same tokens spoilt, and its opinion of ours.
    @Test func `Python's cryptography and we agree`() throws {
        let claims: JSONObject = ["sub": "Grüße", "exp": 1_800_000_000, "aud": ["trainflow"]]
        let ours = try JSONWebToken.signed(claims: claims, secret: TokenMaking.secret)
        let input: JSONValue = [
            "secret": .string(String(decoding: TokenMaking.secret, as: UTF8.self)), "token": .string(ours),
            "claims": .object(claims),
        ]
        guard let output = try python(program, input: input.text) else { return print("suite jwt-python: absent") }
        let answer = try JSONValue(parsing: output)
        #expect(answer["ours"] == .object(claims))
        let keys = try JSONWebKeySet(parsing: try #require(answer["keys"]).serialized())
        #expect(keys.notes == [])
        let verifier = JSONWebTokenVerifier(keys: keys, audience: "trainflow")
        let tokens = try #require(answer["tokens"]?.arrayValue)
        for token in tokens {
            let text = try #require(token["token"]?.stringValue)
            let name = Comment(rawValue: try #require(token["name"]?.stringValue))
            if token["valid"] == true {
                #expect(try verifier.verify(text, now: TokenMaking.now).claims == claims, name)
            } else {
                let error = #expect(throws: TokenError.self, name) { try verifier.verify(text, now: TokenMaking.now) }
                #expect(error?.code.description == token["code"]?.stringValue, name)
            }
        }
        #expect(tokens.count == 3 * 20 + 10 + 9)
        print("suite jwt-python: \(tokens.count + 1) passed, 0 known failures, 0 absent")
    }

    private let program = """
        import base64, hashlib, hmac, json, sys
        try:
            from cryptography.hazmat.primitives import hashes, serialization
            from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
        except ImportError:
            sys.exit(42)
        given = json.load(sys.stdin)
        def encode(data): return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
        def number(value, size=None): return encode(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))
        def decode(text): return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

        header, payload, signature = given["token"].split(".")
        code = hmac.new(given["secret"].encode(), f"{header}.{payload}".encode(), hashlib.sha256).digest()
        ours = json.loads(decode(payload)) if hmac.compare_digest(code, decode(signature)) else None

        keys, signers = [], {}
        for name, bits, exponent in (("rsa2048", 2048, 65537), ("rsa3072", 3072, 3)):
            key = rsa.generate_private_key(exponent, bits)
            signers[name] = ("RS256", lambda data, key=key: key.sign(data, padding.PKCS1v15(), hashes.SHA256()))
            numbers = key.public_key().public_numbers()
            keys.append({"kty": "RSA", "kid": name, "n": number(numbers.n), "e": number(numbers.e)})
        curve = ec.generate_private_key(ec.SECP256R1())
        def raw(data, digest=hashes.SHA256()):
            r, s = utils.decode_dss_signature(curve.sign(data, ec.ECDSA(digest)))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        signers["p256"] = ("ES256", raw)
        point = curve.public_key().public_numbers()
        keys.append({"kty": "EC", "kid": "p256", "crv": "P-256", "x": number(point.x, 32), "y": number(point.y, 32)})
        edwards = ed25519.Ed25519PrivateKey.generate()
        signers["ed25519"] = ("EdDSA", edwards.sign)
        keys.append({"kty": "OKP", "kid": "ed25519", "crv": "Ed25519",
                     "x": encode(edwards.public_key().public_bytes(
                         serialization.Encoding.Raw, serialization.PublicFormat.Raw))})

        tokens = []
        claims = json.dumps(given["claims"]).encode()
        def token(name, header, sign, code=None, payload=claims):
            text = encode(json.dumps(header).encode()) + "." + encode(payload)
            tokens.append({"name": name, "token": text + "." + encode(sign(text.encode())), "valid": code is None,
                           "code": code})
        for name in ("rsa2048", "p256", "ed25519"):
            alg, sign = signers[name]
            # Twenty times, for numbers with zeros before them: one ECDSA signature in 128 has some.
            for n in range(20):
                token(f"{name} {n}", {"alg": alg, "kid": name} if n % 2 else {"alg": alg, "typ": "JWT"}, sign)
        alg, sign = signers["rsa3072"]
        for n in range(10):
            token(f"rsa3072 {n}", {"alg": alg} if n % 2 else {"alg": alg, "kid": "rsa3072"}, sign)
        other = ec.generate_private_key(ec.SECP256R1())
        token("kid of another key", {"alg": "RS256", "kid": "rsa3072"}, signers["rsa2048"][1], "signature")
        token("algorithm of another key", {"alg": "RS256", "kid": "p256"}, signers["rsa2048"][1], "algorithm")
        token("DER", {"alg": "ES256"}, lambda data: curve.sign(data, ec.ECDSA(hashes.SHA256())), "signature")
        token("SHA-512", {"alg": "ES256"}, lambda data: raw(data, hashes.SHA512()), "signature")
        token("a stranger's", {"alg": "ES256"}, lambda data: (lambda rs: rs[0].to_bytes(32, "big") + rs[1].to_bytes(
            32, "big"))(utils.decode_dss_signature(other.sign(data, ec.ECDSA(hashes.SHA256())))), "signature")
        key = rsa.generate_private_key(65537, 2048)
        token("a stranger's RSA", {"alg": "RS256"}, lambda d: key.sign(d, padding.PKCS1v15(), hashes.SHA256()),
              "signature")
        token("Ed25519 of the payload alone", {"alg": "EdDSA"}, lambda d: edwards.sign(claims), "signature")
        token("well signed, no claims", {"alg": "EdDSA"}, edwards.sign, "claims", b"[]")
        token("well signed, expired", {"alg": "EdDSA"}, edwards.sign, "expired", b'{"exp":7}')
        json.dump({"ours": ours, "keys": {"keys": keys}, "tokens": tokens}, sys.stdout)
        """
}
