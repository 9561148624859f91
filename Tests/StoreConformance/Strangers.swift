import Identifiers
import JSON
import Mapping
import Store
import Testing

/// The ids of one tenant's things.
struct Ids: Sendable {
    var config: UUID
    var run: UUID
    var mapping: UUID
    var file: UUID

    /// Ids that never were anything's.
    static let never = Ids(
        config: UUID(high: 9, low: 1),
        run: UUID(high: 9, low: 2),
        mapping: UUID(high: 9, low: 3),
        file: UUID(high: 9, low: 4)
    )

    func hidden(in text: String) -> String {
        [config, run, mapping, file].reduce(text) { $0.replacing($1.description, with: "ID") }
    }
}

/// One thing that can be asked of the store; the answer as text.
struct Ask: Sendable {
    var name: String
    var ask: @Sendable (any Store, Ids, UUID) async throws(StoreError) -> String

    init<Answer>(
        _ name: String,
        _ ask: @escaping @Sendable (any Store, Ids, UUID) async throws(StoreError) -> Answer
    ) {
        self.name = name
        self.ask = { store, ids, tenant throws(StoreError) in "\(try await ask(store, ids, tenant))" }
    }

    func answer(_ store: any Store, _ ids: Ids, _ tenant: UUID) async -> String {
        do throws(StoreError) {
            return ids.hidden(in: try await ask(store, ids, tenant))
        } catch {
            return ids.hidden(in: error.debugDescription)
        }
    }
}

extension StoreCase {
    static let strangers = [
        StoreCase("another tenant's ids and lists are answered as those that never were, by every method") { bench in
            let lease = try await bench.running()
            try await bench.commit([Person("1", email: "a@x.org")], lease)
            _ = try await bench.commit(rejected: [4], token: [2], lease)
            _ = try await bench.take("people.csv", lease)
            let run = try await bench.finish(lease)
            _ = try await bench.store.saveCredentials(
                EncryptedCredentials(payload: "gAAAA", keyID: "k"),
                config: lease.config.id,
                actor: "ann",
                tenant: bench.tenant,
                now: bench.at(3)
            )
            _ = try await bench.store.setProvider(
                "rest",
                isEnabled: false,
                actor: "ann",
                tenant: bench.tenant,
                now: bench.at(3)
            )
            _ = try await bench.lookup("departments", ["HR": "People"], at: 3)
            let table = try await bench.table(lease.config)
            let ids = Ids(
                config: lease.config.id,
                run: run.id,
                mapping: table.lines[0].id,
                file: try await bench.file("people.csv", lease.config).id
            )
            let nobody = UUID(high: 0x3333_3333_3333_4333, low: 0x8333_3333_3333_3333)
            let asks = Ask.all(bench)
            var strange: [String] = []
            for ask in asks {
                let answer = await ask.answer(bench.store, ids, bench.stranger)
                #expect(await ask.answer(bench.store, .never, nobody) == answer, "\(ask.name)")
                strange.append(answer)
            }
            // Nothing of it did anything.
            #expect(try await bench.store.config(ids.config, tenant: bench.tenant)?.version == 1)
            #expect(try await bench.table(lease.config) == table)
            #expect(try await bench.store.file(ids.file, tenant: bench.tenant) != nil)
            #expect(try await bench.store.credentials(config: ids.config, tenant: bench.tenant) != nil)
            // Their own tenant gets another answer each time: this comparison could fail.
            for (ask, answer) in zip(asks, strange) {
                #expect(await ask.answer(bench.store, ids, bench.tenant) != answer, "\(ask.name)")
            }
        }
    ]
}

extension Ask {
    /// What takes something away comes last.
    fileprivate static func all(_ bench: Bench) -> [Ask] {
        reading(bench) + mappings(bench) + changing(bench)
    }

    private static func reading(_ bench: Bench) -> [Ask] {
        let page = PageRequest()
        return [
            Ask("config") { store, ids, tenant throws(StoreError) in try await store.config(ids.config, tenant: tenant)
            },
            Ask("config by name") { store, ids, tenant throws(StoreError) in
                try await store.config(named: "people", tenant: tenant)
            },
            Ask("configStanding") { store, ids, tenant throws(StoreError) in
                try await store.configStanding(ids.config, tenant: tenant)
            },
            Ask("configs") { store, ids, tenant throws(StoreError) in
                try await store.configs(ConfigFilter(), page: page, tenant: tenant)
            },
            Ask("credentials") { store, ids, tenant throws(StoreError) in
                try await store.credentials(config: ids.config, tenant: tenant)
            },
            Ask("credentialsStanding") { store, ids, tenant throws(StoreError) in
                try await store.credentialsStanding(config: ids.config, tenant: tenant)
            },
            Ask("run") { store, ids, tenant throws(StoreError) in try await store.run(ids.run, tenant: tenant) },
            Ask("runs") { store, ids, tenant throws(StoreError) in
                try await store.runs(RunFilter(), page: page, tenant: tenant)
            },
            Ask("runs of a config") { store, ids, tenant throws(StoreError) in
                try await store.runs(RunFilter(config: ids.config), page: page, tenant: tenant)
            },
            Ask("rejects") { store, ids, tenant throws(StoreError) in
                try await store.rejects(run: ids.run, RejectFilter(), page: page, tenant: tenant)
            },
            Ask("takenFiles of a run") { store, ids, tenant throws(StoreError) in
                try await store.takenFiles(run: ids.run, tenant: tenant)
            },
            Ask("knownFiles") { store, ids, tenant throws(StoreError) in
                try await store.knownFiles(config: ids.config, since: nil, tenant: tenant)
            },
            Ask("takenFiles of a config") { store, ids, tenant throws(StoreError) in
                try await store.takenFiles(config: ids.config, page: page, tenant: tenant)
            },
            Ask("keptBytes") { store, ids, tenant throws(StoreError) in try await store.keptBytes(tenant: tenant) },
            Ask("largestFiles") { store, ids, tenant throws(StoreError) in
                try await store.largestFiles(limit: 5, tenant: tenant)
            },
            Ask("rejectGroups") { store, ids, tenant throws(StoreError) in
                try await store.rejectGroups(run: ids.run, tenant: tenant)
            },
            Ask("effects") { store, ids, tenant throws(StoreError) in
                try await store.effects(run: ids.run, EffectFilter(), page: page, tenant: tenant)
            },
            Ask("changes") { store, ids, tenant throws(StoreError) in
                try await store.changes(run: ids.run, page: page, tenant: tenant)
            },
            Ask("logs") { store, ids, tenant throws(StoreError) in
                try await store.logs(config: ids.config, LogFilter(), page: page, tenant: tenant)
            },
            Ask("auditTrail") { store, ids, tenant throws(StoreError) in
                try await store.auditTrail(AuditFilter(), page: page, tenant: tenant)
            },
            Ask("auditTrail of a config") { store, ids, tenant throws(StoreError) in
                try await store.auditTrail(AuditFilter(subjectID: ids.config), page: page, tenant: tenant)
            },
            Ask("providerSettings") { store, ids, tenant throws(StoreError) in
                try await store.providerSettings(tenant: tenant)
            },
            Ask("lookups") { store, ids, tenant throws(StoreError) in try await store.lookups(tenant: tenant) },
            Ask("lookup") { store, ids, tenant throws(StoreError) in
                try await store.lookup("departments", tenant: tenant).map { "\($0)" }
            },
            Ask("lookupEntries") { store, ids, tenant throws(StoreError) in
                try await store.lookupEntries(["departments"], tenant: tenant)
            },
            Ask("file") { store, ids, tenant throws(StoreError) in try await store.file(ids.file, tenant: tenant) },
            Ask("files") { store, ids, tenant throws(StoreError) in
                try await store.files(config: ids.config, page: page, tenant: tenant)
            },
            Ask("overview") { store, ids, tenant throws(StoreError) in
                let overview = try await store.overview(tenant: tenant, now: bench.at(5))
                return [overview.configs, overview.openRejects, overview.runs.values.reduce(0, +)]
            },
        ]
    }

    private static func mappings(_ bench: Bench) -> [Ask] {
        let now = bench.at(5)
        return [
            Ask("mappings") { store, ids, tenant throws(StoreError) in
                try await store.mappings(config: ids.config, version: nil, tenant: tenant)
            },
            Ask("mappingTable") { store, ids, tenant throws(StoreError) in
                try await store.mappingTable(config: ids.config, version: nil, tenant: tenant)
            },
            Ask("mappingTable of a version") { store, ids, tenant throws(StoreError) in
                try await store.mappingTable(config: ids.config, version: 1, tenant: tenant)
            },
            Ask("mappingVersions") { store, ids, tenant throws(StoreError) in
                try await store.mappingVersions(config: ids.config, page: PageRequest(), tenant: tenant)
            },
            Ask("addMapping") { store, ids, tenant throws(StoreError) in
                try await store.addMapping(
                    Bench.draft("phone"),
                    config: ids.config,
                    version: nil,
                    actor: "eve",
                    tenant: tenant,
                    now: now
                )
            },
            Ask("changeMapping") { store, ids, tenant throws(StoreError) in
                try await store.changeMapping(
                    ids.mapping,
                    to: Bench.draft("username"),
                    config: ids.config,
                    version: nil,
                    actor: "eve",
                    tenant: tenant,
                    now: now
                )
            },
            Ask("deleteMapping") { store, ids, tenant throws(StoreError) in
                try await store.deleteMapping(
                    ids.mapping,
                    config: ids.config,
                    version: nil,
                    actor: "eve",
                    tenant: tenant,
                    now: now
                )
            },
            Ask("replaceMappings") { store, ids, tenant throws(StoreError) in
                try await store.replaceMappings(
                    [],
                    config: ids.config,
                    version: nil,
                    actor: "eve",
                    tenant: tenant,
                    now: now
                )
            },
            Ask("saveMappings") { store, ids, tenant throws(StoreError) in
                try await store.saveMappings(Bench.mapping, config: ids.config, tenant: tenant, now: now)
            },
        ]
    }

    private static func changing(_ bench: Bench) -> [Ask] {
        let now = bench.at(5)
        return [
            Ask("changeConfig") { store, ids, tenant throws(StoreError) in
                try await store.changeConfig(
                    ids.config,
                    ConfigChange(settings: ["a": 1]),
                    version: nil,
                    actor: "eve",
                    tenant: tenant,
                    now: now
                )
            },
            Ask("changeConfig of a stale version") { store, ids, tenant throws(StoreError) in
                try await store.changeConfig(
                    ids.config,
                    ConfigChange(settings: ["a": 1]),
                    version: 77,
                    actor: "eve",
                    tenant: tenant,
                    now: now
                )
            },
            Ask("copyConfig") { store, ids, tenant throws(StoreError) in
                try await store.copyConfig(ids.config, actor: "eve", tenant: tenant, now: now)
            },
            Ask("saveCredentials") { store, ids, tenant throws(StoreError) in
                try await store.saveCredentials(
                    EncryptedCredentials(payload: "gBBBB", keyID: "k"),
                    config: ids.config,
                    actor: "eve",
                    tenant: tenant,
                    now: now
                )
            },
            Ask("deleteCredentials") { store, ids, tenant throws(StoreError) in
                try await store.deleteCredentials(config: ids.config, actor: "eve", tenant: tenant, now: now)
            },
            Ask("deleteLookup") { store, ids, tenant throws(StoreError) in
                try await store.deleteLookup("departments", version: nil, actor: "eve", tenant: tenant, now: now)
            },
            Ask("log") { store, ids, tenant throws(StoreError) in
                try await store.log(
                    LogEntry(
                        config: ids.config,
                        run: nil,
                        status: "success",
                        level: "info",
                        event: "note",
                        message: "x",
                        payload: [:]
                    ),
                    tenant: tenant,
                    now: now
                )
            },
            Ask("addFile") { store, ids, tenant throws(StoreError) in
                try await store.addFile(
                    FileDraft(
                        config: ids.config,
                        name: "x",
                        size: 1,
                        sha256: Array(repeating: 0, count: 32),
                        format: nil,
                        findings: [:],
                        contentKey: "x"
                    ),
                    actor: "eve",
                    tenant: tenant,
                    now: now
                )
            },
            Ask("archiveFile") { store, ids, tenant throws(StoreError) in
                try await store.archiveFile(ids.file, actor: "eve", tenant: tenant, now: now)
            },
            Ask("cancelRun") { store, ids, tenant throws(StoreError) in
                try await store.cancelRun(ids.run, reason: "x", tenant: tenant, now: now)
            },
            Ask("approveRun") { store, ids, tenant throws(StoreError) in
                try await store.approveRun(ids.run, actor: "eve", tenant: tenant, now: now)
            },
            Ask("applyPlan") { store, ids, tenant throws(StoreError) in
                try await store.applyPlan(ids.run, hash: "", actor: "eve", tenant: tenant, now: now)
            },
            Ask("dropPlan") { store, ids, tenant throws(StoreError) in
                try await store.dropPlan(ids.run, hash: nil, actor: "eve", tenant: tenant, now: now)
            },
            Ask("refuseRun") { store, ids, tenant throws(StoreError) in
                try await store.refuseRun(ids.run, actor: "eve", tenant: tenant, now: now)
            },
            Ask("enqueueSync") { store, ids, tenant throws(StoreError) in
                try await store.enqueueSync(
                    SyncRequest(
                        config: ids.config,
                        trigger: "manual",
                        stream: "people.csv",
                        entity: .users,
                        mappingVersion: 1,
                        input: [:]
                    ),
                    tenant: tenant,
                    now: now
                )
            },
            Ask("archiveConfig") { store, ids, tenant throws(StoreError) in
                try await store.archiveConfig(ids.config, version: nil, actor: "eve", tenant: tenant, now: now)
            },
        ]
    }
}
