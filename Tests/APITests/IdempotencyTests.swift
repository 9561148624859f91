import API
import JSON
import Synchronization
import Testing

@Suite(.serialized)
struct IdempotencyTests {
    private let path = "/trials/\(PlainTokens.tenant)/count"

    @Test func `a request that comes again under its key is done once`() async throws {
        let test = try await TestAPI(more: [TrialTopic.topic])
        let headers = ["Idempotency-Key": "key-1"]
        let first = try await test.ask("POST", path, headers, json: ["name": "a"])
        let count = TrialTopic.counted.load(ordering: .relaxed)
        let again = try await test.ask("POST", path, headers, json: ["name": "a"])
        #expect(first.status == 201)
        #expect(again.status == 201)
        #expect(again.body == first.body)
        #expect(again.headers["location"] == first.headers["location"])
        #expect(first.headers["idempotency-replayed"] == nil)
        #expect(again.headers["idempotency-replayed"] == "true")
        #expect(TrialTopic.counted.load(ordering: .relaxed) == count)
        // Another tenant's key is another key.
        let other = try await test.ask("POST", path, token: PlainTokens.stranger, headers, json: ["name": "a"])
        #expect(other.headers["idempotency-replayed"] == nil)
        #expect(TrialTopic.counted.load(ordering: .relaxed) == count + 1)
        try await test.stop()
    }

    @Test func `a key is for one request`() async throws {
        let test = try await TestAPI(more: [TrialTopic.topic])
        let headers = ["Idempotency-Key": "key-1"]
        _ = try await test.ask("POST", path, headers, json: ["name": "a"])
        let other = try await test.ask("POST", path, headers, json: ["name": "b"])
        #expect(other.status == 422)
        #expect(other.code == "idempotency_key_reused")
        let elsewhere = try await test.ask("POST", "/trials", headers, json: ["name": "a"])
        #expect(elsewhere.status == 422)
        try await test.stop()
    }

    @Test func `what was refused may come again`() async throws {
        let test = try await TestAPI(more: [TrialTopic.topic])
        let headers = ["Idempotency-Key": "key-1"]
        for _ in 0..<2 {
            let refused = try await test.ask("POST", path, headers, json: ["name": "refused"])
            #expect(refused.status == 422)
            #expect(refused.code == "refused")
        }
        #expect(try await test.ask("POST", path, headers, json: ["name": "a"]).status == 201)
        try await test.stop()
    }

    @Test(arguments: ["", "a b", "ä", String(repeating: "k", count: 256)])
    func `a key that isn't one is refused`(_ key: String) async throws {
        let test = try await TestAPI(more: [TrialTopic.topic])
        let answer = try await test.ask("POST", path, ["Idempotency-Key": key], json: ["name": "a"])
        #expect(answer.status == 400)
        try await test.stop()
    }

    @Test func `at the same time it is done once all the same`() async throws {
        let test = try await TestAPI(more: [TrialTopic.topic])
        let before = TrialTopic.counted.load(ordering: .relaxed)
        let path = path
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    try await test.ask("POST", path, ["Idempotency-Key": "key-1"], json: ["name": "a"]).status
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.allSatisfy { $0 == 201 || $0 == 409 })
        #expect(statuses.contains(201))
        #expect(TrialTopic.counted.load(ordering: .relaxed) == before + 1)
        try await test.stop()
    }
}
