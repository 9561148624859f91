import Changes
import ConnectorHost
import Crypto
import Glibc
import Identifiers
import JSON
import Log
import Mapping
import SQLite
import Store
import Sync
import TestSupport
import Testing
import Time

/// A real store, the real runner, connectors in C, and a clock of the test's own.
final class SyncWorld: Sendable {
    let folder: TemporaryFolder
    let store: SQLiteStore
    let connectors: ConnectorHost
    let clock = ManualClock()
    let board: RunBoard
    let lines = CapturedLog()

    static let anna = UUID(high: 0xA, low: 1)
    static let ben = UUID(high: 0xB, low: 2)

    init() async throws {
        folder = try TemporaryFolder()
        for name in ["turns", "crash"] { try TestConnectors.install(name, in: folder) }
        var configuration = ConnectorHostConfiguration(
            pluginsFolder: folder.path,
            runnerPath: try TestConnectors.built(TestConnectors.runner)
        )
        configuration.areUnsignedPluginsAllowed = true
        connectors = ConnectorHost(configuration, log: Logger(level: .info, sink: lines))
        store = try await SQLiteStore.open(
            path: folder.file("trainflow.db"),
            access: .migrating,
            command: "test",
            now: ManualClock.start
        )
        board = RunBoard()
    }

    var log: Logger { Logger(level: .debug, sink: lines) }

    func worker(
        _ owner: String = "one",
        secrets: @escaping @Sendable (Config) async throws -> [String: Secret] = { _ in [:] },
        files: (any InputFiles)? = nil,
        report: @escaping @Sendable (SyncProgress) -> Void = { _ in }
    ) -> SyncWorker {
        SyncWorker(
            store: store,
            connectors: connectors,
            log: log,
            owner: owner,
            clock: clock,
            secrets: secrets,
            files: files,
            report: report
        )
    }

    func workers(
        _ owner: String = "one",
        configure: (inout JobWorkers.Settings) -> Void = { _ in },
        ended: @escaping @Sendable (Run) -> Void = { _ in }
    ) -> JobWorkers {
        var settings = JobWorkers.Settings()
        configure(&settings)
        return JobWorkers(
            worker: worker(owner),
            store: store,
            board: board,
            log: log,
            clock: clock,
            settings: settings,
            ended: ended
        )
    }

    // MARK: Runs

    static let people = MappingSet(
        stream: "people",
        entity: .users,
        rows: [
            MappingRow(sourceField: "id", targetField: "external_id"),
            MappingRow(sourceField: "email", targetField: "email"),
        ]
    )

    static let words = MappingSet(
        stream: "rows",
        entity: .users,
        rows: [
            MappingRow(sourceField: "number", targetField: "external_id"),
            MappingRow(sourceField: "word", targetField: "display_name"),
        ]
    )

    func config(
        _ name: String = "people",
        _ settings: JSONValue = [:],
        provider: String = "test-turns",
        tenant: UUID = anna
    ) async throws -> Config {
        let config = try await store.createConfig(
            ConfigDraft(name: name, provider: provider, type: "pull", settings: settings, policy: [:]),
            tenant: tenant,
            now: clock.now()
        )
        let set = provider == "test-turns" ? Self.people : Self.words
        _ = try await store.saveMappings([set], config: config.id, tenant: tenant, now: clock.now())
        return config
    }

    func enqueue(_ config: Config, input: JSONValue = [:]) async throws -> Run {
        let set = config.provider == "test-turns" ? Self.people : Self.words
        return try await store.enqueueSync(
            SyncRequest(
                config: config.id,
                trigger: "manual",
                stream: set.stream,
                entity: set.entity,
                mappingVersion: 1,
                input: input
            ),
            tenant: config.tenant,
            now: clock.now()
        )
    }

    /// A config of its own and its queued run.
    func queued(
        _ name: String = "people",
        _ settings: JSONValue = [:],
        provider: String = "test-turns",
        tenant: UUID = anna,
        input: JSONValue = [:]
    ) async throws -> Run {
        try await enqueue(try await config(name, settings, provider: provider, tenant: tenant), input: input)
    }

    func change(_ run: Run, settings: JSONValue) async throws {
        let config = try #require(try await store.config(run.config, tenant: run.tenant))
        _ = try await store.changeConfig(
            config.id,
            ConfigChange(settings: settings),
            version: config.version,
            actor: Actor.host,
            tenant: config.tenant,
            now: clock.now()
        )
    }

    /// A file of one byte, uploaded for a config.
    func upload(_ name: String, for config: Config) async throws -> StoredFile {
        _ = try folder.write([1], to: "4711.upload")
        return try await store.addFile(
            FileDraft(
                config: config.id,
                name: name,
                size: 1,
                sha256: [UInt8](repeating: 7, count: 32),
                format: nil,
                findings: [],
                contentKey: "4711.upload"
            ),
            actor: "anna",
            tenant: config.tenant,
            now: clock.now()
        )
    }

    var uploads: UploadedFiles {
        UploadedFiles(store: store) { [folder] file in folder.file(file.draft.contentKey) }
    }

    func claim(_ owner: String, abandoned: Bool = false) async throws -> ClaimedJob {
        try #require(
            try await store.claimJob(
                owner: owner,
                leaseFor: .seconds(30),
                perTenant: 1,
                abandoned: abandoned,
                now: clock.now()
            )
        )
    }

    func run(_ run: Run) async throws -> Run {
        try #require(try await store.run(run.id, tenant: run.tenant))
    }

    func events(of run: Run) async throws -> AsyncStream<RunStatus> {
        try #require(try await board.events(for: run.id, tenant: run.tenant, in: store))
    }

    /// Waits until the board shows it; the run's last status if it ended before.
    @discardableResult
    func wait(for run: Run, _ isReached: (RunStatus) -> Bool) async throws -> RunStatus {
        var last: RunStatus?
        for await status in try await events(of: run) {
            last = status
            if isReached(status) { break }
        }
        return try #require(last)
    }

    /// Waits until the run has ended; answers it as the store has it.
    func end(of run: Run) async throws -> Run {
        try await wait(for: run) { $0.state.hasEnded }
        return try await self.run(run)
    }

    /// Everything of the run's that must be equal, however it came about.
    func outcome(of run: Run) async throws -> [String] {
        let run = try await self.run(run)
        let rejects = try await store.rejects(run: run.id, tenant: run.tenant, after: 0, limit: 1_000)
        return ["\(run.state) \(run.counts)"] + rejects.map { "\($0.key ?? "") \($0.failures.map(\.code))" }
    }
}

/// A file that the connector waits for: empty until it is opened.
struct Gate {
    let path: String

    init(_ name: String, in folder: TemporaryFolder) throws {
        let parent = folder.file(name)
        let made = unsafe mkdir(parent, 0o755)
        try #require(made == 0)
        path = "\(parent)/gate"
        _ = try folder.write([], to: "\(name)/gate")
    }

    var input: JSONValue { ["path": .string(path)] }

    /// In place: runners hold the file open.
    func open() throws {
        let file = unsafe Glibc.open(path, O_WRONLY | O_APPEND)
        try #require(file >= 0)
        defer { close(file) }
        let written = unsafe write(file, "x", 1)
        try #require(written == 1)
    }
}

extension SyncWorld {
    /// The statuses of the run's outcome lines in integration_logs: one, once it has ended.
    func outcomes(of run: Run) throws -> [String] {
        let connection = try SQLiteConnection(path: store.path, mode: .readOnly, settings: .reader)
        return try connection.rows(
            "SELECT status FROM integration_logs WHERE run_id = ? AND event = 'outcome'",
            [.blob(run.id.bytes)]
        ) { row throws(SQLiteError) in row.text(0) }
    }

    /// Breaks what the run was to read, past the store.
    func spoilInput(of run: Run) throws {
        let connection = try SQLiteConnection(path: store.path, mode: .readWrite, settings: .writer)
        try connection.execute("UPDATE integration_runs SET input = '{' WHERE id = ?", [.blob(run.id.bytes)])
    }

    /// Writes a policy that no version of TrainFlow can read, past the store.
    func spoilPolicy(of run: Run) throws {
        let connection = try SQLiteConnection(path: store.path, mode: .readWrite, settings: .writer)
        try connection.execute(
            "UPDATE integration_configs SET policy = '{\"match\": 7}' WHERE id = ?",
            [.blob(run.config.bytes)]
        )
    }
}

extension StoredFile {
    var input: JSONValue { ["file_id": .string(id.description)] }
}
