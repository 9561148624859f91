import Changes
import Identifiers
import JSON
import Mapping
import Store
import Testing

extension StoreCase {
    static let queue = [
        StoreCase("a sync becomes a queued run with its job") { bench in
            let (config, run) = try await bench.queued()
            #expect(run.state == .queued)
            #expect(run.config == config.id)
            #expect(run.trigger == "manual")
            #expect(run.stream == "people.csv")
            #expect(run.entity == .users)
            #expect(run.mappingVersion == 1)
            #expect(run.counts.agree)
            #expect(run.attempt == 0)
            #expect(run.startedAt == nil)
            #expect(run.finishedAt == nil)
            #expect(!run.message.isEmpty)
            #expect(try await bench.store.unfinishedRun(config: config.id, tenant: bench.tenant)?.id == run.id)
            let job = try #require(try await bench.claim(at: 1))
            #expect(job.run == run.id)
            #expect(job.config == config.id)
            #expect(job.tenant == bench.tenant)
            #expect(job.kind == "sync_job")
            #expect(job.attempt == 1)
            #expect(job.fence == 1)
            #expect(job.owner == "one")
            #expect(run.input == ["file_id": "0198c0de-0000-7000-8000-000000000009"])
            #expect(try await bench.claim("two", at: 2) == nil)
        },
        StoreCase("a config has at most one run in hand, whatever state it is in") { bench in
            let (config, run) = try await bench.queued()
            func refuse() async -> StoreError? {
                await bench.refusal(.conflict) { () throws(StoreError) in
                    _ = try await bench.store.enqueueSync(
                        bench.request(config),
                        tenant: bench.tenant,
                        now: bench.at(1)
                    )
                }
            }
            #expect(await refuse()?.message.contains("\(run.id)") == true)
            let job = try #require(try await bench.claim(at: 1))
            _ = await refuse()
            let lease = try await bench.store.beginRun(job, now: bench.at(1))
            _ = await refuse()
            let failure = RunFailure(errorClass: "unavailable", code: "down", message: "Down.")
            _ = try await bench.store.failRun(lease, failure: failure, retryAt: bench.at(10), now: bench.at(2))
            _ = await refuse()
            let again = try await bench.store.beginRun(try #require(try await bench.claim(at: 10)), now: bench.at(10))
            _ = try await bench.store.finishRun(again, summary: [:], now: bench.at(11))
            #expect(try await bench.store.unfinishedRun(config: config.id, tenant: bench.tenant) == nil)
            let next = try await bench.store.enqueueSync(bench.request(config), tenant: bench.tenant, now: bench.at(12))
            #expect(next.id != run.id)
        },
        StoreCase("many syncs of one config at once make one run") { bench in
            let config = try await bench.config()
            _ = try await bench.store.saveMappings(
                Bench.mapping,
                config: config.id,
                tenant: bench.tenant,
                now: bench.at(0)
            )
            let made = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        do throws(StoreError) {
                            _ = try await bench.store.enqueueSync(
                                bench.request(config),
                                tenant: bench.tenant,
                                now: bench.at(1)
                            )
                            return true
                        } catch {
                            #expect(error.code == .conflict)
                            return false
                        }
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(made == 1)
        },
        StoreCase("a sync without a mapping for its stream is refused") { bench in
            let config = try await bench.config()
            for step in 0...1 {
                _ = await bench.refusal(.invalid) { () throws(StoreError) in
                    var request = bench.request(config)
                    if step == 1 { request.streams[0].stream = "others.csv" }
                    _ = try await bench.store.enqueueSync(request, tenant: bench.tenant, now: bench.at(1))
                }
                _ = try await bench.store.saveMappings(
                    Bench.mapping,
                    config: config.id,
                    tenant: bench.tenant,
                    now: bench.at(0)
                )
            }
            #expect(try await bench.store.unfinishedRun(config: config.id, tenant: bench.tenant) == nil)
            #expect(try await bench.claim(at: 2) == nil)
        },
        StoreCase("jobs are claimed in their order, across tenants, each by one worker") { bench in
            let first = try await bench.queued("a")
            let second = try await bench.queued("b", tenant: bench.stranger)
            let third = try await bench.queued("c")
            var claimed: [ClaimedJob] = []
            for owner in ["one", "two", "one"] {
                claimed.append(try #require(try await bench.claim(owner, at: 1)))
            }
            #expect(claimed.map(\.run) == [first.run.id, second.run.id, third.run.id])
            #expect(claimed.map(\.tenant) == [bench.tenant, bench.stranger, bench.tenant])
            #expect(try await bench.claim(at: 1) == nil)
        },
        StoreCase("a claim for one run takes no other's job, even if they came before and are left over") { bench in
            let first = try await bench.queued("a")
            _ = try await bench.queued("b", tenant: bench.stranger)
            let own = try await bench.queued("c")
            #expect(try await bench.claim("the dead", at: 1)?.run == first.run.id)
            // A closure, since the debug build's separate emission of the module misreads a function inside this one.
            let claim: (Int64) async throws -> UUID? = { seconds in
                try await bench.store.claimJob(
                    owner: "import",
                    leaseFor: .seconds(60),
                    perTenant: 1,
                    abandoned: true,
                    run: own.run.id,
                    now: bench.at(seconds)
                )?.run
            }
            #expect(try await claim(2) == own.run.id)
            #expect(try await claim(3) == nil)
            let others = try await bench.jobs(tenant: bench.stranger)
            #expect(others.map(\.state) == [.waiting])
        },
    ]
}
