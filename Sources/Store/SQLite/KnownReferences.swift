/// What a run has found for texts that refer to rows, by two hashes of each: one place for each, the newest stays.
///
/// A link never moves, so what was found stays right.
final class KnownReferences<Found: BitwiseCopyable> {
    private struct Entry: BitwiseCopyable {
        var hash: UInt64
        var check: UInt64
        var found: Found
    }

    private let entries: CommitArray<Entry>

    /// - Parameters:
    ///   - room: how many places there are: a power of two, of 24 or 32 bytes each.
    ///   - none: fills places that hold nothing.
    init(room: Int, none: Found) {
        entries = CommitArray(room, Entry(hash: 0, check: 0, found: none))
    }

    func find(_ hash: UInt64, _ check: UInt64) -> Found? {
        let entry = entries[place(hash)]
        // Of no text are both hashes 0: the odds are one in 2^128.
        return entry.hash == hash && entry.check == check && hash | check != 0 ? entry.found : nil
    }

    /// Has the places fetched that will be asked for soon: each alone would wait for the memory.
    func prefetch(_ hashes: [UInt64]) {
        for hash in hashes { entries.prefetch(place(hash)) }
    }

    func set(_ hash: UInt64, _ check: UInt64, _ found: Found) {
        entries[place(hash)] = Entry(hash: hash, check: check, found: found)
    }

    private func place(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash) & (entries.count - 1)
    }
}
