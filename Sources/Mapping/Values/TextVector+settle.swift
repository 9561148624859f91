extension TextVector {
    /// The finished column; `failures` gets each row that failed, with its state.
    func settled(
        target: TargetField,
        write: WriteRule,
        empty: EmptyRule,
        failures: inout [(row: Int, state: UInt8)]
    ) -> MappedColumn {
        let emptyState = (empty == .erase ? ValueState.erase : .absent).rawValue
        var settledStates = [UInt8](repeating: ValueState.value.rawValue, count: count)
        let isPacked = withRanges { starts, ends in
            var output = settledStates.mutableSpan
            return settleRows(states.span, starts, ends, emptyState, target.isRequired, &output, &failures)
        }
        if isPacked, case .packed(let offsets) = ranges {
            return MappedColumn(
                target: target,
                write: write,
                empty: empty,
                states: settledStates,
                offsets: offsets,
                bytes: bytes
            )
        }
        let (offsets, bytes) = packed(&settledStates, &failures)
        return MappedColumn(
            target: target,
            write: write,
            empty: empty,
            states: settledStates,
            offsets: offsets,
            bytes: bytes
        )
    }

    /// The values of the rows that have one, end to end. Rows beyond what offsets of 32 bits can tell fail.
    private func packed(
        _ settledStates: inout [UInt8],
        _ failures: inout [(row: Int, state: UInt8)]
    ) -> (offsets: [Int32], bytes: [UInt8]) {
        var offsets = [Int32](repeating: 0, count: count + 1)
        var newStates = settledStates
        var newFailures = failures
        let output = withRanges { starts, ends in
            let size = packedSize(settledStates.span, starts, ends)
            return [UInt8](capacity: min(size, ValueLimit.buffer)) { output in
                var offsetSpan = offsets.mutableSpan
                var stateSpan = newStates.mutableSpan
                packRows(bytes.span, starts, ends, &stateSpan, &offsetSpan, &output, &newFailures)
            }
        }
        settledStates = newStates
        failures = newFailures
        return (offsets, output)
    }
}

/// Copies the values end to end. Neighbours that stand so already are copied at once.
@inline(never)
private func packRows(
    _ bytes: Span<UInt8>,
    _ starts: Span<Int32>,
    _ ends: Span<Int32>,
    _ states: inout MutableSpan<UInt8>,
    _ offsets: inout MutableSpan<Int32>,
    _ output: inout OutputSpan<UInt8>,
    _ failures: inout [(row: Int, state: UInt8)]
) {
    var runStart = 0
    var runEnd = 0
    var length = 0
    for row in 0..<starts.count {
        if states[row] == ValueState.value.rawValue {
            let start = Int(starts[row])
            let end = Int(ends[row])
            if length &+ end &- start > ValueLimit.buffer {
                states[row] = ValueState.failed.rawValue
                failures.append((row, RowState.ruleBroken))
            } else {
                if start != runEnd {
                    output.append(bytes, from: runStart, count: runEnd &- runStart)
                    runStart = start
                }
                runEnd = end
                length &+= end &- start
            }
        }
        offsets[row &+ 1] = Int32(truncatingIfNeeded: length)
    }
    output.append(bytes, from: runStart, count: runEnd &- runStart)
}

/// Whether rows without a value have no bytes either, so that packed values may stay as they are.
@inline(never)
private func settleRows(
    _ states: Span<UInt8>,
    _ starts: Span<Int32>,
    _ ends: Span<Int32>,
    _ emptyState: UInt8,
    _ isRequired: Bool,
    _ output: inout MutableSpan<UInt8>,
    _ failures: inout [(row: Int, state: UInt8)]
) -> Bool {
    var strayBytes: Int32 = 0
    for row in 0..<states.count {
        let state = states[row]
        let length = ends[row] &- starts[row]
        if state == RowState.value, length > 0 { continue }
        strayBytes |= length
        if state > RowState.null {
            output[row] = ValueState.failed.rawValue
            failures.append((row, state))
        } else if isRequired {
            output[row] = ValueState.failed.rawValue
            failures.append((row, RowState.requiredMissing))
        } else {
            output[row] = emptyState
        }
    }
    return strayBytes == 0
}

@inline(never)
private func packedSize(_ states: Span<UInt8>, _ starts: Span<Int32>, _ ends: Span<Int32>) -> Int {
    var size = 0
    for row in 0..<states.count where states[row] == ValueState.value.rawValue {
        size &+= Int(ends[row] &- starts[row])
    }
    return size
}
