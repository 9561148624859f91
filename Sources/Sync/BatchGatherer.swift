package import Changes
package import Mapping

/// Decides which batches are committed together.
///
/// * Rows in key order cost the same in any batch; rows in random order cost a page write each, which a larger batch,
///   sorted, shares among its rows. So batches in key order pass at once, others wait here until there are enough rows.
/// * No token covers a piece of a batch that the runner cut, until the last piece: the others wait for it, or a restart
///   would read their rows again, or begin from nothing.
package struct BatchGatherer: Sendable {
    /// Rows and bytes at which a gathered batch is large enough.
    package var rows = 8_192
    package var bytes = 16 << 20

    private var pieces: [Piece] = []
    private var gatheredRows = 0
    private var gatheredBytes = 0

    /// A mapped batch, and the token that covers it and all before it; a partial one is covered by a later token.
    package struct Piece: Sendable {
        package var batch: MappedBatch
        package var token: [UInt8]
        package var isPartial: Bool

        package init(batch: MappedBatch, token: [UInt8], isPartial: Bool = false) {
            self.batch = batch
            self.token = token
            self.isPartial = isPartial
        }
    }

    /// A batch to be committed, and the token to be kept with it.
    package struct Ready: Sendable {
        package var batch: PreparedBatch
        package var token: [UInt8]
    }

    package init() {}

    /// Bytes that wait to be covered by a token.
    package var waitingBytes: Int { gatheredBytes }

    /// Takes the next piece; returns what is to be committed now.
    package mutating func received(_ piece: Piece, prepare: (MappedBatch) -> PreparedBatch) -> Ready? {
        if pieces.isEmpty, !piece.isPartial {
            let prepared = prepare(piece.batch)
            if prepared.isInKeyOrder { return Ready(batch: prepared, token: piece.token) }
        }
        gatheredBytes += piece.batch.columns.reduce(0) { $0 + $1.bytes.count }
        gatheredRows += piece.batch.count
        pieces.append(piece)
        guard !piece.isPartial, gatheredRows >= rows || gatheredBytes >= bytes else { return nil }
        return ended(prepare: prepare)
    }

    /// What is left at the end of the stream; a stream never ends with a partial piece.
    package mutating func ended(prepare: (MappedBatch) -> PreparedBatch) -> Ready? {
        guard let last = pieces.last else { return nil }
        let whole = MappedBatch(joining: pieces.map(\.batch))
        pieces = []
        gatheredRows = 0
        gatheredBytes = 0
        return Ready(batch: prepare(whole), token: last.token)
    }
}

extension MappedBatch {
    /// Batches of one mapping, one behind the other. At least one.
    package init(joining batches: [MappedBatch]) {
        self = batches[0]
        guard batches.count > 1 else { return }
        for position in columns.indices {
            columns[position].reserve(
                rows: batches.reduce(0) { $0 + $1.count },
                bytes: batches.reduce(0) { $0 + $1.columns[position].bytes.count }
            )
        }
        for batch in batches.dropFirst() { append(batch) }
    }

    /// Puts a later batch of the same mapping behind this one.
    private mutating func append(_ later: MappedBatch) {
        let shift = Int32(count)
        for position in columns.indices { columns[position].append(later.columns[position]) }
        accepted.append(contentsOf: later.accepted.map { $0 + shift })
        locators.append(contentsOf: later.locators)
        rejects += later.rejects.map { reject in
            var moved = reject
            moved.row += shift
            return moved
        }
        warnings += later.warnings.map { warning in
            var moved = warning
            moved.row += shift
            return moved
        }
        if let mine = raw, let others = later.raw {
            let count = count
            raw = { row in row < count ? mine(row) : others(row - count) }
        }
        count += later.count
    }
}

extension MappedColumn {
    fileprivate mutating func reserve(rows: Int, bytes: Int) {
        states.reserveCapacity(rows)
        offsets.reserveCapacity(rows + 1)
        self.bytes.reserveCapacity(bytes)
    }

    fileprivate mutating func append(_ later: MappedColumn) {
        let base = Int32(bytes.count)
        states += later.states
        bytes += later.bytes
        offsets.append(contentsOf: later.offsets.dropFirst().lazy.map { $0 + base })
    }
}
