/// How much a connector may print: a burst, then a steady trickle; what is more is counted and left out.
package struct OutputBudget: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// Bytes.
    private let burst: Int
    private let perSecond: Int
    private var left: Int
    private var filledAt: Instant
    /// Bytes left out since they were last asked for.
    private var omitted = 0

    package init(burst: Int = 256 << 10, perSecond: Int = 32 << 10, now: Instant) {
        self.burst = burst
        self.perSecond = perSecond
        left = burst
        filledAt = now
    }

    /// Whether so many bytes may be logged; if not, they are counted.
    package mutating func allows(_ bytes: Int, now: Instant) -> Bool {
        let (seconds, attoseconds) = (now - filledAt).components
        let refill = Int(clamping: seconds) * perSecond + Int(attoseconds / 1_000_000_000_000) * perSecond / 1_000_000
        if refill > 0 {
            left = min(burst, left + min(refill, burst))
            filledAt = now
        }
        guard bytes <= left else {
            omitted += bytes
            return false
        }
        left -= bytes
        return true
    }

    /// Takes what lines cost beside their bytes.
    package mutating func charge(_ bytes: Int) {
        left -= bytes
    }

    /// How many bytes were left out since the last time.
    package mutating func takeOmitted() -> Int {
        defer { omitted = 0 }
        return omitted
    }
}
