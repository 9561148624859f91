import Changes
import Identifiers
import JSON
import Mapping
import MappingSupport
import Platform
import Store
import TestSupport
import Testing
import Time

/// Records of one entity, as a source gives them.
struct PlanSource: Sendable {
    var entity: Entity
    var columns: [String]
    var batches: [[[String?]]]

    init(_ entity: Entity, _ columns: [String], _ batches: [[String?]]...) {
        self.entity = entity
        self.columns = columns
        self.batches = batches
    }
}

extension CommitWorld {
    func queue(
        _ name: String,
        _ sources: [PlanSource],
        policy: JSONValue = [:],
        isDryRun: Bool?
    ) async throws -> Run {
        let config = try await config(name, policy: policy)
        var request = SyncRequest(
            config: config.id,
            trigger: "manual",
            streams: sources.map { RunStream(stream: CommitWorld.stream($0.entity), entity: $0.entity) },
            mappingVersion: 1,
            input: [:]
        )
        request.isDryRun = isDryRun
        return try await store.enqueueSync(request, tenant: tenant, now: now())
    }

    /// What the worker does with the records, be it on a copy.
    func read(_ sources: [PlanSource], _ lease: RunLease, on store: any Store) async throws -> Run {
        for source in sources {
            var line: Int64 = 2
            for rows in source.batches {
                let batch = PreparedBatch.prepare(
                    .table(source.entity, source.columns, rows, firstLine: line),
                    source: "people.csv",
                    locatorKind: "line",
                    hashKey: try await store.installation().hashKey,
                    tenant: tenant,
                    policy: lease.policy
                )
                let stream = CommitWorld.stream(source.entity)
                _ = try await store.commit(batch, token: [1], stream: stream, lease: lease, now: now())
                line += Int64(rows.count)
            }
            let summary: JSONValue = ["complete": true, "filtered": false]
            _ = try await store.settle(source.entity, summary: summary, lease, now: now())
            let stream = RunStream(stream: CommitWorld.stream(source.entity), entity: source.entity)
            try await store.finishStream(stream, summary: summary, lease: lease, now: now())
        }
        return try await store.finishRun(lease, summary: [:], now: now())
    }

    func keepPlan(_ sources: [PlanSource], _ lease: RunLease) async throws -> Run {
        let rehearsal = try await store.rehearsal(lease, now: now())
        do {
            _ = try await read(sources, rehearsal.lease, on: rehearsal.store)
            let run = try await rehearsal.keep(sources: ["people": "0f"], now: now())
            await rehearsal.end()
            return run
        } catch {
            await rehearsal.end()
            throw error
        }
    }

    func plan(_ name: String, _ sources: [PlanSource], policy: JSONValue = [:]) async throws -> Run {
        _ = try await queue(name, sources, policy: policy, isDryRun: true)
        return try await keepPlan(sources, try await claim())
    }

    func approve(_ run: Run) async throws {
        let hash = try #require(run.plan?.hash)
        _ = try await store.applyPlan(run.id, hash: hash, actor: "boss", tenant: tenant, now: now())
    }

    func applied(_ sources: [PlanSource]) async throws -> Run {
        let lease = try await store.beginApplying(try await claim(), now: now())
        return try await read(sources, lease, on: store)
    }

    func apply(_ run: Run, _ sources: [PlanSource]) async throws -> Run {
        #expect(try await store.planDrift(run, most: nil) == nil)
        try await approve(run)
        return try await applied(sources)
    }

    func effects(_ run: Run, _ filter: EffectFilter = EffectFilter()) async throws -> [RecordedEffect] {
        try await store.effects(run: run.id, filter, page: PageRequest(limit: 500), tenant: tenant).items
    }

    /// `created users 1`, with the fields that change.
    func shown(_ run: Run) async throws -> [String] {
        try await effects(run).map { effect in
            let fields = effect.fields.map { "\($0.name):\($0.before.text)>\($0.after.text)" }.joined(separator: " ")
            return "\(effect.effect.rawValue) \(effect.entity.rawValue) \(effect.externalID) \(fields)"
        }
    }

    /// All rows that anybody could miss, with everything in them.
    func everything() throws -> [String] {
        try [
            "users", "courses", "enrollments", "integration_links", "integration_open_managers", "integration_changes",
        ]
        .flatMap { try lines("SELECT '\($0)', * FROM \($0) ORDER BY 2, 3, 4, 5") }
    }

    func folderNames() throws -> [String] { try folder.list(".") }

    /// What comes of a held run once somebody has approved it.
    func approveHeld(_ run: Run) async throws -> Run {
        _ = try await store.approveRun(run.id, actor: "boss", tenant: tenant, now: now())
        let lease = try await claim()
        _ = try await store.applyApproved(lease, now: now())
        return try await store.finishRun(lease, summary: [:], now: now())
    }

    /// Why each record was refused: `2 email_taken`.
    func refusals(_ run: Run) async throws -> [String] {
        try await store.rejects(run: run.id, tenant: tenant, after: 0, limit: 100).map {
            "\($0.key ?? "-") \($0.failures.first?.code ?? "-")"
        }
    }
}

/// Each step is planned and applied in one world, and run without a plan in the other, where somebody approves what the guard
/// holds: both come to the same.
@discardableResult
func expectPlannedAsRun(_ steps: [[PlanSource]], policy: JSONValue = [:]) async throws -> [Run] {
    let (planned, direct) = (try await CommitWorld(), try await CommitWorld())
    var plans: [Run] = []
    for sources in steps {
        let before = try planned.everything()
        let plan = try await planned.plan("a", sources, policy: policy)
        #expect(try planned.everything() == before)
        let applied = try await planned.apply(plan, sources)
        _ = try await direct.queue("a", sources, policy: policy, isDryRun: false)
        var run = try await direct.read(sources, try await direct.claim(), on: direct.store)
        if run.state == .held { run = try await direct.approveHeld(run) }
        #expect(applied.state == run.state && applied.counts == run.counts, "\(applied.message)")
        #expect(applied.plan?.phase == .applied && applied.counts == plan.counts)
        #expect(plan.verdicts == run.verdicts && applied.verdicts == run.verdicts)
        #expect((applied.decision?.kind == .approved) == (run.decision?.kind == .approved))
        #expect(try await planned.refusals(plan) == planned.refusals(applied))
        let code =
            "SELECT external_id, code FROM integration_rejects WHERE run_number = \(run.number) ORDER BY 1, 2"
        #expect(try planned.lines(code) == direct.lines(code))
        plans.append(plan)
    }
    #expect(try planned.image() == direct.image())
    let titles = "SELECT external_id, code, title, status FROM courses ORDER BY 1"
    #expect(try planned.lines(titles) == direct.lines(titles))
    let pairs = """
        SELECT u.external_id, c.external_id, e.status FROM enrollments e JOIN users u ON u.number = e.user_number
            JOIN courses c ON c.number = e.course_number ORDER BY 1, 2
        """
    #expect(try planned.lines(pairs) == direct.lines(pairs))
    return plans
}
