internal import COpenSSL

/// SHA-256 (FIPS 180-4) of bytes that come in pieces.
@safe
package struct SHA256: ~Copyable {
    private let context: OpaquePointer

    package init() {
        guard let context = unsafe EVP_MD_CTX_new(), unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            preconditionFailure("OpenSSL has no memory or no SHA-256")
        }
        unsafe self.context = context
    }

    deinit {
        unsafe EVP_MD_CTX_free(context)
    }

    package mutating func update(_ bytes: Span<UInt8>) {
        let result = unsafe bytes.withUnsafeBufferPointer { unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        precondition(result == 1, "EVP_DigestUpdate failed")
    }

    package mutating func update(_ bytes: [UInt8]) {
        update(bytes.span)
    }

    package consuming func finish() -> Digest {
        var bytes = [UInt8](repeating: 0, count: 32)
        let result = unsafe bytes.withUnsafeMutableBufferPointer {
            unsafe EVP_DigestFinal_ex(context, $0.baseAddress, nil)
        }
        precondition(result == 1, "EVP_DigestFinal_ex failed")
        return Digest(bytes: bytes)
    }

    package static func hash(_ bytes: [UInt8]) -> Digest {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finish()
    }

    package static func hash(_ text: String) -> Digest {
        var hash = SHA256()
        hash.update(text.utf8Span.span)
        return hash.finish()
    }

    package struct Digest: Sendable, Hashable, CustomStringConvertible {
        /// 32 of them.
        package let bytes: [UInt8]

        /// 64 digits in lower case.
        package var hex: String { bytes.hex }

        package var description: String { hex }
    }
}

extension [UInt8] {
    /// Two digits a byte, in lower case.
    package var hex: String {
        let digits = Array<UInt8>("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
