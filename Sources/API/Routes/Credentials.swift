internal import ConnectorHost
internal import Crypto
internal import HTTPServer
internal import Identifiers
internal import JSON
internal import Store
internal import Sync

/// What configs sign in with: written, never read.
enum CredentialTopic {
    static func topic(_ context: APIContext) -> Topic {
        let routes = CredentialRoutes(context: context)
        return Topic(
            "Credentials",
            "What configurations sign in with: it can be replaced and deleted, never read.",
            schemas: ["Credentials": CredentialsStanding.schema],
            endpoints: [
                Endpoint(
                    .get,
                    "/{id}/credentials",
                    "getCredentials",
                    "Tells whether credentials are kept, since when and by whom; never what they are.",
                    answers: [.ok(.reference("Credentials"))],
                    handle: routes.show
                ),
                Endpoint(
                    .put,
                    "/{id}/credentials",
                    "putCredentials",
                    "Replaces the credentials, once the connection has been tested with the new ones.",
                    parameters: [
                        .query("test", Schema.bool.with("default", true), "Whether the connection is tested before.")
                    ],
                    body: .json(
                        Schema.map(of: .text(1...CredentialRoutes.mostBytes))
                            .described("By name, as the provider's credentials_schema says.")
                    ),
                    answers: [.ok(.reference("Credentials"))],
                    problems: [
                        (409, "The provider is switched off."),
                        (
                            422,
                            "The credentials are not what the connector asks for, or the test failed: steps say where. "
                                + "The old ones stay."
                        ),
                        (503, "The other side, or a runner, can't answer just now. The old credentials stay."),
                    ],
                    handle: routes.replace
                ),
                Endpoint(
                    .delete,
                    "/{id}/credentials",
                    "deleteCredentials",
                    "Forgets the credentials.",
                    answers: [.noContent],
                    handle: routes.delete
                ),
            ]
        )
    }
}

private struct CredentialRoutes: Sendable {
    let context: APIContext

    /// Of all credentials together: what a runner takes.
    static let mostBytes = 64 << 10

    func show(_ call: Call) async throws -> Response {
        let config = try await config(call)
        let standing = try await context.store.credentialsStanding(config: config.id, tenant: call.tenant)
        return .json(standing.json)
    }

    func replace(_ call: Call) async throws -> Response {
        let config = try await config(call)
        let texts = call.json?.objectValue?.members ?? []
        var secrets: [String: Secret] = [:]
        for member in texts { secrets[member.name] = member.value.stringValue.map(Secret.init) }
        let connector = try await ConfigCheck(context: context).connector(config.provider, at: nil)
        try check(secrets, by: connector)
        let isTested = try call.query.bool("test") ?? true
        if isTested { try await test(secrets, call) }
        let sealed = context.cipher.seal(secrets, config: config.id, tenant: call.tenant, now: call.now)
        let standing = try await context.store.saveCredentials(
            EncryptedCredentials(payload: sealed.payload, keyID: sealed.keyID),
            isTested: isTested,
            config: config.id,
            actor: call.principal.subject,
            tenant: call.tenant,
            now: call.now
        )
        return .json(CredentialsStanding?.some(standing).json)
    }

    func delete(_ call: Call) async throws -> Response {
        let config = try await config(call)
        try await context.store.deleteCredentials(
            config: config.id,
            actor: call.principal.subject,
            tenant: call.tenant,
            now: call.now
        )
        return Response(.noContent)
    }

    private func config(_ call: Call) async throws -> Config {
        guard let config = try await context.store.config(try call.path.id("id"), tenant: call.tenant) else {
            throw Problem.notFound("configuration")
        }
        return config
    }

    /// Findings name places, never values.
    private func check(_ secrets: [String: Secret], by connector: InstalledConnector) throws(Problem) {
        let object = JSONObject(firstOfEach: secrets.lazy.map { ($0.key, JSONValue.string($0.value.reveal())) })
        let items = connector.manifest.credentials.findings(in: .object(object)).map { finding in
            Problem.Item(pointer: finding.pointer, code: "invalid_credential", message: finding.message)
        }
        if let problem = Problem(items, "invalid_credentials", "The credentials are not what the connector asks for") {
            throw problem
        }
        guard secrets.values.reduce(0, { $0 + $1.reveal().utf8.count }) <= Self.mostBytes else {
            throw .invalid("", "credentials_too_large", "The credentials are larger than 64 KiB together.")
        }
    }

    /// Signs in with the new credentials. What the connector says of them comes masked.
    private func test(_ secrets: [String: Secret], _ call: Call) async throws {
        let report: ConnectionReport
        do {
            report = try await ConnectorCall(call, context, secrets: secrets).report()
        } catch let error as ConnectorError {
            throw Problem(error)
        }
        guard !report.isOK else { return }
        let failed = report.steps.first { !$0.isOK && !$0.isSkipped }
        var problem = Problem(
            422,
            "connection_test_failed",
            "The connection doesn't work with these credentials; the old ones stay. "
                + (failed.map { "\($0.name): \($0.message)" } ?? "The connector doesn't say why.")
        )
        problem.more["steps"] = report.stepsJSON
        throw problem
    }
}

extension CredentialsStanding {
    fileprivate static let schema = Schema.object(
        .required("is_set", .bool),
        .required("key_id", .string.orNull, "Names the key they are encrypted with."),
        .required("created_at", .time.orNull),
        .required("updated_at", .time.orNull),
        .required("updated_by", .string.orNull)
    )
}

extension CredentialsStanding? {
    fileprivate var json: JSONValue {
        [
            "is_set": .bool(self != nil), "key_id": .text(self?.keyID), "created_at": .time(self?.createdAt),
            "updated_at": .time(self?.updatedAt), "updated_by": .text(self?.updatedBy),
        ]
    }
}
