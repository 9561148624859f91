internal import HTTPServer
internal import Identifiers
internal import JSON
internal import Store
internal import Time

/// A tenant's configured uses of connectors.
enum ConfigTopic {
    static func topic(_ context: APIContext) -> Topic {
        let routes = ConfigRoutes(context: context)
        return Topic(
            "Configs",
            "Configured uses of connectors.",
            schemas: ["Config": Config.schema, "NewConfig": Config.newSchema],
            endpoints: [
                Endpoint(
                    .post,
                    "/configs",
                    "createConfig",
                    "Makes a configuration.",
                    body: .json(.reference("NewConfig")),
                    answers: [.created(.reference("Config"))],
                    problems: [(409, "There is a configuration of this name already.")],
                    isVersioned: true,
                    handle: routes.create
                ),
                Endpoint(
                    .get,
                    "/configs/{id}",
                    "getConfig",
                    "Shows a configuration.",
                    answers: [.ok(.reference("Config"))],
                    isVersioned: true,
                    handle: routes.show
                ),
            ]
        )
    }
}

private struct ConfigRoutes: Sendable {
    let context: APIContext

    func create(_ call: Call) async throws -> Response {
        var fields = try call.fields()
        let draft = ConfigDraft(
            name: try fields.string("name"),
            provider: try fields.string("provider"),
            type: try fields.optionalString("type") ?? "pull",
            settings: try fields.optionalObject("settings").map(JSONValue.object) ?? [:],
            policy: try fields.optionalObject("policy").map(JSONValue.object) ?? [:]
        )
        try fields.finish()
        let config = try await context.store.createConfig(draft, tenant: call.tenant, now: call.now)
        return Response.json(config.json).located("/configs/\(config.id)").tagged(version: config.version)
    }

    func show(_ call: Call) async throws -> Response {
        guard let config = try await context.store.config(try call.path.id("id"), tenant: call.tenant) else {
            throw Problem.notFound("configuration")
        }
        return .json(config.json).tagged(version: config.version)
    }
}

extension Config {
    fileprivate static let types = ["pull", "push", "sync", "webhook"]

    fileprivate static let newSchema = Schema.closed(
        .required("name", .text(1...200), "What people call it; unlike the tenant's others."),
        .required("provider", .text(1...100), "A connector's id."),
        .optional("type", .oneOf(types)),
        .optional("settings", .anyObject, "As the connector's own schema says."),
        .optional("policy", .anyObject, "How rows are matched and kept from harm.")
    )

    fileprivate static let schema = Schema.object(
        .required("id", .id),
        .required("name", .string),
        .required("provider", .string),
        .required("type", .oneOf(types)),
        .required("is_active", .bool),
        .required("settings", .anyObject),
        .required("policy", .anyObject),
        .required("version", .integer),
        .required("created_at", .time),
        .required("updated_at", .time)
    )

    fileprivate var json: JSONValue {
        [
            "id": .string(id.description), "name": .string(name), "provider": .string(provider), "type": .string(type),
            "is_active": .bool(isActive), "settings": settings, "policy": policy, "version": .integer(version),
            "created_at": .string(createdAt.description), "updated_at": .string(updatedAt.description),
        ]
    }
}
