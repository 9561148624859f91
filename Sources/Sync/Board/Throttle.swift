package import Time

/// Lets something through at most once in an interval: at once, or the newest when the interval is over.
package struct Throttle: Sendable {
    package enum Action: Sendable, Equatable {
        case send
        /// Call `timeCame` then.
        case wait(until: Instant)
        /// A time has been set already.
        case none
    }

    private let interval: Duration
    private var last: Instant?
    private var waits = false

    package init(interval: Duration) {
        self.interval = interval
    }

    /// There is something new.
    package mutating func offered(at now: Instant) -> Action {
        guard !waits else { return .none }
        // A clock that was set back must not silence it.
        if let last, last <= now, now < last + interval {
            waits = true
            return .wait(until: last + interval)
        }
        last = now
        return .send
    }

    /// The time that was waited for: send the newest now.
    package mutating func timeCame(at now: Instant) {
        waits = false
        last = now
    }
}
