internal import Changes
internal import ConnectorHost
internal import Glibc
internal import Identifiers
internal import JSON
internal import Log
internal import Mapping
internal import Platform
internal import Store
internal import Sync
internal import Time

/// `trainflow import FILE`: the file's way without the API.
struct ImportCommand {
    private let wiring: Wiring
    private let path: String
    private let fileSize: Int64
    /// What is declared beside the file.
    private let manifest: FileManifest?
    private let tenant: UUID
    private let set: MappingSet
    private let mapFile: String
    private let name: String
    private let settings: JSONValue?
    private let policy: JSONValue?
    private let isDryRun: Bool
    private let restarts: Bool
    private let rejectLimit: Int
    private let printsJSON: Bool

    init(_ invocation: Invocation) throws {
        wiring = try Wiring(invocation)
        let file = try LocalFile(invocation.arguments[0])
        path = file.path
        fileSize = file.size
        manifest = try LocalManifest(beside: file)?.manifest
        guard let tenant = UUID(try invocation.required(.tenant)) else {
            throw UsageError("--tenant takes a UUID, as in 0198c0de-0000-7000-8000-000000000001")
        }
        self.tenant = tenant
        guard let entity = Entity(rawValue: try invocation.required(.entity)) else {
            throw UsageError("--entity takes \(Entity.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        mapFile = try invocation.required(.map)
        set = try Self.mappingSet(mapFile, entity: entity, stream: file.name)
        name = invocation.value(.asName) ?? file.nameWithoutExtension
        settings = try invocation.value(.settings).map { try TextFile.json($0, option: .settings) }
        policy = try invocation.value(.policy).map { try TextFile.json($0, option: .policy) }
        isDryRun = invocation.isOn(.dryRun)
        restarts = invocation.isOn(.restart)
        rejectLimit = try invocation.integer(.rejects, least: 0) ?? 5
        printsJSON = try wiring.printsJSON
    }

    func run() async throws -> ExitCode {
        let connectors = try wiring.connectorHost()
        _ = try await connectors.connector("file")
        let store = try await wiring.store()
        let code: ExitCode
        do {
            code = try await run(on: store, connectors: connectors)
        } catch {
            await closeAfterFailure(store)
            throw error
        }
        try await store.close()
        return code
    }

    /// The failure before is the one that ends the command; this one is only told.
    private func closeAfterFailure(_ store: SQLiteStore) async {
        do throws(StoreError) {
            try await store.close()
        } catch {
            wiring.log.warning("the database could not be closed", [("message", .string(error.message))])
        }
    }

    private func run(on store: SQLiteStore, connectors: ConnectorHost) async throws -> ExitCode {
        try await checkMappings(in: store)
        let config = try await config(in: store)
        let progress = ProgressLine(inputSize: fileSize)
        // Somebody starts the command anew each time: what he interrupts is never given up.
        var retry = RetryPolicy()
        retry.interruptions = .max
        let worker = SyncWorker(
            store: store,
            connectors: connectors,
            log: wiring.log,
            owner: Wiring.owner(),
            retry: retry,
            report: progress.show
        )
        let queued = try await queue(config, in: store)
        var run = queued
        while !run.state.isAtRest {
            // Its own job only: what others have queued may need secrets and uploads, which this command hasn't got.
            if let worked = try await worker.runNext(of: queued.id, abandoned: true) {
                run = worked
            } else {
                // The job waits for its next try, which backoff or the source itself has set.
                try await Task.sleep(for: .milliseconds(200))
            }
        }
        progress.end()
        let rejects =
            rejectLimit > 0
            ? try await store.rejects(run: run.id, tenant: tenant, after: 0, limit: rejectLimit) : []
        let report = RunReport(run: run, config: config, rejects: rejects)
        Terminal.out(printsJSON ? report.json.text + "\n" : report.text)
        return report.exitCode
    }

    /// The run to work: the config's unfinished one over the same file, or a new one.
    private func queue(_ config: Config, in store: SQLiteStore) async throws -> Run {
        let unfinished = try await store.unfinishedRun(config: config.id, tenant: tenant)
        let input = unfinished?.input["path"]?.stringValue
        // Refused before its mappings are saved: those of the unfinished run stay the newest.
        guard unfinished == nil || restarts || input == path else {
            throw UsageError(
                "the config \"\(name)\" has an unfinished run of \(input ?? "another input"): import that file again to "
                    + "finish it, or add --restart to cancel it"
            )
        }
        // Those of other entities stay: a configuration's people, courses and enrolments may come by one command each.
        let others = try await store.mappings(config: config.id, version: nil, tenant: tenant)
            .filter { $0.entity != set.entity }
        let version = try await store.saveMappings(others + [set], config: config.id, tenant: tenant, now: .now())
        guard let unfinished, !restarts else {
            if let unfinished { try await cancel(unfinished, in: store) }
            return try await enqueue(config, version, in: store)
        }
        // An approved plan writes.
        guard (unfinished.plan?.isRehearsal ?? false) == isDryRun else {
            throw UsageError(
                "the config \"\(name)\" has an unfinished \(isDryRun ? "run that writes" : "dry run") of this file: import it "
                    + "\(isDryRun ? "without" : "with") --dry-run to finish it, or add --restart to cancel it"
            )
        }
        guard unfinished.mappingVersion == version, unfinished.stream == set.stream, unfinished.entity == set.entity
        else {
            throw UsageError(
                "the config \"\(name)\" has an unfinished run of this file under other mappings: import it with the "
                    + "mappings of then to finish it, or add --restart to cancel it"
            )
        }
        Terminal.error(
            "Going on with run \(unfinished.id), which was interrupted after "
                + "\(RunMessage.grouped(unfinished.counts.read)) rows."
        )
        return unfinished
    }

    private func cancel(_ run: Run, in store: SQLiteStore) async throws {
        _ = try await store.cancelRun(
            run.id,
            reason: "Cancelled by trainflow import --restart.",
            tenant: tenant,
            now: .now()
        )
    }

    private var input: JSONObject {
        var input: JSONObject = ["path": .string(path)]
        if let manifest { input["manifest"] = manifest.json }
        return input
    }

    private func enqueue(_ config: Config, _ version: Int64, in store: SQLiteStore) async throws -> Run {
        var request = SyncRequest(
            config: config.id,
            trigger: "manual",
            stream: set.stream,
            entity: set.entity,
            mappingVersion: version,
            input: .object(input)
        )
        if isDryRun { request.isDryRun = true }
        return try await store.enqueueSync(request, tenant: tenant, now: .now())
    }

    /// Makes the file config, or uses the standing one with what the command line says anew.
    private func config(in store: SQLiteStore) async throws -> Config {
        if let policy { _ = try Policy(json: policy) }
        guard let standing = try await store.config(named: name, tenant: tenant) else {
            return try await store.createConfig(
                ConfigDraft(
                    name: name,
                    provider: "file",
                    type: "pull",
                    settings: settings ?? [:],
                    policy: policy ?? [:]
                ),
                tenant: tenant,
                now: .now()
            )
        }
        guard standing.provider == "file" else {
            throw UsageError(
                "the config \"\(name)\" belongs to the provider \(standing.provider), not to files: choose another name "
                    + "with --as"
            )
        }
        guard settings ?? standing.settings != standing.settings || policy ?? standing.policy != standing.policy else {
            return standing
        }
        return try await store.changeConfig(
            standing.id,
            ConfigChange(settings: settings, policy: policy),
            version: standing.version,
            actor: Actor.host,
            tenant: tenant,
            now: .now()
        )
    }

    /// Refuses mappings that can't be compiled before anything is written.
    private func checkMappings(in store: SQLiteStore) async throws {
        let environment = try await MappingSurroundings(store: store).environment(for: [set], tenant: tenant)
        do throws(MappingProblems) {
            _ = try CompiledMapping.compile(set, source: nil, environment: environment)
        } catch {
            throw UsageError("\(mapFile): \(error)")
        }
    }

    /// Reads the mappings; the command line fills in what the file leaves out, and may not contradict it.
    private static func mappingSet(_ file: String, entity: Entity, stream: String) throws(UsageError) -> MappingSet {
        guard var body = try TextFile.json(file: file).objectValue else {
            throw UsageError("\(file): a mapping file holds an object: {\"mappings\": […]}")
        }
        if body["target_entity"] == nil { body["target_entity"] = .string(entity.rawValue) }
        if body["stream"] == nil { body["stream"] = .string(stream) }
        do {
            let set = try MappingSet(json: .object(body))
            guard set.entity == entity else {
                throw UsageError("it maps to \(set.entity.rawValue), but --entity says \(entity.rawValue)")
            }
            return set
        } catch {
            throw UsageError("\(file): \(error)")
        }
    }
}
