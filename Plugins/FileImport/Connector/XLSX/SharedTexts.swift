internal import ConnectorKit
internal import Glibc

/// The texts that cells share, end to end in one stretch of memory, and where each begins; beyond the limit for memory they
/// lie in a scratch file.
@safe
final class SharedTexts {
    let count: Int
    // Memory from malloc, owned by this object alone and only read, freed in deinit: `memoryBytes` written bytes with
    // `spareBytes` behind them, and `count + 1` starts.
    private let memory: UnsafeMutablePointer<UInt8>?
    private let starts: UnsafeMutablePointer<UInt32>?
    private let memoryBytes: Int
    /// Texts with more characters than a cell may have; they are kept empty.
    private let tooLong: Set<Int>
    /// What lies beyond `memoryBytes`.
    private let spilled: SpilledTexts?

    /// Readable bytes behind the last text, so that whole words may be copied.
    static let spareBytes = 8

    /// No texts at all.
    init() {
        count = 0
        unsafe memory = nil
        unsafe starts = nil
        memoryBytes = 0
        tooLong = []
        spilled = nil
    }

    /// Takes over what a builder filled.
    fileprivate init(
        count: Int,
        memory: UnsafeMutablePointer<UInt8>?,
        starts: UnsafeMutablePointer<UInt32>?,
        memoryBytes: Int,
        tooLong: Set<Int>,
        spilled: SpilledTexts?
    ) {
        self.count = count
        unsafe self.memory = unsafe memory
        unsafe self.starts = unsafe starts
        self.memoryBytes = memoryBytes
        self.tooLong = tooLong
        self.spilled = spilled
    }

    deinit {
        unsafe free(memory)
        unsafe free(starts)
    }

    func isTooLong(_ index: Int) -> Bool {
        !tooLong.isEmpty && tooLong.contains(index)
    }

    /// Whether a text has more UTF-16 units than a cell may hold.
    static func isTooLong(_ text: some Sequence<UInt8>) -> Bool {
        var units = 0
        for byte in text where byte & 0xC0 != 0x80 { units += byte >= 0xF0 ? 2 : 1 }
        return units > WorkbookLimits.cellCharacters
    }

    /// Where a text stands among all of them.
    func range(_ index: Int) -> Range<Int> {
        guard let starts = unsafe starts, index >= 0, index < count else { return 0..<0 }
        return unsafe Int(starts[index])..<Int(starts[index + 1])
    }

    /// Whether a range lies in what `withMemory` gives.
    func isInMemory(_ range: Range<Int>) -> Bool {
        range.upperBound <= memoryBytes
    }

    /// Gives the texts in memory, with the spare bytes; valid until the closure returns.
    func withMemory<Result>(_ body: (Span<UInt8>) -> Result) -> Result {
        guard let memory = unsafe memory else {
            let nothing = [UInt8](repeating: 0, count: Self.spareBytes)
            return body(nothing.span)
        }
        // This object's memory, written before it was made and never changed.
        return body(unsafe Span(_unsafeStart: memory, count: memoryBytes + Self.spareBytes))
    }

    /// A copy of a text; throws where the scratch file fails.
    func text(_ index: Int) throws(ConnectorFailure) -> [UInt8] {
        let range = range(index)
        guard isInMemory(range) else {
            guard let spilled else { throw SpilledTexts.unreadable }
            return try spilled.text(range.lowerBound - memoryBytes..<range.upperBound - memoryBytes)
        }
        return withMemory { memory in
            var text: [UInt8] = []
            text.append(memory.extracting(range))
            return text
        }
    }
}

/// Collects the texts of a workbook.
@safe
struct SharedTextsBuilder: ~Copyable {
    private var count = 0
    private let limits: WorkbookLimits
    private let fileName: String
    // Memory from malloc, owned by this value until `finish` hands it over, else freed in deinit: `capacity` bytes and the
    // spare ones, of which the first `memoryBytes` are written, and `maxCount + 1` starts, of which `count + 1` are written.
    // What is not written costs nothing yet.
    private var memory: UnsafeMutablePointer<UInt8>?
    private var starts: UnsafeMutablePointer<UInt32>?
    private let capacity: Int
    private let maxCount: Int
    private var memoryBytes = 0
    /// Of all texts.
    private var byteCount = 0
    private var tooLong: Set<Int> = []
    private var spilled: SpilledTexts?

    /// Room for the texts of a part: they take fewer bytes than their XML, and each at least five of it.
    init(fileName: String, _ limits: WorkbookLimits, partBytes: Int) {
        self.limits = limits
        self.fileName = fileName
        capacity = min(limits.sharedTextBytes, partBytes)
        maxCount = min(limits.sharedTexts, partBytes / 5 + 1)
        unsafe memory = malloc(capacity + SharedTexts.spareBytes)?.assumingMemoryBound(to: UInt8.self)
        unsafe starts = malloc((maxCount + 1) * MemoryLayout<UInt32>.stride)?.assumingMemoryBound(to: UInt32.self)
        unsafe starts?[0] = 0
    }

    deinit {
        unsafe free(memory)
        unsafe free(starts)
    }

    /// Adds the next text.
    mutating func append(_ text: [UInt8]) throws(ConnectorFailure) {
        guard count < maxCount, let starts = unsafe starts, let memory = unsafe memory else {
            throw WorkbookFailure.tooLarge(fileName, "it has more than \(maxCount) different texts")
        }
        let isTooLong = text.count > WorkbookLimits.cellCharacters && SharedTexts.isTooLong(text)
        if isTooLong { tooLong.insert(count) }
        let bytes = isTooLong ? 0 : text.count
        guard byteCount + bytes <= UInt32.max else {
            throw WorkbookFailure.tooLarge(fileName, "its texts take more than 4 GiB")
        }
        if bytes > 0 {
            if memoryBytes == byteCount, memoryBytes + bytes <= capacity {
                let target = unsafe UnsafeMutableRawBufferPointer(start: memory + memoryBytes, count: bytes)
                unsafe text.withUnsafeBytes { text in unsafe target.copyMemory(from: text) }
                memoryBytes += bytes
            } else {
                let spilled = spilled ?? SpilledTexts()
                self.spilled = spilled
                if let code = spilled.append(text) { throw noRoom(code) }
            }
        }
        byteCount += bytes
        count += 1
        unsafe starts[count] = UInt32(byteCount)
    }

    private func noRoom(_ code: CInt) -> ConnectorFailure {
        let reason = unsafe String(cString: strerror(code))
        return WorkbookFailure.tooLarge(
            fileName,
            "its texts take more than \(limits.sharedTextBytes / 1024 / 1024) MiB, and the scratch folder can't take the rest "
                + "(\(reason)); give it room, or split the workbook"
        )
    }

    /// All of them, after the last one; this builder is empty then.
    mutating func finish() throws(ConnectorFailure) -> SharedTexts {
        if let code = spilled?.flush() { throw noRoom(code) }
        guard let memory = unsafe memory else { return SharedTexts() }
        unsafe memset(memory + memoryBytes, 0, SharedTexts.spareBytes)
        defer {
            unsafe self.memory = nil
            unsafe starts = nil
        }
        return unsafe SharedTexts(
            count: count,
            memory: memory,
            starts: starts,
            memoryBytes: memoryBytes,
            tooLong: tooLong,
            spilled: spilled
        )
    }
}

/// Texts in a scratch file, read through a few blocks in memory: cells mostly use them in the order in which they stand.
final class SpilledTexts {
    private var file: ScratchFile?
    /// What is to be written next.
    private var pending: [UInt8] = []
    private var blocks = [Block](repeating: Block(), count: blockCount)

    private struct Block {
        var number = -1
        var bytes = [UInt8](repeating: 0, count: blockBytes)
    }

    private static let blockBytes = 64 * 1024
    private static let blockCount = 64

    static let unreadable = ConnectorFailure(
        .unavailable,
        code: "scratch_unreadable",
        message:
            "The workbook's texts lie in the scratch folder, and can't be read there; check its disk, and read the file again."
    )

    init() {
        file = ScratchFile()
    }

    /// Appends a text; an errno where that failed.
    func append(_ text: [UInt8]) -> CInt? {
        pending += text
        return pending.count >= Self.blockBytes ? flush() : nil
    }

    /// Writes what is pending; an errno where that failed.
    func flush() -> CInt? {
        guard !pending.isEmpty else { return nil }
        defer { pending.removeAll(keepingCapacity: true) }
        return file == nil ? EACCES : file?.append(pending)
    }

    func text(_ range: Range<Int>) throws(ConnectorFailure) -> [UInt8] {
        var text: [UInt8] = []
        var position = range.lowerBound
        while position < range.upperBound {
            let number = position / Self.blockBytes
            let slot = number % Self.blockCount
            if blocks[slot].number != number {
                let start = number * Self.blockBytes
                // What the block holds is another text until all of it was read.
                blocks[slot].number = -1
                guard let size = file?.size,
                    file?.read(at: start, into: &blocks[slot].bytes) == min(Self.blockBytes, size - start)
                else { throw Self.unreadable }
                blocks[slot].number = number
            }
            let offset = position % Self.blockBytes
            let count = min(range.upperBound - position, Self.blockBytes - offset)
            text += blocks[slot].bytes[offset..<offset + count]
            position += count
        }
        return text
    }
}
