/// The rows that a run has spoken of, one bit each.
struct SeenRows {
    private var chunks: [[UInt64]] = []

    /// Whether the row was there before.
    func contains(_ row: Int64) -> Bool {
        let chunk = Int(row >> 16)
        guard chunk < chunks.count, !chunks[chunk].isEmpty else { return false }
        return chunks[chunk][Int(row >> 6) & 1_023] >> UInt64(row & 63) & 1 == 1
    }

    mutating func insert(_ row: Int64) {
        let chunk = Int(row >> 16)
        while chunk >= chunks.count { chunks.append([]) }
        if chunks[chunk].isEmpty { chunks[chunk] = [UInt64](repeating: 0, count: 1_024) }
        chunks[chunk][Int(row >> 6) & 1_023] |= 1 << UInt64(row & 63)
    }
}
