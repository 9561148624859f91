internal import COpenSSL

/// HMAC (RFC 2104).
package enum HMAC {
    /// With SHA-256: 32 bytes.
    package static func sha256(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: 32)
        // Proof: the three arrays live through the call, and 32 bytes are what SHA-256 gives.
        let result = unsafe COpenSSL.HMAC(EVP_sha256(), key, CInt(key.count), message, message.count, &code, nil)
        precondition(unsafe result != nil, "HMAC failed")
        return code
    }

    /// Whether both are the same, in a time that depends on their lengths alone. CRYPTO_memcmp(3).
    package static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        unsafe left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
    }
}
