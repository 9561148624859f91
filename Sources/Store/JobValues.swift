package import Identifiers
package import Time

package enum JobState: String, Sendable, CaseIterable {
    /// Until its time has come.
    case waiting
    /// Somebody holds its lease.
    case running
    case done
    /// Its run failed, and nobody tries again by himself: listed until it is redriven.
    case dead
}

/// The queue's entry that makes a run happen, as an administrator sees it. A run has one job.
package struct Job: Sendable, Equatable {
    /// Its run's id: the job has none of its own.
    package var id: UUID
    package var tenant: UUID
    package var config: UUID
    package var kind: String
    package var state: JobState
    package var attempt: Int64
    /// When it may start, or might have.
    package var runAt: Instant
    /// Until when its worker holds it, if one does.
    package var leaseUntil: Instant?
    package var createdAt: Instant
    package var updatedAt: Instant
    package var runState: RunState
    /// What its run says.
    package var message: String
    /// Why its run's last attempt ended early, if it did.
    package var failure: RunFailure?

    package init(
        id: UUID,
        tenant: UUID,
        config: UUID,
        kind: String,
        state: JobState,
        attempt: Int64,
        runAt: Instant,
        leaseUntil: Instant?,
        createdAt: Instant,
        updatedAt: Instant,
        runState: RunState,
        message: String,
        failure: RunFailure?
    ) {
        self.id = id
        self.tenant = tenant
        self.config = config
        self.kind = kind
        self.state = state
        self.attempt = attempt
        self.runAt = runAt
        self.leaseUntil = leaseUntil
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.runState = runState
        self.message = message
        self.failure = failure
    }
}

/// Which jobs of a tenant; nil is any.
package struct JobFilter: Sendable, Equatable {
    package var state: JobState?
    package var config: UUID?

    package init(state: JobState? = nil, config: UUID? = nil) {
        self.state = state
        self.config = config
    }
}
