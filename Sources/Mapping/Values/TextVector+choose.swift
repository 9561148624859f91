extension TextVector {
    /// Fails the rows that are empty or null.
    mutating func require(failure: UInt8) {
        for row in emptyRows(besides: []) { states[row] = failure }
    }

    /// Gives empty and null rows another value, and rows that failed in one of the given calls.
    mutating func fillEmpty(with other: Operand, recovering calls: [Int], failure: UInt8) {
        let rows = emptyRows(besides: calls.map(RowState.failed(call:)))
        guard !rows.isEmpty else { return }
        var (starts, ends) = takeRanges()
        switch other {
        case .constant(let value?) where bytes.count + value.count > ValueLimit.buffer:
            for row in rows { states[row] = failure }
        case .constant(let value?):
            let start = Int32(bytes.count)
            bytes.append(contentsOf: value)
            for row in rows {
                starts[row] = start
                ends[row] = start + Int32(value.count)
                states[row] = RowState.value
            }
            isASCII = isASCII && ByteScan.isASCII(value.span)
        case .constant(nil):
            for row in rows { states[row] = RowState.null }
        case .vector(let vector):
            for row in rows {
                states[row] = vector.states[row]
                guard states[row] == RowState.value else { continue }
                let range = vector.withRanges { Int($0[row])..<Int($1[row]) }
                append(vector.bytes[range], to: row, &starts, &ends, failure: failure)
            }
            isASCII = isASCII && vector.isASCII
        }
        ranges = .loose(starts: starts, ends: ends)
    }

    /// Replaces each value by the one that the table has for it; empty and null rows stay unless "" is listed.
    mutating func replace(by table: ValueTable, failure: UInt8) {
        var starts = [Int32](repeating: 0, count: count)
        var ends = [Int32](repeating: 0, count: count)
        var found = states
        withRanges { oldStarts, oldEnds in
            var startSpan = starts.mutableSpan
            var endSpan = ends.mutableSpan
            var stateSpan = found.mutableSpan
            table.look(up: bytes.span, oldStarts, oldEnds, failure, &stateSpan, &startSpan, &endSpan)
        }
        states = found
        bytes = table.results
        ranges = .loose(starts: starts, ends: ends)
        isASCII = ByteScan.isASCII(bytes.span)
    }

    /// The rows that are empty or null, or have one of the given states.
    private func emptyRows(besides others: [UInt8]) -> [Int] {
        withRanges { starts, ends in
            let states = states.span
            var rows: [Int] = []
            for row in 0..<starts.count {
                let state = states[row]
                if state == RowState.value ? starts[row] == ends[row] : state == RowState.null || others.contains(state)
                {
                    rows.append(row)
                }
            }
            return rows
        }
    }
}

/// What a call gets as an argument: one value for all rows, or a column.
enum Operand: Sendable {
    case constant([UInt8]?)
    case vector(TextVector)
}
