import Changes
import JSON
import Store
import Testing

extension StoreCase {
    static let endings = [
        StoreCase("a finished run says so in words, and is over for good") { bench in
            let lease = try await bench.running()
            #expect(lease.run.state == .running)
            #expect(lease.policy.match == [.email])
            #expect(try await bench.store.checkpoint(lease, stream: "people.csv") == nil)
            let run = try await bench.store.finishRun(lease, summary: ["complete": true], now: bench.at(9))
            #expect(run.state == .done)
            #expect(run.finishedAt == bench.at(9))
            #expect(run.message == "The source had no people: nothing was read or changed.")
            #expect(run.failure == nil)
            #expect(try await bench.claim(abandoned: true, at: 10_000) == nil)
            _ = await bench.refusal(.fenced) { () throws(StoreError) in
                _ = try await bench.store.finishRun(lease, summary: [:], now: bench.at(10))
            }
            _ = await bench.refusal(.fenced) { () throws(StoreError) in
                _ = try await bench.store.beginRun(lease.job, now: bench.at(10))
            }
        },
        StoreCase("a run whose accounts don't agree is not called done") { bench in
            let lease = try await bench.running()
            try await bench.harness.spoilCounts(of: lease.run)
            let error = await bench.refusal(.accounts) { () throws(StoreError) in
                _ = try await bench.store.finishRun(lease, summary: [:], now: bench.at(2))
            }
            #expect(error?.message.contains("read 1, but created 0") == true)
            #expect(error?.tenantMessage.contains("created 0") == false)
            let run = try #require(try await bench.store.run(lease.run.id, tenant: bench.tenant))
            #expect(run.state == .running)
            #expect(run.counts.read == 1)
        },
        StoreCase("a failed attempt waits for its time, keeps its failure, and goes on with a higher fence") { bench in
            let lease = try await bench.running()
            let failure = RunFailure(
                errorClass: "unavailable",
                code: "http_503",
                message: "The source is down",
                hint: "Wait."
            )
            let waiting = try await bench.store.failRun(
                lease,
                failure: failure,
                retryAt: bench.at(30),
                now: bench.at(2)
            )
            #expect(waiting.state == .queued)
            #expect(waiting.failure == failure)
            #expect(waiting.finishedAt == nil)
            #expect(waiting.message.contains("Attempt 1 ended early: The source is down. Wait."))
            #expect(try await bench.claim(at: 29) == nil)
            let job = try #require(try await bench.claim(at: 30))
            #expect(job.attempt == 2)
            #expect(job.fence > lease.job.fence)
            let again = try await bench.store.beginRun(job, now: bench.at(30))
            #expect(again.run.failure == failure)
            let end = try await bench.store.finishRun(again, summary: [:], now: bench.at(31))
            #expect(end.state == .done)
            #expect(end.failure == nil)
        },
        StoreCase("a run that failed for good says why and what the next one does") { bench in
            let lease = try await bench.running()
            let failure = RunFailure(
                errorClass: "auth",
                code: "login_refused",
                message: "The password is wrong.",
                hint: "Enter it anew."
            )
            let run = try await bench.store.failRun(lease, failure: failure, retryAt: nil, now: bench.at(4))
            #expect(run.state == .failed)
            #expect(run.finishedAt == bench.at(4))
            #expect(run.failure == failure)
            #expect(run.message.hasPrefix("The password is wrong. Enter it anew."))
            #expect(run.message.hasSuffix("The next run starts from the beginning."))
            #expect(try await bench.claim(abandoned: true, at: 10_000) == nil)
            _ = try await bench.store.enqueueSync(
                bench.request(lease.config),
                tenant: bench.tenant,
                now: bench.at(5)
            )
        },
        StoreCase("a cancelled run is cancelled, not failed") { bench in
            let lease = try await bench.running()
            let failure = RunFailure(errorClass: "cancelled", code: "asked", message: "Asked to stop.")
            let run = try await bench.store.failRun(lease, failure: failure, retryAt: nil, now: bench.at(4))
            #expect(run.state == .cancelled)
            #expect(run.message.hasPrefix("The run was cancelled."))
        },
        StoreCase("a source that lost its place starts over with fresh accounts") { bench in
            let lease = try await bench.running()
            try await bench.harness.spoilCounts(of: lease.run)
            let failure = RunFailure(errorClass: "state_lost", code: "file_changed", message: "The file changed.")
            let run = try await bench.store.failRun(lease, failure: failure, retryAt: bench.at(2), now: bench.at(2))
            #expect(run.counts.read == 0)
            let again = try await bench.store.beginRun(try #require(try await bench.claim(at: 2)), now: bench.at(2))
            #expect(try await bench.store.finishRun(again, summary: [:], now: bench.at(3)).state == .done)
        },
    ]

    static let restarts = [
        StoreCase("every state of a run outlives a restart") { bench in
            let installation = try await bench.store.installation()
            #expect(installation.hashKey.count == 16)
            let (config, run) = try await bench.queued()
            try await bench.restart()
            #expect(try await bench.store.installation().hashKey == installation.hashKey)
            #expect(try await bench.store.run(run.id, tenant: bench.tenant)?.state == .queued)
            let claimed = try #require(try await bench.claim("one", at: 1))
            try await bench.restart()
            let taken = try #require(try await bench.claim("two", abandoned: true, at: 2))
            #expect(taken.fence == claimed.fence + 1)
            let lease = try await bench.store.beginRun(taken, now: bench.at(2))
            try await bench.restart()
            #expect(try await bench.store.run(run.id, tenant: bench.tenant)?.state == .running)
            let failure = RunFailure(errorClass: "timeout", code: "slow", message: "Slow.")
            _ = try await bench.store.failRun(lease, failure: failure, retryAt: bench.at(9), now: bench.at(3))
            try await bench.restart()
            let waiting = try #require(try await bench.store.run(run.id, tenant: bench.tenant))
            #expect(waiting.state == .queued)
            #expect(waiting.failure == failure)
            let last = try #require(try await bench.claim("three", abandoned: true, at: 9))
            #expect(last.fence == taken.fence + 1)
            let end = try await bench.store.finishRun(
                try await bench.store.beginRun(last, now: bench.at(9)),
                summary: [:],
                now: bench.at(10)
            )
            try await bench.restart()
            let kept = try #require(try await bench.store.run(run.id, tenant: bench.tenant))
            #expect(kept.state == .done)
            #expect(kept.message == end.message)
            #expect(kept.startedAt == bench.at(2))
            #expect(kept.finishedAt == bench.at(10))
            #expect(try await bench.store.config(config.id, tenant: bench.tenant)?.name == "people")
            #expect(
                try await bench.store.mappings(config: config.id, version: nil, tenant: bench.tenant) == Bench.mapping
            )
        }
    ]
}
