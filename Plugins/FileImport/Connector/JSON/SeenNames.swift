/// The names that an object had so far and that have no place in the tree: the first ones compared one by one, more of them in a
/// set, so that a long record costs what its bytes cost.
struct SeenNames {
    private var first: [Range<Int>] = []
    private var many: Set<[UInt8]> = []
    private(set) var count = 0

    /// Of one object, those with a place in the tree not counted: as many as the host's own reader takes.
    static let most = 65_536
    private static let compared = 16

    mutating func forget() {
        guard count > 0 else { return }
        count = 0
        first.removeAll(keepingCapacity: true)
        if !many.isEmpty { many = [] }
    }

    /// Adds a name as it is written in the window; whether it is new.
    mutating func insert(_ bytes: borrowing RawSpan, _ name: Range<Int>, hasEscapes: Bool) -> Bool {
        count += 1
        if !hasEscapes, many.isEmpty, first.count < Self.compared {
            for other in first where Self.areSame(bytes, other, name) { return false }
            first.append(name)
            return true
        }
        if many.isEmpty {
            for other in first { many.insert(other.map { bytes.byte(at: $0) }) }
        }
        return many.insert(hasEscapes ? JSONText.unescaped(bytes, name) : name.map { bytes.byte(at: $0) }).inserted
    }

    private static func areSame(_ bytes: borrowing RawSpan, _ one: Range<Int>, _ other: Range<Int>) -> Bool {
        guard one.count == other.count else { return false }
        for offset in 0..<one.count
        where bytes.byte(at: one.lowerBound + offset) != bytes.byte(at: other.lowerBound + offset) { return false }
        return true
    }
}
