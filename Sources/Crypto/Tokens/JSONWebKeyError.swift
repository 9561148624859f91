/// Keys that can't be used: what is wrong, where, what to do. Never shows a key; for operators, not for callers.
package struct JSONWebKeyError: Error, Sendable, Equatable, CustomStringConvertible {
    package var code: Code
    /// In the JWKS (RFC 6901): `/keys/2/n`; empty for the whole, or for a secret.
    package var pointer: String
    package var message: String

    init(_ code: Code, at pointer: String = "", _ message: String) {
        self.code = code
        self.pointer = pointer
        self.message = message
    }

    package var description: String { pointer.isEmpty ? message : "\(pointer): \(message)" }

    package struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case notJSON = "not_json"
            case invalidKey = "invalid_key"
            case weakKey = "weak_key"
            case repeatedID = "repeated_id"
            case noUsableKey = "no_usable_key"
        }
        private var value: Value

        package var description: String { value.rawValue }

        package static var notJSON: Code { Code(value: .notJSON) }
        /// A key of a known kind with a member that is missing or wrong.
        package static var invalidKey: Code { Code(value: .invalidKey) }
        /// Too short to be safe.
        package static var weakKey: Code { Code(value: .weakKey) }
        /// Two keys of one name.
        package static var repeatedID: Code { Code(value: .repeatedID) }
        package static var noUsableKey: Code { Code(value: .noUsableKey) }
    }
}
