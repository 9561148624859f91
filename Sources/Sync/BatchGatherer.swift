package import Changes
package import Mapping

/// Decides which batches are committed together.
///
/// * Rows in key order cost the same in any batch; rows in random order cost a page write each, which a larger batch,
///   sorted, shares among its rows. So batches in key order pass at once, others wait here until there are enough rows.
/// * A piece whose token is the one before it covers nothing yet (the runner cuts large batches): it waits for the piece
///   that does, or a restart would read its rows again.
package struct BatchGatherer: Sendable {
    /// Rows and bytes at which a gathered batch is large enough.
    package var rows = 32_768
    package var bytes = 16 << 20

    private var pieces: [Piece] = []
    private var gatheredRows = 0
    private var gatheredBytes = 0
    private var lastToken: [UInt8]

    /// A mapped batch, and the token that covers it and all before it.
    package struct Piece: Sendable {
        package var batch: MappedBatch
        package var token: [UInt8]

        package init(batch: MappedBatch, token: [UInt8]) {
            self.batch = batch
            self.token = token
        }
    }

    /// A batch to be committed, and the token to be kept with it.
    package struct Ready: Sendable {
        package var batch: PreparedBatch
        package var token: [UInt8]
    }

    /// - Parameter token: where the reading began; empty at the start.
    package init(token: [UInt8]) {
        lastToken = token
    }

    /// Bytes that wait to be covered by a token.
    package var waitingBytes: Int { gatheredBytes }

    /// Takes the next piece; returns what is to be committed now.
    package mutating func received(_ piece: Piece, prepare: (MappedBatch) -> PreparedBatch) -> Ready? {
        // A connector that can't be resumed says so with empty tokens: its batches wait for nothing.
        let isCovered = piece.token.isEmpty || piece.token != lastToken
        lastToken = piece.token
        if pieces.isEmpty, isCovered {
            let prepared = prepare(piece.batch)
            if prepared.isInKeyOrder { return Ready(batch: prepared, token: piece.token) }
        }
        gatheredBytes += piece.batch.columns.reduce(0) { $0 + $1.bytes.count }
        gatheredRows += piece.batch.count
        pieces.append(piece)
        guard isCovered, gatheredRows >= rows || gatheredBytes >= bytes else { return nil }
        return ended(prepare: prepare)
    }

    /// What is left at the end of the stream.
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
