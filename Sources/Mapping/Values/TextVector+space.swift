extension TextVector {
    /// Takes white space and direction marks off both ends.
    mutating func trim() {
        // Most columns have nothing to take off: they stay packed, and are not copied at the end.
        let first = withRanges { starts, ends in firstUntrimmed(bytes.span, starts, ends) }
        guard let first else { return }
        var (starts, ends) = takeRanges()
        var startSpan = starts.mutableSpan
        var endSpan = ends.mutableSpan
        trimRows(from: first, bytes.span, &startSpan, &endSpan)
        ranges = .loose(starts: starts, ends: ends)
    }

    /// `trim`, and each run of white space inside becomes one space.
    mutating func normalizeSpace(failure: UInt8) {
        trim()
        let candidates = withRanges { starts, ends in
            let bytes = bytes.span
            var rows: [Int] = []
            for row in 0..<starts.count where hasOddSpace(bytes, Int(starts[row]), Int(ends[row])) { rows.append(row) }
            return rows
        }
        guard !candidates.isEmpty else { return }
        var (starts, ends) = takeRanges()
        for row in candidates where states[row] == RowState.value {
            let value = withSingleSpaces(bytes.span, Int(starts[row]), Int(ends[row]))
            append(value[...], to: row, &starts, &ends, failure: failure)
        }
        ranges = .loose(starts: starts, ends: ends)
    }
}

/// Neither space nor the first or last byte of a character beyond ASCII: nothing to trim here.
private func isPlain(_ byte: UInt8) -> Bool {
    byte &- 0x21 < 0x5E
}

@inline(never)
private func firstUntrimmed(_ bytes: Span<UInt8>, _ starts: Span<Int32>, _ ends: Span<Int32>) -> Int? {
    for row in 0..<starts.count {
        let start = Int(starts[row])
        let end = Int(ends[row])
        if start == end || isPlain(bytes[start]) && isPlain(bytes[end &- 1]) { continue }
        if WhiteSpace.trimmed(bytes, start, end) != (start, end) { return row }
    }
    return nil
}

@inline(never)
private func trimRows(
    from first: Int,
    _ bytes: Span<UInt8>,
    _ starts: inout MutableSpan<Int32>,
    _ ends: inout MutableSpan<Int32>
) {
    for row in first..<starts.count {
        let start = Int(starts[row])
        let end = Int(ends[row])
        if start == end || isPlain(bytes[start]) && isPlain(bytes[end &- 1]) { continue }
        let trimmed = WhiteSpace.trimmed(bytes, start, end)
        starts[row] = Int32(truncatingIfNeeded: trimmed.start)
        ends[row] = Int32(truncatingIfNeeded: trimmed.end)
    }
}

/// Whether a trimmed value has white space that is more, or something else, than single spaces.
private func hasOddSpace(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
    var index = start
    var previousIsSpace = false
    while index < end {
        let byte = bytes[index]
        if byte == 0x20 {
            if previousIsSpace { return true }
            previousIsSpace = true
        } else {
            previousIsSpace = false
            if byte < 0x20 || byte >= 0xC2, let match = WhiteSpace.match(bytes, at: index, end: end),
                !match.isDirectionMark
            {
                return true
            }
        }
        index &+= 1
    }
    return false
}

private func withSingleSpaces(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> [UInt8] {
    var value: [UInt8] = []
    var index = start
    var previousIsSpace = false
    while index < end {
        if let match = WhiteSpace.match(bytes, at: index, end: end), !match.isDirectionMark {
            if !previousIsSpace { value.append(0x20) }
            previousIsSpace = true
            index += match.length
        } else {
            value.append(bytes[index])
            previousIsSpace = false
            index += 1
        }
    }
    return value
}
