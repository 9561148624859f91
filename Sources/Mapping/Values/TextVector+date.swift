internal import Time

extension TextVector {
    /// Reads dates written as the pattern says and writes them in ISO form; empty and null rows stay.
    mutating func parseDates(_ pattern: DatePattern, failure: UInt8) {
        let isoLength = CalendarDate.isoLength
        var parsed = [UInt8](repeating: 0, count: count * isoLength)
        var offsets = [Int32](repeating: 0, count: count + 1)
        var found = states
        let length = withRanges { starts, ends in
            var output = parsed.mutableSpan
            var offsetSpan = offsets.mutableSpan
            var stateSpan = found.mutableSpan
            return parseRows(bytes.span, starts, ends, pattern, failure, &stateSpan, &offsetSpan, &output)
        }
        parsed.removeLast(parsed.count - length)
        self = TextVector(count: count, bytes: parsed, ranges: .packed(offsets), states: found, isASCII: true)
    }
}

@inline(never)
private func parseRows(
    _ bytes: Span<UInt8>,
    _ starts: Span<Int32>,
    _ ends: Span<Int32>,
    _ pattern: DatePattern,
    _ failure: UInt8,
    _ states: inout MutableSpan<UInt8>,
    _ offsets: inout MutableSpan<Int32>,
    _ output: inout MutableSpan<UInt8>
) -> Int {
    var length = 0
    for row in 0..<starts.count {
        let start = Int(starts[row])
        let end = Int(ends[row])
        if states[row] == RowState.value, start < end {
            if let date = pattern.parse(bytes.extracting(start..<end)) {
                date.write(to: &output, at: length)
                length &+= CalendarDate.isoLength
            } else {
                states[row] = failure
            }
        }
        offsets[row &+ 1] = Int32(truncatingIfNeeded: length)
    }
    return length
}
