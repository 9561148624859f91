import Identifiers
import Store
import Testing

extension Bench {
    static let answer = StoredAnswer(
        status: 201,
        headers: [.init(name: "Location", value: "/a\"b"), .init(name: "X", value: "")],
        body: [0, 255, 10]
    )

    func begin(
        _ key: String,
        _ fingerprint: UInt8 = 1,
        tenant: UUID? = nil,
        at seconds: Int64
    ) async throws(StoreError) -> IdempotencyStart {
        try await store.beginIdempotent(
            key: key,
            fingerprint: Array(repeating: fingerprint, count: 32),
            tenant: tenant ?? self.tenant,
            now: at(seconds)
        )
    }

    func take(_ key: String, at seconds: Int64) async throws -> IdempotencyClaim {
        guard case .new(let claim) = try await begin(key, at: seconds) else {
            throw StoreError(.bug, "\(key) is taken")
        }
        return claim
    }
}

extension StoreCase {
    static let idempotency = [
        StoreCase("a request that is repeated under its key gets the first one's answer") { bench in
            let claim = try await bench.take("k", at: 0)
            #expect(try await bench.begin("k", at: 1) == .inProgress)
            #expect(try await bench.begin("k", 2, at: 1) == .mismatch)
            try await bench.store.finishIdempotent(claim, answer: Bench.answer)
            try await bench.restart()
            #expect(try await bench.begin("k", at: 2) == .answered(Bench.answer))
            #expect(try await bench.begin("k", 2, at: 2) == .mismatch)
            #expect(try await bench.begin("k", at: 24 * 3_600 - 1) == .answered(Bench.answer))
            guard case .new = try await bench.begin("k", tenant: bench.stranger, at: 3) else {
                Issue.record("another tenant's key is its own")
                return
            }
        },
        StoreCase("an expired key is free, for another request too") { bench in
            let claim = try await bench.take("k", at: 0)
            try await bench.store.finishIdempotent(claim, answer: Bench.answer)
            guard case .new(let next) = try await bench.begin("k", 2, at: 24 * 3_600) else {
                Issue.record("the key has not expired")
                return
            }
            #expect(next.fence > claim.fence)
            #expect(try await bench.begin("k", 2, at: 24 * 3_600 + 1) == .inProgress)
        },
        StoreCase("a key whose holder died is taken over after three minutes; the dead one answers nothing more") {
            bench in
            let dead = try await bench.take("k", at: 0)
            #expect(try await bench.begin("k", at: 179) == .inProgress)
            #expect(try await bench.begin("k", 2, at: 180) == .mismatch)
            let claim = try await bench.take("k", at: 180)
            #expect(try await bench.begin("k", at: 359) == .inProgress)
            _ = await bench.refusal(.fenced) { () throws(StoreError) in
                try await bench.store.finishIdempotent(dead, answer: Bench.answer)
            }
            try await bench.store.abandonIdempotent(dead)
            #expect(try await bench.begin("k", at: 181) == .inProgress)
            try await bench.store.finishIdempotent(claim, answer: Bench.answer)
            _ = await bench.refusal(.fenced) { () throws(StoreError) in
                try await bench.store.finishIdempotent(claim, answer: Bench.answer)
            }
            try await bench.store.abandonIdempotent(claim)
            #expect(try await bench.begin("k", at: 182) == .answered(Bench.answer))
        },
        StoreCase("a key that is given back is free at once") { bench in
            let claim = try await bench.take("k", at: 0)
            try await bench.store.abandonIdempotent(claim)
            guard case .new = try await bench.begin("k", 2, at: 1) else {
                Issue.record("the key is not free")
                return
            }
        },
        StoreCase("an answer of 256 KiB is kept, a longer one is refused") { bench in
            let claim = try await bench.take("k", at: 0)
            var answer = Bench.answer
            answer.body = Array(repeating: 7, count: StoredAnswer.largestBody + 1)
            let tooLong = answer
            _ = await bench.refusal(.invalid) { () throws(StoreError) in
                try await bench.store.finishIdempotent(claim, answer: tooLong)
            }
            answer.body.removeLast()
            try await bench.store.finishIdempotent(claim, answer: answer)
            #expect(try await bench.begin("k", at: 1) == .answered(answer))
        },
        StoreCase("many of one request at once are done once") { bench in
            let new = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        do throws(StoreError) {
                            if case .new = try await bench.begin("k", at: 0) { return true }
                        } catch {
                            Issue.record("\(error.debugDescription)")
                        }
                        return false
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(new == 1)
        },
        StoreCase("expired answers are forgotten, the oldest first, a few at a time") { bench in
            for second in 0..<5 as Range<Int64> {
                let claim = try await bench.take("k\(second)", at: second)
                try await bench.store.finishIdempotent(claim, answer: Bench.answer)
            }
            let day: Int64 = 24 * 3_600
            let forget = { @Sendable (limit: Int, seconds: Int64) async throws(StoreError) in
                try await bench.store.forgetExpiredAnswers(limit: limit, now: bench.at(seconds))
            }
            #expect(try await forget(10, day - 1) == 0)
            #expect(try await forget(2, day + 3) == 2)
            #expect(try await forget(10, day + 3) == 2)
            #expect(try await forget(10, day + 3) == 0)
            #expect(try await bench.begin("k4", at: day + 3) == .answered(Bench.answer))
        },
    ]
}
