package import Changes
package import Identifiers
package import JSON
package import Mapping
package import Time

/// What runs did, page by page.
package protocol RunHistory: Sendable {
    /// Newest first.
    func runs(_ filter: RunFilter, page: PageRequest, tenant: UUID) async throws(StoreError) -> Page<Run>
    /// In source order, as far as the batches came in it. `notFound` without such a run, as for the others here.
    func rejects(
        run: UUID,
        _ filter: RejectFilter,
        page: PageRequest,
        tenant: UUID
    ) async throws(StoreError) -> Page<StoredReject>
    /// How often which failure in which field, the most frequent first.
    func rejectGroups(run: UUID, tenant: UUID) async throws(StoreError) -> [RejectGroup]
    /// What the run has set aside, or shows as its plan, in the order in which it came up.
    func effects(
        run: UUID,
        _ filter: EffectFilter,
        page: PageRequest,
        tenant: UUID
    ) async throws(StoreError) -> Page<RecordedEffect>
    /// What the run did to which row, in the order in which it did it.
    func changes(run: UUID, page: PageRequest, tenant: UUID) async throws(StoreError) -> Page<RecordedChange>
}

/// Which runs are wanted; nil takes all.
package struct RunFilter: Sendable, Hashable {
    package var config: UUID?
    /// Empty takes all.
    package var states: Set<RunState>
    package var kind: String?
    /// Made at this instant or later.
    package var since: Instant?
    /// Made before this instant.
    package var until: Instant?

    package init(
        config: UUID? = nil,
        states: Set<RunState> = [],
        kind: String? = nil,
        since: Instant? = nil,
        until: Instant? = nil
    ) {
        self.config = config
        self.states = states
        self.kind = kind
        self.since = since
        self.until = until
    }
}

/// Which rejects are wanted, by their first failure; nil takes all.
package struct RejectFilter: Sendable, Hashable {
    package var code: String?
    package var field: String?
    /// `open waiting replayed dismissed`
    package var state: String?

    package init(code: String? = nil, field: String? = nil, state: String? = nil) {
        self.code = code
        self.field = field
        self.state = state
    }
}

/// How many rejects of a run have the same first failure.
package struct RejectGroup: Sendable, Hashable {
    package var code: String
    /// The target field; empty where the whole record was refused.
    package var field: String
    package var count: Int64
    /// Those that nobody has replayed or dismissed.
    package var open: Int64

    package init(code: String, field: String, count: Int64, open: Int64) {
        self.code = code
        self.field = field
        self.count = count
        self.open = open
    }
}

/// Which of a run's effects are wanted; nil takes all.
package struct EffectFilter: Sendable, Hashable {
    package var kind: GuardedEffect?
    package var state: RecordedEffect.State?
    /// Of a plan.
    package var effect: RecordedChange.Effect?

    package init(
        kind: GuardedEffect? = nil,
        state: RecordedEffect.State? = nil,
        effect: RecordedChange.Effect? = nil
    ) {
        self.kind = kind
        self.state = state
        self.effect = effect
    }
}

/// What a record would do to a row: set aside by the guard, or shown by a plan.
package struct RecordedEffect: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable {
        /// The run still reads: the guard has not counted.
        case undecided
        /// The run is held: somebody has to decide.
        case pending
        case applied, refused
        /// A newer sync came, or the run ended otherwise, before anybody decided.
        case superseded
        /// Not as it was shown any more, or refused like any record: one of the run's rejects tells why.
        case conflict
    }

    package var effect = RecordedChange.Effect.updated
    package var kinds: [GuardedEffect]
    package var state: State
    package var entity: Entity
    /// nil if the row is gone, or not made yet.
    package var row: UUID?
    package var externalID: String
    /// The person's or course's name; of an enrolment who in what. As it is now.
    package var name: String?
    package var fields: [RecordedChange.Field]
    package var at: Instant

    package init(
        effect: RecordedChange.Effect = .updated,
        kinds: [GuardedEffect],
        state: State,
        entity: Entity,
        row: UUID?,
        externalID: String,
        name: String?,
        fields: [RecordedChange.Field],
        at: Instant
    ) {
        self.effect = effect
        self.kinds = kinds
        self.state = state
        self.entity = entity
        self.row = row
        self.externalID = externalID
        self.name = name
        self.fields = fields
        self.at = at
    }
}

/// What a run did to one row.
package struct RecordedChange: Sendable, Equatable {
    package enum Effect: String, Sendable, CaseIterable {
        case created, updated
        /// An existing row got a link, and was perhaps updated.
        case linked
    }

    package struct Field: Sendable, Equatable {
        /// `email`, `manager_id`, `attributes.cost_centre`
        package var name: String
        package var before: JSONValue
        package var after: JSONValue

        package init(name: String, before: JSONValue, after: JSONValue) {
            self.name = name
            self.before = before
            self.after = after
        }
    }

    package var effect: Effect
    package var entity: Entity
    /// nil if the row is gone.
    package var row: UUID?
    /// The external id: of the new link, else as it stands in the row.
    package var externalID: String?
    package var fields: [Field]
    package var at: Instant

    package init(
        effect: Effect,
        entity: Entity,
        row: UUID?,
        externalID: String?,
        fields: [Field],
        at: Instant
    ) {
        self.effect = effect
        self.entity = entity
        self.row = row
        self.externalID = externalID
        self.fields = fields
        self.at = at
    }
}
