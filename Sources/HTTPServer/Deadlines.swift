/// The pace of a request's content: only time in which the server would take it counts.
package struct Pace: Sendable {
    private var waited: Duration = .zero

    package init() {}

    /// `elapsed`: since the last look, while content was awaited. True if the client is too slow.
    package mutating func isTooSlow(after elapsed: Duration, received: Int64, _ settings: ServerSettings) -> Bool {
        waited += elapsed
        guard waited > settings.contentGrace else { return false }
        return Double(received) < Double(settings.contentRate) * (waited / .seconds(1))
    }
}

/// How long a connection has been without a request.
package struct Quiet: Sendable {
    /// Since it was opened, or since its last request was answered.
    private var since: ContinuousClock.Instant
    /// Since when the first line of a request is there.
    private var lineSince: ContinuousClock.Instant?
    private var isFirst = true

    package init(now: ContinuousClock.Instant) {
        since = now
    }

    package mutating func lineRead(now: ContinuousClock.Instant) {
        lineSince = now
    }

    package mutating func answered(now: ContinuousClock.Instant) {
        (since, lineSince, isFirst) = (now, nil, false)
    }

    /// A client that sends a head byte by byte is never idle: what counts is when the head began. On a kept
    /// connection that shows with its first line only, which gets the head's time on top of the idle time.
    package func isTooLong(now: ContinuousClock.Instant, _ settings: ServerSettings) -> Bool {
        if let lineSince { return now - lineSince > settings.headDeadline }
        let patience = isFirst ? settings.headDeadline : settings.idleDeadline + settings.headDeadline
        return now - since > patience
    }
}

/// Lets so many lines through a minute and counts the rest.
package struct LogValve: Sendable {
    private let limit: Int
    private var minute: ContinuousClock.Instant
    private var passed = 0
    private var held = 0

    package init(limit: Int, now: ContinuousClock.Instant) {
        self.limit = limit
        minute = now
    }

    /// What to log instead of the line: nothing, the line, or a note on what was held back before it.
    package mutating func lines(for line: String, now: ContinuousClock.Instant) -> [String] {
        var lines: [String] = []
        if now - minute >= .seconds(60) {
            if held > 0 { lines.append("\(held) more lines of this kind were left out") }
            (minute, passed, held) = (now, 0, 0)
        }
        guard passed < limit else {
            held += 1
            return lines
        }
        passed += 1
        return lines + [line]
    }
}
