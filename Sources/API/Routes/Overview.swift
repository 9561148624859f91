internal import HTTPServer
internal import JSON
internal import Store
internal import Sync

/// A tenant's standing at a glance.
enum OverviewTopic {
    static func topic(_ context: APIContext) -> Topic {
        Topic(
            "Overview",
            "The tenant's standing at a glance.",
            schemas: ["Overview": Overview.schema],
            endpoints: [
                Endpoint(
                    .get,
                    "/overview",
                    "getOverview",
                    "Shows how the tenant's integrations fare.",
                    answers: [.ok(.reference("Overview"))]
                ) { call in
                    let overview = try await context.store.overview(tenant: call.tenant, now: call.now)
                    return .json(overview.json(context))
                }
            ]
        )
    }
}

extension Overview {
    fileprivate static let schema = Schema.object(
        .required(
            "configs",
            .object(
                .required("total", .integer),
                .required("active", .integer),
                .required("failing", .integer, "Active ones whose newest ended run failed.")
            )
        ),
        .required(
            "runs_of_last_day",
            .object(RunState.allCases.map { .required($0.rawValue, .integer) }, isClosed: false),
            "Runs made in the last 24 hours, by state."
        ),
        .required(
            "needs_you",
            .list(
                of: .object(
                    .required("kind", .oneOf(Need.Kind.self)),
                    .required("config_id", .id),
                    .required("config", .string),
                    .required("run_id", .id),
                    .required("message", .string, "The run's own sentence."),
                    .required("count", .integer, "Records set aside, planned, or open; of a failed run those it read."),
                    .required("since", .time)
                )
            ),
            "What somebody has to look at: runs that are held or planned, and those newest ones that failed or have open "
                + "rejects. The most urgent kind first."
        ),
        .required("open_rejects", .integer, "Of each configuration's newest run that has ended."),
        .required("jobs", .object(.required("queued", .integer), .required("running", .integer))),
        .required("last_runs", .list(of: .reference("Run")), "The newest ten.")
    )

    fileprivate func json(_ context: APIContext) -> JSONValue {
        var states: JSONObject = [:]
        for state in RunState.allCases { states[state.rawValue] = .integer(runs[state] ?? 0) }
        return [
            "configs": [
                "total": .integer(configs), "active": .integer(activeConfigs), "failing": .integer(failingConfigs),
            ],
            "needs_you": .array(
                needs.map { need in
                    [
                        "kind": .string(need.kind.rawValue), "config_id": .id(need.config),
                        "config": .string(need.name),
                        "run_id": .id(need.run), "message": .string(need.message), "count": .integer(need.count),
                        "since": .time(need.since),
                    ]
                }
            ),
            "runs_of_last_day": .object(states), "open_rejects": .integer(openRejects),
            "jobs": ["queued": .integer(queuedJobs), "running": .integer(runningJobs)],
            "last_runs": .array(lastRuns.map { $0.json(context.board.status(of: $0)) }),
        ]
    }
}
