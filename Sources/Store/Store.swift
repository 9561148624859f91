package import Changes
package import Identifiers
package import JSON
package import Mapping
package import Time

/// What the integration layer keeps. Each method is one whole transaction that holds the invariant it is named after.
///
/// No method works without a tenant, but for those that claim work or clean up (`claimJob`, `forgetExpiredAnswers`) and what
/// needs no rows. Another tenant's id is answered as one that never was. What changes something names who did it: `actor`,
/// for integration_audit.
/// Every failure is a `StoreError`; an empty answer means "there is none".
package protocol Store: ConfigStore, CredentialStore, MappingStore, RunHistory, LogStore, ProviderStore, FileStore,
    IdempotencyStore, LookupStore, OverviewStore, RejectStore, TakenFileStore, PlanStore, PreviewStore
{
    /// The installation's own row: made at the first migration.
    func installation() async throws(StoreError) -> Installation

    // MARK: Jobs and runs

    /// A queued run with its job. `conflict` naming the run in hand if the config has one that has not ended; `inactive` if
    /// the config is off, `providerOff` if its provider is. One that is planned ends, and one that is held if the request brings
    /// something newer and is no dry run: what it has shown is superseded.
    func enqueueSync(_ request: SyncRequest, tenant: UUID, now: Instant) async throws(StoreError) -> Run
    /// The config's run that has not ended, if any. One that is held or planned stands in nobody's way.
    func unfinishedRun(config: UUID, tenant: UUID) async throws(StoreError) -> Run?
    /// The next job that is due, with a lease and a higher fence; an overdue lease of another host counts as due.
    ///
    /// * `perTenant`: while a tenant has so many jobs running, those of others go first, whenever they came.
    /// * `abandoned`: every lease held by somebody else counts as overdue: the caller holds the database's lock.
    /// * `run`: that run's job or none, for whoever can work no other.
    func claimJob(
        owner: String,
        leaseFor: Duration,
        perTenant: Int,
        abandoned: Bool,
        run: UUID?,
        now: Instant
    ) async throws(StoreError) -> ClaimedJob?
    /// When the next job can be claimed, `now` if one can already: the earliest of the times that jobs wait for and of
    /// the ends of leases. Nil if there is none.
    func nextJobDue(now: Instant) async throws(StoreError) -> Instant?
    /// `fenced` if the lease is not the caller's any more.
    func extendLease(_ job: ClaimedJob, leaseFor: Duration, now: Instant) async throws(StoreError)
    /// Hands a job back that was not worked to its end: it is due again at once, the attempt does not count, and the fence
    /// is raised, so that its former holder commits nothing. `fenced` if the lease is not the caller's any more.
    @discardableResult
    func releaseJob(_ job: ClaimedJob, now: Instant) async throws(StoreError) -> Run
    /// Turns the run to `running` under the job's fence and reads what is needed to go on. The lease's run still names
    /// why the attempt before it ended, if it did.
    func beginRun(_ job: ClaimedJob, now: Instant) async throws(StoreError) -> RunLease
    func checkpoint(_ lease: RunLease, stream: String) async throws(StoreError) -> [UInt8]?

    /// Applies one batch: rows, links, rejects, change images, counts, numbers seen and the token, all or nothing,
    /// refused as `fenced` if the lease was lost.
    func commit(
        _ batch: PreparedBatch,
        token: [UInt8],
        stream: String,
        lease: RunLease,
        now: Instant
    ) async throws(StoreError) -> Counts
    /// After the last batch of an entity's last stream: the guard counts what was set aside, and applies it or leaves it for
    /// somebody to decide; records that wait for their e-mail are decided, managers resolved. Safe to repeat.
    ///
    /// - Parameter summary: the connector's, of that last stream. Where the policy says so, and all people were read to
    ///   the end, those who were not among them are set aside too.
    func settle(
        _ entity: Entity,
        summary: JSONValue,
        _ lease: RunLease,
        now: Instant
    ) async throws(StoreError) -> Counts
    /// How many rows of an entity the lease's config owns.
    func ownedRows(_ entity: Entity, _ lease: RunLease) async throws(StoreError) -> Int64
    /// Applies what a held run has set aside and somebody has approved: exactly what was shown, record by record; one whose
    /// row or effect is another by now is a reject. Safe to repeat.
    func applyApproved(_ lease: RunLease, now: Instant) async throws(StoreError) -> Counts
    /// The stream is read to its end: another attempt doesn't read it again.
    func finishStream(
        _ stream: RunStream,
        summary: JSONValue,
        lease: RunLease,
        now: Instant
    ) async throws(StoreError)
    /// Records of earlier runs of the tenant that wait for what they refer to, and that no run from this one on has tried
    /// again; empty when all are.
    func waitingRejects(_ lease: RunLease, limit: Int) async throws(StoreError) -> [WaitingReject]
    /// Tries such records again. What gets through counts as read by this run, and its reject as replayed; the others wait on
    /// until `WaitingRecords.mostTries` runs have tried, and are counted nowhere. Safe to repeat.
    func retry(_ waiting: WaitingRetry, lease: RunLease, now: Instant) async throws(StoreError) -> Counts
    /// Ends the run as `done` or `done_with_rejects`, or leaves it `held` with what the guard has set aside; ends its job, its checkpoint, and writes the outcome to
    /// integration_logs; `accounts` if the counts don't agree.
    func finishRun(_ lease: RunLease, summary: JSONValue, now: Instant) async throws(StoreError) -> Run
    /// Ends an attempt: `retryAt` nil ends run and job as failed (or cancelled), else the job waits until then. A retry
    /// of class `state_lost` starts over: checkpoint, counts and rejects of the run are gone, its rows stay.
    func failRun(
        _ lease: RunLease,
        failure: RunFailure,
        retryAt: Instant?,
        now: Instant
    ) async throws(StoreError) -> Run

    /// Ends the run of a job that can't even be begun as `failed`. `fenced` if the lease is not the caller's any more.
    func failJob(_ job: ClaimedJob, failure: RunFailure, now: Instant) async throws(StoreError) -> Run

    /// A tenant's jobs, the newest first; those older than `before`.
    func jobs(
        _ filter: JobFilter,
        tenant: UUID,
        before: UUID?,
        limit: Int
    ) async throws(StoreError) -> [Job]
    /// Queues a new run of what a dead job's run was to do, with the newest mappings; the dead job is done with.
    /// `conflict` if it is not dead, if its config is gone or has a run in hand; `notRepeatable` if it read a file by its path;
    /// `inactive`, `providerOff`; `invalid` if nothing is mapped.
    func redriveJob(_ id: UUID, actor: String, tenant: UUID, now: Instant) async throws(StoreError) -> Run

    /// Ends a run that has not ended; whoever works on it commits nothing more. `conflict` if it has ended.
    func cancelRun(
        _ id: UUID,
        reason: String,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Run

    /// Queues a held run once more, to apply what it has set aside. `conflict` if it is not held.
    func approveRun(_ id: UUID, actor: String, tenant: UUID, now: Instant) async throws(StoreError) -> Run
    /// Ends a held run without what it has set aside. `conflict` if it is not held.
    func refuseRun(_ id: UUID, actor: String, tenant: UUID, now: Instant) async throws(StoreError) -> Run

    func run(_ id: UUID, tenant: UUID) async throws(StoreError) -> Run?
    func rejects(
        run: UUID,
        tenant: UUID,
        after: Int64,
        limit: Int
    ) async throws(StoreError) -> [StoredReject]
}

extension Store {
    /// Of people.
    package func settle(_ lease: RunLease, now: Instant) async throws(StoreError) -> Counts {
        try await settle(.users, lease, now: now)
    }

    /// Without anything that says whether all was read.
    package func settle(
        _ entity: Entity,
        _ lease: RunLease,
        now: Instant
    ) async throws(StoreError) -> Counts {
        try await settle(entity, summary: [:], lease, now: now)
    }

    /// Claims the job of any run.
    package func claimJob(
        owner: String,
        leaseFor: Duration,
        perTenant: Int,
        abandoned: Bool,
        now: Instant
    ) async throws(StoreError) -> ClaimedJob? {
        try await claimJob(
            owner: owner,
            leaseFor: leaseFor,
            perTenant: perTenant,
            abandoned: abandoned,
            run: nil,
            now: now
        )
    }

    /// Cancels it in the host's own name.
    package func cancelRun(
        _ id: UUID,
        reason: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Run {
        try await cancelRun(id, reason: reason, actor: Actor.host, tenant: tenant, now: now)
    }
}
