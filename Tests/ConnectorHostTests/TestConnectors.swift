import ConnectorHost
import Crypto
import FoundationEssentials
import Glibc
import Identifiers
import JSON
import Log
import TestSupport
import Testing

/// The real runner, and connectors in C that behave and misbehave (Tests/Connectors).
enum TestConnectors {
    static let runner = variable("TRAINFLOW_RUNNER") ?? "\(Repository.root)/.build/trainflow-runner"
    static let folder = variable("TRAINFLOW_TEST_CONNECTORS") ?? "\(Repository.root)/.build/test-connectors"

    /// The path of a built file; the test fails with the command that builds it.
    static func built(_ path: String) throws -> String {
        try #require(
            FileManager.default.fileExists(atPath: path),
            "\(path) is not built: run make -f runner.mk runner test-connectors"
        )
        return path
    }

    private static func variable(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name]
    }
}

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
        let path = try TestConnectors.built("\(TestConnectors.folder)/\(file).so")
        try FileManager.default.createSymbolicLink(atPath: folder.file("\(file).so"), withDestinationPath: path)
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
        deadline: Duration? = .seconds(30)
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
        deadline: Duration? = .seconds(30)
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
