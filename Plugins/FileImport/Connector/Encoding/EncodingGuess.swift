/// Which of the single-byte encodings a text is in, by how its letters look; nil where another one explains them as well.
///
/// Arabic text has whole words of letters beyond ASCII, and Windows-1256 and ISO-8859-6 give the same bytes to other letters,
/// so that the one in which the letters are as frequent as in Arabic is meant. Latin text (`Müller`, `José`) has single ones
/// among ASCII letters: of each language with its usual encodings (Turkish in Windows-1254, Czech in Windows-1250, Spanish on
/// an old Mac) it is asked how likely its letters make these bytes. What `docs/file-import.md` says of names that were found,
/// asked about, and read wrong was measured with this.
struct EncodingGuess {
    let encoding: TextEncoding?

    /// How much more likely a language of Windows-1252 must be than each other one, as a logarithm: twenty times.
    static let margin = 3.0

    init(_ bytes: [UInt8]) {
        let words = EncodedWords(bytes)
        if words.foreign * 10 >= words.total * 6, let best = words.arabic, best.isLikely {
            encoding = best.encoding
        } else {
            encoding = Self.isWestern(words) ? .windows1252 : nil
        }
    }

    /// ISO-8859-1 is the same but for 0x80 to 0x9F, which it has no characters for.
    private static func isWestern(_ words: EncodedWords) -> Bool {
        // Signs alone (an odd quote, a dash) are letters elsewhere.
        guard words.total > 0, words.total >= 20 * words.foreign, let all = LetterModel.western.last,
            20 * words.strangers(to: all) <= words.total
        else { return false }
        let likeliest = LetterModel.western.lazy.map { words.likelihood(of: $0) }.max() ?? -.infinity
        return LetterModel.others.allSatisfy { other in
            words.all(in: other.shared) || likeliest - words.likelihood(of: other) >= margin
        }
    }
}
