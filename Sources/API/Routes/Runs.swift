internal import HTTPServer
internal import Identifiers
internal import JSON
internal import Mapping
internal import Store
internal import Sync

/// Runs: how they go, and what they did.
enum RunTopic {
    static func topic(_ context: APIContext) -> Topic {
        let routes = RunRoutes(context: context)
        return Topic(
            "Runs",
            "How runs go and what they did.",
            schemas: [
                "RecordedChange": RecordedChange.schema, "RecordedEffect": RecordedEffect.schema,
                "Reject": StoredReject.schema, "RejectGroup": RejectGroup.schema,
                "RejectChange": RejectChangeRoutes.changeSchema, "ReplayStart": RejectChangeRoutes.replaySchema,
            ],
            endpoints: [
                Endpoint(
                    .get,
                    "/runs",
                    "listRuns",
                    "Lists runs, the newest first.",
                    parameters: Paging.parameters + [
                        .query("config_id", .id, "Only of this configuration."),
                        .query("state", .list(of: .oneOf(RunState.self)), "Only in this state; may be repeated."),
                        .query("kind", .text(1...100), "Only of this kind: sync, or replay."),
                        .query("since", .time, "Only those made at this time or later."),
                        .query("until", .time, "Only those made before this time."),
                    ],
                    answers: [.ok(.page(of: .reference("Run")))],
                    handle: routes.list
                ),
                Endpoint(
                    .get,
                    "/runs/{id}",
                    "getRun",
                    "Shows a run and how far it is.",
                    answers: [.ok(.reference("Run"))],
                    handle: routes.show
                ),
                Endpoint(
                    .post,
                    "/runs/{id}/cancel",
                    "cancelRun",
                    "Ends a run; what it has committed stays.",
                    body: .optionalJSON(.closed()),
                    answers: [.ok(.reference("Run"), "It is cancelled.")],
                    problems: [(409, "It has ended already, or the key's request is being done.")],
                    handle: routes.cancel
                ),
                Endpoint(
                    .get,
                    "/runs/{id}/changes",
                    "listChanges",
                    "Lists what a run did to which row, in the order in which it did it.",
                    parameters: Paging.parameters,
                    answers: [.ok(.page(of: .reference("RecordedChange")))],
                    handle: routes.changes
                ),
                RunEvents(context: context).endpoint,
            ] + GuardRoutes(context: context).endpoints + RejectRoutes(context: context).endpoints
        )
    }
}

private struct RunRoutes: Sendable {
    let context: APIContext

    func list(_ call: Call) async throws -> Response {
        let filter = RunFilter(
            config: try call.query.id("config_id"),
            states: Set(try call.query.texts("state").compactMap(RunState.init)),
            kind: try call.query.text("kind"),
            since: try call.query.time("since"),
            until: try call.query.time("until")
        )
        let page = try await context.store.runs(filter, page: try call.page(), tenant: call.tenant)
        return call.answer(page) { $0.json(context.board.status(of: $0)) }
    }

    func show(_ call: Call) async throws -> Response {
        guard let run = try await context.store.run(try call.path.id("id"), tenant: call.tenant) else {
            throw Problem.notFound("run")
        }
        return .json(run.json(context.board.status(of: run)))
    }

    func cancel(_ call: Call) async throws -> Response {
        let id = try call.runID()
        let run: Run
        do throws(StoreError) {
            run = try await context.workers.cancel(
                run: id,
                reason: "Cancelled by \(call.principal.subject).",
                actor: call.principal.subject,
                tenant: call.tenant
            )
        } catch {
            switch error.code {
            case .notFound: throw Problem.notFound("run")
            case .conflict: throw Problem.conflict("run_has_ended", error.tenantMessage)
            default: throw error
            }
        }
        return .json(run.json())
    }

    func changes(_ call: Call) async throws -> Response {
        let page = try await context.store.changes(
            run: try call.runID(),
            page: try call.page(),
            tenant: call.tenant
        )
        return call.answer(page, \.json)
    }
}

extension Call {
    func runID() throws(Problem) -> UUID { try path.id("id") }
}

extension RecordedChange {
    static let schema = Schema.object(
        .required("effect", .oneOf(Effect.self)),
        .required("entity", .oneOf(Entity.self)),
        .required("row_id", .id.orNull, "Null where the row is gone."),
        .required("external_id", .string.orNull),
        .required(
            "fields",
            .list(of: .object(.required("name", .string), .required("before", .any), .required("after", .any)))
        ),
        .required("at", .time)
    )

    var json: JSONValue {
        [
            "effect": .string(effect.rawValue), "entity": .string(entity.rawValue), "row_id": .id(row),
            "external_id": externalID.map { .string($0) } ?? .null,
            "fields": .array(fields.map { ["name": .string($0.name), "before": $0.before, "after": $0.after] }),
            "at": .time(at),
        ]
    }
}
