import Changes
import Identifiers
import JSON
import Mapping
import Store
import Testing

extension Bench {
    func changed(
        _ config: Config,
        _ change: ConfigChange,
        version: Int64? = nil,
        at seconds: Int64 = 5
    ) async throws(StoreError) -> Config {
        try await store.changeConfig(
            config.id,
            change,
            version: version,
            actor: "ann",
            tenant: config.tenant,
            now: at(seconds)
        )
    }

    @discardableResult
    func archive(
        _ config: Config,
        version: Int64? = nil,
        at seconds: Int64 = 5
    ) async throws(StoreError) -> ArchivedConfig {
        try await store.archiveConfig(
            config.id,
            version: version,
            actor: "ann",
            tenant: config.tenant,
            now: at(seconds)
        )
    }

    func owned(_ config: Config) async throws -> Int64? {
        let standing = try await store.configStanding(config.id, tenant: config.tenant)
        return standing?.owned.users
    }

    func standings(_ filter: ConfigFilter = ConfigFilter()) async throws -> [ConfigStanding] {
        try await store.configs(filter, page: PageRequest(), tenant: tenant).items
    }
}

extension StoreCase {
    static let configStandings = [
        StoreCase("a change leaves alone what it doesn't name; one that says nothing new makes no version") { bench in
            let config = try await bench.config()
            let off = try await bench.changed(config, ConfigChange(isActive: false), version: 1)
            #expect(!off.isActive)
            #expect(off.version == 2)
            #expect(off.name == "people")
            #expect(off.settings == config.settings)
            let same = try await bench.changed(off, ConfigChange(name: "people", isActive: false), at: 6)
            #expect(same.version == 2)
            #expect(same.updatedAt == bench.at(5))
            let renamed = try await bench.changed(off, ConfigChange(name: "staff", type: "sync"), version: 2)
            #expect(renamed.name == "staff")
            #expect(renamed.type == "sync")
            #expect(renamed.provider == "file")
            #expect(renamed.version == 3)
        },
        StoreCase("a config can't take another's name, and may keep its own in other letters") { bench in
            let config = try await bench.config("a")
            let other = try await bench.config("b")
            let error = await bench.refusal(.conflict) { () throws(StoreError) in
                _ = try await bench.changed(config, ConfigChange(name: "b"))
            }
            #expect(error?.message.contains("\(other.id)") == true)
            #expect(try await bench.changed(config, ConfigChange(name: "A")).name == "A")
            try await bench.archive(other)
            #expect(try await bench.changed(config, ConfigChange(name: "b")).name == "b")
        },
        StoreCase("a config that is made switched off is off, and starts no run until it is on") { bench in
            let config = try await bench.store.createConfig(
                ConfigDraft(
                    name: "people",
                    provider: "file",
                    type: "pull",
                    settings: [:],
                    policy: [:],
                    isActive: false
                ),
                tenant: bench.tenant,
                now: bench.at(0)
            )
            #expect(!config.isActive)
            _ = try await bench.store.saveMappings(
                Bench.mapping,
                config: config.id,
                tenant: bench.tenant,
                now: bench.at(0)
            )
            _ = await bench.refusal(.inactive) { () throws(StoreError) in
                _ = try await bench.store.enqueueSync(bench.request(config), tenant: bench.tenant, now: bench.at(1))
            }
            _ = try await bench.changed(config, ConfigChange(isActive: true))
            _ = try await bench.store.enqueueSync(bench.request(config), tenant: bench.tenant, now: bench.at(6))
        },
        StoreCase("the list shows the newest first, with runs, credentials and what each owns") { bench in
            let lease = try await bench.running("a")
            let bare = try await bench.store.createConfig(
                ConfigDraft(name: "b", provider: "rest", type: "push", settings: [:], policy: [:]),
                tenant: bench.tenant,
                now: bench.at(1)
            )
            _ = try await bench.config("theirs", tenant: bench.stranger)
            try await bench.commit([Person("1", email: "a@x.org"), Person("2", email: "b@x.org")], lease)
            _ = try await bench.commit(rejected: [4], token: [2], lease)
            let under = try await bench.standings()
            #expect(under.map(\.config.name) == ["b", "a"])
            #expect(under[1].owned == OwnedCounts(users: 2))
            #expect(under[1].lastRun?.state == .running)
            try await bench.finish(lease)
            _ = try await bench.store.saveCredentials(
                EncryptedCredentials(payload: "gAAAA", keyID: "k"),
                config: lease.config.id,
                actor: "ann",
                tenant: bench.tenant,
                now: bench.at(3)
            )
            let next = try await bench.nextRun(lease.config, at: 5)
            try await bench.commit([Person("3", email: "c@x.org")], next, at: 5)
            try await bench.finish(next, at: 6)
            let standings = try await bench.standings()
            #expect(standings.map(\.hasCredentials) == [false, true])
            #expect(standings[0].lastRun == nil)
            #expect(standings[0].recentStates == [])
            #expect(standings[0].owned == OwnedCounts())
            #expect(standings[1].lastRun?.id == next.run.id)
            #expect(standings[1].lastRun?.counts.created == 1)
            #expect(standings[1].lastRun?.finishedAt == bench.at(6))
            #expect(standings[1].recentStates == [.done, .doneWithRejects])
            #expect(standings[1].owned == OwnedCounts(users: 3))
            let one = try #require(try await bench.store.configStanding(lease.config.id, tenant: bench.tenant))
            #expect(one.owned == OwnedCounts(users: 3))
            #expect(one.recentStates == standings[1].recentStates)
            #expect(try await bench.store.configStanding(bare.id, tenant: bench.tenant)?.lastRun == nil)
        },
        StoreCase("what a config owns is right at every moment of its runs") { bench in
            let lease = try await bench.running()
            let owned = { @Sendable () async throws in try await bench.owned(lease.config) }
            #expect(try await owned() == 0)
            try await bench.commit([Person("1"), Person("2")], lease)
            #expect(try await owned() == 2)
            try await bench.commit([Person("3")], lease)
            #expect(try await owned() == 3)
            try await bench.finish(lease)
            // Nobody asks between the end of one run and the next.
            let next = try await bench.nextRun(lease.config, at: 4)
            try await bench.commit([Person("4")], next, at: 4)
            #expect(try await owned() == 4)
            try await bench.commit([Person("5")], next, at: 4)
            #expect(try await owned() == 5)
            try await bench.finish(next, at: 5)
            #expect(try await owned() == 5)
            let third = try await bench.nextRun(lease.config, at: 6)
            #expect(try await owned() == 5)
            try await bench.commit([Person("6")], third, at: 6)
            #expect(try await owned() == 6)
            try await bench.finish(third, at: 7)
            try await bench.restart()
            #expect(try await owned() == 6)
        },
        StoreCase("no more than the last 14 states are told") { bench in
            let config = try await bench.queued().config
            let job = try #require(try await bench.claim(at: 1))
            try await bench.finish(bench.store.beginRun(job, now: bench.at(1)))
            for second in 2...15 as ClosedRange<Int64> {
                try await bench.run(config, rejecting: second == 15 ? [2] : [], at: second)
            }
            let states = try await bench.standings().first?.recentStates
            #expect(states == [.doneWithRejects] + Array(repeating: .done, count: 13))
        },
        StoreCase("configs are filtered by provider, type, whether they are on, and a part of the name") { bench in
            for (name, provider, type) in [("Über", "file", "pull"), ("b%_", "rest", "push")] {
                _ = try await bench.store.createConfig(
                    ConfigDraft(name: name, provider: provider, type: type, settings: [:], policy: [:]),
                    tenant: bench.tenant,
                    now: bench.at(0)
                )
            }
            let names = { @Sendable (filter: ConfigFilter) async throws -> [String] in
                try await bench.standings(filter).map(\.config.name)
            }
            #expect(try await names(ConfigFilter()) == ["b%_", "Über"])
            #expect(try await names(ConfigFilter(provider: "file")) == ["Über"])
            #expect(try await names(ConfigFilter(type: "push")) == ["b%_"])
            #expect(try await names(ConfigFilter(isActive: false)) == [])
            #expect(try await names(ConfigFilter(nameContains: "üB")) == ["Über"])
            #expect(try await names(ConfigFilter(nameContains: "%_")) == ["b%_"])
            #expect(try await names(ConfigFilter(provider: "rest", nameContains: "e")) == [])
            let walked = try await bench.walk(limit: 1) {
                try await bench.store.configs(ConfigFilter(), page: $0, tenant: bench.tenant)
            }
            #expect(walked.sizes == [1, 1])
        },
        StoreCase("an import brings a config with its mappings, or nothing") { bench in
            let draft = ConfigDraft(
                name: "brought",
                provider: "file",
                type: "pull",
                settings: ["a": 1],
                policy: [:],
                isActive: false
            )
            let line = MappingDraft(
                stream: "people",
                entity: .users,
                row: MappingRow(sourceField: "id", targetField: "external_id")
            )
            let bring = { @Sendable (draft: ConfigDraft) async throws(StoreError) in
                try await bench.store.importConfig(
                    draft,
                    mappings: [line],
                    actor: "ann",
                    tenant: bench.tenant,
                    now: bench.at(1)
                )
            }
            let config = try await bring(draft)
            let table = try await bench.store.mappingTable(config: config.id, version: nil, tenant: bench.tenant)
            #expect(table.version == 1)
            #expect(table.lines.map(\.row) == [line.row])
            #expect(config.settings == ["a": 1] && !config.isActive)
            let repeated = await #expect(throws: StoreError.self) { _ = try await bring(draft) }
            #expect(repeated?.code == .conflict)
            let broken = ConfigDraft(name: "other", provider: "file", type: "pull", settings: [:], policy: ["match": 7])
            let refused = await #expect(throws: StoreError.self) { _ = try await bring(broken) }
            #expect(refused?.code == .invalid)
            #expect(try await bench.store.config(named: "other", tenant: bench.tenant) == nil)
        },
        StoreCase("a copy takes settings, policy and newest mappings, no credentials, and is off") { bench in
            let config = try await bench.queued().config
            _ = try await bench.changed(config, ConfigChange(policy: ["adopt": false]))
            _ = try await bench.store.saveCredentials(
                EncryptedCredentials(payload: "gAAAA", keyID: "k"),
                config: config.id,
                actor: "ann",
                tenant: bench.tenant,
                now: bench.at(1)
            )
            let copy = { @Sendable (id: UUID) async throws(StoreError) in
                try await bench.store.copyConfig(id, actor: "ann", tenant: bench.tenant, now: bench.at(3))
            }
            let first = try await copy(config.id)
            #expect(first.name == "people (copy)")
            #expect(first.settings == config.settings)
            #expect(first.policy == ["adopt": false])
            #expect(!first.isActive)
            #expect(first.version == 1)
            #expect(try await bench.store.credentials(config: first.id, tenant: bench.tenant) == nil)
            let lines = try await bench.store.mappingTable(config: first.id, version: nil, tenant: bench.tenant)
            let original = try await bench.store.mappingTable(config: config.id, version: nil, tenant: bench.tenant)
            #expect(lines.version == 1)
            #expect(lines.lines.map(\.row) == original.lines.map(\.row))
            #expect(lines.lines.allSatisfy { $0.config == first.id })
            #expect(Set(lines.lines.map(\.id)).isDisjoint(with: original.lines.map(\.id)))
            #expect(try await copy(config.id).name == "people (copy 2)")
            #expect(try await copy(first.id).name == "people (copy) (copy)")
        },
        StoreCase("an archived config is not found, and its runs and logs stay") { bench in
            let lease = try await bench.running()
            _ = try await bench.commit(rejected: [2], token: [1], lease)
            let run = try await bench.finish(lease)
            let config = lease.config
            _ = try await bench.store.saveCredentials(
                EncryptedCredentials(payload: "gAAAA", keyID: "k"),
                config: config.id,
                actor: "ann",
                tenant: bench.tenant,
                now: bench.at(3)
            )
            _ = await bench.refusal(.stale) { () throws(StoreError) in try await bench.archive(config, version: 7) }
            try await bench.archive(config, version: 1)
            #expect(try await bench.store.config(config.id, tenant: bench.tenant) == nil)
            #expect(try await bench.store.config(named: config.name, tenant: bench.tenant) == nil)
            #expect(try await bench.store.configStanding(config.id, tenant: bench.tenant) == nil)
            #expect(try await bench.standings().isEmpty)
            #expect(try await bench.store.credentials(config: config.id, tenant: bench.tenant) == nil)
            _ = await bench.refusal(.notFound) { () throws(StoreError) in try await bench.archive(config) }
            _ = await bench.refusal(.notFound) { () throws(StoreError) in
                _ = try await bench.store.enqueueSync(bench.request(config), tenant: bench.tenant, now: bench.at(6))
            }
            #expect(try await bench.store.run(run.id, tenant: bench.tenant)?.state == .doneWithRejects)
            #expect(try await bench.rejects(lease).map(\.locator) == [2])
            let runs = try await bench.store.runs(
                RunFilter(config: config.id),
                page: PageRequest(),
                tenant: bench.tenant
            )
            #expect(runs.items.map(\.id) == [run.id])
            let logs = try await bench.store.logs(
                config: config.id,
                LogFilter(),
                page: PageRequest(),
                tenant: bench.tenant
            )
            #expect(logs.items.map(\.entry.event) == ["outcome"])
            #expect(try await bench.config(config.name).id != config.id)
        },
        StoreCase("the files of an archived config go with it, and those of others stay") { bench in
            let config = try await bench.config("a")
            let other = try await bench.config("b")
            for name in ["1", "2"] { _ = try await bench.file(name, config) }
            let gone = try await bench.file("3", config)
            _ = try await bench.store.archiveFile(gone.id, actor: "ann", tenant: bench.tenant, now: bench.at(2))
            let stays = try await bench.file("4", other)
            let lost = try await bench.file("5", config)
            #expect(try await bench.archive(config).contentKeys == ["ab/1", "ab/2", "ab/5"])
            #expect(try await bench.store.file(lost.id, tenant: bench.tenant) == nil)
            #expect(try await bench.store.file(stays.id, tenant: bench.tenant)?.id == stays.id)
            let keys = try await bench.store.contentKeys(tenant: bench.tenant)
            #expect(keys == ContentKeys(kept: ["ab/4"], archived: ["ab/1", "ab/2", "ab/3", "ab/5"]))
        },
        StoreCase("archiving cancels a queued run, and waits for one that has begun") { bench in
            let (config, queued) = try await bench.queued("a")
            let archived = try await bench.archive(config)
            #expect(archived.cancelled?.id == queued.id && archived.cancelled?.state == .cancelled)
            #expect(try await bench.store.run(queued.id, tenant: bench.tenant)?.state == .cancelled)
            #expect(try await bench.claim(at: 10) == nil)
            let lease = try await bench.running("b")
            let error = await bench.refusal(.conflict) { () throws(StoreError) in try await bench.archive(lease.config)
            }
            #expect(error?.message.contains("\(lease.run.id)") == true)
            #expect(try await bench.store.config(lease.config.id, tenant: bench.tenant)?.version == 1)
            try await bench.finish(lease)
            #expect(try await bench.archive(lease.config).cancelled == nil)
        },
    ]
}
