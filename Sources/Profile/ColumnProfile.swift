internal import Time

/// What is known of one column's values.
package struct ColumnProfile: Sendable {
    package let name: String
    package private(set) var rows = 0
    package private(set) var filled = 0
    /// The first different values, at most three.
    package private(set) var samples: [String] = []
    /// Bytes of the longest value.
    package private(set) var longest = 0

    private(set) var empty = Examples()
    private(set) var kinds = [Examples](repeating: Examples(), count: ValueKind.allCases.count)
    private(set) var negative = Examples()
    private(set) var digits = DigitLengths()
    private(set) var dates: DateEvidence
    private(set) var characters = CharacterFaults()
    private(set) var words = FewWords()
    private(set) var repeated: RepeatedValues

    /// - Parameter columns: how many there are.
    init(_ name: String, of columns: Int, today: CalendarDate) {
        self.name = name
        repeated = RepeatedValues(sharedBy: columns + 1)
        dates = DateEvidence(today: today)
    }

    /// - Parameter isRepeatedRow: the whole row stood there before; its values are no repeats of their own.
    mutating func add(_ value: Span<UInt8>, at: Int64, isRepeatedRow: Bool) {
        rows += 1
        guard value.count > 0 else { return empty.add(value, at: at) }
        filled += 1
        longest = max(longest, value.count)
        if samples.count < 3 {
            let text = value.text(longest: 100)
            if !samples.contains(text) { samples.append(text) }
        }
        let kind = ValueKind(value)
        kinds[kind.rawValue].add(value, at: at)
        switch kind {
        case .integer, .decimal:
            if value[0] == UInt8(ascii: "-") { negative.add(value, at: at) }
            if kind == .integer { digits.add(value, at: at) }
        case .date: dates.add(value, at: at)
        case .timestamp, .email, .other: break
        }
        characters.add(value, at: at)
        words.add(value, at: at)
        if !isRepeatedRow { repeated.add(value, at: at) }
    }

    subscript(kind: ValueKind) -> Examples { kinds[kind.rawValue] }

    var numbers: Examples {
        var numbers = self[.integer]
        numbers += self[.decimal]
        return numbers
    }

    /// All values but those of some kinds.
    func others(than kinds: ValueKind...) -> Examples {
        ValueKind.allCases.filter { !kinds.contains($0) }.reduce(into: Examples()) { $0 += self[$1] }
    }

    /// Whether so many of the values are alike that the others are exceptions: nine in ten, of twenty at least.
    func dominates(_ examples: Examples) -> Bool {
        filled >= 20 && examples.count * 10 >= filled * 9
    }

    /// What the values are, as far as nearly all agree.
    package var type: ColumnKind {
        if filled == 0 { return .empty }
        if words.isBoolean { return .boolean }
        if self[.date].count * 10 >= filled * 9, let main = dates.main { return .date(main.pattern.text) }
        for (kind, type) in [(ValueKind.timestamp, ColumnKind.timestamp), (.email, .email), (.integer, .integer)]
        where self[kind].count * 10 >= filled * 9 { return type }
        return numbers.count * 10 >= filled * 9 ? .decimal : .text
    }
}

package enum ColumnKind: Sendable, Equatable {
    case empty, boolean, integer, decimal, timestamp, email, text
    /// In the pattern of `DatePattern` that most values fit.
    case date(String)
}

/// How many digits the values of digits have: identifiers lose their leading zeros in spreadsheets.
struct DigitLengths: Sendable {
    private(set) var withLeadingZero = 0
    private var lengths: [Int: Examples] = [:]
    private var count = 0

    mutating func add(_ value: Span<UInt8>, at: Int64) {
        guard value.count <= 32 else { return }
        count += 1
        if value[0] == UInt8(ascii: "0"), value.count > 1 { withLeadingZero += 1 }
        lengths[value.count, default: Examples()].add(value, at: at)
    }

    /// The length that nine in ten have, and the shorter values; nil if there is no such length, or no value begins with zero.
    var shorter: (length: Int, values: Examples)? {
        guard withLeadingZero > 0, let usual = lengths.max(by: { $0.value.count < $1.value.count }),
            count >= 20, usual.value.count * 10 >= count * 9
        else { return nil }
        let values = lengths.filter { $0.key < usual.key }.values.reduce(into: Examples()) { $0 += $1 }
        return values.count > 0 ? (usual.key, values) : nil
    }
}

/// The values of a column that has few different ones: statuses, codes.
struct FewWords: Sendable {
    private(set) var words: [String: Examples]? = [:]
    private static let most = 50

    mutating func add(_ value: Span<UInt8>, at: Int64) {
        guard words != nil else { return }
        guard value.count <= 64 else { return words = nil }
        words?[value.text(longest: 64), default: Examples()].add(value, at: at)
        if words?.count ?? 0 > Self.most { words = nil }
    }

    var isBoolean: Bool {
        guard let words, 1...2 ~= words.count else { return false }
        return words.keys.allSatisfy { Self.booleans.contains($0.lowercased()) }
    }

    private static let booleans: Set<String> = ["y", "n", "yes", "no", "true", "false", "0", "1", "نعم", "لا"]

    /// Words that stand once or twice where each other stands ten times at least: misspelt, or nobody's.
    var rare: Examples {
        guard let words, words.count > 2 else { return Examples() }
        let few = words.values.filter { $0.count <= 2 }
        let many = words.values.filter { $0.count >= 10 }
        guard few.count + many.count == words.count, few.count * 4 <= many.count else { return Examples() }
        return few.reduce(into: Examples()) { $0 += $1 }
    }

    /// Words that differ from a more frequent one by capitals and white space only.
    var variants: Examples {
        guard let words else { return Examples() }
        let groups = Dictionary(grouping: words) { word in
            word.key.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        return groups.values.filter { $0.count > 1 }.reduce(into: Examples()) { all, group in
            for word in group.sorted(by: { $0.value.count > $1.value.count }).dropFirst() { all += word.value }
        }
    }
}
