package import Changes
package import Identifiers
package import Mapping
package import Time

/// What a run's `kind` says.
package enum RunKind {
    /// Reads a source.
    package static let sync = "sync"
    /// Applies rejects of an earlier run again.
    package static let replay = "replay"
}

/// Rejects looked at one by one, corrected, dismissed, and replayed.
package protocol RejectStore: Sendable {
    /// Nil if the run has none of this id; `notFound` without such a run.
    func reject(_ id: UUID, run: UUID, tenant: UUID) async throws(StoreError) -> StoredReject?
    /// `stale` if it is not at this version any more; `conflict` if it was replayed.
    func changeReject(
        _ id: UUID,
        run: UUID,
        _ change: RejectChange,
        version: Int64,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> StoredReject

    /// A queued run of kind `replay` with its job. `invalid` if nothing of it is open or waits, or what is has no mapping;
    /// `conflict`, `inactive` and `providerOff` as for a sync; `notFound` without such a run.
    func enqueueReplay(_ request: ReplayRequest, tenant: UUID, now: Instant) async throws(StoreError) -> Run
    /// What the lease's run still has to replay of one of its streams, in source order, behind the reject with this number.
    func rejectsToReplay(
        _ lease: RunLease,
        _ stream: RunStream,
        after: Int64,
        limit: Int
    ) async throws(StoreError) -> [RejectToReplay]
    /// Applies rejects under the current mapping. One that gets through is `replayed`; one that fails again stays as it was
    /// with its new failures. Both count in the lease's run. What changed meanwhile is left, and so is what names a record
    /// of the batch a second time: it comes with the next page.
    func replay(_ step: ReplayStep, lease: RunLease, now: Instant) async throws(StoreError) -> ReplayOutcome
    /// After `settle`: what was refused only then is the reject it had been, with its new failure. Safe to repeat.
    func takeBackRefused(_ lease: RunLease, now: Instant) async throws(StoreError)
}

/// What somebody made of a reject's record.
package struct RejectCorrection: Sendable, Equatable {
    package var raw: [RawField]
    package var by: String
    package var at: Instant

    package init(raw: [RawField], by: String, at: Instant) {
        self.raw = raw
        self.by = by
        self.at = at
    }
}

/// What is to become of a reject; nil stays.
package struct RejectChange: Sendable, Equatable {
    package enum Correction: Sendable, Equatable {
        case set([RawField])
        case takenBack
    }

    package var correction: Correction?
    /// `open` or `dismissed`
    package var state: String?

    package init(correction: Correction? = nil, state: String? = nil) {
        self.correction = correction
        self.state = state
    }
}

package struct ReplayRequest: Sendable, Equatable {
    /// Whose rejects.
    package var run: UUID
    package var choice: ReplayChoice
    package var actor: String

    package init(run: UUID, choice: ReplayChoice, actor: String) {
        self.run = run
        self.choice = choice
        self.actor = actor
    }
}

/// Which of a run's rejects are replayed, of those that are open or wait.
package enum ReplayChoice: Sendable, Equatable {
    case ids([UUID])
    /// By their first failure.
    case group(code: String, field: String?)
    case all

    /// Ids in one request: they stand in the run's row.
    package static let mostIDs = 1_000
}

/// A reject with the record that stands for it now.
package struct RejectToReplay: Sendable {
    package var number: Int64
    package var version: Int64
    package var locatorKind: String
    package var source: String
    package var locator: Int64
    package var raw: [RawField]
    package var isCorrected: Bool
    /// As it failed before.
    package var failures: [FieldFailure]

    package init(
        number: Int64,
        version: Int64,
        locatorKind: String,
        source: String,
        locator: Int64,
        raw: [RawField],
        isCorrected: Bool,
        failures: [FieldFailure]
    ) {
        self.number = number
        self.version = version
        self.locatorKind = locatorKind
        self.source = source
        self.locator = locator
        self.raw = raw
        self.isCorrected = isCorrected
        self.failures = failures
    }
}

/// Rejects of one stream and source, mapped once more.
package struct ReplayStep: Sendable {
    package var stream: RunStream
    /// By row of the batch; its locators are theirs.
    package var rejects: [RejectToReplay]
    /// nil where they have no fields that could be mapped: they fail as they did.
    package var batch: MappedBatch?

    package init(stream: RunStream, rejects: [RejectToReplay], batch: MappedBatch?) {
        self.stream = stream
        self.rejects = rejects
        self.batch = batch
    }
}

package struct ReplayOutcome: Sendable, Equatable {
    package var counts: Counts
    /// The numbers of those that are still to be done: their key stands in the batch before them.
    package var left: [Int64]

    package init(counts: Counts, left: [Int64]) {
        self.counts = counts
        self.left = left
    }
}
