import ConnectorHost
import Crypto
import Identifiers
import JSON
import Log
import TestSupport
import Testing

/// A host with one of the test connectors in its folder.
struct TestHost {
    let folder: TemporaryFolder
    let log = CapturedLog()
    let host: ConnectorHost
    let provider: String

    static let tenant = UUID(high: 1, low: 2)

    /// `file` is the test connector's name without `.so`.
    init(
        _ file: String,
        services: (any ConnectorServices)? = nil,
        configure: (inout ConnectorHostConfiguration) -> Void = { _ in }
    ) throws {
        folder = try TemporaryFolder()
        try TestConnectors.install(file, in: folder)
        var configuration = ConnectorHostConfiguration(
            pluginsFolder: folder.path,
            runnerPath: try TestConnectors.built(TestConnectors.runner)
        )
        configuration.areUnsignedPluginsAllowed = true
        configure(&configuration)
        host = ConnectorHost(configuration, log: Logger(level: .debug, sink: log), services: services)
        provider = "test-\(file.split(separator: "-").first ?? "")"
    }

    func request(
        _ stream: String,
        settings: JSONValue = [:],
        secrets: [String: Secret] = [:],
        deadline: Duration? = .seconds(120)
    ) -> PullRequest {
        PullRequest(
            provider: provider,
            tenant: Self.tenant,
            settings: settings,
            secrets: secrets,
            stream: stream,
            deadline: deadline
        )
    }

    /// Reads a pull to its end.
    func readAll(_ request: PullRequest) async throws -> (batches: [SourceBatch], summary: PullSummary) {
        let operation = try await host.pull(request)
        var batches: [SourceBatch] = []
        while let batch = try await operation.next() { batches.append(batch) }
        return (batches, try await operation.summary())
    }

    /// How a pull fails, and how many batches came before.
    func failure(of request: PullRequest) async throws -> (error: ConnectorError, batches: Int) {
        var batches = 0
        do throws(ConnectorError) {
            let operation = try await host.pull(request)
            while try await operation.next() != nil { batches += 1 }
        } catch {
            return (error, batches)
        }
        throw NoFailure()
    }

    func ask(
        _ question: Question,
        settings: JSONValue = [:],
        secrets: [String: Secret] = [:],
        deadline: Duration? = .seconds(120)
    ) async throws(ConnectorError) -> JSONValue {
        try await host.ask(
            question,
            provider: provider,
            tenant: Self.tenant,
            settings: settings,
            secrets: secrets,
            deadline: deadline
        )
    }

    struct NoFailure: Error {}
}
