internal import Identifiers
internal import Time

/// Numbers and ids of new rows: one after the other, the id carrying the number.
final class RowNumbers {
    private(set) var next: Int64
    private let milliseconds: Int64
    private var random: SplitMix

    init(after last: Int64, now: Instant) {
        next = last + 1
        milliseconds = now.microseconds / 1_000
        random = SplitMix()
    }

    /// The next number and its id.
    func take() -> KnownRow {
        let number = next
        next += 1
        return KnownRow(
            number: number,
            id: UUID.version7(unixMilliseconds: milliseconds, row: number, using: &random)
        )
    }
}

/// Steele, Lea and Flood's splitmix64, seeded by the system: ids need to differ, not to be secret, and a system call for each
/// would be dear.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init() {
        var system = SystemRandomNumberGenerator()
        state = system.next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
