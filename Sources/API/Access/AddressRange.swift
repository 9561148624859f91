internal import Glibc

/// Addresses with the same beginning: `10.0.0.0/8`, `fd00::/8`, or one address. RFC 4632, RFC 4291.
package struct AddressRange: Sendable, Equatable {
    private let bytes: [UInt8]
    private let bits: Int

    /// Nil for what is neither an address nor a range, and for a range with bits set behind its length.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let bytes = Self.bytes(String(parts[0])) else { return nil }
        guard let bits = parts.count == 1 ? bytes.count * 8 : Int(parts[1]), (0...bytes.count * 8).contains(bits) else {
            return nil
        }
        self.bytes = bytes
        self.bits = bits
        guard (bits..<bytes.count * 8).allSatisfy({ !Self.bit($0, of: bytes) }) else { return nil }
    }

    package func contains(_ address: String) -> Bool {
        guard let other = Self.bytes(address), other.count == bytes.count else { return false }
        return (0..<bits).allSatisfy { Self.bit($0, of: bytes) == Self.bit($0, of: other) }
    }

    private static func bit(_ index: Int, of bytes: [UInt8]) -> Bool {
        bytes[index / 8] & (0x80 >> UInt8(index % 8)) != 0
    }

    /// inet_pton(3)
    private static func bytes(_ text: String) -> [UInt8]? {
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if unsafe inet_pton(family, text, &bytes) == 1 { return bytes }
        }
        return nil
    }
}
