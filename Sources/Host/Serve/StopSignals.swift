internal import CSystem
internal import Glibc
internal import Platform

/// SIGTERM and SIGINT: the first asks the host to end, the second ends it at once.
struct StopSignals: Sendable {
    private let signals: AsyncStream<Void>

    /// Takes the two signals over for the rest of the process.
    init() throws(SystemError) {
        var (reading, writing): (CInt, CInt) = (-1, -1)
        guard unsafe csystem_pipe(&reading, &writing) == 0 else { throw SystemError(call: "pipe2") }
        let (signals, first) = AsyncStream.makeStream(of: Void.self)
        self.signals = signals
        let thread = try Thread(name: "signals") { [reading] in
            guard Self.next(reading) != nil else { return }
            first.yield()
            first.finish()
            guard let second = Self.next(reading) else { return }
            // What 128 + N says to a shell: ended by signal N.
            _exit(128 + CInt(second))
        }
        _ = consume thread
        guard csystem_stop_signals_into(writing) == 0 else { throw SystemError(call: "sigaction") }
    }

    /// Returns when the first one has come, or the task is cancelled.
    func first() async {
        for await _ in signals { return }
    }

    /// Waits for a signal's number; nil where none can come any more.
    private static func next(_ pipe: CInt) -> UInt8? {
        var byte: UInt8 = 0
        while true {
            let count = unsafe read(pipe, &byte, 1)
            if count < 0, errno == EINTR { continue }
            return count == 1 ? byte : nil
        }
    }
}
