internal import Crypto
internal import Mapping

/// Hashes rows over their mapped values, so that a record that says what it said before is known without reading its row.
///
/// A row's hash is one SipHash of words: the version, a hash of each column's write rule and name (where a rule changes,
/// every row counts as changed once and the new rule acts), then each column's value. A value is one word that tells its
/// state and length and carries its first bytes, and as many words as the rest needs, so that no two rows give the same
/// words. Nothing, an empty text and an erased one differ by their state. It goes into `integration_links.source_hash`.
///
/// Columns are hashed one after the other, each over all rows: the rows' hashes don't wait for one another, so that the
/// processor works at several at once.
enum RowHash {
    /// Of the scheme. A change makes each row be compared with its record once more.
    static let version: UInt64 = 2

    static func hashes(of batch: MappedBatch, key: SipHash) -> [UInt64] {
        var begun = key
        begun.absorb(version)
        for column in batch.columns {
            begun.absorb(key.finish("\(column.write.rawValue) \(column.target.name)".utf8.span))
        }
        var states = [SipHash](repeating: begun, count: batch.count)
        var chain = states.mutableSpan
        for column in batch.columns {
            // Bytes hold for any pattern; each read is checked against the span's end.
            unsafe add(
                column.bytes.span.bytes,
                column.offsets.span,
                column.states.span,
                rows: batch.accepted.span,
                to: &chain
            )
        }
        var hashes = [UInt64](repeating: 0, count: batch.count)
        for row in batch.accepted { hashes[Int(row)] = chain[Int(row)].finish() }
        return hashes
    }

    @inline(never)
    private static func add(
        _ bytes: RawSpan,
        _ offsets: Span<Int32>,
        _ states: Span<UInt8>,
        rows: Span<Int32>,
        to chain: inout MutableSpan<SipHash>
    ) {
        for position in 0..<rows.count {
            let row = Int(rows[position])
            var hash = chain[row]
            if states[row] == ValueState.value.rawValue {
                absorb(bytes, from: Int(offsets[row]), to: Int(offsets[row + 1]), into: &hash)
            } else {
                hash.absorb(UInt64(states[row]) << 4 | 0xF)
            }
            chain[row] = hash
        }
    }

    /// The lowest byte of a value's first word is its length below 8, or 8 with the length in the next four bytes.
    @inline(__always)
    private static func absorb(_ bytes: RawSpan, from start: Int, to end: Int, into hash: inout SipHash) {
        let length = end - start
        guard length > 7 else { return hash.absorb(UInt64(length) | bytes.word(from: start, to: end) << 8) }
        hash.absorb(8 | UInt64(length) << 8 | bytes.word(from: start, to: start + 3) << 40)
        var position = start + 3
        while end &- position >= 8 {
            hash.absorb(bytes.eightBytes(at: position))
            position &+= 8
        }
        if position < end { hash.absorb(bytes.word(from: position, to: end)) }
    }
}
