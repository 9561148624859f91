/// The rows that a run has spoken of, one bit each, in chunks of 65,536 rows.
final class SeenRows {
    private var chunks: [CommitArray<UInt64>?] = []

    func contains(_ row: Int64) -> Bool {
        let chunk = Int(row >> 16)
        guard chunk < chunks.count, let words = chunks[chunk] else { return false }
        return words[Int(row >> 6) & 1_023] >> UInt64(row & 63) & 1 == 1
    }

    /// Answers whether the row is new.
    @discardableResult
    func insert(_ row: Int64) -> Bool {
        let words = words(Int(row >> 16))
        let place = Int(row >> 6) & 1_023
        let bit: UInt64 = 1 << UInt64(row & 63)
        let old = words[place]
        words[place] = old | bit
        return old & bit == 0
    }

    func remove(_ row: Int64) {
        guard contains(row) else { return }
        words(Int(row >> 16))[Int(row >> 6) & 1_023] &= ~(1 << UInt64(row & 63))
    }

    private func words(_ chunk: Int) -> CommitArray<UInt64> {
        if chunk < chunks.count, let words = chunks[chunk] { return words }
        while chunk >= chunks.count { chunks.append(nil) }
        let words = CommitArray<UInt64>(1_024, 0)
        chunks[chunk] = words
        return words
    }
}
