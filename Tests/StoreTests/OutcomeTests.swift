import Identifiers
import JSON
import Mapping
import SQLite
import Store
import TestSupport
import Testing
import Time

@Suite struct `What a job leaves behind` {
    let folder: TemporaryFolder
    let tenant = UUID(high: 1, low: 1)

    init() throws {
        folder = try TemporaryFolder()
    }

    private func at(_ seconds: Int64) -> Instant { Instant(microseconds: seconds * 1_000_000) }

    /// A store with one queued run of a provider's config.
    private func store(_ provider: String = "file", trigger: String = "manual") async throws -> SQLiteStore {
        let store = try await SQLiteStore.open(
            path: folder.file("a.db"),
            access: .migrating,
            command: "test",
            now: at(0)
        )
        let config = try await store.createConfig(
            ConfigDraft(name: "a", provider: provider, type: "pull", settings: [:], policy: [:]),
            tenant: tenant,
            now: at(0)
        )
        let mapping = MappingSet(
            stream: "s",
            entity: .users,
            rows: [MappingRow(sourceField: "a", targetField: "external_id")]
        )
        _ = try await store.saveMappings([mapping], config: config.id, tenant: tenant, now: at(0))
        _ = try await store.enqueueSync(
            SyncRequest(
                config: config.id,
                trigger: trigger,
                stream: "s",
                entity: .users,
                mappingVersion: 1,
                input: [:]
            ),
            tenant: tenant,
            now: at(0)
        )
        return store
    }

    private func begin(_ store: SQLiteStore, at seconds: Int64) async throws -> RunLease {
        let job = try await store.claimJob(
            owner: "a",
            leaseFor: .seconds(60),
            perTenant: 1,
            abandoned: false,
            now: at(seconds)
        )
        return try await store.beginRun(try #require(job), now: at(seconds))
    }

    private func lines(_ sql: String) throws -> [String] {
        let connection = try SQLiteConnection(path: folder.file("a.db"), mode: .readOnly, settings: .reader)
        return try connection.rows(sql) { row throws(SQLiteError) in
            (0..<row.columnCount).map { row.text($0) }.joined(separator: " ")
        }
    }

    private let outcomes = "SELECT event, status, level, payload ->> 'state' FROM integration_logs ORDER BY number"
    private let jobs = "SELECT state, attempt, coalesce(lease_owner, 'nobody') FROM integration_jobs"

    @Test func `is one outcome, and a job that is done`() async throws {
        let store = try await store()
        let run = try await store.finishRun(try await begin(store, at: 1), summary: ["n": 1], now: at(2))
        #expect(try lines(outcomes) == ["outcome success info done"])
        #expect(try lines(jobs) == ["done 1 nobody"])
        #expect(try lines("SELECT message FROM integration_logs") == [run.message])
        #expect(try lines("SELECT summary FROM integration_runs") == ["{\"n\":1}"])
        try await store.close()
    }

    @Test func `after a retry is a line for each attempt, and one outcome`() async throws {
        let store = try await store()
        let failure = RunFailure(errorClass: "timeout", code: "slow", message: "Slow.")
        _ = try await store.failRun(try await begin(store, at: 1), failure: failure, retryAt: at(5), now: at(2))
        #expect(try lines(jobs) == ["waiting 1 nobody"])
        _ = try await store.failRun(try await begin(store, at: 5), failure: failure, retryAt: nil, now: at(6))
        #expect(try lines(outcomes) == ["retry error warning queued", "outcome error error failed"])
        #expect(try lines(jobs) == ["dead 2 nobody"])
        #expect(
            try lines("SELECT DISTINCT payload ->> '$.error.code' FROM integration_logs") == ["slow"]
        )
        try await store.close()
    }

    @Test func `of a cancelled run is no error`() async throws {
        let store = try await store()
        let failure = RunFailure(errorClass: "cancelled", code: "asked", message: "Asked.")
        _ = try await store.failRun(try await begin(store, at: 1), failure: failure, retryAt: nil, now: at(2))
        #expect(try lines(outcomes) == ["outcome success info cancelled"])
        #expect(try lines(jobs) == ["done 1 nobody"])
        try await store.close()
    }

    @Test(arguments: [
        ("file", "manual", "sync_job"), ("file", "schedule", "file_scheduled_import"),
        ("database", "schedule", "database_sync_job"), ("rest", "manual", "api_sync_job"),
        ("sap", "manual", "sync_job"),
    ])
    func `is a job named after its source`(provider: String, trigger: String, kind: String) async throws {
        let store = try await store(provider, trigger: trigger)
        #expect(try lines("SELECT kind FROM integration_jobs") == [kind])
        try await store.close()
    }

    @Test func `names who changed a configuration and its mappings`() async throws {
        let store = try await store()
        let config = try #require(try await store.config(named: "a", tenant: tenant))
        _ = try await store.changeConfig(
            config.id,
            ConfigChange(settings: [:], policy: ["adopt": false]),
            version: 1,
            actor: "ann",
            tenant: tenant,
            now: at(3)
        )
        #expect(
            try lines(
                "SELECT actor, action, subject, detail FROM integration_audit WHERE subject = 'config' ORDER BY number"
            ) == [
                "host config.created config {}", "host mappings.saved config {\"version\":1}",
                "ann config.changed config {\"changed\":[\"policy\"],\"version\":2}",
            ]
        )
        try await store.close()
    }
}
