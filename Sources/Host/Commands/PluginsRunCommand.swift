internal import Columns
internal import ConnectorHost
internal import Crypto
internal import Identifiers
internal import JSON

/// `trainflow plugins run ID`: one operation in the real runner, printed.
struct PluginsRunCommand {
    private let invocation: Invocation
    private let wiring: Wiring

    init(_ invocation: Invocation) throws(UsageError) {
        self.invocation = invocation
        wiring = try Wiring(invocation)
    }

    func run() async throws -> ExitCode {
        let host = try wiring.connectorHost()
        let connector = try await host.connector(invocation.arguments[0])
        let settings = try invocation.value(.settings).map { try TextFile.json($0, option: .settings) } ?? [:]
        let secrets = try secrets()
        let inputs = Self.inputs(settings)
        guard let question = try question() else {
            let stream = invocation.value(.stream) ?? inputs.first?.name ?? ""
            return try await pull(
                PullRequest(
                    provider: connector.manifest.id,
                    tenant: Self.nobody,
                    settings: settings,
                    secrets: secrets,
                    stream: stream,
                    token: try token(),
                    inputs: inputs,
                    limit: try invocation.integer(.limit, least: 0)
                ),
                from: host
            )
        }
        let answer = try await host.ask(
            question,
            provider: connector.manifest.id,
            tenant: Self.nobody,
            settings: settings,
            secrets: secrets,
            request: [:],
            inputs: inputs,
            deadline: nil
        )
        Terminal.out(answer.prettyText + "\n")
        return .done
    }

    /// One line a record, then one with the token and the count.
    private func pull(_ request: PullRequest, from host: ConnectorHost) async throws -> ExitCode {
        let operation = try await host.pull(request)
        let schema = try await operation.schema()
        var token = request.token ?? []
        var records: Int64 = 0
        while let source = try await operation.next() {
            for row in 0..<source.batch.count {
                Terminal.out(RecordLine.text(source.batch, row: row, schema: schema) + "\n")
            }
            records += Int64(source.batch.count)
            token = source.token
        }
        let summary = try await operation.summary()
        Terminal.out(
            JSONValue.object(
                ["state": .string(Base64.encode(token)), "records": .integer(records), "summary": summary.json]
            ).text + "\n"
        )
        return .done
    }

    /// nil for a pull.
    private func question() throws(UsageError) -> Question? {
        switch try invocation.choice(.operation) {
        case "discover": .discover
        case "test": .test
        case "validate": .validate
        case "describe": .describe
        default: nil
        }
    }

    private func token() throws(UsageError) -> [UInt8]? {
        guard let text = invocation.value(.state) else { return nil }
        guard let token = Base64.decode(text) else { throw UsageError("--state takes a token in base64") }
        return token
    }

    private func secrets() throws(UsageError) -> [String: Secret] {
        guard let text = invocation.value(.credentials) else { return [:] }
        guard text.hasPrefix("@") else {
            throw UsageError(
                "--credentials takes @FILE: secrets on a command line are seen by everybody on the machine"
            )
        }
        guard let object = try TextFile.json(text, option: .credentials).objectValue else {
            throw UsageError("--credentials: the file holds no JSON object")
        }
        var secrets: [String: Secret] = [:]
        for member in object.members {
            guard let value = member.value.stringValue else {
                throw UsageError("--credentials: \"\(member.name)\" is no text")
            }
            secrets[member.name] = Secret(value)
        }
        return secrets
    }

    /// A connector gets a descriptor, not a path: the host opens what the setting `path` names.
    private static func inputs(_ settings: JSONValue) -> [PullRequest.Input] {
        guard let path = settings["path"]?.stringValue else { return [] }
        return [.init(name: path.split(separator: "/").last.map(String.init) ?? path, path: path)]
    }

    /// A support tool runs for no tenant.
    private static let nobody = UUID(high: 0, low: 0)
}
