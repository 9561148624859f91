internal import ConnectorKit

/// The stretch of the file that is in memory: it slides forward, and grows only for a record that doesn't fit.
struct Window {
    /// The bytes, and `spare` line feeds behind the last of them.
    private(set) var bytes: [UInt8]
    /// Where the file's bytes end in `bytes`.
    private(set) var end = 0
    /// Of the first byte, in the file.
    private(set) var offset: Int
    /// Whether the file ends with the window.
    private(set) var isLast: Bool

    private static let spare = 16
    private var capacity: Int { bytes.count - Self.spare }

    /// An empty window, to be filled from `offset` on.
    init(offset: Int, of file: InputFile, capacity: Int) {
        bytes = [UInt8](repeating: UInt8(ascii: "\n"), count: capacity + Self.spare)
        self.offset = offset
        isLast = offset >= file.size
    }

    /// Reads on, keeping what is there from `start` on.
    mutating func fill(keepingFrom start: Int, of file: InputFile) throws(ConnectorFailure) {
        let kept = end - start
        if kept == capacity { bytes.append(contentsOf: [UInt8](repeating: UInt8(ascii: "\n"), count: capacity)) }
        offset += start
        end = kept
        var failure: ConnectorFailure?
        let (next, room) = (offset + kept, kept..<capacity)
        unsafe bytes.withUnsafeMutableBytes { memory in
            unsafe memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[start..<start + kept]))
            do throws(ConnectorFailure) {
                end += unsafe try file.read(at: next, into: UnsafeMutableRawBufferPointer(rebasing: memory[room]))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        isLast = offset + end >= file.size
        for position in end..<end + Self.spare { bytes[position] = UInt8(ascii: "\n") }
    }
}
