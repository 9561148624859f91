extension TextVector {
    /// Appends another column's values after a separator; where one of the two is empty the other stands alone.
    ///
    /// A row that failed in either stays failed. A value longer than a target takes, or more than a buffer holds, fails with
    /// `failure`.
    mutating func join(_ separator: [UInt8], _ other: TextVector, failure: UInt8) {
        let size = withRanges { starts, ends in
            other.withRanges { otherStarts, otherEnds in
                joinedSize(starts, ends, otherStarts, otherEnds, separator: separator.count)
            }
        }
        var joinedStates = states
        var offsets = [Int32](repeating: 0, count: count + 1)
        let joined = [UInt8](capacity: min(size, ValueLimit.buffer)) { output in
            withRanges { starts, ends in
                other.withRanges { otherStarts, otherEnds in
                    var offsetSpan = offsets.mutableSpan
                    var stateSpan = joinedStates.mutableSpan
                    joinRows(
                        bytes.span,
                        starts,
                        ends,
                        other.bytes.span,
                        otherStarts,
                        otherEnds,
                        other.states.span,
                        separator.span,
                        failure,
                        &stateSpan,
                        &offsetSpan,
                        &output
                    )
                }
            }
        }
        let isASCII = isASCII && other.isASCII && ByteScan.isASCII(separator.span)
        self = TextVector(count: count, bytes: joined, ranges: .packed(offsets), states: joinedStates, isASCII: isASCII)
    }
}

@inline(never)
private func joinedSize(
    _ starts: Span<Int32>,
    _ ends: Span<Int32>,
    _ otherStarts: Span<Int32>,
    _ otherEnds: Span<Int32>,
    separator: Int
) -> Int {
    var size = starts.count &* separator
    for row in 0..<starts.count {
        size &+= Int(ends[row] &- starts[row]) &+ Int(otherEnds[row] &- otherStarts[row])
    }
    return size
}

@inline(never)
private func joinRows(
    _ bytes: Span<UInt8>,
    _ starts: Span<Int32>,
    _ ends: Span<Int32>,
    _ otherBytes: Span<UInt8>,
    _ otherStarts: Span<Int32>,
    _ otherEnds: Span<Int32>,
    _ otherStates: Span<UInt8>,
    _ separator: Span<UInt8>,
    _ failure: UInt8,
    _ states: inout MutableSpan<UInt8>,
    _ offsets: inout MutableSpan<Int32>,
    _ output: inout OutputSpan<UInt8>
) {
    for row in 0..<starts.count {
        let state = states[row]
        let otherState = otherStates[row]
        if state > RowState.null || otherState > RowState.null {
            states[row] = state > RowState.null ? state : otherState
        } else {
            let length = state == RowState.value ? Int(ends[row] &- starts[row]) : 0
            let otherLength = otherState == RowState.value ? Int(otherEnds[row] &- otherStarts[row]) : 0
            let gap = length > 0 && otherLength > 0 ? separator.count : 0
            let total = length &+ gap &+ otherLength
            if total > ValueLimit.text || total > output.freeCapacity {
                states[row] = failure
            } else {
                output.append(bytes, from: Int(starts[row]), count: length)
                output.append(separator, from: 0, count: gap)
                output.append(otherBytes, from: Int(otherStarts[row]), count: otherLength)
                states[row] = state & otherState
            }
        }
        offsets[row &+ 1] = Int32(truncatingIfNeeded: output.count)
    }
}
