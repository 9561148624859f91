internal import Glibc

/// The bytes beyond ASCII that stand in words, and what the letters around them say of their case.
struct EncodedWords {
    /// Bytes beyond ASCII in words.
    private(set) var total = 0
    /// Those in words without ASCII letters.
    private(set) var foreign = 0
    private var windows = ArabicScore(.windows1256)
    private var iso = ArabicScore(.iso88596)
    /// How often each byte stands where a letter is of this case.
    private var counts: [Spot: Int] = [:]

    private struct Spot: Hashable {
        var byte: UInt8
        var place: Place
    }

    /// What a letter's word says of its case.
    enum Place {
        case anything
        case small
        case capital
        /// The begin of a word of small letters.
        case start
    }

    init(_ bytes: [UInt8]) {
        var word: [UInt8] = []
        for byte in bytes {
            if byte >= 0x80 || byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z") {
                word.append(byte)
            } else if !word.isEmpty {
                add(word[...])
                word.removeAll(keepingCapacity: true)
            }
        }
        add(word[...])
    }

    var arabic: ArabicScore? { [windows, iso].max { $0.mean < $1.mean } }

    private mutating func add(_ whole: ArraySlice<UInt8>) {
        guard whole.contains(where: { $0 >= 0x80 }) else { return }
        // A euro sign, a dash between spaces.
        guard whole.contains(where: { $0 < 0x80 || Self.isLetter($0) }) else { return }
        var word = whole.drop { Self.openers.contains($0) }
        while let last = word.last, Self.closers.contains(last) { word.removeLast() }
        let letters = word.filter { $0 < 0x80 }
        if letters.isEmpty, word.count > 1 {
            total += word.count
            foreign += word.count
            windows.add(Array(whole))
            iso.add(Array(whole))
            return
        }
        let rest = word.dropFirst().filter { $0 < 0x80 }
        let place: Place =
            rest.isEmpty
            ? .anything
            : rest.allSatisfy { $0 >= UInt8(ascii: "a") }
                ? .small : rest.allSatisfy { $0 < UInt8(ascii: "a") } ? .capital : .anything
        for (index, byte) in zip(word.indices, word) where byte >= 0x80 {
            total += 1
            let at: Place = index == word.startIndex && place == .small ? .start : place
            counts[Spot(byte: byte, place: at), default: 0] += 1
        }
    }

    /// As Windows-1252 has them.
    private static func isLetter(_ byte: UInt8) -> Bool {
        byte >= 0xC0 && byte != 0xD7 && byte != 0xF7 || [0x8A, 0x8C, 0x8E, 0x9A, 0x9C, 0x9E, 0x9F].contains(byte)
    }

    /// What Windows-1252 has before and behind words: quotes, the signs of Spanish, ordinals, trade marks.
    private static let openers: Set<UInt8> = [0x82, 0x84, 0x91, 0x93, 0xA1, 0xAB, 0xBF]
    private static let closers: Set<UInt8> = [
        0x85, 0x91, 0x92, 0x93, 0x94, 0x99, 0xAA, 0xAE, 0xB0, 0xB2, 0xB3, 0xBA, 0xBB,
    ]

    // MARK: - How well they fit

    /// The logarithm of how likely the model's letters make these bytes.
    func likelihood(of model: LetterModel) -> Double {
        sum { byte, place in log(model.probability(of: byte, at: place)) }
    }

    /// Bytes that the model has no letter for, or one of the wrong case.
    func strangers(to model: LetterModel) -> Int {
        foreign + Int(sum { byte, place in model.has(byte, at: place) ? 0 : 1 })
    }

    func all(in shared: Set<UInt8>) -> Bool {
        sum { byte, _ in shared.contains(byte) ? 0 : 1 } == 0
    }

    private func sum(_ value: (UInt8, Place) -> Double) -> Double {
        var sum = 0.0
        for (spot, count) in counts { sum += Double(count) * value(spot.byte, spot.place) }
        return sum
    }
}
