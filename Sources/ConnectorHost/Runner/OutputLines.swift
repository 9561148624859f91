internal import Log

/// Makes lines out of what a connector prints: secrets masked, long lines cut, floods left out.
package struct OutputLines: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// Bytes of a line that are kept.
    package static let longestLine = 4_096

    /// Bytes that a line costs in the log beside its own.
    private static let costOfLine = 128

    private var secrets: [String]
    private var masker: Masker
    private var budget: OutputBudget
    private var line: [UInt8] = []
    private var isCut = false
    /// After something was left out: up to the next line's beginning everything is.
    private var isSkipping = false

    package init(masking secrets: [String], budget: OutputBudget) {
        self.secrets = secrets
        masker = Masker(secrets)
        self.budget = budget
    }

    /// The lines that are whole now, and how many bytes were left out before them.
    package mutating func take(_ chunk: [UInt8], now: Instant) -> (lines: [String], omitted: Int) {
        var chunk = chunk[...]
        guard budget.allows(chunk.count, now: now) else {
            isSkipping = true
            return ([], 0)
        }
        if isSkipping {
            guard let lineEnd = chunk.firstIndex(of: UInt8(ascii: "\n")) else { return ([], 0) }
            chunk = chunk[(lineEnd + 1)...]
            isSkipping = false
            _ = masker.finish()
            line = []
            isCut = false
        }
        let lines = split(masker.mask(Array(chunk)))
        budget.charge(lines.count * Self.costOfLine)
        return (lines, budget.takeOmitted())
    }

    /// A further secret, from here on.
    package mutating func mask(_ secret: String) {
        line += masker.finish()
        secrets.append(secret)
        masker = Masker(secrets)
    }

    /// What stands there without a line's end when nothing more comes.
    package mutating func finish() -> (lines: [String], omitted: Int) {
        var lines = split(masker.finish())
        if !isSkipping, !line.isEmpty { lines.append(takeLine()) }
        return (lines, budget.takeOmitted())
    }

    private mutating func split(_ bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            append(bytes[start..<end])
            if end < bytes.count, !line.isEmpty { lines.append(takeLine()) }
            start = end + 1
        }
        return lines
    }

    private mutating func append(_ piece: ArraySlice<UInt8>) {
        let room = Self.longestLine - line.count
        line += piece.prefix(room)
        if piece.count > room { isCut = true }
    }

    private mutating func takeLine() -> String {
        defer {
            line.removeAll(keepingCapacity: true)
            isCut = false
        }
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        return String(decoding: line, as: UTF8.self) + (isCut ? " … (cut)" : "")
    }
}
