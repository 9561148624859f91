package import Crypto
internal import Mapping

extension References {
    /// * `keys`: the column of external ids; `order`: the accepted rows by it.
    /// * `rows`: those whose texts are wanted.
    init(
        _ column: MappedColumn,
        _ keys: MappedColumn?,
        _ order: [Int32],
        _ batch: MappedBatch,
        rows: [Int32],
        key: SipHash
    ) {
        index = [Int32](repeating: -1, count: batch.count)
        findTexts(column, rows, key)
        let sorted = KeyOrder(column, accepted: samples).rows
        var places: [Int32: Int32] = [:]
        for (place, row) in sorted.enumerated() { places[row] = Int32(place) }
        let byPlace = samples.map { places[$0] ?? -1 }
        for row in rows where index[Int(row)] >= 0 { index[Int(row)] = byPlace[Int(index[Int(row)])] }
        samples = sorted
        checkTexts(column, key)
        here =
            keys.map { References.rows(of: sorted, column, among: order, $0) }
            ?? [Int32](repeating: -1, count: sorted.count)
    }

    private mutating func findTexts(_ column: MappedColumn, _ rows: [Int32], _ key: SipHash) {
        let bytes = column.bytes.span
        var known: [UInt64: Int32] = [:]
        for row in rows {
            let range = column.range(Int(row))
            guard column.states[Int(row)] == ValueState.value.rawValue, !range.isEmpty else { continue }
            var hash = key.finish(bytes.extracting(range))
            // Two texts with one hash take neighbouring places: nobody gets another's manager.
            while let place = known[hash], !column.hasEqualBytes(Int(row), Int(samples[Int(place)])) { hash &+= 1 }
            if known[hash] == nil {
                known[hash] = Int32(samples.count)
                samples.append(row)
            }
            index[Int(row)] = known[hash] ?? -1
        }
    }

    private mutating func checkTexts(_ column: MappedColumn, _ key: SipHash) {
        let bytes = column.bytes.span
        for row in samples {
            let (hash, check) = References.hashes(of: bytes.extracting(column.range(Int(row))), key)
            hashes.append(hash)
            checks.append(check)
        }
    }

    /// The two hashes of one text.
    package static func hashes(of text: Span<UInt8>, _ key: SipHash) -> (hash: UInt64, check: UInt64) {
        var second = key
        second.absorb(1)
        return (key.finish(text), second.finish(text))
    }

    /// For each text the first row whose key it is: both sides are in the order of their bytes.
    private static func rows(
        of samples: [Int32],
        _ column: MappedColumn,
        among order: [Int32],
        _ keys: MappedColumn
    ) -> [Int32] {
        var position = 0
        return samples.map { sample in
            while position < order.count, keys.compare(Int(order[position]), with: column, Int(sample)) < 0 {
                position += 1
            }
            guard position < order.count, keys.compare(Int(order[position]), with: column, Int(sample)) == 0 else {
                return -1
            }
            return order[position]
        }
    }
}

extension MappedColumn {
    fileprivate func range(_ row: Int) -> Range<Int> {
        Int(offsets[row])..<Int(offsets[row + 1])
    }

    fileprivate func hasEqualBytes(_ left: Int, _ right: Int) -> Bool {
        compare(left, with: self, right) == 0
    }

    fileprivate func compare(_ row: Int, with other: MappedColumn, _ otherRow: Int) -> Int {
        let mine = range(row)
        let theirs = other.range(otherRow)
        for step in 0..<min(mine.count, theirs.count) {
            let difference = Int(bytes[mine.lowerBound + step]) - Int(other.bytes[theirs.lowerBound + step])
            if difference != 0 { return difference }
        }
        return mine.count - theirs.count
    }
}
