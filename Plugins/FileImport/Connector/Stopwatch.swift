internal import Glibc

/// Counts from when it was made. `ContinuousClock` would load the concurrency runtime and dispatch, of which the connector
/// needs nothing else: 1 MB of the runner's memory.
struct Stopwatch {
    private let start = Stopwatch.now()

    var elapsed: Duration { Stopwatch.now() - start }

    private static func now() -> Duration {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
