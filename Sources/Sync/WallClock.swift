package import Time

/// The clock that jobs live by: their times are kept in the store and outlast the process.
package protocol WallClock: Sendable {
    func now() -> Instant
    /// Returns once the clock shows this time; throws `CancellationError` if the task is cancelled before.
    func sleep(until time: Instant) async throws
}

/// The system's clock.
package struct SystemWallClock: WallClock {
    package init() {}

    package func now() -> Instant { .now() }

    /// Looks at the clock once a minute: it may be set meanwhile.
    package func sleep(until time: Instant) async throws {
        while true {
            let left = Duration.microseconds(time.microseconds - now().microseconds)
            guard left > .zero else { return }
            try await Task.sleep(for: min(left, .seconds(60)))
        }
    }
}
