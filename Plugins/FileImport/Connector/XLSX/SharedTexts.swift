internal import ConnectorKit
internal import Glibc

/// The texts that cells share, end to end in one stretch of memory, and where each begins; beyond the limit for memory they
/// lie in a scratch file.
@safe
final class SharedTexts {
    private(set) var count = 0
    private let limits: WorkbookLimits
    private let fileName: String
    // Memory from malloc, owned by this object alone, freed in deinit: `capacity` bytes, of which the first `memoryBytes`
    // are written, and `maxCount + 1` starts, of which `count + 1` are written. What is not written costs nothing yet.
    private let memory: UnsafeMutablePointer<UInt8>?
    private let starts: UnsafeMutablePointer<UInt32>?
    private let capacity: Int
    private let maxCount: Int
    private var memoryBytes = 0
    /// Of all texts.
    private var byteCount = 0
    /// Texts with more characters than a cell may have; they are kept empty.
    private var tooLong: Set<Int> = []

    // MARK: - Beyond the limit

    private var scratch: ScratchFile?
    /// What is to be written to the scratch file next.
    private var pending: [UInt8] = []
    private var blocks: [Block] = []

    private struct Block {
        var number = -1
        var bytes = [UInt8](repeating: 0, count: blockBytes)
    }

    private static let blockBytes = 64 * 1024
    private static let blockCount = 64

    /// No texts at all.
    convenience init() {
        self.init(fileName: "", WorkbookLimits(), partBytes: 0)
    }

    /// Room for the texts of a part: they take fewer bytes than their XML, and each at least five of it.
    init(fileName: String, _ limits: WorkbookLimits, partBytes: Int) {
        self.limits = limits
        self.fileName = fileName
        capacity = min(limits.sharedTextBytes, partBytes)
        maxCount = min(limits.sharedTexts, partBytes / 5 + 1)
        unsafe memory = malloc(max(1, capacity))?.assumingMemoryBound(to: UInt8.self)
        unsafe starts = malloc((maxCount + 1) * MemoryLayout<UInt32>.stride)?.assumingMemoryBound(to: UInt32.self)
        unsafe starts?[0] = 0
    }

    deinit {
        unsafe free(memory)
        unsafe free(starts)
    }

    // MARK: - Filling

    /// Adds the next text.
    func append(_ text: [UInt8]) throws(ConnectorFailure) {
        guard count < maxCount, let starts = unsafe starts, let memory = unsafe memory else {
            throw WorkbookFailure.tooLarge(fileName, "it has more than \(maxCount) different texts")
        }
        let isTooLong = text.count > WorkbookLimits.cellCharacters && Self.isTooLong(text)
        if isTooLong { tooLong.insert(count) }
        let bytes = isTooLong ? 0 : text.count
        guard byteCount + bytes <= UInt32.max else {
            throw WorkbookFailure.tooLarge(fileName, "its texts take more than 4 GiB")
        }
        if bytes > 0 {
            if memoryBytes == byteCount, memoryBytes + bytes <= capacity {
                unsafe text.withUnsafeBytes { text in
                    unsafe UnsafeMutableRawBufferPointer(start: memory + memoryBytes, count: bytes).copyMemory(
                        from: text
                    )
                }
                memoryBytes += bytes
            } else {
                try spill(text)
            }
        }
        byteCount += bytes
        count += 1
        unsafe starts[count] = UInt32(byteCount)
    }

    /// Whether a text has more UTF-16 units than a cell may hold.
    static func isTooLong(_ text: some Sequence<UInt8>) -> Bool {
        var units = 0
        for byte in text where byte & 0xC0 != 0x80 { units += byte >= 0xF0 ? 2 : 1 }
        return units > WorkbookLimits.cellCharacters
    }

    private func spill(_ text: [UInt8]) throws(ConnectorFailure) {
        if scratch == nil {
            scratch = ScratchFile()
            blocks = [Block](repeating: Block(), count: Self.blockCount)
        }
        pending += text
        if pending.count >= Self.blockBytes { try flush() }
    }

    private func flush() throws(ConnectorFailure) {
        guard !pending.isEmpty else { return }
        let code = scratch?.append(pending) ?? (scratch == nil ? EACCES : nil)
        pending.removeAll(keepingCapacity: true)
        guard let code else { return }
        let reason = unsafe String(cString: strerror(code))
        throw WorkbookFailure.tooLarge(
            fileName,
            "its texts take more than \(limits.sharedTextBytes / 1024 / 1024) MiB, and the scratch folder can't take the rest "
                + "(\(reason)); give it room, or split the workbook"
        )
    }

    /// After the last text.
    func finish() throws(ConnectorFailure) {
        try flush()
    }

    // MARK: - Reading

    func isTooLong(_ index: Int) -> Bool {
        !tooLong.isEmpty && tooLong.contains(index)
    }

    func byteCount(_ index: Int) -> Int {
        guard let starts = unsafe starts, index < count else { return 0 }
        return unsafe Int(starts[index + 1] - starts[index])
    }

    /// Gives a text's bytes; valid until the closure returns.
    func withText<Result>(
        _ index: Int,
        _ body: (Span<UInt8>) throws(ConnectorFailure) -> Result
    ) throws(ConnectorFailure) -> Result {
        precondition(index >= 0 && index < count)
        guard let starts = unsafe starts, let memory = unsafe memory else {
            let nothing: [UInt8] = []
            return try body(nothing.span)
        }
        let start = unsafe Int(starts[index])
        let end = unsafe Int(starts[index + 1])
        if end <= memoryBytes {
            // Within what is written of this object's memory, which nothing changes once it is filled.
            return try body(unsafe Span(_unsafeStart: memory + start, count: end - start))
        }
        let text = try spilled(start - memoryBytes..<end - memoryBytes)
        return try body(text.span)
    }

    func text(_ index: Int) throws(ConnectorFailure) -> [UInt8] {
        try withText(index) { span throws(ConnectorFailure) in
            var text: [UInt8] = []
            text.append(span)
            return text
        }
    }

    private func spilled(_ range: Range<Int>) throws(ConnectorFailure) -> [UInt8] {
        var text: [UInt8] = []
        var position = range.lowerBound
        while position < range.upperBound {
            let number = position / Self.blockBytes
            let slot = number % Self.blockCount
            if blocks[slot].number != number {
                blocks[slot].number = number
                _ = scratch?.read(at: number * Self.blockBytes, into: &blocks[slot].bytes)
            }
            let offset = position % Self.blockBytes
            let count = min(range.upperBound - position, Self.blockBytes - offset)
            text += blocks[slot].bytes[offset..<offset + count]
            position += count
        }
        return text
    }
}
