package import Changes
package import Identifiers
package import JSON
package import Mapping
package import Time

/// The installation's own row.
package struct Installation: Sendable {
    /// The key of every keyed hash in this database (16 bytes, random, made at the first migration).
    package var hashKey: [UInt8]
    package var format: Int64

    package init(hashKey: [UInt8], format: Int64) {
        self.hashKey = hashKey
        self.format = format
    }
}

package struct ConfigDraft: Sendable {
    package var name: String
    package var provider: String
    /// `pull push sync webhook`
    package var type: String
    package var settings: JSONValue
    package var policy: JSONValue
    package var isActive: Bool

    package init(
        name: String,
        provider: String,
        type: String,
        settings: JSONValue,
        policy: JSONValue,
        isActive: Bool = true
    ) {
        self.name = name
        self.provider = provider
        self.type = type
        self.settings = settings
        self.policy = policy
        self.isActive = isActive
    }
}

/// A tenant's configured use of a connector.
package struct Config: Sendable {
    package var id: UUID
    package var tenant: UUID
    /// The small number that stands for the config inside the database.
    package var number: Int64
    package var name: String
    package var provider: String
    package var type: String
    package var isActive: Bool
    package var settings: JSONValue
    package var policy: JSONValue
    package var version: Int64
    package var createdAt: Instant
    package var updatedAt: Instant

    package init(
        id: UUID,
        tenant: UUID,
        number: Int64,
        name: String,
        provider: String,
        type: String,
        isActive: Bool,
        settings: JSONValue,
        policy: JSONValue,
        version: Int64,
        createdAt: Instant,
        updatedAt: Instant
    ) {
        self.id = id
        self.tenant = tenant
        self.number = number
        self.name = name
        self.provider = provider
        self.type = type
        self.isActive = isActive
        self.settings = settings
        self.policy = policy
        self.version = version
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}

/// What to sync: which config, which of its streams, from which inputs.
package struct SyncRequest: Sendable {
    package var config: UUID
    /// `manual schedule webhook file`
    package var trigger: String
    /// What is read, in order.
    package var streams: [RunStream]
    package var mappingVersion: Int64
    /// Kept on the job for whoever runs it: `{"path": "/…/people.csv"}`.
    package var input: JSONValue
    /// Who asks for it, for integration_audit.
    package var actor: String
    package var kind = RunKind.sync
    /// Whether it stops at a plan; nil where the config's policy says so.
    package var isDryRun: Bool?
    /// Whether it has something newer in hand, so that a held run ends at once. One that looks for a file first ends it when it
    /// takes one (`takeFile`).
    package var bringsNewer = true
    /// Whether a plan that nobody has decided about stands in its way: `conflict`, instead of taking the plan's place.
    package var yieldsToPlan = false

    package init(
        config: UUID,
        trigger: String,
        stream: String,
        entity: Entity,
        mappingVersion: Int64,
        input: JSONValue,
        actor: String = Actor.host
    ) {
        self.init(
            config: config,
            trigger: trigger,
            streams: [RunStream(stream: stream, entity: entity)],
            mappingVersion: mappingVersion,
            input: input,
            actor: actor
        )
    }

    /// Of several streams: people are read before courses before enrolments. At least one.
    package init(
        config: UUID,
        trigger: String,
        streams: [RunStream],
        mappingVersion: Int64,
        input: JSONValue,
        actor: String = Actor.host
    ) {
        self.config = config
        self.trigger = trigger
        self.streams = RunStream.inOrder(streams)
        self.mappingVersion = mappingVersion
        self.input = input
        self.actor = actor
    }
}

package enum RunState: String, Sendable, CaseIterable {
    case queued, running, planned, held, done
    case doneWithRejects = "done_with_rejects"
    case failed, cancelled

    package var hasEnded: Bool {
        switch self {
        case .queued, .running, .planned, .held: false
        case .done, .doneWithRejects, .failed, .cancelled: true
        }
    }

    /// Nobody works on it, nor will until somebody decides something.
    package var isAtRest: Bool { hasEnded || self == .held || self == .planned }
}

/// One execution of a config as its users see it.
package struct Run: Sendable {
    package var id: UUID
    package var tenant: UUID
    package var number: Int64
    package var config: UUID
    package var kind: String
    package var trigger: String
    /// Empty where it reads several.
    package var stream: String
    /// Of the first stream.
    package var entity: Entity
    /// What it reads, in order, with what came of each; at least one.
    package var streams: [RunStream]
    package var mappingVersion: Int64
    package var state: RunState
    package var counts: Counts
    package var attempt: Int64
    package var message: String
    package var failure: RunFailure?
    package var createdAt: Instant
    package var startedAt: Instant?
    package var finishedAt: Instant?
    /// What is read, as the sync was asked for: `{"path": "/…/people.csv"}`.
    package var input: JSONValue
    /// What the guard said of each entity of which the run set records aside.
    package var verdicts: [GuardVerdict] = []
    /// What was said to it while it was held.
    package var decision: GuardDecision?
    /// Of a run that stops, or has stopped, at a plan.
    package var plan: RunPlan?

    package init(
        id: UUID,
        tenant: UUID,
        number: Int64,
        config: UUID,
        kind: String,
        trigger: String,
        stream: String,
        entity: Entity,
        mappingVersion: Int64,
        state: RunState,
        counts: Counts,
        attempt: Int64,
        message: String,
        failure: RunFailure?,
        createdAt: Instant,
        startedAt: Instant?,
        finishedAt: Instant?,
        input: JSONValue
    ) {
        self.id = id
        self.tenant = tenant
        self.number = number
        self.config = config
        self.kind = kind
        self.trigger = trigger
        self.stream = stream
        self.entity = entity
        streams = [RunStream(stream: stream, entity: entity, counts: counts, isFinished: state.hasEnded)]
        self.mappingVersion = mappingVersion
        self.state = state
        self.counts = counts
        self.attempt = attempt
        self.message = message
        self.failure = failure
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.input = input
    }
}

/// What becomes of the effects that a held run has set aside.
package struct GuardDecision: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        case approved, refused
        /// A newer sync came first.
        case superseded
    }

    package var kind: Kind
    package var actor: String
    package var at: Instant

    package init(kind: Kind, actor: String, at: Instant) {
        self.kind = kind
        self.actor = actor
        self.at = at
    }
}

/// Why an attempt ended early.
package struct RunFailure: Sendable, Equatable {
    /// A class of the connector ABI in lower case (`config auth … protocol`).
    package var errorClass: String
    package var code: String
    package var message: String
    package var hint: String

    package init(errorClass: String, code: String, message: String, hint: String = "") {
        self.errorClass = errorClass
        self.code = code
        self.message = message
        self.hint = hint
    }
}

/// A job in hand: lease and fencing token.
package struct ClaimedJob: Sendable {
    package var number: Int64
    package var tenant: UUID
    package var config: UUID
    package var run: UUID
    package var kind: String
    package var attempt: Int64
    package var fence: Int64
    package var owner: String

    package init(
        number: Int64,
        tenant: UUID,
        config: UUID,
        run: UUID,
        kind: String,
        attempt: Int64,
        fence: Int64,
        owner: String
    ) {
        self.number = number
        self.tenant = tenant
        self.config = config
        self.run = run
        self.kind = kind
        self.attempt = attempt
        self.fence = fence
        self.owner = owner
    }
}

/// The right to commit for a run, as long as the fence on its row is this one.
package struct RunLease: Sendable {
    package var job: ClaimedJob
    package var run: Run
    package var config: Config
    package var policy: Policy

    package init(job: ClaimedJob, run: Run, config: Config, policy: Policy) {
        self.job = job
        self.run = run
        self.config = config
        self.policy = policy
    }
}

package struct StoredReject: Sendable {
    package var number: Int64
    package var id: UUID
    package var run: UUID
    package var entity: Entity
    /// What the number counts: `line`, `row`, `byte_offset`, `index`.
    package var locatorKind: String
    package var locator: Int64
    package var source: String
    package var key: String?
    package var failures: [FieldFailure]
    package var raw: [RawField]
    package var state: String
    /// What somebody made of the record, to be replayed in its place.
    package var correction: RejectCorrection?
    /// Counts its changes.
    package var version: Int64
    /// The run that has replayed it last.
    package var replayRun: UUID?

    package init(
        number: Int64,
        id: UUID,
        run: UUID,
        entity: Entity,
        locatorKind: String,
        locator: Int64,
        source: String,
        key: String?,
        failures: [FieldFailure],
        raw: [RawField],
        state: String,
        correction: RejectCorrection? = nil,
        version: Int64 = 1,
        replayRun: UUID? = nil
    ) {
        self.number = number
        self.id = id
        self.run = run
        self.entity = entity
        self.locatorKind = locatorKind
        self.locator = locator
        self.source = source
        self.key = key
        self.failures = failures
        self.raw = raw
        self.state = state
        self.correction = correction
        self.version = version
        self.replayRun = replayRun
    }
}

package struct LogEntry: Sendable {
    package var config: UUID
    package var run: UUID?
    /// `success` or `error`
    package var status: String
    package var level: String
    package var event: String
    package var message: String
    package var payload: JSONValue

    package init(
        config: UUID,
        run: UUID?,
        status: String,
        level: String,
        event: String,
        message: String,
        payload: JSONValue
    ) {
        self.config = config
        self.run = run
        self.status = status
        self.level = level
        self.event = event
        self.message = message
        self.payload = payload
    }
}
