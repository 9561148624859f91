import Identifiers
import JSON
import Store
import Testing

extension StoreCase {
    static let tenants = [
        StoreCase("another tenant's ids are not found, by any method") { bench in
            let lease = try await bench.running()
            let config = lease.config
            let run = lease.run
            let stranger = bench.stranger
            #expect(try await bench.store.config(config.id, tenant: stranger) == nil)
            #expect(try await bench.store.config(named: config.name, tenant: stranger) == nil)
            #expect(try await bench.store.run(run.id, tenant: stranger) == nil)
            _ = await bench.refusal(.notFound) { () throws(StoreError) in
                _ = try await bench.store.changeConfig(
                    config.id,
                    ConfigChange(settings: [:], policy: [:]),
                    version: 1,
                    actor: "ann",
                    tenant: stranger,
                    now: bench.at(2)
                )
            }
            _ = await bench.refusal(.notFound) { () throws(StoreError) in
                _ = try await bench.store.saveMappings([], config: config.id, tenant: stranger, now: bench.at(2))
            }
            for version in [nil, 1] as [Int64?] {
                _ = await bench.refusal(.notFound) { () throws(StoreError) in
                    _ = try await bench.store.mappings(config: config.id, version: version, tenant: stranger)
                }
            }
            _ = await bench.refusal(.notFound) { () throws(StoreError) in
                _ = try await bench.store.enqueueSync(bench.request(config), tenant: stranger, now: bench.at(2))
            }
            _ = await bench.refusal(.notFound) { () throws(StoreError) in
                _ = try await bench.store.unfinishedRun(config: config.id, tenant: stranger)
            }
            _ = await bench.refusal(.notFound) { () throws(StoreError) in
                _ = try await bench.store.rejects(run: run.id, tenant: stranger, after: 0, limit: 10)
            }
            var forged = lease
            forged.run.tenant = stranger
            forged.job.tenant = stranger
            try await bench.expectFencedStranger(forged)
            #expect(try await bench.store.run(run.id, tenant: bench.tenant)?.state == .running)
            #expect(try await bench.store.config(config.id, tenant: bench.tenant)?.version == 1)
        },
        StoreCase("a log line needs a config, and a run, of its tenant") { bench in
            let mine = try await bench.running()
            let theirs = try await bench.queued("theirs", tenant: bench.stranger)
            func entry(_ config: Config, _ run: Run?) -> LogEntry {
                LogEntry(
                    config: config.id,
                    run: run?.id,
                    status: "error",
                    level: "warning",
                    event: "note",
                    message: "Something.",
                    payload: ["n": 1]
                )
            }
            try await bench.store.log(entry(mine.config, mine.run), tenant: bench.tenant, now: bench.at(1))
            try await bench.store.log(entry(mine.config, nil), tenant: bench.tenant, now: bench.at(1))
            _ = await bench.refusal(.notFound) { () throws(StoreError) in
                try await bench.store.log(entry(mine.config, theirs.run), tenant: bench.tenant, now: bench.at(1))
            }
            _ = await bench.refusal(.notFound) { () throws(StoreError) in
                try await bench.store.log(entry(theirs.config, nil), tenant: bench.tenant, now: bench.at(1))
            }
        },
    ]
}

extension Bench {
    /// A lease for another tenant's run is no lease.
    func expectFencedStranger(_ lease: RunLease) async throws {
        _ = await refusal(.fenced) { () throws(StoreError) in
            try await store.extendLease(lease.job, leaseFor: .seconds(60), now: at(2))
        }
        _ = await refusal(.fenced) { () throws(StoreError) in _ = try await store.beginRun(lease.job, now: at(2)) }
        _ = await refusal(.fenced) { () throws(StoreError) in
            _ = try await store.finishRun(lease, summary: [:], now: at(2))
        }
    }
}
