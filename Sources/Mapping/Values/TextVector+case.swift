extension TextVector {
    /// Lower case by Unicode's full mapping, without context: `Σ` is always `σ`.
    mutating func lowercase(failure: UInt8) {
        if ByteScan.hasByte(in: 0x41...0x5A, bytes.span) {
            var buffer = bytes.mutableSpan
            lowercaseASCII(&buffer)
        }
        guard !isASCII else { return }
        replaceRows(where: mayHaveCase, failure: failure) { $0.lowercased() }
    }

    /// Upper case by Unicode's full mapping: `ß` becomes `SS`.
    mutating func uppercase(failure: UInt8) {
        if ByteScan.hasByte(in: 0x61...0x7A, bytes.span) {
            var buffer = bytes.mutableSpan
            uppercaseASCII(&buffer)
        }
        guard !isASCII else { return }
        replaceRows(where: mayHaveCase, failure: failure) { $0.uppercased() }
    }

    /// Gives the rows for which `isCandidate` holds what `replacement` makes of them.
    private mutating func replaceRows(
        where isCandidate: (_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool,
        failure: UInt8,
        replacement: (String) -> String
    ) {
        let candidates = withRanges { starts, ends in
            let bytes = bytes.span
            var rows: [Int] = []
            for row in 0..<starts.count where isCandidate(bytes, Int(starts[row]), Int(ends[row])) { rows.append(row) }
            return rows
        }
        guard !candidates.isEmpty else { return }
        var (starts, ends) = takeRanges()
        for row in candidates where states[row] == RowState.value {
            let old = bytes[Int(starts[row])..<Int(ends[row])]
            let new = Array(replacement(String(decoding: old, as: UTF8.self)).utf8)
            if new[...] != old { append(new[...], to: row, &starts, &ends, failure: failure) }
        }
        ranges = .loose(starts: starts, ends: ends)
    }

    /// Puts a new value for one row at the buffer's end; where the buffer is full the row fails.
    mutating func append(
        _ value: ArraySlice<UInt8>,
        to row: Int,
        _ starts: inout [Int32],
        _ ends: inout [Int32],
        failure: UInt8
    ) {
        guard bytes.count + value.count <= ValueLimit.buffer else {
            states[row] = failure
            return
        }
        starts[row] = Int32(bytes.count)
        bytes.append(contentsOf: value)
        ends[row] = Int32(bytes.count)
    }
}

@inline(never)
private func lowercaseASCII(_ bytes: inout MutableSpan<UInt8>) {
    for index in 0..<bytes.count {
        let byte = bytes[index]
        bytes[index] = byte &- 0x41 < 26 ? byte | 0x20 : byte
    }
}

@inline(never)
private func uppercaseASCII(_ bytes: inout MutableSpan<UInt8>) {
    for index in 0..<bytes.count {
        let byte = bytes[index]
        bytes[index] = byte &- 0x61 < 26 ? byte & 0xDF : byte
    }
}

/// Whether a value has letters beyond ASCII of a script that knows case, or might.
///
/// By lead bytes. Without case are U+05C0–U+0FFF (Hebrew to Tibetan, Arabic and the Indian scripts among them), U+3000–U+9FFF
/// (Chinese, Japanese) and U+B000–U+EFFF (Korean, private use); a test holds this against every code point.
private func mayHaveCase(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
    var index = start
    while index < end {
        let byte = bytes[index]
        if byte >= 0xC2, caseLeads >> UInt64(byte & 0x3F) & 1 == 1 { return true }
        index &+= 1
    }
    return false
}

/// Bit n stands for the lead byte 0xC0 + n: C2–D6, E1, E2, EA, EF and all of four bytes.
private let caseLeads: UInt64 = {
    var bits: UInt64 = 0
    for lead in (0xC2...0xD6).map(UInt64.init) + [0xE1, 0xE2, 0xEA, 0xEF, 0xF0, 0xF1, 0xF2, 0xF3, 0xF4] {
        bits |= 1 << (lead & 0x3F)
    }
    return bits
}()
