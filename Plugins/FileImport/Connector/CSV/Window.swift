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
    ///
    /// The window grows in few large steps, since old and new memory are there at once, and never beyond a record that is
    /// just too long, with the line end that shows where it ends.
    mutating func fill(
        keepingFrom start: Int,
        of file: InputFile,
        maxRecordBytes: Int
    ) throws(ConnectorFailure) {
        let kept = end - start
        if kept == capacity {
            let largest = max(capacity + 1, maxRecordBytes + 3)
            grow(to: capacity * 8 > largest ? largest : capacity * 4)
        }
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

    private mutating func grow(to capacity: Int) {
        var larger = [UInt8](repeating: UInt8(ascii: "\n"), count: capacity + Self.spare)
        unsafe larger.withUnsafeMutableBytes { larger in
            unsafe bytes.withUnsafeBytes { bytes in unsafe larger.copyMemory(from: bytes) }
        }
        bytes = larger
    }
}
