import API
import ConnectorHost
import Crypto
import HTTPServer
import Identifiers
import JSON
import Log
import Store
import Sync
import Synchronization
import TestSupport
import Testing
import Time

/// The API as it is served: a real server on a loopback socket, a new SQLite store, the real runner with the connectors
/// `file`, `test-turns` and `test-crash`.
///
/// Each answer is held against the document: a status that isn't declared, or content that doesn't fit its schema, fails
/// the test.
final class TestAPI: Sendable {
    let folder: TemporaryFolder
    let plugins: TemporaryFolder
    let store: SQLiteStore
    let api: API
    let log: CapturedLog
    let metrics: Metrics
    let workers: JobWorkers
    let context: APIContext
    private let server: WebServer
    let address: BoundAddress

    /// Bytes of an uploaded file.
    static let uploadLimit: Int64 = 1 << 20

    init(
        _ settings: APISettings = APISettings(),
        more: [Topic] = [],
        connectorDeadline: Duration = .seconds(120),
        settingsPatience: Duration = .seconds(120)
    ) async throws {
        folder = try TemporaryFolder()
        plugins = try TemporaryFolder()
        try TestConnectors.installFileImport(in: plugins)
        for name in ["turns", "crash"] { try TestConnectors.install(name, in: plugins) }
        store = try await SQLiteStore.open(
            path: folder.file("trainflow.db"),
            access: .migrating,
            command: "test",
            now: .now()
        )
        log = CapturedLog()
        metrics = Metrics()
        let logger = Logger(level: .debug, sink: log)
        var configuration = ConnectorHostConfiguration(
            pluginsFolder: plugins.path,
            runnerPath: try TestConnectors.built(TestConnectors.runner)
        )
        configuration.areUnsignedPluginsAllowed = true
        let connectors = ConnectorHost(configuration, log: logger)
        let board = RunBoard()
        let files = folder.file("files")
        let worker = SyncWorker(
            store: store,
            connectors: connectors,
            log: logger,
            owner: "test",
            files: UploadedFiles(store: store) { FileFolder.path(of: $0, in: files) }
        )
        workers = JobWorkers(worker: worker, store: store, board: board, log: logger)
        var context = APIContext(
            store: store,
            connectors: connectors,
            workers: workers,
            board: board,
            cipher: CredentialCipher(keys: SecretKeyRing(key: .random())),
            files: (files, Self.uploadLimit),
            authenticator: PlainTokens(),
            metrics: metrics,
            log: logger,
            version: "0.0.0"
        )
        context.connectorDeadline = connectorDeadline
        context.settingsPatience = settingsPatience
        self.context = context
        api = try API(context, settings, more: more)
        var serverSettings = ServerSettings()
        serverSettings.commonHeaders = API.commonHeaders
        server = try WebServer(router: api.router(), settings: serverSettings, hooks: api.hooks())
        address = try await server.listen(on: .internet(host: "127.0.0.1", port: 0))
    }

    func stop() async throws {
        await stopServer()
        await workers.stop(within: .seconds(10))
        try await store.close()
    }

    var logLines: [String] { log.lines }

    func stopServer() async {
        await server.shutdown(within: .seconds(10))
    }

    /// One request on a connection of its own. `path` begins below the base unless it is an operators' one.
    func ask(
        _ method: String,
        _ path: String,
        token: String? = PlainTokens.administrator,
        _ headers: [String: String] = [:],
        json: JSONValue? = nil,
        body: [UInt8]? = nil
    ) async throws -> HTTPAnswer {
        var headers = headers
        if let token { headers["Authorization"] = "Bearer \(token)" }
        if json != nil, headers["Content-Type"] == nil { headers["Content-Type"] = "application/json" }
        let content = json?.serialized() ?? body
        if let content { headers["Content-Length"] = "\(content.count)" }
        return try await exchange(method, path, headers, content ?? [])
    }

    /// The same, where the headers say how long the content is.
    func askRaw(
        _ method: String,
        _ path: String,
        _ headers: [String: String],
        _ content: [UInt8]
    ) async throws -> HTTPAnswer {
        let token = ["Authorization": "Bearer \(PlainTokens.administrator)"]
        return try await exchange(method, path, headers.merging(token) { $1 }, content)
    }

    private func exchange(
        _ method: String,
        _ path: String,
        _ headers: [String: String],
        _ content: [UInt8]
    ) async throws -> HTTPAnswer {
        let isOperators = API.operatorPaths.contains(path)
        var head = "\(method) \(isOperators ? path : API.base + path) HTTP/1.1\r\nHost: test\r\nConnection: close\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        let bytes = Array("\(head)\r\n".utf8) + content
        let answer = try await HTTPExchange(address).run(bytes, isHead: method == "HEAD")
        if !isOperators { DocumentCheck(api.document.json).check(answer, method, path) }
        return answer
    }
}

/// Tokens that say who they are, for tests of what comes after the check of a token: `TENANT ROLE` joined by a dot.
struct PlainTokens: Authenticator {
    static let tenant = UUID(high: 0x0198_c0de_0000_7000, low: 0x8000_0000_0000_0001)
    static let otherTenant = UUID(high: 0x0198_c0de_0000_7000, low: 0x8000_0000_0000_0002)
    static let administrator = "\(tenant).administrator"
    static let officer = "\(tenant).training_officer"
    static let learner = "\(tenant).learner"
    static let stranger = "\(otherTenant).admin"

    func identity(_ token: String, now: Instant) throws(TokenRefusal) -> Identity {
        let parts = token.split(separator: ".")
        guard parts.count == 2, let tenant = UUID(String(parts[0])) else {
            throw TokenRefusal(code: "malformed", message: "it is no token")
        }
        return Identity(tenant: tenant, subject: "someone", role: String(parts[1]))
    }
}
