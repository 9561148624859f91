/// A server that can't be started.
package struct ServerError: Error, Sendable, CustomStringConvertible {
    package var code: Code
    /// What happened, where, and what to do.
    package var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case listen, start, files
            case alreadyListening = "already_listening"
        }
        private let value: Value

        package var description: String { value.rawValue }

        /// The address can't be listened on.
        package static let listen = Code(value: .listen)
        package static let start = Code(value: .start)
        /// A folder of static files can't be read.
        package static let files = Code(value: .files)
        package static let alreadyListening = Code(value: .alreadyListening)
    }

    package var description: String { message }
}
