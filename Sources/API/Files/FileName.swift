/// The name that a person gave a file: a label for people and connectors, never a path to open.
struct FileName: Equatable {
    /// Bytes of UTF-8 that file systems allow in a name, and that nobody needs.
    static let longest = 255

    let text: String

    /// Takes folders before it away, of either system, and what can't be seen; nil if nothing is left, or too much.
    init?(_ given: String) {
        let last = given.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }.last ?? ""
        let unseen: Set<Unicode.GeneralCategory> = [.control, .lineSeparator, .paragraphSeparator]
        let seen = last.unicodeScalars.filter { !unseen.contains($0.properties.generalCategory) }
        var text = Substring(String(String.UnicodeScalarView(seen)))
        text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        guard !text.isEmpty, text != ".", text != "..", text.utf8.count <= Self.longest else { return nil }
        self.text = String(text)
    }
}
