internal import API
internal import Changes
internal import ConnectorHost
internal import Crypto
internal import Glibc
internal import HTTPServer
internal import JSON
internal import Log
internal import Platform
internal import Store
internal import Sync
internal import Time

/// `trainflow serve`: the API and its jobs, until a signal.
struct ServeCommand {
    private let wiring: Wiring
    private let secrets: ServeSecrets
    private let settings: ServeSettings
    private let started = Instant.now()

    private var log: Logger { wiring.log }

    init(_ invocation: Invocation) throws {
        secrets = try ServeSecrets(invocation)
        wiring = try Wiring(invocation, usualLevel: .info, secrets: secrets.texts)
        settings = try ServeSettings(invocation, databasePath: try wiring.databasePath())
    }

    func run() async throws -> ExitCode {
        // Runners of the same user must not read keys in this process's memory.
        try ConnectorHost.makeProcessUndumpable()
        let signals = try StopSignals()
        for note in secrets.verifier.keys.notes { log.warning("JWT_JWKS: \(note)") }
        let connectors = try wiring.connectorHost()
        try await connectors.removeAbandonedScratchFolders()
        let store = try await wiring.store()
        do {
            try await FileFolder(settings.filesFolder).sweep(store, log: log)
            let services = try await services(store, connectors)
            try await services.run(until: signals.first)
        } catch {
            log.error("the host ends", [("error", .string("\(error)"))])
            throw error
        }
        log.info("the host has ended")
        return .done
    }

    /// In the order in which they need each other.
    private func services(_ store: SQLiteStore, _ connectors: ConnectorHost) async throws -> ServiceList {
        let board = RunBoard()
        let metrics = Metrics()
        let cipher = CredentialCipher(keys: secrets.keys)
        let folders = settings.importRoot.map(ImportFolders.init)
        let worker = worker(store, connectors, cipher, folders)
        try await worker.seeToFolders()
        let workers = workers(worker, store, board, metrics)
        var context = APIContext(
            store: store,
            connectors: connectors,
            workers: workers,
            board: board,
            cipher: cipher,
            files: (settings.filesFolder, settings.uploadLimit),
            folders: folders,
            authenticator: TokenAuthenticator(secrets.verifier),
            metrics: metrics,
            log: log,
            version: Program.version
        )
        context.uploadQuota = settings.uploadQuota
        let api = try API(context, settings.api)
        var serverSettings = ServerSettings()
        serverSettings.commonHeaders = API.commonHeaders
        var router = api.router()
        if let folder = wiring.pageFolder {
            let page = try WebPage(folder: folder)
            router.otherwise { page.response(to: $0) }
        }
        let server = try WebServer(router: router, settings: serverSettings, hooks: api.hooks())
        metrics.addProcess(started: started)
        metrics.gauge("trainflow_http_connections", "Connections that are open.") { [server] in
            [(labels: [], value: Double(await server.connectionCount))]
        }
        metrics.gauge("trainflow_jobs_running", "Jobs that this process works on.") { [workers] in
            [(labels: [], value: Double(await workers.heldCount))]
        }
        return ServiceList([
            StoreService(store: store), AnswerForgetter(store: store, log: log),
            EffectForgetter(store: store, log: log),
            JobService(workers: workers), WebService(server: server, address: settings.address, listening: announce),
        ])
    }

    private func worker(
        _ store: SQLiteStore,
        _ connectors: ConnectorHost,
        _ cipher: CredentialCipher,
        _ folders: ImportFolders?
    ) -> SyncWorker {
        let folder = settings.filesFolder
        return SyncWorker(
            store: store,
            connectors: connectors,
            log: log,
            owner: Wiring.owner(),
            secrets: CredentialReader(store: store, cipher: cipher).secrets,
            files: UploadedFiles(store: store) { FileFolder.path(of: $0, in: folder) },
            folders: folders
        )
    }

    private func workers(
        _ worker: SyncWorker,
        _ store: SQLiteStore,
        _ board: RunBoard,
        _ metrics: Metrics
    ) -> JobWorkers {
        var workerSettings = JobWorkers.Settings()
        // The lock file keeps every other process from working this database's jobs.
        workerSettings.isAlone = true
        return JobWorkers(
            worker: worker,
            store: store,
            board: board,
            log: log,
            settings: workerSettings,
            ended: metrics.ended
        )
    }

    /// For people and scripts: the one line on stdout.
    private func announce(_ address: BoundAddress) {
        Terminal.out("listening on \(address)\n")
        let milliseconds = (Instant.now().microseconds - started.microseconds) / 1_000
        log.info(
            "listening",
            [
                ("address", .string(address.description)), ("version", .string(Program.version)),
                ("ready_ms", .integer(milliseconds)),
            ]
        )
    }
}

extension Metrics {
    /// Counts a run and what it did.
    fileprivate func ended(_ run: Run) {
        count("trainflow_runs_total", "Runs that ended, by state.", [("state", run.state.rawValue)])
        let counts = run.counts
        for (effect, number) in [
            ("created", counts.created), ("updated", counts.updated), ("unchanged", counts.unchanged),
            ("set_aside", counts.setAside), ("rejected", counts.rejected), ("duplicate", counts.duplicate),
        ] {
            count("trainflow_records_total", "Records of runs that ended, by effect.", [("effect", effect)], by: number)
        }
    }
}
