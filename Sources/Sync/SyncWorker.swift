internal import Changes
internal import Columns
package import ConnectorHost
package import Crypto
package import Identifiers
internal import JSON
package import Log
internal import Mapping
package import Store
internal import Time

/// Works jobs: claims one, takes its run the way of a record, ends it.
package struct SyncWorker: Sendable {
    var store: any Store
    let connectors: ConnectorHost
    let log: Logger
    /// Who holds the leases: host name, process, start time.
    private let owner: String
    private let retry: RetryPolicy
    private let lease: Duration
    private let clock: any WallClock
    let secrets: @Sendable (Config) async throws -> [String: Secret]
    let files: (any InputFiles)?
    let folders: ImportFolders?
    private(set) var report: @Sendable (SyncProgress) -> Void

    var now: @Sendable () -> Instant { clock.now }

    /// - Parameters:
    ///   - secrets: opens a config's credentials for its connector.
    ///   - files: where uploaded files lie; without it a run of one fails as `file_gone`.
    ///   - folders: the tenants' own folders; without them a run of one fails as `no_import_root`.
    package init(
        store: any Store,
        connectors: ConnectorHost,
        log: Logger,
        owner: String,
        retry: RetryPolicy = RetryPolicy(),
        lease: Duration = .seconds(30),
        clock: any WallClock = SystemWallClock(),
        secrets: @escaping @Sendable (Config) async throws -> [String: Secret] = { _ in [:] },
        files: (any InputFiles)? = nil,
        folders: ImportFolders? = nil,
        report: @escaping @Sendable (SyncProgress) -> Void = { _ in }
    ) {
        self.store = store
        self.connectors = connectors
        self.log = log
        self.owner = owner
        self.retry = retry
        self.lease = lease
        self.clock = clock
        self.secrets = secrets
        self.files = files
        self.folders = folders
        self.report = report
    }

    /// Claims the next job that is due and works it until it ends or waits; nil if none is due.
    ///
    /// - Parameters:
    ///   - run: the only one whose job is claimed; nil for any.
    ///   - abandoned: the caller holds the database alone, so that leases of others are leftovers.
    package func runNext(of run: UUID? = nil, abandoned: Bool) async throws -> Run? {
        guard let job = try await claim(run: run, perTenant: .max, abandoned: abandoned) else { return nil }
        return try await work(job)
    }

    /// The next job that is due, with a lease that must be worked or handed back; nil if none is due.
    ///
    /// The parameters are those of `Store.claimJob`.
    package func claim(
        run: UUID? = nil,
        perTenant: Int,
        abandoned: Bool
    ) async throws(StoreError) -> ClaimedJob? {
        try await store.claimJob(
            owner: owner,
            leaseFor: lease,
            perTenant: perTenant,
            abandoned: abandoned,
            run: run,
            now: now()
        )
    }

    /// Works a job in hand until its run ends or waits.
    ///
    /// A cancelled task stops it soon, and throws `CancellationError` once the runner is gone and what was being committed is
    /// in. The job is then left as it is, under its lease: whoever cancelled hands it back, or has ended the run.
    ///
    /// - Parameters:
    ///   - began: is told the run before anything is read.
    ///   - left: is told the run once it has ended, waits, or is held; what comes after its file is seen to after that.
    ///   - report: in place of the worker's own.
    /// - Throws: `StoreError.fenced` if the lease was lost: nothing was committed after that.
    @concurrent
    package func work(
        _ job: ClaimedJob,
        began: @Sendable (Run) -> Void = { _ in },
        left: @Sendable (Run) -> Void = { _ in },
        report: (@Sendable (SyncProgress) -> Void)? = nil
    ) async throws -> Run {
        var worker = self
        if let report { worker.report = report }
        let log = log.with([("run", .string(job.run.description)), ("tenant", .string(job.tenant.description))])
        let run = try await worker.workHere(job, log: log, began)
        left(run)
        if run.failure == nil { await worker.seeToFolder(after: run, log: log) }
        return run
    }

    private func workHere(
        _ job: ClaimedJob,
        log: Logger,
        _ began: @Sendable (Run) -> Void
    ) async throws -> Run {
        guard let lease = try await begin(job, log: log) else {
            return try await store.failJob(job, failure: Self.unusable, now: now())
        }
        began(lease.run)
        if retry.isGivenUp(attempt: job.attempt, earlier: lease.run.failure) {
            log.error("run given up: its host ended while it worked", [("attempt", .integer(job.attempt))])
            return try await store.failRun(lease, failure: Self.hostEnded, retryAt: nil, now: now())
        }
        do {
            let run = try await withHeartbeat(job, log: log) { try await perform(lease, log: log) }
            log.info("run ended", [("state", .string(run.state.rawValue))])
            return run
        } catch let error as StoreError where error.code == .fenced {
            throw error
        } catch {
            if Task.isCancelled { throw CancellationError() }
            return try await attemptFailed(lease, error, log: log)
        }
    }

    /// Nil if what the run needs can't be read and never will be: claimed again and again, it would never end.
    private func begin(_ job: ClaimedJob, log: Logger) async throws(StoreError) -> RunLease? {
        do throws(StoreError) {
            return try await store.beginRun(job, now: now())
        } catch {
            guard error.code == .corrupt || error.code == .notFound else { throw error }
            log.error("run can't be begun", [("message", .string(error.debugDescription))])
            return nil
        }
    }

    private static let unusable = RunFailure(
        errorClass: "config",
        code: "config_unusable",
        message: "The run's configuration, or what it was to read, can't be read.",
        hint: "Save the configuration's settings and policy anew, then sync."
    )

    private static let hostEnded = RunFailure(
        errorClass: "internal",
        code: "host_ended_while_working",
        message: "TrainFlow itself ended again and again while it worked on this run: it is not tried once more.",
        hint: "Whoever runs TrainFlow finds in its log why it ended. Then sync again."
    )

    // MARK: - The way of a record

    private func perform(_ lease: RunLease, log: Logger) async throws -> Run {
        switch lease.run.plan?.phase {
        case .planning:
            report(SyncProgress(phase: .starting, counts: lease.run.counts))
            return try await plan(lease, log: log)
        case .approved:
            report(SyncProgress(phase: .starting, counts: Counts()))
            return try await apply(try await approvedPlan(lease), log: log)
        case .planned, .applied, .dropped, .superseded, nil:
            return try await apply(lease, log: log)
        }
    }

    /// Reads, maps and commits all that the run is to read, and decides what has waited.
    func apply(_ lease: RunLease, log: Logger) async throws -> Run {
        if lease.run.kind == RunKind.replay { return try await replay(lease, log: log) }
        var progress = SyncProgress(phase: .starting, counts: lease.run.counts)
        report(progress)
        let mappings = try await store.mappings(
            config: lease.config.id,
            version: lease.run.mappingVersion,
            tenant: lease.job.tenant
        )
        let installation = try await store.installation()
        let taking = try await taking(lease, log: log)
        if let taking, taking.file == nil { return try await finishWithoutFile(taking, lease) }
        let inputs = try await inputs(of: lease, taking?.file, &progress)
        try await checkStreams(lease, inputs)
        var summary: JSONValue = [:]
        for stream in lease.run.streams where !stream.isFinished {
            progress.stream = stream
            let reading = Reading(
                stream: stream,
                mappings: mappings,
                input: inputs[stream.stream],
                hashKey: installation.hashKey,
                lease: lease
            )
            let pulled = try await read(reading, log: log, &progress)
            if let taking { try await checkUnchanged(taking, tenant: lease.run.tenant) }
            let told = try self.told(
                pulled,
                of: stream.stream,
                read: stream.counts.read + pulled.read,
                taking,
                taking?.manifest ?? inputs[stream.stream]?.manifest
            )
            summary = told.json
            if lease.run.isLastOfEntity(stream) {
                progress.phase = .settling
                report(progress)
                if stream.entity == .users { try await checkNotEmpty(lease, told) }
                progress.counts += try await store.settle(stream.entity, summary: summary, lease, now: now())
            }
            try await store.finishStream(stream, summary: summary, lease: lease, now: now())
        }
        progress.phase = .settling
        progress.stream = nil
        report(progress)
        if lease.run.decision?.kind == .approved {
            progress.counts += try await store.applyApproved(lease, now: now())
            report(progress)
        }
        // A plan shows its own records, and is applied as it was shown.
        if lease.run.plan == nil { try await retryWaiting(lease) }
        // Of several streams each has its own.
        return try await store.finishRun(
            lease,
            summary: lease.run.streams.count == 1 ? summary : [:],
            now: now()
        )
    }

    /// Nil for a run that reads nothing of its tenant's folder, or has read it.
    private func taking(_ lease: RunLease, log: Logger) async throws -> FolderTaking? {
        guard lease.run.streams.contains(where: { !$0.isFinished }), let request = FolderRequest(lease.run.input) else {
            return nil
        }
        return try await take(request, lease, log: log)
    }

    /// An export without anybody, where there are people already, is no export.
    private func checkNotEmpty(_ lease: RunLease, _ summary: PullSummary) async throws {
        guard summary.isComplete, !summary.isFiltered, summary.read == 0,
            let run = try await store.run(lease.run.id, tenant: lease.run.tenant),
            run.streams.allSatisfy({ $0.entity != .users || $0.counts.read == 0 })
        else { return }
        let owned = try await store.ownedRows(.users, lease)
        guard owned > 0 else { return }
        throw ConnectorError(
            .data,
            code: "snapshot_empty",
            message:
                "The export is empty, and this configuration has \(RunMessage.grouped(owned)) people: it was cut, or asked "
                + "for wrongly. Nothing was changed. Export again, and sync."
        )
    }

    /// What is needed to read one stream.
    private struct Reading {
        var stream: RunStream
        /// Of the run's version, of all streams.
        var mappings: [MappingSet]
        var input: InputFile?
        var hashKey: [UInt8]
        var lease: RunLease
    }

    private func read(
        _ reading: Reading,
        log: Logger,
        _ progress: inout SyncProgress
    ) async throws -> PullSummary {
        let set = try mappingSet(of: reading)
        let request = try await request(of: reading)
        let readBefore = reading.stream.counts.read
        if readBefore > 0, (request.token ?? []).isEmpty {
            throw ConnectorError(
                .stateLost,
                code: "no_checkpoint",
                message: "The attempt before read \(readBefore) records and left no token to go on from."
            )
        }
        let operation = try await connectors.pull(request)
        do {
            let summary = try await read(operation, set: set, reading, &progress)
            for warning in summary.warnings { log.warning(warning) }
            return summary
        } catch {
            operation.cancel()
            throw error
        }
    }

    /// Reads, maps and commits, few batches in flight: one being read, one mapped, one committed, perhaps one in between.
    private func read(
        _ operation: PullOperation,
        set: MappingSet,
        _ reading: Reading,
        _ told: inout SyncProgress
    ) async throws -> PullSummary {
        let lease = reading.lease
        let schema = try await operation.schema()
        let environment = try await MappingSurroundings(store: store).environment(for: [set], tenant: lease.job.tenant)
        let mapping = try CompiledMapping.compile(set, source: schema.fields, environment: environment)
        try Self.checkOrderField(of: lease.policy, in: reading.mappings)
        let today = try today()
        var committedLast = Counts()
        func prepare(_ batch: MappedBatch) -> PreparedBatch {
            PreparedBatch.prepare(
                batch,
                source: schema.source,
                locatorKind: schema.locatorKind,
                hashKey: reading.hashKey,
                tenant: lease.job.tenant,
                policy: lease.policy,
                // Where most of the last batch was unchanged, most of this one will be.
                identifies: committedLast.unchanged * 2 <= committedLast.read
            )
        }
        let (store, now, stream) = (store, now, reading.stream.stream)
        told.phase = .reading
        let start = told
        told = try await withThrowingTaskGroup(of: Void.self) { group in
            var line = CommitLine<BatchGatherer.Ready>(in: &group) { ready in
                try await store.commit(ready.batch, token: ready.token, stream: stream, lease: lease, now: now())
            }
            var gatherer = BatchGatherer()
            var progress = start
            func committed(_ counts: Counts) {
                committedLast = counts
                tell(counts, &progress)
            }
            func commit(_ ready: BatchGatherer.Ready?) async throws {
                guard let ready else { return }
                // The writer finds the next batch when it is done with one. Those that are gathered are larger, and take it long.
                try await line.add(ready, most: ready.batch.isInKeyOrder ? 2 : 1, committed: committed)
            }
            do {
                while let source = try await operation.next() {
                    progress.bytesRead += source.batch.valueBytes
                    let mapped = mapping.apply(source.batch, today: today)
                    let piece = BatchGatherer.Piece(batch: mapped, token: source.token, isPartial: source.isPartial)
                    try await commit(gatherer.received(piece, prepare: prepare))
                    guard gatherer.waitingBytes <= Self.mostWaitingBytes else { throw Self.batchTooLarge(lease) }
                }
                try await commit(gatherer.ended(prepare: prepare))
            } catch {
                // What came before the failure is kept.
                try await line.end(committed: committed)
                throw error
            }
            try await line.end(committed: committed)
            return progress
        }
        return try await operation.summary()
    }

    /// An order field that no mapping fills would make every differing repeat a conflict.
    private static func checkOrderField(of policy: Policy, in sets: [MappingSet]) throws(ConnectorError) {
        guard let field = policy.orderField else { return }
        let targets = sets.flatMap { $0.rows.map(\.targetField) }
        guard !targets.contains(field) else { return }
        let meant = nearest(to: field, in: targets).map { " Did you mean \($0)?" } ?? ""
        throw ConnectorError(
            .config,
            code: "order_field_not_mapped",
            message:
                "The policy's order_field \(field) is no target of the mapping.\(meant) Map it, or change the policy."
        )
    }

    private func tell(_ committed: Counts, _ progress: inout SyncProgress) {
        progress.counts += committed
        report(progress)
    }

    func today() throws(ConnectorError) -> CalendarDate {
        guard let today = now().date else {
            throw ConnectorError(
                .config,
                code: "clock_wrong",
                message: "The system's clock stands outside the calendar: set it."
            )
        }
        return today
    }

    /// What one batch of a connector may hold in memory before its token comes.
    private static let mostWaitingBytes = 256 << 20

    private static func batchTooLarge(_ lease: RunLease) -> ConnectorError {
        ConnectorError(
            .protocol,
            code: "batch_too_large",
            message:
                "The connector \(lease.config.provider) gave more than \(mostWaitingBytes >> 20) MiB without a new "
                + "token: it has to make smaller batches."
        )
    }

    private func mappingSet(of reading: Reading) throws(ConnectorError) -> MappingSet {
        let (stream, entity) = (reading.stream.stream, reading.stream.entity)
        guard let set = reading.mappings.first(where: { $0.stream == stream && $0.entity == entity }) else {
            throw noMapping(of: reading.stream, reading.lease)
        }
        return set
    }

    func noMapping(of stream: RunStream, _ lease: RunLease) -> ConnectorError {
        ConnectorError(
            .config,
            code: "no_mapping",
            message:
                "The config \"\(lease.config.name)\" has no mapping from the stream \"\(stream.stream)\" to "
                + "\(stream.entity.rawValue). Save one and run again."
        )
    }

    /// The files of all streams that are not read yet, looked up before the first is read.
    private func inputs(
        of lease: RunLease,
        _ taken: FolderFile?,
        _ progress: inout SyncProgress
    ) async throws -> [String: InputFile] {
        var inputs: [String: InputFile] = [:]
        for stream in lease.run.streams where !stream.isFinished && inputs[stream.stream] == nil {
            if let taken, let folders {
                inputs[stream.stream] = InputFile(taken, in: folders.folder(of: lease.run.tenant))
            } else {
                inputs[stream.stream] = try await InputFile.of(stream.stream, in: lease.run, files: files)
            }
        }
        let sizes = Dictionary(inputs.values.map { ($0.path, $0.size) }) { first, _ in first }.values
        if !sizes.isEmpty, !sizes.contains(nil) {
            var sized = progress
            sized.inputBytes = sizes.reduce(0) { $0 + ($1 ?? 0) }
            report(sized)
        }
        return inputs
    }

    private func request(of reading: Reading) async throws -> PullRequest {
        let (lease, stream) = (reading.lease, reading.stream.stream)
        return PullRequest(
            provider: lease.config.provider,
            tenant: lease.job.tenant,
            settings: lease.config.settings,
            secrets: try await secrets(lease.config),
            stream: stream,
            token: try await store.checkpoint(lease, stream: stream),
            inputs: reading.input.map { [$0.input] } ?? [],
            config: lease.config.id,
            run: lease.run.id
        )
    }

    // MARK: - Ends

    private func attemptFailed(_ lease: RunLease, _ error: any Error, log: Logger) async throws -> Run {
        let failure = RunFailure(error)
        let decision = retry.decide(
            failure,
            earlier: lease.run.failure,
            attempt: lease.job.attempt,
            retryAfter: (error as? ConnectorError)?.retryAfter,
            jitter: Double.random(in: 0...1)
        )
        var fields: Logger.Fields = [
            ("class", .string(failure.errorClass)), ("code", .string(failure.code)),
            ("message", .string(Self.inFull(error))), ("attempt", .integer(lease.job.attempt)),
        ]
        if let error = error as? ConnectorError, error.vendorCode != 0 {
            fields.append(("vendor_code", .integer(error.vendorCode)))
        }
        log.warning("attempt failed", fields)
        switch decision {
        case .end:
            return try await store.failRun(lease, failure: failure, retryAt: nil, now: now())
        case .after(let wait):
            report(SyncProgress(phase: .waiting, counts: lease.run.counts, note: "\(failure.message) Trying again."))
            return try await store.failRun(lease, failure: failure, retryAt: now() + wait, now: now())
        }
    }

    /// For the log alone: what the run itself doesn't tell its tenant.
    private static func inFull(_ error: any Error) -> String {
        (error as? StoreError)?.debugDescription ?? "\(error)"
    }

    /// Extends the job's lease three times as often as it runs out, while the body works. A lost lease ends the body.
    private func withHeartbeat<Result: Sendable>(
        _ job: ClaimedJob,
        log: Logger,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let (store, lease, clock) = (store, lease, clock)
        return try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                var heldUntil = clock.now() + lease
                while !Task.isCancelled {
                    do {
                        try await clock.sleep(until: clock.now() + lease / 3)
                        let now = clock.now()
                        try await store.extendLease(job, leaseFor: lease, now: now)
                        heldUntil = now + lease
                    } catch is CancellationError {
                        return nil
                    } catch let error as StoreError where error.code != .fenced && clock.now() < heldUntil {
                        // The lease still holds: the next beat may come through.
                        log.warning("lease not extended", [("message", .string(error.debugDescription))])
                    }
                }
                return nil
            }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let result { return result }
            }
            throw CancellationError()
        }
    }
}
