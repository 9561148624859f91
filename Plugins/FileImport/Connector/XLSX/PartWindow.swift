internal import ConnectorKit

/// The stretch of a large part that is unpacked: it slides forward, and grows only for a token that doesn't fit.
struct PartWindow {
    private(set) var bytes: [UInt8]
    /// Where the unpacked bytes end in `bytes`.
    private(set) var end = 0
    /// Whether the part ends with the window.
    private(set) var isLast = false
    private let part: ZipPart

    init(_ part: ZipPart) {
        self.part = part
        bytes = [UInt8](repeating: 0, count: part.archive.limits.windowBytes)
    }

    /// Unpacks on, keeping what is there from `start` on; false where a single token would take more than the limit.
    mutating func fill(keepingFrom start: Int, _ context: OperationContext) throws(ConnectorFailure) -> Bool {
        try context.checkCancelled()
        let kept = end - start
        if kept == bytes.count {
            guard kept < part.archive.limits.tokenBytes else { return false }
            bytes += [UInt8](repeating: 0, count: kept)
        }
        var failure: ConnectorFailure?
        var count = 0
        unsafe bytes.withUnsafeMutableBytes { memory in
            unsafe memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[start..<start + kept]))
            do throws(ConnectorFailure) {
                // A short answer of the archive's would cut tokens for nothing.
                var last = 1
                while last > 0, kept + count < memory.count {
                    last = unsafe try part.read(
                        into: UnsafeMutableRawBufferPointer(rebasing: memory[(kept + count)...])
                    )
                    count += last
                }
                isLast = last == 0
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        end = kept + count
        return true
    }
}
