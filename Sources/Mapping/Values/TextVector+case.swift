extension TextVector {
    /// Lower case by Unicode's full mapping, without context: `Σ` is always `σ`.
    mutating func lowercase(failure: UInt8) {
        if ByteScan.hasByte(in: 0x41...0x5A, bytes.span) {
            var buffer = bytes.mutableSpan
            lowercaseASCII(&buffer)
        }
        if !isASCII { changeCase(.lower, failure: failure) { $0.lowercased() } }
    }

    /// Upper case by Unicode's full mapping: `ß` becomes `SS`.
    mutating func uppercase(failure: UInt8) {
        if ByteScan.hasByte(in: 0x61...0x7A, bytes.span) {
            var buffer = bytes.mutableSpan
            uppercaseASCII(&buffer)
        }
        if !isASCII { changeCase(.upper, failure: failure) { $0.uppercased() } }
    }

    /// Changes letters beyond ASCII: in place where they keep their length, else by a new value for the row.
    private mutating func changeCase(_ table: CaseTable, failure: UInt8, whole: (String) -> String) {
        var buffer = bytes.mutableSpan
        guard table.change(&buffer) else { return }
        let rows = withRanges { starts, ends in
            (0..<count).filter { row in
                states[row] == RowState.value && table.hasHard(bytes.span, Int(starts[row]), Int(ends[row]))
            }
        }
        guard !rows.isEmpty else { return }
        var (starts, ends) = takeRanges()
        for row in rows {
            let old = bytes[Int(starts[row])..<Int(ends[row])]
            let new = Array(whole(String(decoding: old, as: UTF8.self)).utf8)
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
