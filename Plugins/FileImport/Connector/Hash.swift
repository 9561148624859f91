/// FNV-1a with 64 bits: tells one file's bytes from another's by accident, not against intent.
///
/// Source: draft-eastlake-fnv, section 2.
struct Hash: Equatable {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    }

    /// Sixteen digits.
    static func hex(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    init(_ bytes: some Sequence<UInt8> = []) {
        add(bytes)
    }
}
