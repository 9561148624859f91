package import Changes
package import Identifiers
package import Store

/// A run as its watchers see it at one moment.
package struct RunStatus: Sendable, Equatable {
    package var run: UUID
    package var state: RunState
    /// What its worker does; nil while no worker has it, and after its end.
    package var phase: SyncProgress.Phase?
    /// What is being read.
    package var stream: RunStream?
    package var counts: Counts
    package var message: String
    /// Bytes of the input, about: nil where there is no file, or where its size is no measure.
    package var bytesDone: Int64?
    package var bytesTotal: Int64?
    /// Rows a second, over the last ten seconds.
    package var rate: Double?
    /// Until the input is read.
    package var secondsLeft: Int64?

    package init(_ run: Run) {
        self.run = run.id
        state = run.state
        counts = run.counts
        message = run.message
    }
}
