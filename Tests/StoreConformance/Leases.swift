import Identifiers
import JSON
import Store
import Testing

extension StoreCase {
    static let leases = [
        StoreCase("an expired lease is claimed again with a higher fence, and the former holder is refused") { bench in
            let old = try await bench.running()
            #expect(try await bench.claim("two", at: 60) == nil)
            let job = try #require(try await bench.claim("two", at: 61))
            #expect(job.run == old.run.id)
            #expect(job.fence > old.job.fence)
            #expect(job.attempt == 2)
            try await bench.expectFenced(old)
            let new = try await bench.store.beginRun(job, now: bench.at(62))
            #expect(new.run.state == .running)
            #expect(new.run.startedAt == bench.at(1))
            try await bench.expectFenced(old)
            let run = try await bench.store.finishRun(new, summary: [:], now: bench.at(63))
            #expect(run.state == .done)
            #expect(run.attempt == 2)
        },
        StoreCase("a lease that is extended in time is not claimed") { bench in
            let lease = try await bench.running()
            try await bench.store.extendLease(lease.job, leaseFor: .seconds(60), now: bench.at(50))
            #expect(try await bench.claim("two", at: 109) == nil)
            #expect(try await bench.claim("two", at: 110) != nil)
        },
        StoreCase("whoever holds the database's lock takes over leases of the dead, never its own") { bench in
            let old = try await bench.running()
            #expect(try await bench.claim("one", abandoned: true, at: 2) == nil)
            let job = try #require(try await bench.claim("two", abandoned: true, at: 2))
            #expect(job.run == old.run.id)
            #expect(job.fence == old.job.fence + 1)
            #expect(try await bench.claim("two", abandoned: true, at: 3) == nil)
            try await bench.expectFenced(old)
        },
        StoreCase("a lease that went back to the queue is no lease") { bench in
            let lease = try await bench.running()
            let failure = RunFailure(errorClass: "timeout", code: "slow", message: "Slow.")
            _ = try await bench.store.failRun(lease, failure: failure, retryAt: bench.at(30), now: bench.at(2))
            try await bench.expectFenced(lease)
        },
        StoreCase("a run can't be begun twice under different fences") { bench in
            _ = try await bench.queued()
            let first = try #require(try await bench.claim("one", at: 1))
            let second = try #require(try await bench.claim("two", at: 61))
            _ = await bench.refusal(.fenced) { () throws(StoreError) in
                _ = try await bench.store.beginRun(first, now: bench.at(62))
            }
            let lease = try await bench.store.beginRun(second, now: bench.at(62))
            #expect(lease.job.owner == "two")
        },
    ]
}

extension Bench {
    /// Everything that a lease allows is refused, and changes nothing.
    func expectFenced(_ lease: RunLease, _ place: SourceLocation = #_sourceLocation) async throws {
        let before = try await store.run(lease.run.id, tenant: lease.run.tenant)
        let failure = RunFailure(errorClass: "internal", code: "late", message: "Late.")
        _ = await refusal(.fenced, place) { () throws(StoreError) in
            try await store.extendLease(lease.job, leaseFor: .seconds(60), now: at(70))
        }
        _ = await refusal(.fenced, place) { () throws(StoreError) in
            _ = try await store.finishRun(lease, summary: [:], now: at(70))
        }
        for retryAt in [nil, at(80)] {
            _ = await refusal(.fenced, place) { () throws(StoreError) in
                _ = try await store.failRun(lease, failure: failure, retryAt: retryAt, now: at(70))
            }
        }
        let after = try await store.run(lease.run.id, tenant: lease.run.tenant)
        #expect(before?.state == after?.state, sourceLocation: place)
        #expect(before?.message == after?.message, sourceLocation: place)
        #expect(after?.finishedAt == nil, sourceLocation: place)
    }
}
