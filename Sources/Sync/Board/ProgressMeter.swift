package import Time

/// Tells from what one attempt of a run reports how fast it goes, and when its reading will be over.
package struct ProgressMeter: Sendable {
    /// Over how long the rate is measured.
    private static let window = Duration.seconds(10)
    /// Reports closer together than this count as one.
    private static let grain = Duration.milliseconds(250)

    private struct Sample {
        var at: Instant
        var rows: Int64
    }

    /// Oldest first; one of them at most is older than the window.
    private var samples: [Sample] = []
    private var rowsAtStart: Int64 = 0
    private var rows: Int64 = 0
    private var bytesRead: Int64 = 0
    private var inputBytes: Int64?

    package init() {}

    /// Reading begins; earlier attempts have read so many rows of the run.
    package mutating func began(rows: Int64, at now: Instant) {
        rowsAtStart = rows
        self.rows = rows
        bytesRead = 0
        samples = [Sample(at: now, rows: rows)]
    }

    package mutating func learned(inputBytes: Int64) {
        self.inputBytes = inputBytes
    }

    /// - Parameters:
    ///   - rows: of the whole run.
    ///   - bytes: of this attempt.
    package mutating func measured(rows: Int64, bytes: Int64, at now: Instant) {
        self.rows = rows
        bytesRead = bytes
        // A clock that was set back measures nothing: begin anew.
        if let last = samples.last, now < last.at { samples = [] }
        let sample = Sample(at: now, rows: rows)
        if samples.count > 1, now < samples[samples.count - 2].at + Self.grain {
            samples[samples.count - 1] = sample
        } else {
            samples.append(sample)
        }
        while samples.count > 2, samples[1].at + Self.window <= now { samples.removeFirst() }
    }

    /// Rows a second lately; slows down while nothing comes. Nil until there is something to measure.
    package func rate(at now: Instant) -> Double? {
        guard let first = samples.first, let last = samples.last, last.rows > first.rows else { return nil }
        let microseconds = max(now, last.at).microseconds - first.at.microseconds
        guard microseconds > 0 else { return nil }
        return Double(last.rows - first.rows) * 1e6 / Double(microseconds)
    }

    /// Bytes of the input, and how many of them are read, by the mean size of a row; nil where the size is not known, or
    /// turns out to be no measure (a compressed file holds more).
    package var bytes: (done: Int64, total: Int64)? {
        guard let total = inputBytes, total > 0 else { return nil }
        let here = rows - rowsAtStart
        let estimate = here > 0 ? Double(bytesRead) * Double(rows) / Double(here) : 0
        guard let done = Int64(exactly: estimate.rounded(.towardZero)) else { return nil }
        // Values and separators are about what the file holds: a little more must not make it unknown.
        guard done - total <= total / 4 else { return nil }
        return (min(done, total), total)
    }

    /// Nil until rate and size are known, and where it is more than a number can hold.
    package func secondsLeft(at now: Instant) -> Int64? {
        guard let rate = rate(at: now), let bytes, bytes.done > 0, rows > 0 else { return nil }
        let rowsLeft = Double(bytes.total - bytes.done) * Double(rows) / Double(bytes.done)
        return Int64(exactly: (rowsLeft / rate).rounded(.up))
    }
}
