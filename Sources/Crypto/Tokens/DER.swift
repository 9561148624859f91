/// The few ASN.1 values that public keys and ECDSA signatures are made of, in DER (X.690).
enum DER {
    static func sequence(_ parts: [UInt8]...) -> [UInt8] {
        value(tag: 0x30, Array(parts.joined()))
    }

    /// A number that isn't negative, from its bytes, most significant first.
    static func integer(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var content = Array(bytes.drop { $0 == 0 })
        // A first bit that is set would make it negative; zero is one byte of zero.
        if content.first.map({ $0 >= 0x80 }) ?? true { content.insert(0, at: 0) }
        return value(tag: 0x02, content)
    }

    static func bitString(_ bytes: [UInt8]) -> [UInt8] {
        value(tag: 0x03, [0] + bytes)
    }

    static let null: [UInt8] = [0x05, 0x00]

    /// An object identifier from its content octets.
    static func objectIdentifier(_ content: [UInt8]) -> [UInt8] {
        value(tag: 0x06, content)
    }

    private static func value(tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = content.count
        guard count >= 0x80 else { return [tag, UInt8(count)] + content }
        let length = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: count >> $0) }.drop { $0 == 0 }
        return [tag, 0x80 | UInt8(length.count)] + length + content
    }
}
