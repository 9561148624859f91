import Identifiers
import JSON
import Mapping
import Store
import Synchronization
import Testing
import Time

/// A store under test, two tenants, and short words for what the cases do again and again.
final class Bench: Sendable {
    let harness: any StoreHarness
    private let opened: Mutex<any Store>
    let tenant = UUID(high: 0x1111_1111_1111_4111, low: 0x8111_1111_1111_1111)
    let stranger = UUID(high: 0x2222_2222_2222_4222, low: 0x8222_2222_2222_2222)

    init(harness: any StoreHarness, store: any Store) {
        self.harness = harness
        opened = Mutex(store)
    }

    var store: any Store { opened.withLock { $0 } }

    /// Closes and opens the database, as a restarted host does.
    func restart() async throws {
        try await harness.close(store)
        let store = try await harness.open()
        opened.withLock { $0 = store }
    }

    /// A moment of the case's own time line.
    func at(_ seconds: Int64) -> Instant {
        Instant(microseconds: 1_780_000_000_000_000 + seconds * 1_000_000)
    }

    func config(_ name: String = "people", tenant: UUID? = nil) async throws -> Config {
        try await store.createConfig(
            ConfigDraft(
                name: name,
                provider: "file",
                type: "pull",
                settings: ["path": "people.csv"],
                policy: Bench.policy
            ),
            tenant: tenant ?? self.tenant,
            now: at(0)
        )
    }

    /// The guard is off: these cases are about other things.
    static let policy: JSONValue = ["guard": ["deactivate": ["percent": 100], "key_change": ["percent": 100]]]

    static let mapping = [
        MappingSet(
            stream: "people.csv",
            entity: .users,
            rows: [
                MappingRow(sourceField: "no", targetField: "external_id"),
                MappingRow(
                    sourceField: "mail",
                    targetField: "email",
                    transform: "trim | lower",
                    write: .whenEmpty,
                    empty: .erase
                ),
            ]
        )
    ]

    func request(
        _ config: Config,
        version: Int64 = 1,
        trigger: String = "manual",
        input: JSONValue = ["file_id": "0198c0de-0000-7000-8000-000000000009"]
    ) -> SyncRequest {
        SyncRequest(
            config: config.id,
            trigger: trigger,
            stream: "people.csv",
            entity: .users,
            mappingVersion: version,
            input: input
        )
    }

    /// A config with its mapping and one queued run.
    func queued(_ name: String = "people", tenant: UUID? = nil) async throws -> (config: Config, run: Run) {
        let tenant = tenant ?? self.tenant
        let config = try await config(name, tenant: tenant)
        _ = try await store.saveMappings(Bench.mapping, config: config.id, tenant: tenant, now: at(0))
        return (config, try await store.enqueueSync(request(config), tenant: tenant, now: at(0)))
    }

    func claim(
        _ owner: String = "one",
        perTenant: Int = 100,
        abandoned: Bool = false,
        at seconds: Int64
    ) async throws -> ClaimedJob? {
        try await store.claimJob(
            owner: owner,
            leaseFor: .seconds(60),
            perTenant: perTenant,
            abandoned: abandoned,
            now: at(seconds)
        )
    }

    /// A run under way, with a lease until second 61.
    func running(_ name: String = "people", tenant: UUID? = nil) async throws -> RunLease {
        _ = try await queued(name, tenant: tenant)
        let job = try #require(try await claim(at: 1))
        return try await store.beginRun(job, now: at(1))
    }

    /// The store's refusal of what the body does; fails the case if there is none.
    func refusal(
        _ code: StoreError.Code,
        _ place: SourceLocation = #_sourceLocation,
        _ body: () async throws(StoreError) -> Void
    ) async -> StoreError? {
        do throws(StoreError) {
            try await body()
            Issue.record("not refused as \(code)", sourceLocation: place)
            return nil
        } catch {
            #expect(error.code == code, "\(error.debugDescription)", sourceLocation: place)
            return error
        }
    }
}
