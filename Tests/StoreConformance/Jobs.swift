import Changes
import Identifiers
import JSON
import Mapping
import Store
import Testing

extension StoreCase {
    static let shares = [
        StoreCase("a tenant with its share of jobs waits while others wait") { bench in
            for name in ["a", "b", "c"] { _ = try await bench.queued(name) }
            _ = try await bench.queued("d", tenant: bench.stranger)
            var tenants: [UUID?] = []
            for _ in 0..<3 { tenants.append(try await bench.claim(perTenant: 1, at: 1)?.tenant) }
            // The third has nobody to give way to.
            #expect(tenants == [bench.tenant, bench.stranger, bench.tenant])
            #expect(try await bench.claim(perTenant: 1, at: 1)?.tenant == bench.tenant)
            #expect(try await bench.claim(perTenant: 1, at: 1) == nil)
        },
        StoreCase("a larger share lets the first to come go first") { bench in
            for name in ["a", "b", "c"] { _ = try await bench.queued(name) }
            _ = try await bench.queued("d", tenant: bench.stranger)
            var tenants: [UUID?] = []
            for _ in 0..<4 { tenants.append(try await bench.claim(perTenant: 2, at: 1)?.tenant) }
            #expect(tenants == [bench.tenant, bench.tenant, bench.stranger, bench.tenant])
        },
        StoreCase("leases that are over count for no share") { bench in
            let old = try await bench.queued("a")
            #expect(try await bench.claim(perTenant: 1, at: 1)?.run == old.run.id)
            let next = try await bench.queued("b")
            let other = try await bench.queued("c", tenant: bench.stranger)
            // Second 61: the first lease is over, so all three are due, in their order.
            var runs: [UUID?] = []
            for _ in 0..<3 { runs.append(try await bench.claim("two", perTenant: 1, at: 61)?.run) }
            #expect(runs == [old.run.id, other.run.id, next.run.id])
        },
        StoreCase("the next job is due when its time comes, or when the lease on it is over") { bench in
            #expect(try await bench.store.nextJobDue(now: bench.at(0)) == nil)
            let lease = try await bench.running("a")
            #expect(try await bench.store.nextJobDue(now: bench.at(1)) == bench.at(61))
            let failure = RunFailure(errorClass: "timeout", code: "slow", message: "Slow.")
            _ = try await bench.store.failRun(lease, failure: failure, retryAt: bench.at(30), now: bench.at(2))
            #expect(try await bench.store.nextJobDue(now: bench.at(2)) == bench.at(30))
            #expect(try await bench.store.nextJobDue(now: bench.at(40)) == bench.at(40))
            _ = try await bench.queued("b", tenant: bench.stranger)
            #expect(try await bench.store.nextJobDue(now: bench.at(2)) == bench.at(2))
            _ = try await bench.store.cancelRun(lease.run.id, reason: "x", tenant: bench.tenant, now: bench.at(3))
            let job = try #require(try await bench.claim(at: 3))
            _ = try await bench.store.finishRun(
                try await bench.store.beginRun(job, now: bench.at(3)),
                summary: [:],
                now: bench.at(4)
            )
            #expect(try await bench.store.nextJobDue(now: bench.at(5)) == nil)
        },
    ]

    static let handBacks = [
        StoreCase("a job that is handed back is due at once, in its place, and the attempt does not count") { bench in
            let lease = try await bench.running("a")
            let later = try await bench.queued("b")
            let run = try await bench.store.releaseJob(lease.job, now: bench.at(5))
            #expect(run.state == .queued)
            #expect(run.attempt == 0)
            #expect(run.message == "Waits for a worker: the one before was shut down.")
            #expect(try await bench.store.nextJobDue(now: bench.at(5)) == bench.at(5))
            let job = try #require(try await bench.claim("two", at: 5))
            #expect(job.run == lease.run.id)
            #expect(job.attempt == 1)
            #expect(job.fence > lease.job.fence + 1)
            #expect(try await bench.claim("two", at: 5)?.run == later.run.id)
            let again = try await bench.store.beginRun(job, now: bench.at(6))
            #expect(again.run.startedAt == bench.at(1))
            #expect(try await bench.store.finishRun(again, summary: [:], now: bench.at(7)).state == .done)
        },
        StoreCase("whoever handed a job back commits nothing more, and can't hand it back twice") { bench in
            let lease = try await bench.running()
            try await bench.store.releaseJob(lease.job, now: bench.at(2))
            try await bench.expectFenced(lease)
            for job in [lease.job, try #require(try await bench.claim("two", at: 3))] {
                var stale = job
                stale.fence -= 1
                _ = await bench.refusal(.fenced) { () throws(StoreError) in
                    try await bench.store.releaseJob(stale, now: bench.at(4))
                }
            }
        },
        StoreCase("a job is handed back before its run began, too") { bench in
            let (config, run) = try await bench.queued()
            let job = try #require(try await bench.claim(at: 1))
            try await bench.store.releaseJob(job, now: bench.at(2))
            #expect(try await bench.store.unfinishedRun(config: config.id, tenant: bench.tenant)?.state == .queued)
            _ = await bench.refusal(.fenced) { () throws(StoreError) in
                _ = try await bench.store.beginRun(job, now: bench.at(2))
            }
            #expect(try await bench.claim("two", at: 2)?.run == run.id)
        },
        StoreCase("a lease of a cancelled run can't be handed back") { bench in
            let lease = try await bench.running()
            _ = try await bench.store.cancelRun(lease.run.id, reason: "x", tenant: bench.tenant, now: bench.at(2))
            _ = await bench.refusal(.fenced) { () throws(StoreError) in
                try await bench.store.releaseJob(lease.job, now: bench.at(3))
            }
            #expect(try await bench.store.run(lease.run.id, tenant: bench.tenant)?.state == .cancelled)
        },
        StoreCase("another tenant hands nothing back") { bench in
            let lease = try await bench.running()
            var forged = lease.job
            forged.tenant = bench.stranger
            _ = await bench.refusal(.fenced) { () throws(StoreError) in
                try await bench.store.releaseJob(forged, now: bench.at(2))
            }
            try await bench.store.extendLease(lease.job, leaseFor: .seconds(60), now: bench.at(3))
        },
    ]

    static let deadJobs = [
        StoreCase("a run that failed leaves a dead job, which says why") { bench in
            let lease = try await bench.running()
            let failure = RunFailure(errorClass: "auth", code: "login_refused", message: "The password is wrong.")
            _ = try await bench.store.failRun(lease, failure: failure, retryAt: nil, now: bench.at(4))
            let done = try await bench.running("other")
            _ = try await bench.store.finishRun(done, summary: [:], now: bench.at(5))
            let dead = try await bench.jobs(JobFilter(state: .dead))
            #expect(dead.map(\.id) == [lease.run.id])
            #expect(dead.first?.config == lease.config.id)
            #expect(dead.first?.tenant == bench.tenant)
            #expect(dead.first?.attempt == 1)
            #expect(dead.first?.leaseUntil == nil)
            #expect(dead.first?.runState == .failed)
            #expect(dead.first?.failure == failure)
            #expect(dead.first?.message.hasPrefix("The password is wrong.") == true)
            #expect(try await bench.jobs(JobFilter(state: .done)).map(\.id) == [done.run.id])
            #expect(try await bench.jobs(JobFilter(config: lease.config.id)).map(\.id) == [lease.run.id])
            #expect(try await bench.jobs(JobFilter(state: .waiting, config: lease.config.id)) == [])
        },
        StoreCase("jobs are listed page by page, the newest first, each tenant's own") { bench in
            var runs: [UUID] = []
            for (number, name) in ["a", "b", "c", "d", "e"].enumerated() {
                let config = try await bench.config(name)
                _ = try await bench.store.saveMappings(
                    Bench.mapping,
                    config: config.id,
                    tenant: bench.tenant,
                    now: bench.at(0)
                )
                runs.append(
                    try await bench.store.enqueueSync(
                        bench.request(config),
                        tenant: bench.tenant,
                        now: bench.at(Int64(number))
                    ).id
                )
            }
            let theirs = try await bench.queued("a", tenant: bench.stranger)
            #expect(try await bench.jobs(tenant: bench.stranger).map(\.id) == [theirs.run.id])
            var listed: [UUID] = []
            while true {
                let page = try await bench.jobs(before: listed.last, limit: 2)
                guard !page.isEmpty else { break }
                #expect(page.count <= 2)
                listed += page.map(\.id)
            }
            #expect(listed == Array(runs.reversed()))
            let running = try #require(try await bench.claim(at: 1))
            let job = try await bench.jobs(JobFilter(state: .running)).first
            #expect(job?.id == running.run)
            #expect(job?.leaseUntil == bench.at(61))
            _ = await bench.refusal(.notFound) { () throws(StoreError) in
                _ = try await bench.store.jobs(
                    JobFilter(config: theirs.config.id),
                    tenant: bench.tenant,
                    before: nil,
                    limit: 10
                )
            }
        },
        StoreCase("a dead job is redriven as a new run with the newest mappings, once") { bench in
            let lease = try await bench.running()
            let failure = RunFailure(errorClass: "config", code: "mapping_invalid", message: "No such column.")
            _ = try await bench.store.failRun(lease, failure: failure, retryAt: nil, now: bench.at(2))
            let set = MappingSet(
                stream: "people.csv",
                entity: .users,
                rows: [MappingRow(sourceField: "number", targetField: "external_id")]
            )
            let version = try await bench.store.saveMappings(
                [set],
                config: lease.config.id,
                tenant: bench.tenant,
                now: bench.at(3)
            )
            let run = try await bench.redrive(lease.run.id)
            #expect(run.id != lease.run.id)
            #expect(run.state == .queued)
            #expect(run.config == lease.config.id)
            #expect(run.stream == lease.run.stream)
            #expect(run.entity == lease.run.entity)
            #expect(run.input == lease.run.input)
            #expect(run.mappingVersion == version)
            #expect(run.attempt == 0)
            #expect(try await bench.store.run(lease.run.id, tenant: bench.tenant)?.state == .failed)
            #expect(try await bench.jobs(JobFilter(state: .dead)) == [])
            _ = await bench.refusal(.conflict) { () throws(StoreError) in
                _ = try await bench.store.redriveJob(
                    lease.run.id,
                    actor: "anna",
                    tenant: bench.tenant,
                    now: bench.at(20)
                )
            }
            #expect(try await bench.claim(at: 20)?.run == run.id)
        },
        StoreCase("what is not dead, or has a run in hand, or is another's, is not redriven") { bench in
            let lease = try await bench.running()
            func refused(_ code: StoreError.Code, tenant: UUID? = nil) async -> StoreError? {
                await bench.refusal(code) { () throws(StoreError) in
                    _ = try await bench.store.redriveJob(
                        lease.run.id,
                        actor: "anna",
                        tenant: tenant ?? bench.tenant,
                        now: bench.at(10)
                    )
                }
            }
            #expect(await refused(.conflict)?.message.contains("running") == true)
            let failure = RunFailure(errorClass: "data", code: "broken", message: "Broken.")
            _ = try await bench.store.failRun(lease, failure: failure, retryAt: nil, now: bench.at(2))
            _ = await refused(.notFound, tenant: bench.stranger)
            let next = try await bench.store.enqueueSync(
                bench.request(lease.config),
                tenant: bench.tenant,
                now: bench.at(3)
            )
            #expect(await refused(.conflict)?.message.contains("\(next.id)") == true)
            _ = try await bench.store.cancelRun(next.id, reason: "x", tenant: bench.tenant, now: bench.at(4))
            _ = try await bench.store.saveMappings([], config: lease.config.id, tenant: bench.tenant, now: bench.at(5))
            _ = await refused(.invalid)
            #expect(try await bench.jobs(JobFilter(state: .dead)).map(\.id) == [lease.run.id])
            #expect(try await bench.store.unfinishedRun(config: lease.config.id, tenant: bench.tenant) == nil)
        },
        StoreCase("a job that read a file by its path is not redriven") { bench in
            let config = try await bench.config()
            _ = try await bench.store.saveMappings(
                Bench.mapping,
                config: config.id,
                tenant: bench.tenant,
                now: bench.at(0)
            )
            let run = try await bench.store.enqueueSync(
                bench.request(config, input: ["path": "/data/people.csv"]),
                tenant: bench.tenant,
                now: bench.at(0)
            )
            let job = try #require(try await bench.claim(at: 1))
            let failure = RunFailure(errorClass: "data", code: "broken", message: "Broken.")
            _ = try await bench.store.failJob(job, failure: failure, now: bench.at(2))
            let refusal = await bench.refusal(.notRepeatable) { () throws(StoreError) in
                _ = try await bench.store.redriveJob(run.id, actor: "anna", tenant: bench.tenant, now: bench.at(3))
            }
            #expect(refusal?.tenantMessage.contains("people.csv") == false)
            #expect(try await bench.jobs(JobFilter(state: .dead)).map(\.id) == [run.id])
        },
        StoreCase("a job that can't be begun fails for good, by its holder only") { bench in
            let (config, run) = try await bench.queued()
            let job = try #require(try await bench.claim("one", at: 1))
            let failure = RunFailure(errorClass: "config", code: "store_corrupt", message: "The policy can't be read.")
            let thief = try #require(try await bench.claim("two", at: 61))
            _ = await bench.refusal(.fenced) { () throws(StoreError) in
                _ = try await bench.store.failJob(job, failure: failure, now: bench.at(62))
            }
            let ended = try await bench.store.failJob(thief, failure: failure, now: bench.at(62))
            #expect(ended.id == run.id)
            #expect(ended.state == .failed)
            #expect(ended.failure == failure)
            #expect(try await bench.jobs(JobFilter(state: .dead)).map(\.id) == [run.id])
            #expect(try await bench.store.unfinishedRun(config: config.id, tenant: bench.tenant) == nil)
            _ = await bench.refusal(.fenced) { () throws(StoreError) in
                _ = try await bench.store.failJob(thief, failure: failure, now: bench.at(63))
            }
        },
    ]
}

extension Bench {
    func jobs(
        _ filter: JobFilter = JobFilter(),
        tenant: UUID? = nil,
        before: UUID? = nil,
        limit: Int = 100
    ) async throws -> [Job] {
        try await store.jobs(filter, tenant: tenant ?? self.tenant, before: before, limit: limit)
    }

    func redrive(_ run: UUID) async throws -> Run {
        try await store.redriveJob(run, actor: "anna", tenant: tenant, now: at(10))
    }
}
