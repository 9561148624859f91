internal import Changes
internal import HTTPServer
internal import Identifiers
internal import JSON
internal import Mapping
internal import Store
internal import Sync
internal import Time

/// A tenant's configured uses of connectors.
enum ConfigTopic {
    static func topic(_ context: APIContext, _ files: FileFolder) -> Topic {
        let routes = ConfigRoutes(context: context, files: files)
        return Topic(
            "Configs",
            "Configured uses of connectors.",
            schemas: [
                "Config": Config.schema, "NewConfig": Config.newSchema, "ConfigChange": Config.changeSchema,
                "Run": Run.schema,
            ],
            endpoints: [
                Endpoint(
                    .get,
                    "/configs",
                    "listConfigs",
                    "Lists the tenant's configurations, the newest first.",
                    parameters: Paging.parameters + [
                        .query("provider", .text(1...100), "Only of this provider."),
                        .query("type", .oneOf(Config.types), "Only of this type."),
                        .query("is_active", .bool, "Only those that are on, or off."),
                        .query("name", .text(1...200), "Part of the name, in upper or lower case."),
                    ],
                    answers: [.ok(.page(of: .reference("Config")))],
                    handle: routes.list
                ),
                Endpoint(
                    .post,
                    "/configs",
                    "createConfig",
                    "Makes a configuration.",
                    body: .json(.reference("NewConfig")),
                    answers: [.created(.reference("Config"))],
                    problems: [
                        (
                            409,
                            "There is a configuration of this name already, the provider is switched off, or the key's "
                                + "request is being done."
                        )
                    ],
                    isVersioned: true,
                    handle: routes.create
                ),
                Endpoint(
                    .get,
                    "/configs/{id}",
                    "getConfig",
                    "Shows a configuration and how it fares.",
                    answers: [.ok(.reference("Config"))],
                    isVersioned: true,
                    handle: routes.show
                ),
                Endpoint(
                    .patch,
                    "/configs/{id}",
                    "changeConfig",
                    "Changes what is named; settings and policy are replaced as wholes.",
                    body: .json(.reference("ConfigChange")),
                    answers: [.ok(.reference("Config"))],
                    problems: [(409, "There is another configuration of this name.")],
                    isVersioned: true,
                    handle: routes.change
                ),
                Endpoint(
                    .delete,
                    "/configs/{id}",
                    "deleteConfig",
                    "Takes a configuration out of use and deletes its credentials and files; its runs and logs stay.",
                    answers: [.noContent],
                    problems: [(409, "One of its runs has not ended: cancel it first.")],
                    isVersioned: true,
                    handle: routes.archive
                ),
            ]
        )
    }
}

private struct ConfigRoutes: Sendable {
    let context: APIContext
    let files: FileFolder

    func list(_ call: Call) async throws -> Response {
        let filter = ConfigFilter(
            provider: try call.query.text("provider"),
            type: try call.query.text("type"),
            isActive: try call.query.bool("is_active"),
            nameContains: try call.query.text("name")
        )
        let page = try await context.store.configs(filter, page: try call.page(), tenant: call.tenant)
        return call.answer(page) { $0.json(context) }
    }

    func create(_ call: Call) async throws -> Response {
        var fields = try call.fields()
        let draft = ConfigDraft(
            name: try fields.string("name"),
            provider: try fields.string("provider"),
            type: try fields.optionalString("type") ?? "pull",
            settings: try fields.optionalObject("settings").map(JSONValue.object) ?? [:],
            policy: try fields.optionalObject("policy").map(JSONValue.object) ?? [:],
            isActive: try fields.optionalBool("is_active") ?? true
        )
        try fields.finish()
        let check = ConfigCheck(context: context)
        let connector = try await check.connector(draft.provider)
        try await check.requireOn(draft.provider, tenant: call.tenant)
        try check.check(settings: draft.settings, policy: draft.policy, by: connector)
        try await check.ask(connector, about: draft.settings, tenant: call.tenant)
        let config = try await context.store.createConfig(
            draft,
            actor: call.principal.subject,
            tenant: call.tenant,
            now: call.now
        )
        return try await shown(config.id, call).located("/configs/\(config.id)")
    }

    func show(_ call: Call) async throws -> Response {
        try await shown(try call.path.id("id"), call)
    }

    func change(_ call: Call) async throws -> Response {
        let id = try call.path.id("id")
        var fields = try call.fields()
        let change = ConfigChange(
            name: try fields.optionalString("name"),
            type: try fields.optionalString("type"),
            isActive: try fields.optionalBool("is_active"),
            settings: try fields.optionalObject("settings").map(JSONValue.object),
            policy: try fields.optionalObject("policy").map(JSONValue.object)
        )
        try fields.finish()
        // Before the connector is asked.
        let version = try await version(of: id, call)
        try await check(change, call)
        _ = try await context.store.changeConfig(
            id,
            change,
            version: version,
            actor: call.principal.subject,
            tenant: call.tenant,
            now: call.now
        )
        return try await shown(id, call)
    }

    private func check(_ change: ConfigChange, _ call: Call) async throws {
        let config = try await context.requireConfig(call)
        let check = ConfigCheck(context: context)
        let connector = change.settings == nil ? nil : try await check.connector(config.provider, at: nil)
        try check.check(settings: change.settings, policy: change.policy, by: connector)
        try await check.ask(connector, about: change.settings, tenant: call.tenant)
    }

    func archive(_ call: Call) async throws -> Response {
        let id = try call.path.id("id")
        let archived = try await context.store.archiveConfig(
            id,
            version: try await version(of: id, call),
            actor: call.principal.subject,
            tenant: call.tenant,
            now: call.now
        )
        if let run = archived.cancelled { await context.workers.wasCancelled(run) }
        await files.delete(archived.contentKeys, log: call.log)
        return Response(.noContent)
    }

    /// The version that the change is to be made to; nil where the client names none.
    private func version(of id: UUID, _ call: Call) async throws -> Int64? {
        guard call.namesVersion else { return nil }
        guard let config = try await context.store.config(id, tenant: call.tenant) else {
            throw Problem.notFound("configuration")
        }
        try call.requireMatch(version: config.version)
        return config.version
    }

    private func shown(_ id: UUID, _ call: Call) async throws -> Response {
        guard let standing = try await context.store.configStanding(id, tenant: call.tenant) else {
            throw Problem.notFound("configuration")
        }
        return .json(standing.json(context)).tagged(version: standing.config.version)
    }
}

extension Config {
    static let types = ["pull", "push", "sync", "webhook"]

    private static let changeable: [Schema.Field] = [
        .optional("type", .oneOf(types)),
        .optional("is_active", .bool, "Whether it may run."),
        .optional("settings", .anyObject, "As the connector's own schema says."),
        .optional("policy", .anyObject, "How rows are matched and kept from harm."),
    ]

    fileprivate static let newSchema = Schema.object(
        [
            .required("name", .text(1...200), "What people call it; unlike the tenant's others."),
            .required("provider", .text(1...100), "A connector's id."),
        ] + changeable,
        isClosed: true
    )

    fileprivate static let changeSchema = Schema.object(
        [.optional("name", .text(1...200))] + changeable,
        isClosed: true
    )

    fileprivate static let schema = Schema.object(
        .required("id", .id),
        .required("name", .string),
        .required("provider", .string),
        .required("type", .oneOf(types)),
        .required("is_active", .bool),
        .required("settings", .anyObject),
        .required("policy", .anyObject),
        .required("has_credentials", .bool),
        .required("version", .integer),
        .required("created_at", .time),
        .required("updated_at", .time),
        .required("last_run", .reference("Run").orNull, "The newest, whatever its state."),
        .required("next_run_at", .time.orNull),
        .required(
            "owned",
            .object(
                .required("users", .integer),
                .required("courses", .integer),
                .required("enrollments", .integer)
            ),
            "How many rows it owns."
        ),
        .required(
            "limits",
            .list(
                of: .object(
                    .required("entity", .oneOf(Entity.self)),
                    .required("kind", .oneOf(GuardedEffect.self)),
                    .required("population", .integer, "How many rows it owns now."),
                    .required("limit", Schema.integer.orNull, "More than so many are held; null for no limit.")
                )
            ),
            "What the policy's guard comes to with today's rows."
        ),
        .required("recent_runs", .list(of: .oneOf(RunState.self)), "States of the last 14, the newest first.")
    )
}

extension ConfigStanding {
    private var limits: JSONValue {
        // One that can't be read is shown as it is, and has the usual limits until it is saved anew.
        let guardLimits: GuardLimits
        do throws(JSONFieldError) {
            guardLimits = try Policy(json: config.policy).guardLimits
        } catch {
            guardLimits = GuardLimits()
        }
        let kinds: [(Entity, Int64, [GuardedEffect])] = [
            (.users, owned.users, [.deactivate, .keyChange]), (.courses, owned.courses, [.deactivate, .keyChange]),
            (.enrollments, owned.enrollments, [.unenrol, .keyChange]),
        ]
        return .array(
            kinds.flatMap { entity, population, kinds in
                kinds.map { kind -> JSONValue in
                    let limit = guardLimits.limit(kind, of: population)
                    return [
                        "entity": .string(entity.rawValue), "kind": .string(kind.rawValue),
                        "population": .integer(population), "limit": limit == .max ? .null : .integer(limit),
                    ]
                }
            }
        )
    }

    func json(_ context: APIContext) -> JSONValue {
        [
            "id": .id(config.id), "name": .string(config.name), "provider": .string(config.provider),
            "type": .string(config.type), "is_active": .bool(config.isActive), "settings": config.settings,
            "policy": config.policy, "has_credentials": .bool(hasCredentials), "version": .integer(config.version),
            "created_at": .time(config.createdAt), "updated_at": .time(config.updatedAt),
            "last_run": lastRun.map { $0.json(context.board.status(of: $0)) } ?? .null,
            // Nothing runs by itself yet: schedules are another issue's.
            "next_run_at": .null,
            "owned": [
                "users": .integer(owned.users), "courses": .integer(owned.courses),
                "enrollments": .integer(owned.enrollments),
            ],
            "limits": limits,
            "recent_runs": .array(recentStates.map { .string($0.rawValue) }),
        ]
    }
}
