internal import HTTPServer
internal import JSON
internal import Store

/// What happened to a config.
enum LogTopic {
    static func topic(_ context: APIContext) -> Topic {
        Topic(
            "Logs",
            "What happened to a configuration.",
            schemas: ["LogLine": StoredLog.schema],
            endpoints: [
                Endpoint(
                    .get,
                    "/{id}/logs",
                    "listLogs",
                    "Lists what happened to a configuration, the newest first; an archived one's too.",
                    parameters: Paging.parameters + [
                        .query("status", .oneOf(["success", "error"]), "Only with this status."),
                        .query("level", .oneOf(["debug", "info", "warning", "error"]), "Only of this level."),
                        .query("run", .id, "Only of this run."),
                        .query("since", .time, "Only those written at this time or later."),
                        .query("until", .time, "Only those written before this time."),
                        .query("q", .text(1...200), "Part of the message, in upper or lower case."),
                    ],
                    answers: [.ok(.page(of: .reference("LogLine")))]
                ) { call in
                    let filter = LogFilter(
                        status: try call.query.text("status"),
                        level: try call.query.text("level"),
                        run: try call.query.id("run"),
                        since: try call.query.time("since"),
                        until: try call.query.time("until"),
                        contains: try call.query.text("q")
                    )
                    let page = try await context.store.logs(
                        config: try call.path.id("id"),
                        filter,
                        page: try call.page(),
                        tenant: call.tenant
                    )
                    return call.answer(page, \.json)
                }
            ]
        )
    }
}

extension StoredLog {
    fileprivate static let schema = Schema.object(
        .required("id", .id),
        .required("config_id", .id),
        .required("run_id", .id.orNull),
        .required("status", .oneOf(["success", "error"])),
        .required("level", .string),
        .required("event", .string, "outcome: how a run ended."),
        .required("message", .string),
        .required("payload", .any),
        .required("created_at", .time)
    )

    fileprivate var json: JSONValue {
        [
            "id": .id(id), "config_id": .id(entry.config), "run_id": .id(entry.run), "status": .string(entry.status),
            "level": .string(entry.level), "event": .string(entry.event), "message": .string(entry.message),
            "payload": entry.payload, "created_at": .time(createdAt),
        ]
    }
}
