package import Changes
package import Identifiers
package import JSON
package import Mapping
package import Time

/// What a record would do, and to whom.
package struct PreviewedRecord: Sendable, Equatable {
    package enum Outcome: String, Sendable, CaseIterable {
        case create, update
        /// A row that is there already becomes known to the config by the record's key, and may be updated.
        case link
        case unchanged
        /// The guard would count it before it is applied.
        case setAside = "set_aside"
        /// Its e-mail is another's: it is decided about when all records are read.
        case waits
        /// Another of the records says the same of the same key.
        case duplicate
        case reject
    }

    package var outcome: Outcome
    /// What the guard counts.
    package var kinds: [GuardedEffect] = []
    /// What it changes; of a new row all that it holds.
    package var fields: [RecordedChange.Field] = []
    /// Why it is refused.
    package var failures: [FieldFailure] = []
    /// The number of the row that it is about, if there is one.
    var row: Int64?
    package var rowID: UUID?
    /// What the row holds now, by the names of changes; nil where there is none.
    package var present: JSONObject?

    init(outcome: Outcome, failures: [FieldFailure] = []) {
        self.outcome = outcome
        self.failures = failures
    }
}

/// Records that are only looked at.
package protocol PreviewStore: Sendable {
    /// What each record of a batch would do, in source order, as if they were the only ones: by row. Nothing is written.
    /// `notFound` without such a config.
    func previewEffects(
        of batch: MappedBatch,
        config: UUID,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> [PreviewedRecord]
}
