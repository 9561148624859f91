internal import ConnectorHost
package import Store

/// What to do after an attempt of a run failed. The error's class alone decides.
package enum RetryDecision: Sendable, Equatable {
    /// The run ends as failed (or cancelled).
    case end
    /// The job waits so long, then goes on from its checkpoint; after a lost state from the start.
    case after(Duration)
}

/// Which failures are worth another try, and when.
package struct RetryPolicy: Sendable {
    /// Tries of a run whose source is down, the first included.
    package var tries: Int64 = 8
    package var firstWait: Duration = .seconds(1)
    package var longestWait: Duration = .seconds(300)

    /// Attempts in a row that may end with their host, unrecorded, before the run is given up.
    package var interruptions: Int64 = 5

    package init() {}

    /// Whether a run that was claimed again has ended its host too often to be begun: a crash of the host, or the end of its
    /// memory, records no failure, so that the number of attempts is all there is to see of it.
    ///
    /// The tries of a run with a recorded failure are counted with the interruptions that may lie between them.
    ///
    /// - Parameters:
    ///   - attempt: the number of the attempt that is to begin, from 1.
    ///   - earlier: the failure that was recorded last, if one was.
    package func isGivenUp(attempt: Int64, earlier: RunFailure?) -> Bool {
        attempt - 1 - (earlier == nil ? 0 : tries) > interruptions
    }

    /// - Parameters:
    ///   - failure: why this attempt ended.
    ///   - earlier: why the attempt before it ended, if it did.
    ///   - attempt: this attempt's number, from 1.
    ///   - retryAfter: how long the source asked to wait.
    ///   - jitter: between 0 and 1, from the caller, so that a decision can be repeated.
    package func decide(
        _ failure: RunFailure,
        earlier: RunFailure?,
        attempt: Int64,
        retryAfter: Duration?,
        jitter: Double
    ) -> RetryDecision {
        guard let errorClass = ConnectorError.ErrorClass(rawValue: failure.errorClass) else { return .end }
        switch errorClass {
        case .config, .auth, .forbidden, .notFound, .data, .unsupported, .cancelled:
            return .end
        case .rateLimit, .unavailable, .timeout, .conflict:
            guard attempt < tries else { return .end }
            return .after(retryAfter ?? backoff(attempt: attempt, jitter: jitter))
        case .stateLost:
            return earlier?.errorClass == failure.errorClass ? .end : .after(.zero)
        case .internal, .protocol, .crash:
            return Self.isBug(earlier) ? .end : .after(.zero)
        }
    }

    /// Doubles with each attempt; the jitter takes off up to a half.
    private func backoff(attempt: Int64, jitter: Double) -> Duration {
        var wait = firstWait
        for _ in 1..<max(1, attempt) where wait < longestWait { wait *= 2 }
        return min(wait, longestWait) * (1 - 0.5 * jitter)
    }

    /// A failure after which a bug gets no more try: another bug, or the lost state that a bug has left.
    private static func isBug(_ failure: RunFailure?) -> Bool {
        guard let failure, let errorClass = ConnectorError.ErrorClass(rawValue: failure.errorClass) else {
            return false
        }
        return errorClass == .internal || errorClass == .protocol || errorClass == .crash || errorClass == .stateLost
    }
}
