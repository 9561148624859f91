/// The byte between two fields, and how it is known.
struct FoundDelimiter: Sendable, Equatable {
    var byte: UInt8
    var source: Source
    /// Bytes of a first line `sep=;`, with its line end: no record.
    var hintBytes = 0

    enum Source: String, Sendable {
        case told
        /// A first line `sep=;`, as Excel writes it.
        case hint
        /// It parts the first records into as many fields as the first of them has.
        case records
        /// No candidate parts the first record: one column.
        case none
    }
}

/// Finds the delimiter of a text by its first records.
struct DelimiterFinder {
    /// The text's first bytes, in UTF-8.
    let start: [UInt8]
    /// Whether that is all of it; otherwise the last record may be cut and doesn't count.
    let isWhole: Bool
    /// nil: none.
    let quote: UInt8?

    private static let candidates: [UInt8] = [
        UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t"), UInt8(ascii: "|"),
    ]
    private static let records = 100

    func find(told: UInt8?) -> FoundDelimiter {
        let hint = hint()
        if let told { return FoundDelimiter(byte: told, source: .told, hintBytes: hint?.bytes ?? 0) }
        if let hint { return FoundDelimiter(byte: hint.byte, source: .hint, hintBytes: hint.bytes) }
        var best: (byte: UInt8, agreeing: Double, fields: Int)?
        for candidate in Self.candidates where candidate != quote {
            let counts = fieldCounts(candidate)
            guard let first = counts.first, first > 1 else { continue }
            let agreeing = Double(counts.count { $0 == first }) / Double(counts.count)
            if let best, (best.agreeing, best.fields) >= (agreeing, first) { continue }
            best = (candidate, agreeing, first)
        }
        guard let best else { return FoundDelimiter(byte: UInt8(ascii: ","), source: .none) }
        return FoundDelimiter(byte: best.byte, source: .records)
    }

    /// A first line of `sep=` and one ASCII character.
    private func hint() -> (byte: UInt8, bytes: Int)? {
        guard start.starts(with: "sep=".utf8), start.count > 5, start[4] < 0x80, start[4] >= 0x09, start[4] != 0x0A,
            start[4] != 0x0D, start[4] != quote
        else { return nil }
        switch start[5] {
        case UInt8(ascii: "\n"): return (start[4], 6)
        case UInt8(ascii: "\r"): return (start[4], start.count > 6 && start[6] == UInt8(ascii: "\n") ? 7 : 6)
        default: return nil
        }
    }

    /// How many fields each of the first records has.
    private func fieldCounts(_ delimiter: UInt8) -> [Int] {
        var counts: [Int] = []
        var fields = 1
        var isQuoted = false
        var wasQuoted = false
        var isFieldStart = true
        var isBlank = true
        func endRecord() {
            if !isBlank { counts.append(fields) }
            fields = 1
            isFieldStart = true
            isBlank = true
        }
        for (position, byte) in start.enumerated() {
            if isQuoted {
                isQuoted = byte != quote
                continue
            }
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                endRecord()
                if counts.count == Self.records { return counts }
                continue
            case delimiter:
                fields += 1
                isFieldStart = true
            case quote where isFieldStart || wasQuoted && start[position - 1] == quote:
                // At a field's start, or the second of two that stand for one.
                isQuoted = true
                wasQuoted = true
                isFieldStart = false
            default:
                isFieldStart = false
                wasQuoted = false
            }
            isBlank = false
        }
        if isWhole || counts.isEmpty { endRecord() }
        return counts
    }
}
