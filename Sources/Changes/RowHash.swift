internal import Crypto
internal import Mapping

/// Hashes rows over their mapped values, so that a record that says what it said before is known without reading its row.
///
/// A row's hash is a chain: version, then for each column `h = SipHash(h, column, state and length, bytes)`. `column` is the
/// hash of the field's name and write rule: where a rule changes, every row counts as changed once and the new rule acts.
/// Nothing, an empty text and an erased one differ by their state. It goes into `integration_links.source_hash`.
enum RowHash {
    /// Of the scheme. A change makes each row be compared with its record once more.
    static let version: UInt64 = 1

    static func hashes(of batch: MappedBatch, key: SipHash) -> [UInt64] {
        var hashes = [UInt64](repeating: 0, count: batch.count)
        for row in batch.accepted { hashes[Int(row)] = version }
        var chain = hashes.mutableSpan
        for column in batch.columns {
            let identity = key.finish("\(column.write.rawValue) \(column.target.name)".utf8.span)
            // Bytes hold for any pattern; each read is checked against the span's end.
            unsafe add(
                column.bytes.span.bytes,
                column.offsets.span,
                column.states.span,
                identity: identity,
                key: key,
                rows: batch.accepted.span,
                to: &chain
            )
        }
        return hashes
    }

    @inline(never)
    private static func add(
        _ bytes: RawSpan,
        _ offsets: Span<Int32>,
        _ states: Span<UInt8>,
        identity: UInt64,
        key: SipHash,
        rows: Span<Int32>,
        to chain: inout MutableSpan<UInt64>
    ) {
        for position in 0..<rows.count {
            let row = Int(rows[position])
            let state = states[row]
            let start = Int(offsets[row])
            let end = state == ValueState.value.rawValue ? Int(offsets[row + 1]) : start
            var hash = key
            hash.absorb(chain[row])
            hash.absorb(identity)
            hash.absorb(UInt64(state) << 32 | UInt64(end - start))
            chain[row] = hash.finish(bytes, from: start, to: end)
        }
    }
}
