import JSON
import Mapping
import Store
import Testing

extension StoreCase {
    static let configs = [
        StoreCase("a config comes back as it was made, by name and by id") { bench in
            var settings = JSONObject()
            settings["b"] = ["1", nil, .number("1.50")]
            settings["a"] = "ü"
            let made = try await bench.store.createConfig(
                ConfigDraft(
                    name: "Übung",
                    provider: "file",
                    type: "sync",
                    settings: .object(settings),
                    policy: ["match": ["email", "username"], "adopt": false]
                ),
                tenant: bench.tenant,
                now: bench.at(3)
            )
            #expect(made.version == 1)
            #expect(made.isActive)
            #expect(made.createdAt == bench.at(3))
            #expect(made.updatedAt == bench.at(3))
            let named = try #require(try await bench.store.config(named: "Übung", tenant: bench.tenant))
            let found = try #require(try await bench.store.config(made.id, tenant: bench.tenant))
            for config in [named, found] {
                #expect(config.id == made.id)
                #expect(config.number == made.number)
                #expect(config.tenant == bench.tenant)
                #expect(config.provider == "file")
                #expect(config.type == "sync")
                #expect(config.settings.serialized() == JSONValue.object(settings).serialized())
                #expect(config.policy == ["match": ["email", "username"], "adopt": false])
            }
            #expect(try await bench.store.config(named: "übung", tenant: bench.tenant) == nil)
        },
        StoreCase("two configs of a tenant can't have one name, and the refusal names the first") { bench in
            let first = try await bench.config()
            let error = await bench.refusal(.conflict) { () throws(StoreError) in
                _ = try await bench.store.createConfig(
                    ConfigDraft(name: "people", provider: "rest", type: "pull", settings: [:], policy: [:]),
                    tenant: bench.tenant,
                    now: bench.at(1)
                )
            }
            #expect(error?.message.contains("\(first.id)") == true)
            let other = try await bench.config("people", tenant: bench.stranger)
            #expect(other.id != first.id)
            #expect(other.number != first.number)
        },
        StoreCase("a policy that can't be read is not kept") { bench in
            let error = await bench.refusal(.invalid) { () throws(StoreError) in
                _ = try await bench.store.createConfig(
                    ConfigDraft(
                        name: "people",
                        provider: "file",
                        type: "pull",
                        settings: [:],
                        policy: ["macht": ["email"]]
                    ),
                    tenant: bench.tenant,
                    now: bench.at(1)
                )
            }
            #expect(error?.message.contains("/macht") == true)
            let config = try await bench.config()
            _ = await bench.refusal(.invalid) { () throws(StoreError) in
                _ = try await bench.store.changeConfig(
                    config.id,
                    ConfigChange(settings: [:], policy: ["adopt": "yes"]),
                    version: 1,
                    actor: "ann",
                    tenant: bench.tenant,
                    now: bench.at(1)
                )
            }
            #expect(try await bench.store.config(config.id, tenant: bench.tenant)?.version == 1)
        },
        StoreCase("a change needs the newest version, so that no change is lost") { bench in
            let config = try await bench.config()
            let changed = try await bench.store.changeConfig(
                config.id,
                ConfigChange(settings: ["path": "b.csv"], policy: ["adopt": false]),
                version: 1,
                actor: "ann",
                tenant: bench.tenant,
                now: bench.at(5)
            )
            #expect(changed.version == 2)
            #expect(changed.settings == ["path": "b.csv"])
            #expect(changed.createdAt == bench.at(0))
            #expect(changed.updatedAt == bench.at(5))
            let error = await bench.refusal(.stale) { () throws(StoreError) in
                _ = try await bench.store.changeConfig(
                    config.id,
                    ConfigChange(settings: ["path": "c.csv"], policy: [:]),
                    version: 1,
                    actor: "ann",
                    tenant: bench.tenant,
                    now: bench.at(6)
                )
            }
            #expect(error?.message.contains("version 2, not 1") == true)
            #expect(try await bench.store.config(config.id, tenant: bench.tenant)?.settings == ["path": "b.csv"])
        },
    ]

    static let mappings = [
        StoreCase("a mapping comes back in its order; the same set again makes no version") { bench in
            let config = try await bench.config()
            let save = { @Sendable (sets: [MappingSet]) async throws(StoreError) in
                try await bench.store.saveMappings(sets, config: config.id, tenant: bench.tenant, now: bench.at(1))
            }
            #expect(try await bench.store.mappings(config: config.id, version: nil, tenant: bench.tenant) == [])
            #expect(try await save(Bench.mapping) == 1)
            #expect(try await save(Bench.mapping) == 1)
            var other = Bench.mapping
            other[0].rows.swapAt(0, 1)
            #expect(try await save(other) == 2)
            #expect(try await save(Bench.mapping) == 3)
            for (version, sets) in [(1, Bench.mapping), (2, other), (nil, Bench.mapping)] as [(Int64?, [MappingSet])] {
                let kept = try await bench.store.mappings(
                    config: config.id,
                    version: version,
                    tenant: bench.tenant
                )
                #expect(kept == sets)
            }
            _ = await bench.refusal(.notFound) { () throws(StoreError) in
                _ = try await bench.store.mappings(config: config.id, version: 4, tenant: bench.tenant)
            }
        },
        StoreCase("sets for one stream and entity are one set, and a set without rows is none") { bench in
            let config = try await bench.config()
            let row = { (name: String) in MappingRow(sourceField: name, targetField: name) }
            let sets = [
                MappingSet(stream: "a", entity: .users, rows: [row("email")]),
                MappingSet(stream: "b", entity: .users, rows: []),
                MappingSet(stream: "a", entity: .courses, rows: [row("code")]),
                MappingSet(stream: "a", entity: .users, rows: [row("username")]),
            ]
            let version = try await bench.store.saveMappings(
                sets,
                config: config.id,
                tenant: bench.tenant,
                now: bench.at(1)
            )
            let kept = try await bench.store.mappings(config: config.id, version: version, tenant: bench.tenant)
            #expect(
                kept == [
                    MappingSet(stream: "a", entity: .users, rows: [row("email"), row("username")]),
                    MappingSet(stream: "a", entity: .courses, rows: [row("code")]),
                ]
            )
            let again = try await bench.store.saveMappings(
                sets,
                config: config.id,
                tenant: bench.tenant,
                now: bench.at(2)
            )
            #expect(again == version)
        },
    ]
}
