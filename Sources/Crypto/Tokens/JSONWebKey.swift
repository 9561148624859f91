/// One key that tokens are checked with: its name, its algorithm, the key itself. RFC 7517, section 4.
package struct JSONWebKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The `kid`; nil for a key without a name.
    package let id: String?
    package let algorithm: JSONWebAlgorithm
    private let material: Material

    private enum Material: Sendable {
        case secret([UInt8])
        case publicKey(PublicKey)
    }

    /// A shared secret, for HS256.
    init(secret: [UInt8]) {
        id = nil
        algorithm = .hs256
        material = .secret(secret)
    }

    init(id: String?, algorithm: JSONWebAlgorithm, publicKey: PublicKey) {
        self.id = id
        self.algorithm = algorithm
        material = .publicKey(publicKey)
    }

    /// Whether who holds the key (or its private half) signed the message.
    func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        switch material {
        case .secret(let secret): HMAC.isEqual(HMAC.sha256(message, key: secret), signature)
        case .publicKey(let key): key.verifies(signature, of: message)
        }
    }

    package var description: String { id.map { "\(algorithm) \"\($0)\"" } ?? "\(algorithm)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
