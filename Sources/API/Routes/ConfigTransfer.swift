internal import ConnectorHost
internal import HTTPServer
internal import Identifiers
internal import JSON
internal import Mapping
internal import Store

/// Configs taken from one place to another, with their mappings and without their credentials.
enum ConfigTransferTopic {
    static func topic(_ context: APIContext) -> Topic {
        let routes = ConfigTransferRoutes(context: context)
        return Topic(
            "Transfer",
            "Copying configurations, within the tenant and between installations.",
            schemas: ["ConfigExport": ConfigTransferRoutes.exportSchema],
            endpoints: [
                Endpoint(
                    .post,
                    "/configs/{id}/copy",
                    "copyConfig",
                    "Copies a configuration with its mappings, under a free name: switched off, without credentials.",
                    answers: [.created(.reference("Config"))],
                    isVersioned: true,
                    handle: routes.copy
                ),
                Endpoint(
                    .get,
                    "/configs/{id}/export",
                    "exportConfig",
                    "Gives a configuration and its mappings to be imported elsewhere, without credentials.",
                    answers: [.ok(.reference("ConfigExport"))],
                    handle: routes.export
                ),
                Endpoint(
                    .post,
                    "/configs/import",
                    "importConfig",
                    "Makes a configuration of an exported one, all or nothing: switched off, without credentials.",
                    body: .json(.reference("ConfigExport")),
                    answers: [.created(.reference("Config"))],
                    problems: [
                        (
                            409,
                            "There is a configuration of this name already, the provider is switched off, or the key's "
                                + "request is being done."
                        )
                    ],
                    isVersioned: true,
                    handle: routes.bring
                ),
            ]
        )
    }
}

private struct ConfigTransferRoutes: Sendable {
    let context: APIContext

    private static let format = "trainflow.config/1"

    static let exportSchema = Schema.closed(
        .required("format", .oneOf([format])),
        .optional("provider_version", .text(1...100), "Of the connector where it was exported."),
        .required(
            "config",
            .closed(
                .required("name", .text(1...200)),
                .required("provider", .text(1...100)),
                .optional("type", .oneOf(Config.types)),
                .optional("settings", .anyObject),
                .optional("policy", .anyObject)
            )
        ),
        .optional("mappings", .list(of: .reference("MappingLine"), count: 0...MappingDraft.mostLines))
    )

    func copy(_ call: Call) async throws -> Response {
        let copy = try await context.store.copyConfig(
            try await context.requireConfig(call).id,
            actor: call.principal.subject,
            tenant: call.tenant,
            now: call.now
        )
        return try await made(copy, call)
    }

    func export(_ call: Call) async throws -> Response {
        let config = try await context.requireConfig(call)
        let table = try await context.store.mappingTable(config: config.id, version: nil, tenant: call.tenant)
        let connectors = try await context.connectors.catalog().connectors
        var document: JSONObject = ["format": .string(Self.format)]
        if let connector = connectors.first(where: { $0.id == config.provider }) {
            document["provider_version"] = .string(connector.manifest.version.description)
        }
        document["config"] = [
            "name": .string(config.name), "provider": .string(config.provider), "type": .string(config.type),
            "settings": config.settings, "policy": config.policy,
        ]
        document["mappings"] = .array(table.lines.map(\.exported))
        return .json(.object(document))
    }

    func bring(_ call: Call) async throws -> Response {
        var document = try call.fields()
        _ = try document.string("format")
        _ = try document.optionalString("provider_version")
        var fields = try document.fields("config")
        let lines = try document.optionalArray("mappings") ?? []
        try document.finish()
        let draft = ConfigDraft(
            name: try fields.string("name"),
            provider: try fields.string("provider"),
            type: try fields.optionalString("type") ?? "pull",
            settings: try fields.optionalObject("settings").map(JSONValue.object) ?? [:],
            policy: try fields.optionalObject("policy").map(JSONValue.object) ?? [:],
            isActive: false
        )
        try fields.finish()
        var drafts = try MappingDraft.lines(lines)
        // Ids of another installation mean nothing here.
        for index in drafts.indices { drafts[index].id = nil }
        let check = ConfigCheck(context: context)
        let connector = try await check.connector(draft.provider, at: "/config/provider")
        try await check.requireOn(draft.provider, tenant: call.tenant)
        try check.check(settings: draft.settings, policy: draft.policy, by: connector, at: "/config")
        try await check.ask(connector, about: draft.settings, tenant: call.tenant, at: "/config")
        try await MappingCheck(drafts, context, tenant: call.tenant).require()
        let config = try await context.store.importConfig(
            draft,
            mappings: drafts,
            actor: call.principal.subject,
            tenant: call.tenant,
            now: call.now
        )
        return try await made(config, call)
    }

    private func made(_ config: Config, _ call: Call) async throws -> Response {
        guard let standing = try await context.store.configStanding(config.id, tenant: call.tenant) else {
            throw Problem.notFound("configuration")
        }
        return Response.json(standing.json(context)).tagged(version: standing.config.version)
            .located("/configs/\(config.id)")
    }
}

extension MappingLine {
    /// What the line says, without what is only true here.
    fileprivate var exported: JSONValue {
        [
            "stream": .string(stream), "target_entity": .string(entity.rawValue),
            "source_field": .string(row.sourceField), "target_field": .string(row.targetField),
            "transform_function": .text(row.transform), "write": .string(row.write.rawValue),
            "empty": .string(row.empty.rawValue),
        ]
    }
}
