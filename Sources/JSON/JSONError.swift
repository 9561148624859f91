/// Why a text is not taken as JSON: what is wrong, and where.
package struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
    package var code: Code
    /// Bytes before the fault.
    package var offset: Int
    /// From 1.
    package var line: Int
    /// From 1, in code points.
    package var column: Int
    /// One sentence that names the place. Shows at most one character of the text.
    package var message: String

    init(_ code: Code, _ fault: String, offset: Int, line: Int, column: Int) {
        self.code = code
        self.offset = offset
        self.line = line
        self.column = column
        message = "\(fault) at line \(line), column \(column)"
    }

    package var description: String { message }

    package struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case syntax
            case unexpectedEnd = "unexpected_end"
            case trailingContent = "trailing_content"
            case byteOrderMark = "byte_order_mark"
            case number
            case escape
            case surrogate
            case controlCharacter = "control_character"
            case utf8
            case duplicateName = "duplicate_name"
            case tooDeep = "too_deep"
            case tooLarge = "too_large"
        }
        private var value: Value

        package var description: String { value.rawValue }

        /// A character that can't stand there.
        package static var syntax: Code { Code(value: .syntax) }
        /// The text ends inside a value.
        package static var unexpectedEnd: Code { Code(value: .unexpectedEnd) }
        /// Something follows the value.
        package static var trailingContent: Code { Code(value: .trailingContent) }
        package static var byteOrderMark: Code { Code(value: .byteOrderMark) }
        /// A number not written as RFC 8259, section 6 says: leading zero, no digits after the point.
        package static var number: Code { Code(value: .number) }
        /// An escape that JSON doesn't have.
        package static var escape: Code { Code(value: .escape) }
        /// A `\u` escape that is half of a pair without the other half.
        package static var surrogate: Code { Code(value: .surrogate) }
        /// A control character inside a string that is not escaped.
        package static var controlCharacter: Code { Code(value: .controlCharacter) }
        /// Bytes that are not UTF-8.
        package static var utf8: Code { Code(value: .utf8) }
        /// The same name twice in one object.
        package static var duplicateName: Code { Code(value: .duplicateName) }
        package static var tooDeep: Code { Code(value: .tooDeep) }
        /// Longer than the limits allow: the text, one token, or the members of an object.
        package static var tooLarge: Code { Code(value: .tooLarge) }
    }
}
