/// A member that is not what its reader asks for.
package struct JSONFieldError: Error, Sendable, Equatable, CustomStringConvertible {
    package var code: Code
    /// Of the member (RFC 6901): `/mapping/rows/3/target_field`.
    package var pointer: String
    /// One sentence: what is wrong, what would be right. Quotes names and kinds, never values.
    package var message: String

    package init(_ code: Code, at pointer: String, _ message: String) {
        self.code = code
        self.pointer = pointer
        self.message = message
    }

    package var description: String {
        pointer.isEmpty ? message : "\(pointer): \(message)"
    }

    package struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case missing
            case wrongType = "wrong_type"
            case unknownField = "unknown_field"
            case notAllowed = "not_allowed"
        }
        private var value: Value

        package var description: String { value.rawValue }

        package static var missing: Code { Code(value: .missing) }
        package static var wrongType: Code { Code(value: .wrongType) }
        /// A member nobody asked for.
        package static var unknownField: Code { Code(value: .unknownField) }
        /// The right kind of value, but none of those that may stand there.
        package static var notAllowed: Code { Code(value: .notAllowed) }
    }
}
