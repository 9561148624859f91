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
        do {
            return try await perform()
        } catch let error as ConnectorError {
            Terminal.error("trainflow: \(error)")
            Terminal.error("  " + Self.particulars(of: error))
            return .failed
        }
    }

    private func perform() async throws -> ExitCode {
        let host = try wiring.connectorHost()
        let connector = try await host.connector(invocation.arguments[0])
        let settings = try invocation.value(.settings).map { try TextFile.json($0, option: .settings) } ?? [:]
        let secrets = try secrets()
        let inputs = Self.inputs(settings)
        guard let question = try question() else {
            let stream = try stream(of: connector.manifest, inputs)
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
        return try isGood(answer, to: question) ? .done : .failed
    }

    /// Reads the answer as the API would; false if it says that something is wrong.
    private func isGood(_ answer: JSONValue, to question: Question) throws(ConnectorError) -> Bool {
        switch question {
        case .describe: return true
        case .discover:
            _ = try DiscoveredStream.list(answer)
            return true
        case .test: return try ConnectionReport(answer).isOK
        case .validate: return !(try SettingsFinding.list(answer)).contains(where: \.isError)
        }
    }

    /// What an error has besides its message, for the connector's author.
    private static func particulars(of error: ConnectorError) -> String {
        var parts = ["class \(error.errorClass.rawValue)", "code \(error.code)"]
        if let setting = error.setting { parts.append("setting \(setting)") }
        if let wait = error.retryAfter { parts.append("retry after \(wait)") }
        if error.vendorCode != 0 { parts.append("vendor code \(error.vendorCode)") }
        return parts.joined(separator: ", ")
    }

    private func stream(of manifest: Manifest, _ inputs: [PullRequest.Input]) throws(UsageError) -> String {
        if let stream = invocation.value(.stream) ?? inputs.first?.name { return stream }
        guard manifest.streams.count > 1 else { return manifest.streams.first?.name ?? "" }
        let names = manifest.streams.map(\.name).joined(separator: ", ")
        throw UsageError("--stream is needed: \(manifest.id) has the streams \(names)")
    }

    /// One line a record, then one with the token and the count.
    private func pull(_ request: PullRequest, from host: ConnectorHost) async throws -> ExitCode {
        let operation = try await host.pull(request)
        let schema = try await operation.schema()
        var token = request.token ?? []
        var records = 0
        while let source = try await operation.next() {
            let rows = min(source.batch.count, (request.limit ?? .max) - records)
            for row in 0..<rows { Terminal.out(RecordLine.text(source.batch, row: row, schema: schema) + "\n") }
            guard rows == source.batch.count else {
                operation.cancel()
                Terminal.error(
                    "trainflow: The connector gave more records than --limit says, and was stopped: so there is neither a "
                        + "token nor a summary. A connector ends by itself at the request's limit."
                )
                return .done
            }
            records += rows
            token = source.token
        }
        let summary = try await operation.summary()
        Terminal.out(
            JSONValue.object(
                ["state": .string(Base64.encode(token)), "records": .integer(Int64(records)), "summary": summary.json]
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
