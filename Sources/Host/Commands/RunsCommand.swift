internal import Changes
internal import Identifiers
internal import JSON
internal import Log
internal import Mapping
internal import Store
internal import Sync
internal import Time

/// `trainflow runs approve|refuse|effects RUN`: what becomes of a run that the guard holds or that has planned, on a database
/// that no host has open.
struct RunsCommand {
    private let wiring: Wiring
    private let tenant: UUID
    private let id: UUID
    /// The hash of the plan that is meant.
    private let plan: String?
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
        plan = invocation.command.options.contains(.plan) ? invocation.value(.plan) : nil
        printsJSON = try wiring.printsJSON
    }

    /// Applies what the run has set aside, or its plan; goes on where an earlier call was interrupted.
    func approve() async throws -> ExitCode {
        try await decide { store in
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
            var run = try await approved(in: store, worker)
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

    private func approved(in store: SQLiteStore, _ worker: SyncWorker) async throws -> Run {
        let run = try await store.run(id, tenant: tenant)
        let isInHand = run.map { !$0.state.isAtRest } ?? false
        if let plan { return try await planApproved(plan, run, isInHand: isInHand, in: store, worker) }
        if let run, isInHand, run.decision?.kind == .approved || run.plan?.decidedBy != nil { return run }
        guard run?.state != .planned else {
            throw UsageError("run \(id) is planned: name its plan with --plan HASH, as the dry run has printed it")
        }
        return try await store.approveRun(id, actor: Actor.host, tenant: tenant, now: .now())
    }

    private func planApproved(
        _ plan: String,
        _ run: Run?,
        isInHand: Bool,
        in store: SQLiteStore,
        _ worker: SyncWorker
    ) async throws -> Run {
        if let run, isInHand, run.plan?.decidedBy != nil, run.plan?.hash == plan { return run }
        if let run, run.state == .planned, run.plan?.hash == plan,
            let drift = try await worker.planDrift(run, most: nil)
        {
            throw StoreError(.stale, drift)
        }
        return try await store.applyPlan(id, hash: plan, actor: Actor.host, tenant: tenant, now: .now())
    }

    /// Prints all that was set aside or planned, one record a line.
    func effects() async throws -> ExitCode {
        let store = try await wiring.store()
        do {
            var page = PageRequest(limit: 500)
            while true {
                let found = try await store.effects(run: id, EffectFilter(), page: page, tenant: tenant)
                for effect in found.items { Terminal.out(printsJSON ? effect.line.text + "\n" : effect.sentence) }
                guard let next = found.next else { break }
                page.after = next
            }
        } catch {
            await closeAfterFailure(store)
            throw error
        }
        try await store.close()
        return .done
    }

    func refuse() async throws -> ExitCode {
        try await decide { store in
            if try await store.run(id, tenant: tenant)?.state == .planned {
                return try await store.dropPlan(id, hash: nil, actor: Actor.host, tenant: tenant, now: .now())
            }
            return try await store.refuseRun(id, actor: Actor.host, tenant: tenant, now: .now())
        }
    }

    private func decide(_ decision: (SQLiteStore) async throws -> Run) async throws -> ExitCode {
        let store = try await wiring.store()
        let report: RunReport
        do {
            report = try await self.report(try await decision(store), store)
        } catch {
            await closeAfterFailure(store)
            throw error
        }
        try await store.close()
        Terminal.out(printsJSON ? report.json.text + "\n" : report.text)
        return report.exitCode
    }

    /// The failure before is the one that ends the command; this one is only told.
    private func closeAfterFailure(_ store: SQLiteStore) async {
        do throws(StoreError) {
            try await store.close()
        } catch {
            wiring.log.warning("the database could not be closed", [("message", .string(error.message))])
        }
    }

    private func report(_ run: Run, _ store: SQLiteStore) async throws(StoreError) -> RunReport {
        guard let config = try await store.config(run.config, tenant: tenant) else {
            throw StoreError(.notFound, "The configuration of run \(run.id) was deleted.")
        }
        let rejects = try await store.rejects(run: run.id, tenant: tenant, after: 0, limit: 5)
        return RunReport(run: run, config: config, rejects: rejects)
    }
}

extension RecordedEffect {
    fileprivate var line: JSONValue {
        [
            "effect": .string(effect.rawValue), "kinds": .array(kinds.map { .string($0.rawValue) }),
            "state": .string(state.rawValue), "entity": .string(entity.rawValue), "external_id": .string(externalID),
            "name": name.map(JSONValue.string) ?? .null,
            "fields": .array(fields.map { ["name": .string($0.name), "before": $0.before, "after": $0.after] }),
        ]
    }

    /// `updated users E-17 (Ann Lee): status active → inactive`
    fileprivate var sentence: String {
        let called = name.map { " (\($0))" } ?? ""
        let changes = fields.map { field in
            let after = field.after.stringValue ?? field.after.text
            return effect == .created
                ? "\(field.name) \(after)" : "\(field.name) \(field.before.stringValue ?? field.before.text) → \(after)"
        }
        return "\(effect.rawValue) \(entity.rawValue) \(externalID)\(called): \(changes.joined(separator: ", "))\n"
    }
}
