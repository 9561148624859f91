package import Time

/// How long something that fails is left alone: longer each time, until it works again.
package struct Pause: Sendable {
    private let first: Duration
    private let longest: Duration
    private var length: Duration?
    /// Until when; nil where all is well.
    package private(set) var end: Instant?

    package init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
    }

    package mutating func failed(at now: Instant) {
        let next = length.map { min($0 * 2, longest) } ?? first
        length = next
        end = now + next
    }

    package mutating func over() {
        length = nil
        end = nil
    }
}
