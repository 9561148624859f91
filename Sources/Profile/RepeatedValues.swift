/// Finds values that stand more than once where nearly all are different. Looks at the first `most` values only, and gives
/// up where values repeat as a matter of course.
struct RepeatedValues: Sendable {
    struct Repeat: Sendable, Equatable {
        /// Of the first and of the later row.
        var firstAt: Int64
        var at: Int64
        var value: String
    }

    private(set) var repeats = 0
    private(set) var first: [Repeat] = []
    private(set) var seen = 0
    /// nil once there are too many repeats.
    private var places: [Int: Int64]? = [:]
    private let most: Int

    /// Of all columns together: about 40 MB.
    private static let mostTogether = 1_000_000

    /// - Parameter columns: among how many the room is shared.
    init(sharedBy columns: Int) {
        most = min(200_000, Self.mostTogether / max(1, columns))
    }

    var isNearlyUnique: Bool { places != nil && seen >= 20 }

    mutating func add(_ value: Span<UInt8>, at: Int64) {
        guard places != nil, seen < most else { return }
        seen += 1
        let hash = value.hash
        if let firstAt = places?[hash] {
            repeats += 1
            if first.count < Examples.most {
                first.append(Repeat(firstAt: firstAt, at: at, value: value.text(longest: 100)))
            }
            if repeats > 20, repeats * 20 > seen { places = nil }
        } else {
            places?[hash] = at
        }
    }
}

extension Span<UInt8> {
    /// Equal bytes hash equally within one process.
    var hash: Int {
        var hasher = Hasher()
        for index in indices { hasher.combine(self[index]) }
        return hasher.finalize()
    }
}
