/// A name as it is compared: its words in lower case, letters of one spelling, without accents and punctuation.
struct NameKey: Equatable {
    private(set) var words: [String]

    /// `EmployeeID`, `employee_id`, `Employee Id` and `employee-id` are the same; so are `الرقم الوظيفي` and `الرقم  الوظيفى`.
    init(_ name: String) {
        var folded: [UInt8] = []
        let decomposed = Array(name.decomposed.utf8)
        decomposed.span.copyCharacters(to: &folded, Arabic.folded)
        var words: [String] = []
        var word = ""
        var previous: Unicode.Scalar?
        let scalars = Array(String(decoding: folded, as: UTF8.self).unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            if scalar.properties.generalCategory == .nonspacingMark { continue }
            let isPart = Words.isWordPart(scalar)
            let next = index + 1 < scalars.count ? scalars[index + 1] : nil
            if !isPart || previous.map({ Self.isSeam($0, scalar, next) }) ?? false {
                if !word.isEmpty { words.append(word) }
                word = ""
            }
            if isPart { word += scalar.properties.lowercaseMapping }
            previous = isPart ? scalar : nil
        }
        if !word.isEmpty { words.append(word) }
        self.words = words
    }

    private init(words: [String]) { self.words = words }

    /// Between a small letter and a capital, and before the last capital of several that a small letter follows (IDCard).
    private static func isSeam(_ left: Unicode.Scalar, _ right: Unicode.Scalar, _ next: Unicode.Scalar?) -> Bool {
        guard right.properties.isUppercase else { return false }
        return left.properties.isLowercase || left.properties.isUppercase && next?.properties.isLowercase ?? false
    }

    /// Without spaces: `first name` and `firstname` are the same.
    var joined: String { words.joined() }

    func dropping(first count: Int = 0, last: Int = 0) -> NameKey {
        NameKey(words: Array(words.dropFirst(count).dropLast(last)))
    }
}
