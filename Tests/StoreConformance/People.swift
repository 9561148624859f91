import Changes
import JSON
import Mapping
import MappingSupport
import Store
import Time

/// A record of a person as a source gives it; nil is absent.
struct Person: Sendable {
    var key: String
    var email: String?
    var firstName: String?

    init(_ key: String, email: String? = nil, firstName: String? = nil) {
        self.key = key
        self.email = email
        self.firstName = firstName
    }
}

extension Bench {
    /// One batch of people that the mapping accepted.
    @discardableResult
    func commit(_ people: [Person], _ lease: RunLease, at seconds: Int64 = 1) async throws(StoreError) -> Counts {
        let mapped = MappedBatch.people(
            ["external_id", "email", "first_name"],
            people.map { [$0.key, $0.email, $0.firstName] }
        )
        let batch = PreparedBatch.prepare(
            mapped,
            source: "people.csv",
            locatorKind: "line",
            hashKey: try await store.installation().hashKey,
            tenant: lease.run.tenant,
            policy: lease.policy
        )
        return try await store.commit(batch, token: [1], stream: "people.csv", lease: lease, now: at(seconds))
    }

    @discardableResult
    func finish(_ lease: RunLease, at seconds: Int64 = 2) async throws(StoreError) -> Run {
        _ = try await store.settle(lease, now: at(seconds))
        return try await store.finishRun(lease, summary: [:], now: at(seconds))
    }

    /// The config's next run, under way.
    func nextRun(_ config: Config, at seconds: Int64) async throws -> RunLease {
        _ = try await store.enqueueSync(request(config), tenant: config.tenant, now: at(seconds))
        guard let job = try await claim(at: seconds) else { throw StoreError(.bug, "nothing to claim") }
        return try await store.beginRun(job, now: at(seconds))
    }

    /// A whole run that rejects these lines.
    @discardableResult
    func run(_ config: Config, rejecting lines: [Int64], at seconds: Int64) async throws -> Run {
        let lease = try await nextRun(config, at: seconds)
        if !lines.isEmpty { _ = try await commit(rejected: lines, token: [1], lease) }
        return try await finish(lease, at: seconds)
    }

    func log(_ message: String, _ config: Config, status: String = "success", at seconds: Int64) async throws {
        try await store.log(
            LogEntry(
                config: config.id,
                run: nil,
                status: status,
                level: status == "error" ? "error" : "info",
                event: "note",
                message: message,
                payload: ["n": .integer(seconds)]
            ),
            tenant: config.tenant,
            now: at(seconds)
        )
    }

    /// Every page of a list, and how long each was.
    func walk<Item: Sendable>(
        limit: Int,
        _ page: (PageRequest) async throws -> Page<Item>
    ) async throws -> (items: [Item], sizes: [Int]) {
        var items: [Item] = []
        var sizes: [Int] = []
        var request = PageRequest(limit: limit)
        repeat {
            let found = try await page(request)
            items += found.items
            sizes.append(found.items.count)
            request.after = found.next
        } while request.after != nil && sizes.count < 100
        return (items, sizes)
    }
}
