internal import HTTPServer
internal import JSON
internal import Log
internal import Store
internal import Sync
internal import Time

/// Keeps the database open, and closes it when nobody needs it any more.
struct StoreService: Service {
    let store: SQLiteStore
    var name: String { "store" }

    func run() async throws {
        await untilCancelled()
        try await store.close()
    }
}

/// Deletes the answers that were kept for repeated requests, when their day is over.
struct AnswerForgetter: Service {
    let store: any IdempotencyStore
    let log: Logger
    var name: String { "answers" }

    func run() async throws {
        while true {
            try await Task.sleep(for: .seconds(600))
            do throws(StoreError) {
                // At most so many at once: each deletion holds the writer.
                while try await store.forgetExpiredAnswers(limit: 500, now: .now()) == 500 {}
            } catch {
                log.warning("kept answers can't be deleted", [("error", .string(error.debugDescription))])
            }
        }
    }
}

/// Ends plans that nobody has decided about, and deletes what runs have shown when nobody needs it any more.
struct EffectForgetter: Service {
    let store: any PlanStore
    let log: Logger
    var name: String { "effects" }

    /// Days that a plan waits for somebody.
    static let planDays: Int64 = 30
    /// Days for which it is kept what a held run had set aside, from the decision on.
    static let effectDays: Int64 = 90

    func run() async throws {
        while true {
            try await Task.sleep(for: .seconds(3_600))
            do throws(StoreError) {
                try await runOnce(.now())
            } catch {
                log.warning("old effects can't be deleted", [("error", .string(error.debugDescription))])
            }
        }
    }

    func runOnce(_ now: Instant) async throws(StoreError) {
        let plans = now + .seconds(-86_400 * Self.planDays)
        while try await store.expirePlans(madeBefore: plans, limit: 10, now: now) == 10 {}
        let effects = now + .seconds(-86_400 * Self.effectDays)
        var number: Int64? = 0
        // At most so many at once: each deletion holds the writer.
        while let after = number {
            number = try await store.forgetEffects(decidedBefore: effects, after: after, limit: 1_000)
        }
    }
}

/// Works the queue's jobs; at the end leases are handed back.
struct JobService: Service {
    let workers: JobWorkers
    var name: String { "jobs" }

    func run() async throws {
        await withTaskCancellationHandler {
            await workers.run()
        } onCancel: {
            // A supervisor waits ten seconds for the whole process.
            Task { await workers.stop(within: .seconds(3)) }
        }
    }
}

/// Answers requests; at the end those at hand are still answered.
struct WebService: Service {
    let server: WebServer
    let address: ListenAddress
    /// Told where it listens, once it does.
    let listening: @Sendable (BoundAddress) -> Void
    var name: String { "web" }

    func run() async throws {
        listening(try await server.listen(on: address))
        await untilCancelled()
        await server.shutdown(within: .seconds(5))
    }
}
