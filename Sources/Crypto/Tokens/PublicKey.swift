/// A public key ready to check signatures, shared by all copies of a key set.
final class PublicKey: Sendable {
    private let handle: PublicKeyHandle
    private let kind: Kind

    private enum Kind {
        case rsa
        case p256
        case ed25519
    }

    /// An RSA key (RFC 8017, A.1.1) from its modulus and exponent, most significant byte first; nil if OpenSSL refuses it.
    init?(rsaModulus modulus: [UInt8], exponent: [UInt8]) {
        kind = .rsa
        let algorithm = DER.sequence(DER.objectIdentifier(Self.rsaEncryption), DER.null)
        let key = DER.sequence(DER.integer(modulus), DER.integer(exponent))
        guard let handle = PublicKeyHandle(der: DER.sequence(algorithm, DER.bitString(key))) else { return nil }
        self.handle = handle
    }

    /// A point of P-256 (RFC 5480, section 2.2) from 32 bytes each; nil if it isn't on the curve.
    init?(p256X x: [UInt8], y: [UInt8]) {
        kind = .p256
        let algorithm = DER.sequence(
            DER.objectIdentifier(Self.ecPublicKey),
            DER.objectIdentifier(Self.primeCurve256)
        )
        let point = [0x04] + x + y
        guard let handle = PublicKeyHandle(der: DER.sequence(algorithm, DER.bitString(point))) else { return nil }
        self.handle = handle
    }

    /// An Ed25519 key (RFC 8410, section 4) from its 32 bytes.
    init?(ed25519 bytes: [UInt8]) {
        kind = .ed25519
        let algorithm = DER.sequence(DER.objectIdentifier(Self.ed25519))
        guard let handle = PublicKeyHandle(der: DER.sequence(algorithm, DER.bitString(bytes))) else { return nil }
        self.handle = handle
    }

    /// Whether the key's owner signed the message, the signature written as JWS writes it.
    func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        switch kind {
        case .rsa:
            return handle.verifies(signature, of: message, usesSHA256: true)
        case .p256:
            // RFC 7518, section 3.4: R and S, 32 bytes each. OpenSSL takes them in DER.
            guard signature.count == 64 else { return false }
            let pair = DER.sequence(DER.integer(signature[..<32]), DER.integer(signature[32...]))
            return handle.verifies(pair, of: message, usesSHA256: true)
        case .ed25519:
            guard signature.count == 64 else { return false }
            return handle.verifies(signature, of: message, usesSHA256: false)
        }
    }

    // Content octets of the object identifiers.
    /// 1.2.840.113549.1.1.1, RFC 8017.
    private static let rsaEncryption: [UInt8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]
    /// 1.2.840.10045.2.1, RFC 5480.
    private static let ecPublicKey: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01]
    /// 1.2.840.10045.3.1.7, RFC 5480.
    private static let primeCurve256: [UInt8] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
    /// 1.3.101.112, RFC 8410.
    private static let ed25519: [UInt8] = [0x2B, 0x65, 0x70]
}
