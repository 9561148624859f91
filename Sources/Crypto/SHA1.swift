internal import COpenSSL

/// SHA-1 (FIPS 180-4), for names that a standard makes of it (UUID version 5), never for safety.
package enum SHA1 {
    /// 20 bytes.
    package static func hash(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 20)
        // Proof: both arrays live through the call, and 20 bytes are what SHA-1 gives.
        let result = unsafe EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha1(), nil)
        precondition(result == 1, "EVP_Digest failed")
        return digest
    }
}
