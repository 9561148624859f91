internal import ConnectorKit

/// How the readers of all formats give out their batches: the room for the next one by what the last one took, the limit of the
/// pull, the end, and a failure after the rows before it.
package struct BatchCourse {
    private(set) var read = 0
    /// Whether the source was read to its end, unchanged.
    private(set) var isComplete = false
    private let batchRows: Int
    private let limit: Int
    /// Rows of the last batch, and bytes of each column: about what the next one will need.
    private var lastRows = 0
    private var lastBytes: [Int]
    /// What ends the reading once the rows before it were given out.
    private var failure: ConnectorFailure?
    private var hasStopped = false

    /// Bytes of the source, or of its values, that a batch has about.
    package static let batchBytes = 4 * 1024 * 1024
    /// Bytes of a spoiled row that are handed on.
    package static let rawBytes = 65536

    init(columns: Int, _ request: PullRequest) {
        batchRows = request.batchRows
        limit = request.limit ?? .max
        lastBytes = [Int](repeating: 0, count: columns)
    }

    /// The next batch; nil at the end.
    ///
    /// `fill` appends at most so many rows, and says whether the source has ended. What it has appended when it throws is given
    /// out first, and the failure comes at the next call.
    mutating func next(
        _ fill: (_ batch: inout RecordBatch, _ maxRows: Int) throws(ConnectorFailure) -> Bool
    ) throws(ConnectorFailure) -> RecordBatch? {
        if let failure { throw failure }
        guard !hasStopped else { return nil }
        var batch = RecordBatch(
            rows: 0,
            columns: lastBytes.map { bytes in RecordColumn(.text, rows: lastRows, bytes: bytes + bytes / 8) },
            places: RecordColumn(.int64, rows: lastRows)
        )
        do throws(ConnectorFailure) {
            isComplete = try fill(&batch, min(batchRows, limit - read))
        } catch {
            failure = error
            if error.failureClass == .cancelled || batch.rows == 0 { throw error }
        }
        hasStopped = isComplete || read + batch.rows == limit
        guard batch.rows > 0 else { return nil }
        read += batch.rows
        lastRows = batch.rows
        lastBytes = batch.columns.map(\.byteCount)
        return batch
    }
}
