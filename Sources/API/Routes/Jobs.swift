internal import HTTPServer
internal import Identifiers
internal import JSON
internal import Store
internal import Sync

/// The queue behind the runs.
enum JobTopic {
    static func topic(_ context: APIContext) -> Topic {
        let routes = JobRoutes(context: context)
        return Topic(
            "Jobs",
            "The queue behind the runs.",
            schemas: ["Job": Job.schema],
            endpoints: [
                Endpoint(
                    .get,
                    "/jobs",
                    "listJobs",
                    "Lists jobs, the newest first.",
                    parameters: Paging.parameters + [
                        .query("state", .oneOf(JobState.self), "Only in this state: dead ones wait for a redrive."),
                        .query("config_id", .id, "Only of this configuration."),
                    ],
                    answers: [.ok(.page(of: .reference("Job")))],
                    problems: [(404, "There is no such configuration.")],
                    handle: routes.list
                ),
                Endpoint(
                    .post,
                    "/jobs/{id}/redrive",
                    "redriveJob",
                    "Queues a new run of what a dead job's run was to do, with the newest mappings.",
                    body: .optionalJSON(.closed()),
                    answers: [.accepted(.reference("Run"), "Queued.")],
                    problems: [
                        (409, "It is not dead; or its configuration is gone, off, or has a run in hand."),
                        (422, "Nothing is mapped any more."),
                    ],
                    handle: routes.redrive
                ),
            ]
        )
    }
}

private struct JobRoutes: Sendable {
    let context: APIContext

    func list(_ call: Call) async throws -> Response {
        let request = try call.page()
        let filter = JobFilter(
            state: try call.query.oneOf("state", JobState.self),
            config: try call.query.id("config_id")
        )
        // One more than is shown tells whether there is another page.
        let jobs = try await context.store.jobs(
            filter,
            tenant: call.tenant,
            before: request.after.map(UUID.init),
            limit: request.limit + 1
        )
        let shown = Array(jobs.prefix(request.limit))
        let next = jobs.count > request.limit ? shown.last.map { PageKey($0.id) } : nil
        return call.answer(Page(items: shown, next: next), \.json)
    }

    func redrive(_ call: Call) async throws -> Response {
        let run = try await context.store.redriveJob(
            try call.path.id("id"),
            actor: call.principal.subject,
            tenant: call.tenant,
            now: call.now
        )
        context.workers.wake()
        return Response.json(run.json()).located("/runs/\(run.id)", .accepted)
    }
}

extension PageKey {
    /// Jobs are read by their ids.
    fileprivate init(_ id: UUID) {
        self.init(Int64(bitPattern: id.high), Int64(bitPattern: id.low))
    }
}

extension UUID {
    fileprivate init(_ key: PageKey) {
        self.init(high: UInt64(bitPattern: key.major), low: UInt64(bitPattern: key.minor))
    }
}

extension Job {
    fileprivate static let schema = Schema.object(
        .required("id", .id, "Its run's id."),
        .required("config_id", .id),
        .required("kind", .string),
        .required("state", .oneOf(JobState.self)),
        .required("attempt", .integer),
        .required("run_at", .time, "When it may start, or might have."),
        .required("lease_until", .time.orNull, "Until when its worker holds it."),
        .required("created_at", .time),
        .required("updated_at", .time),
        .required("run_state", .oneOf(RunState.self)),
        .required("message", .string, "What its run says."),
        .required("error", RunFailure.schema.orNull, "Why its run's last attempt ended early.")
    )

    fileprivate var json: JSONValue {
        [
            "id": .id(id), "config_id": .id(config), "kind": .string(kind), "state": .string(state.rawValue),
            "attempt": .integer(attempt), "run_at": .time(runAt), "lease_until": .time(leaseUntil),
            "created_at": .time(createdAt), "updated_at": .time(updatedAt), "run_state": .string(runState.rawValue),
            "message": .string(message), "error": failure?.json ?? .null,
        ]
    }
}
