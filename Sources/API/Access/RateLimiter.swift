package import Identifiers

/// How often each tenant may ask: a token bucket for each. Pure; the caller brings the time.
package struct RateLimiter: Sendable {
    package struct Settings: Sendable, Equatable {
        /// Requests a second in the long run; 0 for any number.
        package var rate: Double = 50
        /// Requests at once after a rest.
        package var burst: Double = 200
        /// Tenants that are remembered. More share what is left: the one seen longest ago is forgotten, and starts full.
        package var tenants = 10_000

        package init() {}
    }

    package enum Decision: Sendable, Equatable {
        case pass
        /// Until then there is no token.
        case wait(Duration)
    }

    private struct Bucket: Sendable {
        var tokens: Double
        var at: ContinuousClock.Instant
    }

    private let settings: Settings
    private var buckets: [UUID: Bucket] = [:]

    package init(_ settings: Settings) {
        self.settings = settings
    }

    package var remembered: Int { buckets.count }

    package mutating func decide(_ tenant: UUID, now: ContinuousClock.Instant) -> Decision {
        guard settings.rate > 0 else { return .pass }
        var tokens = buckets[tenant].map { level($0, now) } ?? settings.burst
        guard tokens >= 1 else {
            return .wait(.seconds((1 - tokens) / settings.rate))
        }
        tokens -= 1
        if buckets[tenant] == nil, buckets.count >= settings.tenants { makeRoom(now) }
        buckets[tenant] = Bucket(tokens: tokens, at: now)
        return .pass
    }

    private func level(_ bucket: Bucket, _ now: ContinuousClock.Instant) -> Double {
        min(settings.burst, bucket.tokens + max(0, (now - bucket.at) / .seconds(1)) * settings.rate)
    }

    /// Full buckets say nothing that a missing one doesn't.
    private mutating func makeRoom(_ now: ContinuousClock.Instant) {
        let full = settings.burst
        for (tenant, bucket) in buckets where level(bucket, now) >= full { buckets[tenant] = nil }
        guard buckets.count >= settings.tenants, let oldest = buckets.min(by: { $0.value.at < $1.value.at }) else {
            return
        }
        buckets[oldest.key] = nil
    }
}
