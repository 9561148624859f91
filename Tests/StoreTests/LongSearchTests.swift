import Identifiers
import JSON
import SQLite
import Store
import TestSupport
import Testing
import Time

@Suite struct `A long search` {
    @Test func `ends a page after so many lines, and the next goes on from there`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("trainflow.db")
        let tenant = UUID(high: 1, low: 1)
        let store = try await SQLiteStore.open(
            path: path,
            access: .migrating,
            command: "test",
            now: Instant(microseconds: 1)
        )
        let config = try await store.createConfig(
            ConfigDraft(name: "a", provider: "file", type: "pull", settings: [:], policy: [:]),
            tenant: tenant,
            now: Instant(microseconds: 1)
        )
        try SQLiteConnection(path: path, mode: .readWrite, settings: .writer).execute(
            """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150000)
                INSERT INTO integration_logs
                    (id, tenant_id, config_id, status, level, event, message, payload, created_at)
                    SELECT randomblob(16), ?, ?, 'success', 'info', 'note', iif(i = 1, 'needle', 'hay'), '{}', i FROM n
            """,
            [.blob(tenant.bytes), .blob(config.id.bytes)]
        )
        let filter = LogFilter(contains: "needle")
        let first = try await store.logs(config: config.id, filter, page: PageRequest(), tenant: tenant)
        #expect(first.items.isEmpty)
        let next = try #require(first.next)
        let second = try await store.logs(config: config.id, filter, page: PageRequest(after: next), tenant: tenant)
        #expect(second.items.map(\.entry.message) == ["needle"])
        #expect(second.next == nil)
        try await store.close()
    }
}
