internal import Log
internal import Synchronization

/// Keeps the lines that a logger writes.
package final class CapturedLog: LogSink {
    private let state = Mutex<[String]>([])

    package init() {}

    package func write(_ line: [UInt8]) {
        state.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
    }

    /// Each with its line feed.
    package var lines: [String] { state.withLock { $0 } }
}
