import Changes
import JSON
import Mapping
import Store
import Testing

extension StoreCase {
    static let streams = [
        StoreCase("a run's streams stand in the order in which they are read, each with its counts") { bench in
            let lease = try await bench.runningSeveral()
            #expect(lease.run.streams.map(\.stream) == ["people.csv", "courses.csv"])
            #expect(lease.run.stream.isEmpty && lease.run.entity == .users)
            _ = try await bench.commit(rejected: [2, 3], token: [1], lease)
            try await bench.restart()
            let run = try #require(try await bench.store.run(lease.run.id, tenant: bench.tenant))
            #expect(run.streams.map(\.counts.read) == [2, 0])
            #expect(run.streams.map(\.counts.rejected) == [2, 0])
            let listed = try await bench.store.runs(RunFilter(), page: PageRequest(limit: 9), tenant: bench.tenant)
            #expect(listed.items.map(\.streams) == [run.streams])
        },
        StoreCase("a stream that is read is not read again, and its token is gone") { bench in
            let lease = try await bench.runningSeveral()
            _ = try await bench.commit(rejected: [2], token: [9], lease)
            let people = try #require(lease.run.streams.first)
            try await bench.store.finishStream(people, summary: ["read": 1], lease: lease, now: bench.at(2))
            #expect(try await bench.store.checkpoint(lease, stream: "people.csv") == nil)
            let crash = RunFailure(errorClass: "crash", code: "signal", message: "SIGSEGV.")
            _ = try await bench.store.failRun(lease, failure: crash, retryAt: bench.at(3), now: bench.at(3))
            let second = try await bench.store.beginRun(try #require(try await bench.claim(at: 3)), now: bench.at(3))
            #expect(second.run.streams.map(\.isFinished) == [true, false])
            let lost = RunFailure(errorClass: "state_lost", code: "file_changed", message: "The file changed.")
            _ = try await bench.store.failRun(second, failure: lost, retryAt: bench.at(4), now: bench.at(4))
            let third = try await bench.store.beginRun(try #require(try await bench.claim(at: 4)), now: bench.at(4))
            #expect(third.run.streams.map(\.isFinished) == [false, false])
            #expect(third.run.streams.map(\.counts) == [Counts(), Counts()])
        },
        StoreCase("a lost lease finishes no stream, and tries nothing again") { bench in
            let old = try await bench.runningSeveral()
            _ = try #require(try await bench.claim("two", at: 61))
            let people = try #require(old.run.streams.first)
            _ = await bench.refusal(.fenced) { () throws(StoreError) in
                try await bench.store.finishStream(people, summary: [:], lease: old, now: bench.at(62))
            }
            let origin = WaitingOrigin(
                config: old.config.id,
                stream: "people.csv",
                entity: .users,
                mappingVersion: 1,
                locatorKind: "line",
                source: "people.csv"
            )
            let retry = WaitingRetry(origin: origin, rejects: [1], batch: nil)
            _ = await bench.refusal(.fenced) { () throws(StoreError) in
                _ = try await bench.store.retry(retry, lease: old, now: bench.at(62))
            }
            #expect(try await bench.store.waitingRejects(old, limit: 9).isEmpty)
        },
    ]
}

extension Bench {
    /// A run of people and courses under way, asked for in the other order.
    fileprivate func runningSeveral() async throws -> RunLease {
        let config = try await config()
        let courses = MappingSet(
            stream: "courses.csv",
            entity: .courses,
            rows: [MappingRow(sourceField: "no", targetField: "external_id")]
        )
        _ = try await store.saveMappings([courses] + Bench.mapping, config: config.id, tenant: tenant, now: at(0))
        let request = SyncRequest(
            config: config.id,
            trigger: "manual",
            streams: [
                RunStream(stream: "courses.csv", entity: .courses), RunStream(stream: "people.csv", entity: .users),
            ],
            mappingVersion: 1,
            input: [:]
        )
        _ = try await store.enqueueSync(request, tenant: tenant, now: at(0))
        return try await store.beginRun(try #require(try await claim(at: 1)), now: at(1))
    }
}
