/// A command line that can't be understood: what is wrong, and what would be right. Exit code 2.
struct UsageError: Error, CustomStringConvertible {
    var message: String

    init(_ message: String) {
        self.message = message
    }

    var description: String { message }
}
