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
        // Of a long line only what is near is shown.
        let near = prefix.suffix(Self.shown)
        let start = near.startIndex == prefix.startIndex ? "" : "…"
        let end = rest.count > Self.shown ? "…" : ""
        // Tabs stay tabs, so that the caret stands right however wide they are shown.
        let indent = String((start + near).map { $0 == "\t" ? "\t" : " " })
        caret = "\(start)\(near)\(rest.prefix(Self.shown))\(end)\n\(indent)^"
    }

    /// Characters shown on each side of the place.
    private static let shown = 100
}
