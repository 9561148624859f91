internal import HTTPServer
internal import JSON
internal import Store

/// Who did what.
enum AuditTopic {
    static func topic(_ context: APIContext) -> Topic {
        Topic(
            "Audit",
            "Who did what.",
            schemas: ["AuditEntry": AuditEntry.schema],
            endpoints: [
                Endpoint(
                    .get,
                    "/audit",
                    "listAudit",
                    "Lists who did what, the newest first.",
                    parameters: Paging.parameters + [
                        .query("actor", .text(1...200), "Only what they did."),
                        .query("action", .text(1...100), "Only this deed: run.queued."),
                        .query("subject", .text(1...100), "Only done to such things: config, file, run."),
                        .query("subject_id", .id, "Only done to this thing."),
                        .query("since", .time, "Only done at this time or later."),
                        .query("until", .time, "Only done before this time."),
                    ],
                    answers: [.ok(.page(of: .reference("AuditEntry")))]
                ) { call in
                    let filter = AuditFilter(
                        actor: try call.query.text("actor"),
                        action: try call.query.text("action"),
                        subject: try call.query.text("subject"),
                        subjectID: try call.query.id("subject_id"),
                        since: try call.query.time("since"),
                        until: try call.query.time("until")
                    )
                    let page = try await context.store.auditTrail(filter, page: try call.page(), tenant: call.tenant)
                    return call.answer(page, \.json)
                }
            ]
        )
    }
}

extension AuditEntry {
    fileprivate static let schema = Schema.object(
        .required("id", .id),
        .required("actor", .string, "The subject of their token; host for the host's own commands."),
        .required("action", .string),
        .required("subject", .string, "What kind of thing it was done to."),
        .required("subject_id", .id.orNull),
        .required("detail", .any),
        .required("created_at", .time)
    )

    fileprivate var json: JSONValue {
        [
            "id": .id(id), "actor": .string(deed.actor), "action": .string(deed.action),
            "subject": .string(deed.subject), "subject_id": .id(deed.subjectID), "detail": deed.detail,
            "created_at": .time(createdAt),
        ]
    }
}
