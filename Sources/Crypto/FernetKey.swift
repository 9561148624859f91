internal import JSON

/// 32 bytes: 16 that sign, 16 that encrypt.
package struct FernetKey: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let bytes: [UInt8]

    /// nil unless there are 32 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// The usual form: URL-safe base64 with padding, 44 characters. nil for anything else.
    package init?(base64 text: String) {
        guard let bytes = Base64.decode(text, alphabet: .urlSafe) else { return nil }
        self.init(bytes: bytes)
    }

    package static func random() -> FernetKey {
        FernetKey(unchecked: randomBytes(32))
    }

    /// The SHA-256 of a passphrase's bytes.
    init(derivedFrom passphrase: String) {
        self.init(unchecked: SHA256.hash(passphrase).bytes)
    }

    private init(unchecked bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Says which key it is without telling it: the first 8 hexadecimal digits of its SHA-256.
    package var id: String {
        String(SHA256.hash(bytes).hex.prefix(8))
    }

    /// The key as text, for the one place that must have it.
    package func reveal() -> String {
        Base64.encode(bytes, alphabet: .urlSafe)
    }

    var signingKey: [UInt8] { Array(bytes[..<16]) }
    var encryptionKey: [UInt8] { Array(bytes[16...]) }

    package var description: String { "<secret>" }
    package var debugDescription: String { "<secret>" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
