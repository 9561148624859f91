/// A language's letters beyond ASCII as bytes of an encoding, and how often each comes.
struct LetterModel: Sendable {
    /// Bytes that the encoding and Windows-1252 give to the same characters.
    let shared: Set<UInt8>
    /// By byte from 0x80 on; 0 for what is no letter of the language.
    private var weights = [Double](repeating: 0, count: 128)
    private var cases = [Case](repeating: .none, count: 128)

    private enum Case {
        case none
        case small
        case capital
    }

    /// What a byte that is none of its letters counts for: a foreign name, a sign.
    private static let stranger = 0.0003

    func has(_ byte: UInt8, at place: EncodedWords.Place) -> Bool {
        let index = Int(byte - 0x80)
        guard weights[index] > 0 else { return false }
        return switch (cases[index], place) {
        case (.capital, .small), (.small, .capital): false
        default: true
        }
    }

    /// Names begin with a capital, mostly; inside a word the case seldom changes.
    func probability(of byte: UInt8, at place: EncodedWords.Place) -> Double {
        let index = Int(byte - 0x80)
        let fit =
            switch (cases[index], place) {
            case (.capital, .small), (.small, .capital): 0.01
            case (.capital, .start): 0.7
            case (.small, .start): 0.3
            default: 1.0
            }
        return 0.97 * weights[index] * fit + Self.stranger
    }

    // MARK: - All of them

    /// Of Windows-1252, and last the one of all its languages together.
    static let western = models(LetterTables.western, LetterTables.windows1252)

    /// Of the other encodings.
    static let others: [LetterModel] = [
        models(LetterTables.central, LetterTables.windows1250, shared: LetterTables.sharedBy1250),
        models(LetterTables.central, LetterTables.iso88592, shared: LetterTables.sharedBy88592),
        models(LetterTables.central, LetterTables.ibm852),
        models(LetterTables.central, LetterTables.macCentral),
        models(LetterTables.turkish, LetterTables.windows1254, shared: LetterTables.sharedBy1254),
        models(LetterTables.turkish, LetterTables.ibm857),
        models(LetterTables.turkish, LetterTables.macTurkish),
        models(LetterTables.baltic, LetterTables.windows1257, shared: LetterTables.sharedBy1257),
        models(LetterTables.western, LetterTables.macintosh),
        models(LetterTables.western, LetterTables.ibm850),
    ].flatMap(\.self)

    /// One for each language, and one for all together.
    private static func models(_ languages: [String], _ page: String, shared: Set<UInt8> = []) -> [LetterModel] {
        let tables = languages.map { language in
            let weights = "\(language) \(LetterTables.signs)".split(separator: " ").map {
                (letter: $0.prefix(1), weight: Double($0.dropFirst()) ?? 0)
            }
            let total = weights.reduce(0) { $0 + $1.weight }
            return weights.map { (letter: $0.letter, weight: $0.weight / total) }
        }
        let bytes = Dictionary(
            uniqueKeysWithValues: page.split { $0 == " " || $0 == "\n" }.map { ($0.prefix(1), $0.dropFirst()) }
        )
        let together = tables.joined().map { (letter: $0.letter, weight: $0.weight / Double(tables.count)) }
        return (tables + [together]).map { LetterModel($0, bytes, shared) }
    }

    private init(
        _ letters: [(letter: Substring, weight: Double)],
        _ bytes: [Substring: Substring],
        _ shared: Set<UInt8>
    ) {
        self.shared = shared
        for (letter, weight) in letters {
            let digits = bytes[letter] ?? ""
            let small = UInt8(digits.prefix(2), radix: 16)
            let capital = UInt8(digits.suffix(2), radix: 16)
            if let small { weights[Int(small - 0x80)] += weight }
            if let capital, capital != small { weights[Int(capital - 0x80)] += weight }
            if let small { cases[Int(small - 0x80)] = capital == small ? .none : .small }
            if let capital, capital != small { cases[Int(capital - 0x80)] = .capital }
        }
    }
}
