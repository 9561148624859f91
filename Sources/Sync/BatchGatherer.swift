package import Mapping

/// Puts small unsorted batches together before they are committed.
///
/// Rows in key order cost the same in any batch; rows in random order cost a page write each, which a larger batch,
/// sorted, shares among its rows. So batches in key order pass at once, others wait here until there are enough rows.
package struct BatchGatherer: Sendable {
    /// Rows and bytes at which a gathered batch is large enough.
    package var rows = 32_768
    package var bytes = 16 << 20

    private var gathered: Piece?
    private var gatheredBytes = 0

    /// A mapped batch, and the token that covers it and all before it.
    package struct Piece: Sendable {
        package var batch: MappedBatch
        package var token: [UInt8]

        package init(batch: MappedBatch, token: [UInt8]) {
            self.batch = batch
            self.token = token
        }
    }

    package init() {}

    package var isEmpty: Bool { gathered == nil }

    /// Takes the next piece; returns all of them as one when they are enough.
    package mutating func append(_ piece: Piece) -> Piece? {
        gatheredBytes += piece.batch.columns.reduce(0) { $0 + $1.bytes.count }
        if gathered == nil {
            gathered = piece
        } else {
            gathered?.batch.append(piece.batch)
            gathered?.token = piece.token
        }
        guard let whole = gathered, whole.batch.count >= rows || gatheredBytes >= bytes else { return nil }
        return takeAll()
    }

    /// What is left at the end of the stream.
    package mutating func takeAll() -> Piece? {
        defer {
            gathered = nil
            gatheredBytes = 0
        }
        return gathered
    }
}

extension MappedBatch {
    /// Puts a later batch of the same mapping behind this one.
    package mutating func append(_ later: MappedBatch) {
        let shift = Int32(count)
        for position in columns.indices {
            let base = Int32(columns[position].bytes.count)
            columns[position].states.append(contentsOf: later.columns[position].states)
            columns[position].bytes.append(contentsOf: later.columns[position].bytes)
            columns[position].offsets.append(contentsOf: later.columns[position].offsets.dropFirst().map { $0 + base })
        }
        accepted.append(contentsOf: later.accepted.map { $0 + shift })
        locators.append(contentsOf: later.locators)
        rejects.append(
            contentsOf: later.rejects.map { reject in
                var moved = reject
                moved.row += shift
                return moved
            }
        )
        warnings.append(
            contentsOf: later.warnings.map { warning in
                var moved = warning
                moved.row += shift
                return moved
            }
        )
        count += later.count
    }
}
