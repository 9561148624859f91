// The standard library's own `contains` and `replacing` for texts come from the one for regular expressions, which is 1 MB of
// each process that loads it.
extension StringProtocol {
    /// Whether the part stands somewhere in the text, character for character; the empty one does everywhere.
    package func holds(_ part: some StringProtocol) -> Bool {
        var rest = self[...]
        while true {
            if rest.starts(with: part) { return true }
            guard !rest.isEmpty else { return false }
            rest = rest.dropFirst()
        }
    }

    /// The text with another in the place of each such part; as it is if the part is empty.
    package func replacing(every part: some StringProtocol, with other: some StringProtocol) -> String {
        guard !part.isEmpty else { return String(self) }
        var result = ""
        var rest = self[...]
        while let first = rest.first {
            if rest.starts(with: part) {
                result += other
                rest = rest.dropFirst(part.count)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}
