/// A person's name in its parts.
struct PersonName: Equatable {
    var first: String
    /// "" if there is none.
    var middle: String
    var last: String

    /// `Last, First Middle`, or words in the order in which they are spoken: the first is the first name, the last the last
    /// name, the others stand between. Words that go with the next one (عبد, abu, van) stay with it; عبد الله is one name.
    init(_ text: String) {
        let text = WhiteSpace.trimmed(text)
        let sides = text.split(maxSplits: 1, omittingEmptySubsequences: false) { ",،".contains($0) }
        if sides.count == 2 {
            let given = Self.names(String(sides[1]))
            let last = Self.words(String(sides[0])).joined(separator: " ")
            if !given.isEmpty, !last.isEmpty {
                first = given[0]
                middle = given.dropFirst().joined(separator: " ")
                self.last = last
                return
            }
        }
        let names = Self.names(text.replacingCommas)
        first = names.first ?? ""
        last = names.count > 1 ? names[names.count - 1] : ""
        middle = names.count > 2 ? names[1..<(names.count - 1)].joined(separator: " ") : ""
    }

    private static func words(_ text: String) -> [String] {
        text.unicodeScalars.split { $0.properties.isWhitespace }.map { String($0) }
    }

    /// Words, those that belong together joined by a space.
    private static func names(_ text: String) -> [String] {
        var names: [String] = []
        var prefix: [String] = []
        for word in words(text) {
            let key = word.lowercased()
            let isPrefix = firstParts.contains(key) || !names.isEmpty && particles.contains(key)
            if isPrefix {
                prefix.append(word)
            } else if let previous = names.last, prefix.isEmpty, secondParts.contains(key) {
                // عز الدين, Nur al-Din
                names[names.count - 1] = "\(previous) \(word)"
            } else {
                names.append((prefix + [word]).joined(separator: " "))
                prefix = []
            }
        }
        if !prefix.isEmpty { names.append(prefix.joined(separator: " ")) }
        return names
    }

    /// Begin a name of several words, first names too.
    private static let firstParts: Set<String> = [
        "عبد", "أبو", "ابو", "أم", "ام", "بن", "ابن", "بنت", "آل", "abd", "abdul", "abdel", "abdal", "abu", "umm",
        "bin",
        "ibn", "bint",
    ]

    /// Begin a last name.
    private static let particles: Set<String> = [
        "al", "el", "ben", "van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "das", "du", "la", "le",
        "ter", "ten", "zu", "st.", "saint", "mac",
    ]

    /// End a name of two words.
    private static let secondParts: Set<String> = [
        "الله", "الدين", "allah", "al-din", "aldin", "al-deen", "eldin", "el-din", "ud-din", "uddin",
    ]
}

extension String {
    fileprivate var replacingCommas: String { String(map { ",،".contains($0) ? " " : $0 }) }
}
