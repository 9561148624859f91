internal import HTTPServer
internal import Identifiers
internal import JSON
internal import Mapping
internal import Store

/// How a config's records become TrainFlow's.
enum MappingTopic {
    static func topic(_ context: APIContext) -> Topic {
        Topic(
            "Mappings",
            "How a configuration's records become users, courses and enrollments. Each change makes a version.",
            schemas: [
                "Mapping": MappingLine.schema, "Mappings": MappingTable.schema, "NewMapping": MappingDraft.newSchema,
                "MappingChange": MappingDraft.changeSchema, "MappingLine": MappingDraft.lineSchema,
                "MappingTableLine": MappingDraft.tableLineSchema,
                "MappingPreview": PreviewAnswer.schema, "MappingSuggestions": MappingSuggestRoutes.schema,
            ],
            endpoints: MappingRoutes(context: context).endpoints + MappingTrialRoutes(context: context).endpoints
                + MappingSuggestRoutes(context: context).endpoints
        )
    }
}

private struct MappingRoutes: Sendable {
    let context: APIContext

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/{id}/mappings",
                "getMappings",
                "Shows all mappings of the newest version, or of another.",
                parameters: [.query("version", .integer(0...Int64.max), "Which version; the newest if not said.")],
                answers: [.ok(.reference("Mappings"))],
                isVersioned: true,
                handle: show
            ),
            Endpoint(
                .post,
                "/{id}/mappings",
                "addMapping",
                "Adds a mapping.",
                body: .json(.reference("NewMapping")),
                answers: [.created(.reference("Mapping"))],
                problems: [(412, "Others change the mappings all the time: try again.")],
                isVersioned: true,
                handle: add
            ),
            Endpoint(
                .put,
                "/{id}/mappings",
                "replaceMappings",
                "Replaces all mappings, in this order. Lines with the id of a standing one go on with it.",
                body: .json(
                    .closed(
                        .optional("stream", .text(1...200), "Of the lines that don't say theirs."),
                        .optional("target_entity", .oneOf(Entity.self), "Of the lines that don't say theirs."),
                        .required(
                            "mappings",
                            .list(of: .reference("MappingTableLine"), count: 0...MappingDraft.mostLines)
                        )
                    )
                ),
                answers: [.ok(.reference("Mappings"))],
                isVersioned: true,
                handle: replaceAll
            ),
            Endpoint(
                .get,
                "/{id}/mappings/versions",
                "listMappingVersions",
                "Lists the versions of the mappings, the newest first.",
                parameters: Paging.parameters,
                answers: [.ok(.page(of: Self.versionSchema))],
                handle: versions
            ),
            Endpoint(
                .get,
                "/{id}/mappings/{mapping_id}",
                "getMapping",
                "Shows a mapping of the newest version.",
                answers: [.ok(.reference("Mapping"))],
                isVersioned: true,
                handle: showOne
            ),
            Endpoint(
                .put,
                "/{id}/mappings/{mapping_id}",
                "replaceMapping",
                "Replaces what a mapping says. Without a position it stays where it is.",
                body: .json(.reference("NewMapping")),
                answers: [.ok(.reference("Mapping"))],
                isVersioned: true,
                handle: replaceOne
            ),
            Endpoint(
                .patch,
                "/{id}/mappings/{mapping_id}",
                "changeMapping",
                "Changes what is named of a mapping.",
                body: .json(.reference("MappingChange")),
                answers: [.ok(.reference("Mapping"))],
                isVersioned: true,
                handle: changeOne
            ),
            Endpoint(
                .delete,
                "/{id}/mappings/{mapping_id}",
                "deleteMapping",
                "Takes a mapping out.",
                answers: [.noContent],
                isVersioned: true,
                handle: delete
            ),
        ]
    }

    private static let versionSchema = Schema.object(
        .required("version", .integer),
        .required("lines", .integer, "How many mappings it has."),
        .required("created_at", .time),
        .required("created_by", .string)
    )

    // MARK: - Reading

    private func show(_ call: Call) async throws -> Response {
        let table = try await context.store.mappingTable(
            config: try await config(call),
            version: try call.query.integer("version"),
            tenant: call.tenant
        )
        return Response.json(table.json).tagged(version: table.version)
    }

    private func showOne(_ call: Call) async throws -> Response {
        let id = try call.path.id("mapping_id")
        let table = try await newest(call)
        guard let line = table.lines.first(where: { $0.id == id }) else { throw Problem.notFound("mapping") }
        return Response.json(line.json).tagged(version: table.version)
    }

    private func versions(_ call: Call) async throws -> Response {
        let page = try await context.store.mappingVersions(
            config: try await config(call),
            page: try call.page(),
            tenant: call.tenant
        )
        return call.answer(page) { version in
            [
                "version": .integer(version.version), "lines": .integer(version.lines),
                "created_at": .time(version.createdAt), "created_by": .string(version.createdBy),
            ]
        }
    }

    // MARK: - Changing

    private func replaceAll(_ call: Call) async throws -> Response {
        var fields = try call.fields()
        let drafts = try MappingDraft.lines(
            try fields.array("mappings"),
            stream: try fields.optionalString("stream"),
            entity: try fields.optionalOneOf("target_entity", Entity.self)
        )
        try fields.finish()
        let config = try await config(call)
        try await MappingCheck(drafts, context, tenant: call.tenant).require()
        let table = try await edit(call) { version in
            try await context.store.replaceMappings(
                drafts,
                config: config,
                version: version.version,
                actor: call.principal.subject,
                tenant: call.tenant,
                now: call.now
            )
        }
        return Response.json(table.json).tagged(version: table.version)
    }

    private func add(_ call: Call) async throws -> Response {
        let draft = try MappingDraft(line: call.json ?? .null)
        let config = try await config(call)
        let edit = try await edit(call) { table in
            try await MappingCheck(table.lines.map(\.draft) + [draft], context, tenant: call.tenant).requireLast()
            return try await context.store.addMapping(
                draft,
                config: config,
                version: table.version,
                actor: call.principal.subject,
                tenant: call.tenant,
                now: call.now
            )
        }
        return edit.response.located("/\(config)/mappings/\(edit.line.id)")
    }

    private func replaceOne(_ call: Call) async throws -> Response {
        let draft = try MappingDraft(line: call.json ?? .null)
        return try await change(call) { _ in draft }
    }

    private func changeOne(_ call: Call) async throws -> Response {
        try await change(call) { line in
            var draft = line.draft
            try draft.apply(call.json ?? .null)
            return draft
        }
    }

    private func change(_ call: Call, _ changed: (MappingLine) throws -> MappingDraft) async throws -> Response {
        let id = try call.path.id("mapping_id")
        let config = try await config(call)
        let edit = try await edit(call) { table in
            guard let line = table.lines.first(where: { $0.id == id }) else { throw Problem.notFound("mapping") }
            let draft = try changed(line)
            let drafts = table.lines.filter { $0.id != id }.map(\.draft) + [draft]
            try await MappingCheck(drafts, context, tenant: call.tenant).requireLast()
            return try await context.store.changeMapping(
                id,
                to: draft,
                config: config,
                version: table.version,
                actor: call.principal.subject,
                tenant: call.tenant,
                now: call.now
            )
        }
        return edit.response
    }

    private func delete(_ call: Call) async throws -> Response {
        let id = try call.path.id("mapping_id")
        let config = try await config(call)
        _ = try await edit(call) { table in
            guard table.lines.contains(where: { $0.id == id }) else { throw Problem.notFound("mapping") }
            return try await context.store.deleteMapping(
                id,
                config: config,
                version: table.version,
                actor: call.principal.subject,
                tenant: call.tenant,
                now: call.now
            )
        }
        return Response(.noContent)
    }

    // MARK: - What they share

    /// Makes a change to the newest version. Where another came first, and the client named no version, it is made anew.
    private func edit<Result>(_ call: Call, _ change: (MappingTable) async throws -> Result) async throws -> Result {
        for _ in 0..<8 {
            let table = try await newest(call)
            try call.requireMatch(version: table.version)
            do {
                return try await change(table)
            } catch let error as StoreError where error.code == .stale && !call.namesVersion {
                continue
            }
        }
        throw Problem.stale
    }

    private func newest(_ call: Call) async throws -> MappingTable {
        try await context.store.mappingTable(config: try await config(call), version: nil, tenant: call.tenant)
    }

    private func config(_ call: Call) async throws -> UUID {
        try await context.requireConfig(call).id
    }
}

extension APIContext {
    /// The config of the path's `id`.
    func requireConfig(_ call: Call) async throws -> Config {
        guard let config = try await store.config(try call.path.id("id"), tenant: call.tenant) else {
            throw Problem.notFound("configuration")
        }
        return config
    }
}

extension MappingEdit {
    fileprivate var response: Response { Response.json(line.json).tagged(version: version) }
}
