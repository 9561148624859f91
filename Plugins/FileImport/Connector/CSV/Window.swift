internal import ConnectorKit

/// The stretch of the file's text that is in memory, as UTF-8: it slides forward, and grows only for a record that doesn't
/// fit.
///
/// Places in the text count from where the window began, and begin there with the place in the file: for UTF-8, whose
/// bytes are read as they are, both are always the same.
struct Window {
    /// The text, and `spare` line feeds behind the last byte of it.
    private(set) var bytes: [UInt8]
    /// Where the text ends in `bytes`.
    private(set) var end = 0
    /// Of the first byte, in the text.
    private(set) var offset: Int
    /// Whether the file ends with the window.
    private(set) var isLast: Bool
    /// nil for UTF-8.
    private let decoder: TextDecoder?
    /// Where the first byte, and what comes after the last, stand in the file; only with a decoder.
    private var fileStart: Int
    private var fileEnd: Int

    private static let spare = 16
    private var capacity: Int { bytes.count - Self.spare }
    /// No more of the file is decoded at a time.
    private static let decodedBytes = 65536

    /// An empty window, to be filled from `offset` in the file on.
    init(offset: Int, of file: InputFile, capacity: Int, decoder: TextDecoder? = nil) {
        bytes = [UInt8](repeating: UInt8(ascii: "\n"), count: capacity + Self.spare)
        self.offset = offset
        self.decoder = decoder
        fileStart = offset
        fileEnd = offset
        isLast = offset >= file.size
    }

    /// Where a place of the window's text stands in the file.
    func fileOffset(of textOffset: Int) -> Int {
        guard let decoder else { return textOffset }
        return min(fileEnd, fileStart + decoder.sourceBytes(of: bytes.span, 0..<textOffset - offset))
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
        let needed = decoder == nil ? 1 : TextDecoder.smallest * TextDecoder.growth
        if capacity - kept < needed {
            let largest = max(capacity + needed, maxRecordBytes + 2 + needed)
            grow(to: capacity * 8 > largest ? largest : capacity * 4)
        }
        if let decoder { fileStart += decoder.sourceBytes(of: bytes.span, 0..<start) }
        offset += start
        end = kept
        unsafe bytes.withUnsafeMutableBytes { memory in
            unsafe memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[start..<start + kept]))
        }
        if let decoder {
            try decode(with: decoder, from: file)
        } else {
            try read(file)
        }
        for position in end..<end + Self.spare { bytes[position] = UInt8(ascii: "\n") }
    }

    private mutating func read(_ file: InputFile) throws(ConnectorFailure) {
        var failure: ConnectorFailure?
        let (next, room) = (offset + end, end..<capacity)
        unsafe bytes.withUnsafeMutableBytes { memory in
            do throws(ConnectorFailure) {
                end += unsafe try file.read(at: next, into: UnsafeMutableRawBufferPointer(rebasing: memory[room]))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        isLast = offset + end >= file.size
    }

    private mutating func decode(with decoder: TextDecoder, from file: InputFile) throws(ConnectorFailure) {
        // Two bytes of UTF-16 become three, and so may one of a code page.
        let count = min((capacity - end) / TextDecoder.growth, Self.decodedBytes, file.size - fileEnd)
        let source = try file.bytes(fileEnd..<fileEnd + count)
        let (isFileEnd, start) = (fileEnd + count == file.size, end)
        var text = bytes.mutableSpan
        let done = decoder.decode(source.span, isLast: isFileEnd, into: &text, at: start)
        end += done.written
        fileEnd += done.read
        isLast = fileEnd >= file.size
    }

    private mutating func grow(to capacity: Int) {
        var larger = [UInt8](repeating: UInt8(ascii: "\n"), count: capacity + Self.spare)
        unsafe larger.withUnsafeMutableBytes { larger in
            unsafe bytes.withUnsafeBytes { bytes in unsafe larger.copyMemory(from: bytes) }
        }
        bytes = larger
    }
}
