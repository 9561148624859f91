package import Changes
package import Store

/// How far a run is, told after each committed batch.
package struct SyncProgress: Sendable {
    package enum Phase: String, Sendable {
        case starting, reading, settling, waiting
    }

    package var phase: Phase
    /// Of the whole run, earlier attempts included.
    package var counts: Counts
    /// Bytes of values read so far in this attempt: beside a file's size it tells about how far the run is.
    package var bytesRead: Int64
    /// Bytes of the file that is read, once they are known; told once in an attempt.
    package var inputBytes: Int64?
    /// What is being read; nil before and after.
    package var stream: RunStream?
    /// Said once, when something has to be told (a retry and why).
    package var note: String?

    package init(
        phase: Phase,
        counts: Counts,
        bytesRead: Int64 = 0,
        inputBytes: Int64? = nil,
        note: String? = nil
    ) {
        self.phase = phase
        self.counts = counts
        self.bytesRead = bytesRead
        self.inputBytes = inputBytes
        self.note = note
    }
}
