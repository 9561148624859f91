/// Texts and what they become: a hash table over bytes, read by whole columns.
struct ValueTable: Sendable {
    /// All results end to end.
    private(set) var results: [UInt8] = []
    private var keys: [UInt8] = []
    private var entries: [Entry] = []
    /// Indices into `entries`, -1 where free; a power of two, at least twice as many as entries.
    private var slots: [Int32]
    /// Whether hashes are of all bytes: the keys of a large table differ anywhere.
    private let isLarge: Bool

    private struct Entry {
        var keyStart: Int32
        var keyEnd: Int32
        var resultStart: Int32
        var resultEnd: Int32
        var resultState: UInt8
    }

    /// A later pair for the same key is left out.
    init(_ pairs: [(key: String, result: String?)]) {
        var size = 4
        while size < 2 * pairs.count { size *= 2 }
        slots = [Int32](repeating: -1, count: size)
        isLarge = pairs.count > 100
        for (key, result) in pairs {
            let bytes = Array(key.utf8)
            guard find(bytes.span, 0, bytes.count) < 0 else { continue }
            let keyStart = keys.count
            let resultStart = results.count
            keys += bytes
            results += Array((result ?? "").utf8)
            var slot = hash(bytes.span, 0, bytes.count) & (size - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Int32(entries.count)
            entries.append(
                Entry(
                    keyStart: Int32(keyStart),
                    keyEnd: Int32(keys.count),
                    resultStart: Int32(resultStart),
                    resultEnd: Int32(results.count),
                    resultState: result == nil ? RowState.null : RowState.value
                )
            )
        }
    }

    /// Ranges into `results` for each row's value; a value that isn't listed gets the state `failure`.
    @inline(never)
    func look(
        up bytes: Span<UInt8>,
        _ starts: Span<Int32>,
        _ ends: Span<Int32>,
        _ failure: UInt8,
        _ states: inout MutableSpan<UInt8>,
        _ resultStarts: inout MutableSpan<Int32>,
        _ resultEnds: inout MutableSpan<Int32>
    ) {
        let entries = entries.span
        let emptyIndex = find(bytes, 0, 0)
        for row in 0..<starts.count {
            if states[row] > RowState.null { continue }
            let start = Int(starts[row])
            let end = Int(ends[row])
            let isEmpty = states[row] == RowState.null || start == end
            let index = isEmpty ? emptyIndex : find(bytes, start, end)
            if index >= 0 {
                let entry = entries[index]
                resultStarts[row] = entry.resultStart
                resultEnds[row] = entry.resultEnd
                states[row] = entry.resultState
            } else if !isEmpty {
                states[row] = failure
            }
        }
    }

    /// The rows whose value is not among the keys; empty and null rows aside.
    @inline(never)
    func unlisted(
        _ bytes: Span<UInt8>,
        _ starts: Span<Int32>,
        _ ends: Span<Int32>,
        _ states: Span<UInt8>
    ) -> [Int] {
        var rows: [Int] = []
        for row in 0..<starts.count where states[row] == RowState.value && starts[row] < ends[row] {
            if find(bytes, Int(starts[row]), Int(ends[row])) < 0 { rows.append(row) }
        }
        return rows
    }

    /// The entry's index; -1 where there is none.
    @inline(__always)
    private func find(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        let slots = slots.span
        let entries = entries.span
        let keys = keys.span
        let mask = slots.count &- 1
        var slot = hash(bytes, start, end) & mask
        while slots[slot] >= 0 {
            let index = Int(slots[slot])
            let keyStart = Int(entries[index].keyStart)
            if Int(entries[index].keyEnd) &- keyStart == end &- start {
                var offset = 0
                while start &+ offset < end, bytes[start &+ offset] == keys[keyStart &+ offset] { offset &+= 1 }
                if start &+ offset == end { return index }
            }
            slot = (slot &+ 1) & mask
        }
        return -1
    }

    /// Of the length and three bytes: enough to tell the keys of one mapping apart, and as fast for long values. In large
    /// tables of all bytes (FNV-1a, its upper half).
    @inline(__always)
    private func hash(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        let length = end &- start
        guard length > 0 else { return 0 }
        if isLarge {
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for index in start..<end { hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3 }
            return Int(hash >> 32 ^ hash & 0xFFFF_FFFF)
        }
        let parts =
            UInt32(bytes[start]) | UInt32(bytes[start &+ length / 2]) << 8 | UInt32(bytes[end &- 1]) << 16
            | UInt32(truncatingIfNeeded: length) << 24
        return Int(parts &* 0x9E37_79B1 >> 16)
    }
}
