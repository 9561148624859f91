internal import Changes
internal import HTTPServer
internal import Identifiers
internal import JSON
internal import Mapping
internal import Store
internal import Sync

/// What a run has set aside, and what is to become of it.
struct GuardRoutes: Sendable {
    let context: APIContext

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/runs/{id}/effects",
                "listEffects",
                "Lists what a run has set aside (who would lose access or be known by something else), or all that a planned run "
                    + "would do, field by field.",
                parameters: Paging.parameters + [
                    .query("effect", .oneOf(RecordedChange.Effect.self), "Only those that do this to their rows."),
                    .query("kind", .oneOf(GuardedEffect.self), "Only records with this kind of effect."),
                    .query("state", .oneOf(RecordedEffect.State.self), "Only in this state."),
                ],
                answers: [.ok(.page(of: .reference("RecordedEffect")))],
                handle: list
            ),
            Endpoint(
                .post,
                "/runs/{id}/approve",
                "approveRun",
                "Has a held run apply what it has set aside, or a planned one its plan: exactly what was shown.",
                body: .optionalJSON(
                    .closed(
                        .optional(
                            "plan",
                            .text(64...64),
                            "Of a planned run: the hash of the plan that is meant, as the run's plan has it. Who names one "
                                + "approves nothing else."
                        )
                    )
                ),
                answers: [.accepted(.reference("Run"), "Queued; the run tells how it goes.")],
                problems: [
                    (
                        409,
                        "It is neither held nor planned, or somebody has decided already, or its configuration is off, or has "
                            + "another run in hand, or the key's request is being done; "
                            + "plan_stale: TrainFlow's rows, the source or the settings have changed since the plan was made, "
                            + "or another plan is meant."
                    ),
                    (422, "The run is planned, and no plan is named."),
                ],
                handle: approve
            ),
            Endpoint(
                .post,
                "/runs/{id}/refuse",
                "refuseRun",
                "Ends a held run without what it has set aside, and a planned one without anything; the next sync finds it again.",
                body: .optionalJSON(
                    .closed(
                        .optional(
                            "plan",
                            .text(64...64),
                            "Of a planned run: the hash of the plan that is meant. Who names one refuses nothing else."
                        )
                    )
                ),
                answers: [.ok(.reference("Run"), "It has ended.")],
                problems: [
                    (
                        409,
                        "It is neither held nor planned, or somebody has decided already, or the key's request is being done; "
                            + "plan_stale: another plan is meant."
                    )
                ],
                handle: refuse
            ),
        ]
    }

    private func list(_ call: Call) async throws -> Response {
        let filter = EffectFilter(
            kind: try call.query.oneOf("kind", GuardedEffect.self),
            state: try call.query.oneOf("state", RecordedEffect.State.self),
            effect: try call.query.oneOf("effect", RecordedChange.Effect.self)
        )
        let page = try await context.store.effects(
            run: try call.runID(),
            filter,
            page: try call.page(),
            tenant: call.tenant
        )
        return call.answer(page, \.json)
    }

    private func approve(_ call: Call) async throws -> Response {
        let id = try call.runID()
        var fields = try call.fields()
        let hash = try fields.optionalString("plan")
        try fields.finish()
        let standing = try await standing(id, call)
        let run =
            standing.state == .planned || hash != nil
            ? try await apply(standing, hash, call) : try await release(id, call)
        context.workers.wake()
        return Response.json(run.json()).located("/runs/\(run.id)", .accepted)
    }

    private func release(_ id: UUID, _ call: Call) async throws -> Run {
        try await decided(id, from: .held, call) { () throws(StoreError) in
            try await context.store.approveRun(
                id,
                actor: call.principal.subject,
                tenant: call.tenant,
                now: call.now
            )
        }
    }

    private func apply(_ run: Run, _ hash: String?, _ call: Call) async throws -> Run {
        guard let hash else {
            throw Problem.invalid(
                "/plan",
                "plan_missing",
                "Say which plan is meant: {\"plan\": \"…\"} with the hash that the run's plan has."
            )
        }
        // Whatever has changed besides, another plan is meant, or somebody was faster.
        if run.state == .planned, run.plan?.hash == hash, let drift = try await context.workers.planDrift(run) {
            throw Problem.conflict("plan_stale", drift)
        }
        return try await decided(run.id, from: .planned, call) { () throws(StoreError) in
            try await context.store.applyPlan(
                run.id,
                hash: hash,
                actor: call.principal.subject,
                tenant: call.tenant,
                now: call.now
            )
        }
    }

    private func refuse(_ call: Call) async throws -> Response {
        let id = try call.runID()
        var fields = try call.fields()
        let hash = try fields.optionalString("plan")
        try fields.finish()
        let isPlan = try await standing(id, call).state == .planned || hash != nil
        let run = try await decided(id, from: isPlan ? .planned : .held, call) { () throws(StoreError) in
            let (actor, tenant, now) = (call.principal.subject, call.tenant, call.now)
            return isPlan
                ? try await context.store.dropPlan(id, hash: hash, actor: actor, tenant: tenant, now: now)
                : try await context.store.refuseRun(id, actor: actor, tenant: tenant, now: now)
        }
        return .json(run.json())
    }

    private func standing(_ id: UUID, _ call: Call) async throws -> Run {
        guard let run = try await context.store.run(id, tenant: call.tenant) else { throw Problem.notFound("run") }
        return run
    }

    /// - Parameter state: in which a run waits for the decision. One that waits on was not decided: something is in the way.
    private func decided(
        _ id: UUID,
        from state: RunState,
        _ call: Call,
        _ decide: () async throws(StoreError) -> Run
    ) async throws -> Run {
        do throws(StoreError) {
            return try await decide()
        } catch {
            switch error.code {
            case .notFound: throw Problem.notFound("run")
            case .conflict:
                let run = try await standing(id, call)
                guard run.state == state else { throw Problem.conflict("run_not_held", error.tenantMessage) }
                throw try await context.runInHand(error, config: run.config, call)
            case .stale: throw Problem.conflict("plan_stale", error.tenantMessage)
            default: throw error
            }
        }
    }
}

extension RecordedEffect {
    static let schema = Schema.object(
        .required("effect", .oneOf(RecordedChange.Effect.self), "What it does to its row."),
        .required("kinds", .list(of: .oneOf(GuardedEffect.self)), "What the guard counts, the gravest first."),
        .required("state", .oneOf(State.self)),
        .required("entity", .oneOf(Entity.self)),
        .required("row_id", .id.orNull, "Null where the row is gone, or not made yet."),
        .required("external_id", .string),
        .required("name", .string.orNull, "Of the person or course; of an enrolment who in what. As it is now."),
        .required(
            "fields",
            .list(of: .object(.required("name", .string), .required("before", .any), .required("after", .any))),
            "All that the record would change."
        ),
        .required("at", .time, "When it came into this state.")
    )

    var json: JSONValue {
        [
            "effect": .string(effect.rawValue), "kinds": .array(kinds.map { .string($0.rawValue) }),
            "state": .string(state.rawValue),
            "entity": .string(entity.rawValue), "row_id": .id(row), "external_id": .string(externalID),
            "name": .text(name),
            "fields": .array(fields.map { ["name": .string($0.name), "before": $0.before, "after": $0.after] }),
            "at": .time(at),
        ]
    }
}
