internal import Glibc
internal import Synchronization

/// Where lines go.
package protocol LogSink: Sendable {
    /// Takes one line with its line feed; lines never mix.
    func write(_ line: [UInt8])
}

/// Writes to an open descriptor that it doesn't own, a line with one write(2).
package final class DescriptorLogSink: LogSink {
    package static let standardError = DescriptorLogSink(STDERR_FILENO)

    private let descriptor: CInt
    // A pipe takes more than 4,096 bytes in pieces (pipe(7), PIPE_BUF): the lock keeps the pieces of a line together.
    private let lock = Mutex(())

    package init(_ descriptor: CInt) {
        self.descriptor = descriptor
    }

    package func write(_ line: [UInt8]) {
        lock.withLock { _ in
            var start = 0
            while start < line.count {
                // Proof: the pointer is used inside the closure alone, and `start` stays below the count.
                let count = unsafe line.withUnsafeBytes { bytes in
                    unsafe Glibc.write(descriptor, bytes.baseAddress.map { unsafe $0 + start }, bytes.count - start)
                }
                if count >= 0 {
                    start += count
                } else if errno != EINTR {
                    // There is no other place to say that the log can't be written; the work goes on.
                    return
                }
            }
        }
    }
}
