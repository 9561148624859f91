/// A place in a transform as people count it.
struct TransformPlace: Equatable {
    /// Both from 1; a column is a character, whatever it takes in memory.
    var line: Int
    var column: Int
    /// The line and, below it, a `^` under the place.
    var caret: String

    /// - Parameter offset: counted in Unicode scalars.
    init(_ offset: Int, in transform: String) {
        let scalars = transform.unicodeScalars
        let index = scalars.index(scalars.startIndex, offsetBy: offset, limitedBy: scalars.endIndex) ?? scalars.endIndex
        let before = String(transform[..<index])
        let lineStart = before.lastIndex(where: \.isNewline).map { before.index(after: $0) } ?? before.startIndex
        let prefix = before[lineStart...]
        let rest = String(transform[index...]).prefix { !$0.isNewline }
        line = 1 + before.count(where: \.isNewline)
        column = 1 + prefix.count
        // Tabs stay tabs, so that the caret stands right however wide they are shown.
        let indent = String(prefix.map { $0 == "\t" ? "\t" : " " })
        caret = "\(prefix)\(rest)\n\(indent)^"
    }
}
