internal import COpenSSL

/// The one owner of an OpenSSL public key. EVP_PKEY_new(3), d2i_PUBKEY(3).
///
/// Sendable, proof: the key is complete when `init` returns and only read from then on, which OpenSSL allows to any number
/// of threads (openssl-threads(7)); nobody else has the pointer.
@safe
struct PublicKeyHandle: ~Copyable, @unchecked Sendable {  // Proof: above.
    private let key: OpaquePointer

    /// Takes a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7); nil unless it is one whole key that passes OpenSSL's own check:
    /// a point on its curve, an odd RSA modulus that is no prime and has no small factor.
    init?(der: [UInt8]) {
        // What is refused leaves errors in the thread's queue.
        defer { ERR_clear_error() }
        let parsed = unsafe der.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var cursor = bytes.baseAddress
            guard let key = unsafe d2i_PUBKEY(nil, &cursor, bytes.count) else { return nil }
            guard unsafe cursor == bytes.baseAddress.map({ unsafe $0 + bytes.count }) else {
                unsafe EVP_PKEY_free(key)
                return nil
            }
            return unsafe key
        }
        guard let parsed = unsafe parsed else { return nil }
        guard unsafe Self.passesCheck(parsed) else {
            unsafe EVP_PKEY_free(parsed)
            return nil
        }
        unsafe key = parsed
    }

    deinit {
        unsafe EVP_PKEY_free(key)
    }

    /// EVP_DigestVerify(3). Ed25519 takes the message itself, the others its SHA-256.
    borrowing func verifies(_ signature: [UInt8], of message: [UInt8], usesSHA256: Bool) -> Bool {
        defer { ERR_clear_error() }
        guard let context = DigestContext() else { return false }
        return unsafe context.withPointer { context in
            unsafe EVP_DigestVerifyInit(context, nil, usesSHA256 ? EVP_sha256() : nil, nil, key) == 1
                && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
        }
    }

    /// EVP_PKEY_public_check(3).
    private static func passesCheck(_ key: OpaquePointer) -> Bool {
        guard let context = unsafe EVP_PKEY_CTX_new(key, nil) else { return false }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        return unsafe EVP_PKEY_public_check(context) == 1
    }
}

/// The one owner of what OpenSSL keeps while it checks a signature. EVP_MD_CTX_new(3).
@safe
private struct DigestContext: ~Copyable {
    private let context: OpaquePointer

    init?() {
        guard let context = unsafe EVP_MD_CTX_new() else { return nil }
        unsafe self.context = context
    }

    deinit {
        unsafe EVP_MD_CTX_free(context)
    }

    borrowing func withPointer<Result>(_ body: (OpaquePointer) -> Result) -> Result {
        unsafe body(context)
    }
}
