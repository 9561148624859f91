internal import Identifiers
internal import JSON
internal import Log
internal import Store
internal import Sync
internal import Time

/// `trainflow runs approve|refuse RUN`: what becomes of a run that the guard holds, on a database that no host has open.
struct RunsCommand {
    private let wiring: Wiring
    private let tenant: UUID
    private let id: UUID
    private let printsJSON: Bool

    init(_ invocation: Invocation) throws {
        wiring = try Wiring(invocation)
        guard let tenant = UUID(try invocation.required(.tenant)) else {
            throw UsageError("--tenant takes a UUID, as in 0198c0de-0000-7000-8000-000000000001")
        }
        self.tenant = tenant
        guard let id = UUID(invocation.arguments[0]) else {
            throw UsageError("RUN is a run's id, as trainflow import prints it, not \"\(invocation.arguments[0])\"")
        }
        self.id = id
        printsJSON = try wiring.printsJSON
    }

    /// Applies what the run has set aside; goes on where an earlier call was interrupted.
    func approve() async throws -> ExitCode {
        try await decide { store in
            var run = try await approved(in: store)
            // Somebody calls the command anew each time: what was interrupted is never given up.
            var retry = RetryPolicy()
            retry.interruptions = .max
            let worker = SyncWorker(
                store: store,
                connectors: try wiring.connectorHost(),
                log: wiring.log,
                owner: Wiring.owner(),
                retry: retry
            )
            while !run.state.isAtRest {
                if let worked = try await worker.runNext(of: id, abandoned: true) {
                    run = worked
                } else {
                    // The job waits for its next try.
                    try await Task.sleep(for: .milliseconds(200))
                }
            }
            return run
        }
    }

    private func approved(in store: SQLiteStore) async throws(StoreError) -> Run {
        if let run = try await store.run(id, tenant: tenant), run.decision?.kind == .approved, !run.state.isAtRest {
            return run
        }
        return try await store.approveRun(id, actor: Actor.host, tenant: tenant, now: .now())
    }

    func refuse() async throws -> ExitCode {
        try await decide { store in
            try await store.refuseRun(id, actor: Actor.host, tenant: tenant, now: .now())
        }
    }

    private func decide(_ decision: (SQLiteStore) async throws -> Run) async throws -> ExitCode {
        let store = try await wiring.store()
        let report: RunReport
        do {
            report = try await self.report(try await decision(store), store)
        } catch {
            do throws(StoreError) {
                try await store.close()
            } catch let closing {
                wiring.log.warning("the database could not be closed", [("message", .string(closing.message))])
            }
            throw error
        }
        try await store.close()
        Terminal.out(printsJSON ? report.json.text + "\n" : report.text)
        return report.exitCode
    }

    private func report(_ run: Run, _ store: SQLiteStore) async throws(StoreError) -> RunReport {
        guard let config = try await store.config(run.config, tenant: tenant) else {
            throw StoreError(.notFound, "The configuration of run \(run.id) was deleted.")
        }
        let rejects = try await store.rejects(run: run.id, tenant: tenant, after: 0, limit: 5)
        return RunReport(run: run, config: config, rejects: rejects)
    }
}
