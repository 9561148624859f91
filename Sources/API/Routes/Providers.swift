internal import ConnectorHost
internal import HTTPServer
internal import JSON
internal import Store

/// The connectors that are installed.
enum ProviderTopic {
    static func topic(_ context: APIContext) -> Topic {
        let routes = ProviderRoutes(context: context)
        return Topic(
            "Providers",
            "The connectors that are installed, and whether the tenant uses them.",
            schemas: ["Provider": Manifest.schema],
            endpoints: [
                Endpoint(
                    .get,
                    "/providers",
                    "listProviders",
                    "Lists the installed connectors, with what their configurations need.",
                    answers: [
                        .ok(
                            .object(
                                .required("items", .list(of: .reference("Provider"))),
                                .required(
                                    "refused",
                                    .list(
                                        of: .object(
                                            .required("file", .string, "Its name in the folder of connectors."),
                                            .required("reason", .string),
                                            .required("hint", .string, "What to do.")
                                        )
                                    ),
                                    "Files beside the installed connectors that are none, or may not be used."
                                ),
                                .required("next_cursor", .null, "All stand on one page.")
                            )
                        )
                    ],
                    handle: routes.list
                ),
                Endpoint(
                    .get,
                    "/providers/{provider}",
                    "getProvider",
                    "Shows an installed connector.",
                    parameters: [providerParameter],
                    answers: [.ok(.reference("Provider"))],
                    handle: routes.show
                ),
                Endpoint(
                    .put,
                    "/providers/{provider}",
                    "setProvider",
                    "Switches a provider on or off for the tenant: one that is off starts no run.",
                    parameters: [providerParameter],
                    body: .json(.closed(.required("is_enabled", .bool))),
                    answers: [.ok(.reference("Provider"))],
                    handle: routes.change
                ),
            ]
        )
    }

    private static let providerParameter = Parameter.path("provider", .text(1...100), "A connector's id: `file`.")
}

private struct ProviderRoutes: Sendable {
    let context: APIContext

    func list(_ call: Call) async throws -> Response {
        let catalog = try await context.connectors.catalog()
        let settings = try await context.store.providerSettings(tenant: call.tenant)
        let items = catalog.connectors.map { connector in
            connector.json(settings.first { $0.provider == connector.id })
        }
        let refused = catalog.refused.map(\.withoutFolders).map { file -> JSONValue in
            ["file": .string(file.path), "reason": .string(file.reason), "hint": .string(file.hint)]
        }
        return .json(["items": .array(items), "refused": .array(refused), "next_cursor": .null])
    }

    func show(_ call: Call) async throws -> Response {
        let connector = try await connector(call)
        let settings = try await context.store.providerSettings(tenant: call.tenant)
        return .json(connector.json(settings.first { $0.provider == connector.id }))
    }

    func change(_ call: Call) async throws -> Response {
        let connector = try await connector(call)
        var fields = try call.fields()
        let isEnabled = try fields.bool("is_enabled")
        try fields.finish()
        let setting = try await context.store.setProvider(
            connector.id,
            isEnabled: isEnabled,
            actor: call.principal.subject,
            tenant: call.tenant,
            now: call.now
        )
        return .json(connector.json(setting))
    }

    private func connector(_ call: Call) async throws -> InstalledConnector {
        let id = try call.path.text("provider")
        let connectors = try await context.connectors.catalog().connectors
        guard let connector = connectors.first(where: { $0.id == id }) else { throw Problem.notFound("provider") }
        return connector
    }
}

extension Manifest {
    fileprivate static let schema = Schema.object(
        .required("id", .string, "What configurations name as their provider."),
        .required("name", .string, "For people."),
        .required("version", .string),
        .required("publisher", .string),
        .required("description", .string.orNull),
        .required(
            "streams",
            .list(
                of: .object(
                    .required("name", .string),
                    .required("target_entity", .string.orNull, "What its records become."),
                    .required("description", .string.orNull),
                    .required("mappings", .list(of: .anyObject), "A mapping to begin with.")
                )
            ),
            "Kinds of record that it is known to offer; discover may find others."
        ),
        .required("settings_schema", .any, "What settings must look like: JSON Schema."),
        .required("credentials_schema", .any, "What credentials must look like: JSON Schema."),
        .required("capabilities", .list(of: .string)),
        .required(
            "sandbox",
            .object(
                .required("profile", .oneOf(Profile.allCases.map(\.rawValue))),
                .required("memory", .integer.orNull, "Bytes that it needs."),
                .required("hosts", .list(of: .string), "Hosts that it may dial.")
            )
        ),
        .required("trust", .oneOf(["unsigned"]), "Signatures are not checked yet: the operator let unsigned ones run."),
        .required("is_enabled", .bool, "Whether the tenant uses it."),
        .required("changed_at", .time.orNull, "When it was switched on or off last."),
        .required("changed_by", .string.orNull)
    )
}

extension InstalledConnector {
    fileprivate func json(_ setting: ProviderSetting?) -> JSONValue {
        [
            "id": .string(id), "name": .string(manifest.name), "version": .string(manifest.version.description),
            "publisher": .string(manifest.publisher), "description": .text(manifest.description),
            "streams": .array(manifest.streams.map(\.json)), "settings_schema": manifest.settingsJSON,
            "credentials_schema": manifest.credentialsJSON,
            "capabilities": .array(manifest.capabilities.map(\.rawValue).sorted().map(JSONValue.string)),
            "sandbox": [
                "profile": .string(manifest.sandbox.profile.rawValue),
                "memory": manifest.sandbox.memory.map { .integer(Int64($0)) } ?? .null,
                "hosts": .array(manifest.sandbox.hosts.map(JSONValue.string)),
            ],
            "trust": "unsigned", "is_enabled": .bool(setting?.isEnabled ?? true),
            "changed_at": .time(setting?.changedAt), "changed_by": .text(setting?.changedBy),
        ]
    }
}

extension Manifest.Stream {
    fileprivate var json: JSONValue {
        [
            "name": .string(name), "target_entity": .text(entity), "description": .text(description),
            "mappings": .array(mappings),
        ]
    }
}

extension JSONValue {
    /// The text, or null.
    static func text(_ text: String?) -> JSONValue { text.map(JSONValue.string) ?? .null }
}

extension Schema {
    static let null = Schema(["type": "null"])
}
