import Store
import Testing

extension StoreCase {
    static let overviews = [
        StoreCase("the overview counts configs, runs of a day, open rejects and jobs in hand") { bench in
            let empty = try await bench.store.overview(tenant: bench.tenant, now: bench.at(0))
            #expect(empty.configs == 0)
            #expect(empty.lastRuns.isEmpty)
            let good = try await bench.running("good")
            try await bench.finish(good)
            try await bench.run(good.config, rejecting: [2, 3], at: 10)
            try await bench.run(good.config, rejecting: [2], at: 20)
            let bad = try await bench.running("bad")
            _ = try await bench.commit(rejected: [2], token: [1], bad)
            let failure = RunFailure(errorClass: "auth", code: "x", message: "X.")
            _ = try await bench.store.failRun(bad, failure: failure, retryAt: nil, now: bench.at(30))
            // A run that waits says nothing yet.
            _ = try await bench.store.enqueueSync(
                bench.request(bad.config),
                tenant: bench.tenant,
                now: bench.at(31)
            )
            _ = try await bench.running("busy")
            let off = try await bench.queued("off").config
            _ = try await bench.changed(off, ConfigChange(isActive: false))
            try await bench.archive(try await bench.config("gone"))
            _ = try await bench.queued("theirs", tenant: bench.stranger)
            let now = try await bench.store.overview(tenant: bench.tenant, now: bench.at(40))
            #expect(now.configs == 4)
            #expect(now.activeConfigs == 3)
            #expect(now.failingConfigs == 1)
            #expect(
                now.runs.filter { $0.value > 0 } == [
                    .done: 1, .doneWithRejects: 2, .failed: 1, .running: 1, .queued: 2,
                ]
            )
            #expect(now.openRejects == 2)
            #expect(now.queuedJobs == 2)
            #expect(now.runningJobs == 1)
            #expect(now.lastRuns.count == 7)
            #expect(now.lastRuns.allSatisfy { $0.tenant == bench.tenant })
            #expect(now.lastRuns.first?.state == .queued)
            let later = try await bench.store.overview(tenant: bench.tenant, now: bench.at(24 * 3_600 + 15))
            #expect(later.runs.filter { $0.value > 0 } == [.doneWithRejects: 1, .queued: 1])
        }
    ]
}
