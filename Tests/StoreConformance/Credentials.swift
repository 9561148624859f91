import Store
import Testing

extension StoreCase {
    static let credentials = [
        StoreCase("credentials come back as they were saved, and what is told of them says nothing of them") { bench in
            let config = try await bench.config()
            let save = {
                @Sendable (payload: String, key: String, actor: String, seconds: Int64) async throws(StoreError) in
                try await bench.store.saveCredentials(
                    EncryptedCredentials(payload: payload, keyID: key),
                    config: config.id,
                    actor: actor,
                    tenant: bench.tenant,
                    now: bench.at(seconds)
                )
            }
            #expect(try await bench.store.credentials(config: config.id, tenant: bench.tenant) == nil)
            #expect(try await bench.store.credentialsStanding(config: config.id, tenant: bench.tenant) == nil)
            let first = try await save("gAAAA-first", "k1", "ann", 1)
            #expect(first.createdAt == bench.at(1))
            let second = try await save("gAAAA-second", "k2", "bob", 2)
            #expect(
                second
                    == CredentialsStanding(
                        keyID: "k2",
                        createdAt: bench.at(1),
                        updatedAt: bench.at(2),
                        updatedBy: "bob"
                    )
            )
            try await bench.restart()
            let kept = try await bench.store.credentials(config: config.id, tenant: bench.tenant)
            #expect(kept == EncryptedCredentials(payload: "gAAAA-second", keyID: "k2"))
            #expect(
                try await bench.store.credentialsStanding(config: config.id, tenant: bench.tenant) == second
            )
            let trail = try await bench.store.auditTrail(
                AuditFilter(action: "credentials.saved"),
                page: PageRequest(),
                tenant: bench.tenant
            ).items
            #expect(trail.map(\.deed.actor) == ["bob", "ann"])
            #expect(trail.allSatisfy { !"\($0)".contains("gAAAA") })
            let delete = { @Sendable () async throws(StoreError) in
                try await bench.store.deleteCredentials(
                    config: config.id,
                    actor: "ann",
                    tenant: bench.tenant,
                    now: bench.at(3)
                )
            }
            #expect(try await delete())
            #expect(try await delete() == false)
            #expect(try await bench.store.credentials(config: config.id, tenant: bench.tenant) == nil)
        }
    ]

    static let providers = [
        StoreCase("a provider is on until it is switched off; then none of its configs starts a run") { bench in
            let (config, run) = try await bench.queued()
            #expect(try await bench.store.providerSettings(tenant: bench.tenant) == [])
            let set = { @Sendable (provider: String, isEnabled: Bool, seconds: Int64) async throws(StoreError) in
                try await bench.store.setProvider(
                    provider,
                    isEnabled: isEnabled,
                    actor: "ann",
                    tenant: bench.tenant,
                    now: bench.at(seconds)
                )
            }
            let off = try await set("file", false, 1)
            #expect(
                off == ProviderSetting(provider: "file", isEnabled: false, changedAt: bench.at(1), changedBy: "ann")
            )
            _ = try await bench.store.cancelRun(run.id, reason: "x", tenant: bench.tenant, now: bench.at(2))
            let error = await bench.refusal(.providerOff) { () throws(StoreError) in
                _ = try await bench.store.enqueueSync(bench.request(config), tenant: bench.tenant, now: bench.at(3))
            }
            #expect(error?.message.contains("\"file\"") == true)
            _ = try await bench.queued("theirs", tenant: bench.stranger)
            _ = try await set("rest", false, 4)
            let on = try await set("file", true, 5)
            #expect(
                try await bench.store.providerSettings(tenant: bench.tenant) == [
                    on,
                    ProviderSetting(provider: "rest", isEnabled: false, changedAt: bench.at(4), changedBy: "ann"),
                ]
            )
            #expect(try await bench.store.providerSettings(tenant: bench.stranger) == [])
            _ = try await bench.store.enqueueSync(bench.request(config), tenant: bench.tenant, now: bench.at(6))
        }
    ]
}
