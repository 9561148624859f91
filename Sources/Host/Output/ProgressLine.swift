internal import Changes
internal import Store
internal import Sync
internal import Synchronization

/// One line on a terminal that shows how far a run is; elsewhere nothing but notes.
final class ProgressLine: Sendable {
    private struct State {
        var isPainted = false
        var lastPaint: ContinuousClock.Instant?
        var readAtStart: Int64?
    }

    private let state = Mutex(State())
    private let inputSize: Int64
    private let started = ContinuousClock.now
    private let isTerminal = Terminal.errorIsTerminal

    /// - Parameter inputSize: bytes of the file that is read.
    init(inputSize: Int64) {
        self.inputSize = inputSize
    }

    /// Paints at most ten times a second; notes always come through, on a line of their own.
    func show(_ progress: SyncProgress) {
        state.withLock { state in
            let now = ContinuousClock.now
            if let note = progress.note {
                clear(&state)
                Terminal.error(note)
            }
            if state.readAtStart == nil { state.readAtStart = progress.counts.read }
            guard isTerminal else { return }
            if let last = state.lastPaint, now - last < .milliseconds(100), progress.phase == .reading { return }
            state.lastPaint = now
            let read = progress.counts.read - (state.readAtStart ?? 0)
            let text = Self.text(
                progress,
                fraction: inputSize > 0 ? Double(progress.bytesRead) / Double(inputSize) : 0,
                read: read,
                seconds: Self.seconds(now - started),
                width: Terminal.width
            )
            Terminal.paint("\r\u{1B}[K" + text)
            state.isPainted = true
        }
    }

    func end() {
        state.withLock { clear(&$0) }
    }

    private func clear(_ state: inout State) {
        if state.isPainted { Terminal.paint("\r\u{1B}[K") }
        state.isPainted = false
    }

    /// The line itself: bar, share, rows, rate, rejects.
    static func text(_ progress: SyncProgress, fraction: Double, read: Int64, seconds: Double, width: Int) -> String {
        let counts = progress.counts
        let rate = seconds > 0 ? Int64(Double(read) / seconds) : 0
        let share = min(99, Int(fraction * 100))
        let words: String
        switch progress.phase {
        case .starting: words = "starting the connector"
        case .waiting: words = "waiting"
        case .settling: words = "\(RunMessage.grouped(counts.read)) rows read; settling what had to wait"
        case .reading:
            words =
                "\(share) %  \(RunMessage.grouped(counts.read)) rows  \(RunMessage.grouped(rate))/s  \(RunMessage.grouped(counts.rejected)) rejected"
        }
        let room = min(30, width - words.count - 4)
        guard progress.phase == .reading, room >= 8 else { return String(words.prefix(width - 1)) }
        let filled = room * share / 100
        return String(repeating: "━", count: filled) + String(repeating: "╌", count: room - filled) + "  " + words
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}
