import Changes
import JSON
import Mapping
import Store
import Testing

extension StoreCase {
    static let batches = [
        StoreCase("a batch's counts and token are kept together, over a restart, until the run ends") { bench in
            let lease = try await bench.running()
            let first = try await bench.commit(rejected: [2, 3], token: [1, 2], lease)
            #expect(first.read == 2)
            #expect(first.rejected == 2)
            _ = try await bench.commit(rejected: [4], token: [0, 255], lease)
            try await bench.restart()
            #expect(try await bench.store.checkpoint(lease, stream: "people.csv") == [0, 255])
            #expect(try await bench.store.checkpoint(lease, stream: "others.csv") == nil)
            let standing = try #require(try await bench.store.run(lease.run.id, tenant: bench.tenant))
            #expect(standing.counts.read == 3)
            #expect(standing.counts.rejected == 3)
            _ = try await bench.store.settle(lease, now: bench.at(3))
            let run = try await bench.store.finishRun(lease, summary: [:], now: bench.at(4))
            #expect(run.state == .doneWithRejects)
            #expect(run.message.hasPrefix("3 people read: 3 rejected."))
            #expect(try await bench.store.checkpoint(lease, stream: "people.csv") == nil)
        },
        StoreCase("the next run of a config doesn't go on from the token of one that failed") { bench in
            let lease = try await bench.running()
            _ = try await bench.commit(rejected: [2], token: [9], lease)
            let failure = RunFailure(errorClass: "data", code: "x", message: "X.")
            let failed = try await bench.store.failRun(lease, failure: failure, retryAt: nil, now: bench.at(2))
            #expect(failed.message.contains("1 person read, 1 rejected"))
            _ = try await bench.store.enqueueSync(
                bench.request(lease.config),
                tenant: bench.tenant,
                now: bench.at(3)
            )
            let next = try await bench.store.beginRun(try #require(try await bench.claim(at: 3)), now: bench.at(3))
            #expect(next.run.id != lease.run.id)
            #expect(try await bench.store.checkpoint(next, stream: "people.csv") == nil)
        },
        StoreCase("another attempt goes on from the token, counts and rejects; one that starts over from none") {
            bench in
            let first = try await bench.running()
            _ = try await bench.commit(rejected: [2], token: [9], first)
            let crash = RunFailure(errorClass: "crash", code: "signal", message: "SIGSEGV.")
            _ = try await bench.store.failRun(first, failure: crash, retryAt: bench.at(2), now: bench.at(2))
            let second = try await bench.store.beginRun(try #require(try await bench.claim(at: 2)), now: bench.at(2))
            #expect(second.run.counts.read == 1)
            #expect(try await bench.store.checkpoint(second, stream: "people.csv") == [9])
            let lost = RunFailure(errorClass: "state_lost", code: "file_changed", message: "The file changed.")
            _ = try await bench.store.failRun(second, failure: lost, retryAt: bench.at(3), now: bench.at(3))
            let third = try await bench.store.beginRun(try #require(try await bench.claim(at: 3)), now: bench.at(3))
            #expect(third.run.counts.read == 0)
            #expect(try await bench.store.checkpoint(third, stream: "people.csv") == nil)
            #expect(try await bench.rejects(third).isEmpty)
            _ = try await bench.commit(rejected: [7], token: [1], third)
            _ = try await bench.store.settle(third, now: bench.at(4))
            let run = try await bench.store.finishRun(third, summary: [:], now: bench.at(5))
            #expect(run.counts.read == 1)
            #expect(try await bench.rejects(third).map(\.locator) == [7])
        },
        StoreCase("a lost lease commits nothing, however far the batch got") { bench in
            let old = try await bench.running()
            _ = try await bench.commit(rejected: [2], token: [1], old)
            _ = try #require(try await bench.claim("two", at: 61))
            _ = await bench.refusal(.fenced) { () throws(StoreError) in
                _ = try await bench.commit(rejected: [3], token: [2], old)
            }
            _ = await bench.refusal(.fenced) { () throws(StoreError) in
                _ = try await bench.store.settle(old, now: bench.at(62))
            }
            #expect(try await bench.store.checkpoint(old, stream: "people.csv") == [1])
            #expect(try await bench.rejects(old).map(\.locator) == [2])
            #expect(try await bench.store.run(old.run.id, tenant: bench.tenant)?.counts.read == 1)
        },
        StoreCase("a reject comes back whole, page by page") { bench in
            let lease = try await bench.running()
            _ = try await bench.commit(rejected: [2, 3, 5], token: [1], lease)
            let page = try await bench.store.rejects(run: lease.run.id, tenant: bench.tenant, after: 0, limit: 2)
            #expect(page.map(\.locator) == [2, 3])
            let last = try #require(page.last)
            let rest = try await bench.store.rejects(
                run: lease.run.id,
                tenant: bench.tenant,
                after: last.number,
                limit: 2
            )
            #expect(rest.map(\.locator) == [5])
            #expect(last.run == lease.run.id)
            #expect(last.entity == .users)
            #expect(last.locatorKind == "line")
            #expect(last.source == "people.csv")
            #expect(last.key == "k3")
            #expect(last.failures == [Bench.failure])
            #expect(last.raw == [RawField(name: "no", value: "k3"), RawField(name: "mail", value: nil)])
            #expect(last.state == "open")
        },
    ]
}

extension Bench {
    static let failure = FieldFailure(
        field: "email",
        source: "mail",
        code: "invalid_email",
        message: "No @ in it.",
        hint: "Correct it.",
        value: "a\"b"
    )

    static let otherFailure = FieldFailure(
        field: "hire_date",
        source: "since",
        code: "invalid_date",
        message: "No date.",
        hint: "Correct it.",
        value: "soon"
    )

    /// The same code in another field.
    static let thirdFailure = FieldFailure(
        field: "attributes.private_email",
        source: "private",
        code: "invalid_email",
        message: "No @ in it.",
        hint: "Correct it.",
        value: "b"
    )

    /// A batch of rows that the mapping refused, at these lines.
    func commit(
        rejected lines: [Int64],
        because failure: FieldFailure = Bench.failure,
        token: [UInt8],
        _ lease: RunLease
    ) async throws(StoreError) -> Counts {
        let rejects = lines.enumerated().map { position, line in
            RowReject(
                row: Int32(position),
                locator: line,
                key: "k\(line)",
                failures: [failure],
                raw: [RawField(name: "no", value: "k\(line)"), RawField(name: "mail", value: nil)]
            )
        }
        let key = MappedColumn(
            target: TargetField("external_id", .identifier, isRequired: true),
            states: Array(repeating: ValueState.failed.rawValue, count: lines.count),
            offsets: Array(repeating: 0, count: lines.count + 1),
            bytes: []
        )
        let mapped = MappedBatch(
            entity: .users,
            count: lines.count,
            columns: [key],
            accepted: [],
            locators: lines,
            rejects: rejects
        )
        let batch = PreparedBatch.prepare(
            mapped,
            source: "people.csv",
            locatorKind: "line",
            hashKey: try await store.installation().hashKey,
            tenant: tenant,
            policy: lease.policy
        )
        return try await store.commit(batch, token: token, stream: "people.csv", lease: lease, now: at(1))
    }

    func rejects(_ lease: RunLease) async throws -> [StoredReject] {
        try await store.rejects(run: lease.run.id, tenant: tenant, after: 0, limit: 1_000)
    }
}
