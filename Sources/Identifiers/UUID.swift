/// A 128-bit identifier in RFC 9562 order, written in lower case with hyphens.
package struct UUID: Hashable, Sendable, Comparable, LosslessStringConvertible {
    package var high: UInt64
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads 16 bytes, most significant first; nil for any other count.
    package init?(bytes: some Collection<UInt8>) {
        self.init(bytes: Array(bytes))
    }

    /// The same without the cost of a generic collection: ids are read by the million.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        self.init(
            high: bytes[..<8].reduce(0) { $0 << 8 | UInt64($1) },
            low: bytes[8...].reduce(0) { $0 << 8 | UInt64($1) }
        )
    }

    /// Reads the form with hyphens, in either case; nil for anything else.
    package init?(_ description: String) {
        let text = Array(description.utf8)
        guard text.count == 36 else { return nil }
        var digits: [UInt8] = []
        digits.reserveCapacity(32)
        for (position, byte) in text.enumerated() {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits.append(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digits.append(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digits.append(byte - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        self.init(
            high: digits[..<16].reduce(0) { $0 << 4 | UInt64($1) },
            low: digits[16...].reduce(0) { $0 << 4 | UInt64($1) }
        )
    }

    /// The 16 bytes, most significant first.
    package var bytes: [UInt8] {
        // Two words laid out as 16 bytes.
        unsafe withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { unsafe Array($0) }
    }

    package var description: String {
        let hex = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for (position, byte) in bytes.enumerated() {
            if position == 4 || position == 6 || position == 8 || position == 10 { text.append(UInt8(ascii: "-")) }
            text.append(hex[Int(byte >> 4)])
            text.append(hex[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    package static func < (left: UUID, right: UUID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension UUID {
    /// A UUIDv7 (RFC 9562, 5.7) of this millisecond.
    package static func version7(
        unixMilliseconds: Int64,
        using generator: inout some RandomNumberGenerator
    ) -> UUID {
        let random = generator.next() as UInt64
        let more = generator.next() as UInt64
        return UUID(
            high: UInt64(bitPattern: unixMilliseconds) << 16 | 0x7000 | random & 0x0FFF,
            low: 0x8000_0000_0000_0000 | more & 0x3FFF_FFFF_FFFF_FFFF
        )
    }

    /// A UUIDv7 whose low 48 bits carry a row's number, so that a row is found by its id without an index.
    ///
    /// The number is only where to look: who looks compares the whole id (design: data model, "Speed").
    package static func version7(
        unixMilliseconds: Int64,
        row: Int64,
        using generator: inout some RandomNumberGenerator
    ) -> UUID {
        var id = version7(unixMilliseconds: unixMilliseconds, using: &generator)
        id.low = id.low & 0xFFFF_0000_0000_0000 | UInt64(bitPattern: row) & 0x0000_FFFF_FFFF_FFFF
        return id
    }

    /// The number that `version7(unixMilliseconds:row:using:)` put in.
    package var row: Int64 {
        Int64(low & 0x0000_FFFF_FFFF_FFFF)
    }
}
