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
                "Lists what a run has set aside: who would lose access or be known by something else, field by field.",
                parameters: Paging.parameters + [
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
                "Has a held run apply what it has set aside: exactly what was shown.",
                body: .optionalJSON(.closed()),
                answers: [.accepted(.reference("Run"), "Queued; the run tells how it goes.")],
                problems: [(409, "It is not held, or its configuration is off, or the key's request is being done.")],
                handle: approve
            ),
            Endpoint(
                .post,
                "/runs/{id}/refuse",
                "refuseRun",
                "Ends a held run without what it has set aside; the next sync finds that again.",
                body: .optionalJSON(.closed()),
                answers: [.ok(.reference("Run"), "It has ended.")],
                problems: [(409, "It is not held, or the key's request is being done.")],
                handle: refuse
            ),
        ]
    }

    private func list(_ call: Call) async throws -> Response {
        let filter = EffectFilter(
            kind: try call.query.oneOf("kind", GuardedEffect.self),
            state: try call.query.oneOf("state", RecordedEffect.State.self)
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
        let run = try await decided { () throws(StoreError) in
            try await context.store.approveRun(
                id,
                actor: call.principal.subject,
                tenant: call.tenant,
                now: call.now
            )
        }
        context.workers.wake()
        return Response.json(run.json()).located("/runs/\(run.id)", .accepted)
    }

    private func refuse(_ call: Call) async throws -> Response {
        let id = try call.runID()
        let run = try await decided { () throws(StoreError) in
            try await context.store.refuseRun(
                id,
                actor: call.principal.subject,
                tenant: call.tenant,
                now: call.now
            )
        }
        return .json(run.json())
    }

    private func decided(_ decide: () async throws(StoreError) -> Run) async throws -> Run {
        do throws(StoreError) {
            return try await decide()
        } catch {
            switch error.code {
            case .notFound: throw Problem.notFound("run")
            case .conflict: throw Problem.conflict("run_not_held", error.tenantMessage)
            default: throw error
            }
        }
    }
}

extension RecordedEffect {
    static let schema = Schema.object(
        .required("kinds", .list(of: .oneOf(GuardedEffect.self)), "The gravest first."),
        .required("state", .oneOf(State.self)),
        .required("entity", .oneOf(Entity.self)),
        .required("row_id", .id.orNull, "Null where the row is gone."),
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
            "kinds": .array(kinds.map { .string($0.rawValue) }), "state": .string(state.rawValue),
            "entity": .string(entity.rawValue), "row_id": .id(row), "external_id": .string(externalID),
            "name": .text(name),
            "fields": .array(fields.map { ["name": .string($0.name), "before": $0.before, "after": $0.after] }),
            "at": .time(at),
        ]
    }
}
