internal import Changes
internal import Columns
internal import JSON
internal import Log
internal import Mapping
internal import Store
internal import Time

extension SyncWorker {
    /// Applies what an earlier run had refused, stream by stream: people before courses before enrolments, and each in source
    /// order. No connector is asked, and no stream's checkpoint is touched.
    func replay(_ lease: RunLease, log: Logger) async throws -> Run {
        var progress = SyncProgress(phase: .reading, counts: lease.run.counts)
        let mappings = try await store.mappings(
            config: lease.config.id,
            version: lease.run.mappingVersion,
            tenant: lease.job.tenant
        )
        for stream in lease.run.streams where !stream.isFinished {
            progress.stream = stream
            report(progress)
            guard let set = mappings.first(where: { $0.stream == stream.stream && $0.entity == stream.entity }) else {
                throw noMapping(of: stream, lease)
            }
            let environment = try await MappingSurroundings(store: store).environment(
                for: [set],
                tenant: lease.job.tenant
            )
            let mapping = try CompiledMapping.compile(set, source: nil, environment: environment)
            try await replay(stream, mapping, lease, &progress)
            if lease.run.isLastOfEntity(stream) {
                progress.counts += try await store.settle(stream.entity, summary: [:], lease, now: now())
                try await store.takeBackRefused(lease, now: now())
            }
            try await store.finishStream(stream, summary: [:], lease: lease, now: now())
        }
        progress.phase = .settling
        progress.stream = nil
        report(progress)
        if lease.run.decision?.kind == .approved {
            progress.counts += try await store.applyApproved(lease, now: now())
            try await store.takeBackRefused(lease, now: now())
            report(progress)
        }
        try await retryWaiting(lease)
        return try await store.finishRun(lease, summary: [:], now: now())
    }

    private func replay(
        _ stream: RunStream,
        _ mapping: CompiledMapping,
        _ lease: RunLease,
        _ progress: inout SyncProgress
    ) async throws {
        var after: Int64 = 0
        while true {
            let page = try await store.rejectsToReplay(lease, stream, after: after, limit: Self.replayPage)
            guard let last = page.last else { return }
            var next = last.number
            for group in Self.alike(page) {
                try Task.checkCancellation()
                let step = ReplayStep(stream: stream, rejects: group, batch: try mapped(group, mapping))
                let outcome = try await store.replay(step, lease: lease, now: now())
                progress.counts += outcome.counts
                report(progress)
                // What is left of the page comes first in the next one, before what stands behind it.
                if let left = outcome.left.min() {
                    next = left - 1
                    break
                }
            }
            after = next
        }
    }

    private static let replayPage = 1_024

    /// In order: those that follow one another and are read alike.
    private static func alike(_ rejects: [RejectToReplay]) -> [[RejectToReplay]] {
        var groups: [[RejectToReplay]] = []
        for reject in rejects {
            if let last = groups.last?.last, last.source == reject.source, last.locatorKind == reject.locatorKind,
                last.raw.isNamed == reject.raw.isNamed
            {
                groups[groups.count - 1].append(reject)
            } else {
                groups.append([reject])
            }
        }
        return groups
    }

    /// nil for records of which only the text is known.
    private func mapped(_ group: [RejectToReplay], _ mapping: CompiledMapping) throws -> MappedBatch? {
        guard group[0].raw.isNamed else { return nil }
        var batch = mapping.apply(Batch(records: group.map(\.raw)), today: try today())
        batch.locators = group.map(\.locator)
        return batch
    }
}
