package import Identifiers
internal import SQLite
package import Time

extension SQLiteStore {
    package func overview(tenant: UUID, now: Instant) async throws(StoreError) -> Overview {
        try await read { connection throws(StoreError) in
            let configs = try TenantConfig.all(connection, tenant: tenant)
            var openRejects: Int64 = 0
            for run in configs.compactMap(\.lastEnded) { openRejects += try run.openRejects(connection, tenant) }
            let jobs = try states(
                connection,
                """
                SELECT state, count(*) FROM integration_jobs
                    WHERE tenant_id = ? AND state IN ('waiting', 'running') GROUP BY state
                """,
                [.id(tenant)]
            )
            let since = now + .seconds(-24 * 3_600)
            var overview = Overview(
                configs: Int64(configs.count),
                activeConfigs: Int64(configs.count(where: \.isActive)),
                failingConfigs: Int64(configs.count { $0.isActive && $0.lastEnded?.state == .failed }),
                runs: try runCounts(connection, since: since, tenant: tenant),
                openRejects: openRejects,
                queuedJobs: jobs["waiting"] ?? 0,
                runningJobs: jobs["running"] ?? 0,
                lastRuns: try connection.page(
                    merging: PageQuery.runs(RunFilter(), after: nil, tenant: tenant),
                    limit: 10,
                    by: { ($0.major, $0.minor) > ($1.major, $1.minor) }
                ) { row throws(StoreError) in try RunRow.read(row, from: PageQuery.keyColumns) }.items
            )
            for config in configs { overview.needs += try config.needs(connection, tenant) }
            let order = Need.Kind.allCases
            overview.needs.sort { left, right in
                let (first, second) = (order.firstIndex(of: left.kind) ?? 0, order.firstIndex(of: right.kind) ?? 0)
                return first == second ? left.since > right.since : first < second
            }
            return overview
        }
    }
}

private func runCounts(_ connection: SQLiteConnection, since: Instant, tenant: UUID) throws(StoreError) -> [RunState:
    Int64]
{
    var counts: [RunState: Int64] = [:]
    for state in RunState.allCases {
        counts[state] = try connection.number(
            "SELECT count(*) FROM integration_runs WHERE tenant_id = ? AND state = ? AND created_at >= ?",
            [.id(tenant), .text(state.rawValue), .time(since)]
        )
    }
    let settled =
        try connection.number(
            """
            SELECT count(*) FROM integration_runs
                WHERE tenant_id = ? AND state = 'done_with_rejects' AND created_at >= ? AND \(RunRow.hasNoneLeft)
            """,
            [.id(tenant), .time(since)]
        ) ?? 0
    counts[.done, default: 0] += settled
    counts[.doneWithRejects, default: 0] -= settled
    return counts
}

private func states(
    _ connection: SQLiteConnection,
    _ sql: String,
    _ values: [SQLiteValue]
) throws(StoreError) -> [String: Int64] {
    let rows = try connection.rows(sql, values) { row throws(StoreError) in (row.text(0), row.int64(1)) }
    return Dictionary(uniqueKeysWithValues: rows)
}

/// What the overview needs of a config.
private struct TenantConfig {
    var id: UUID
    var name: String
    var isActive: Bool
    var lastEnded: EndedRun?

    struct EndedRun {
        var number: Int64
        var state: RunState
        var id: UUID
        var message: String
        var read: Int64
        var at: Instant

        func openRejects(_ connection: SQLiteConnection, _ tenant: UUID) throws(StoreError) -> Int64 {
            guard state == .doneWithRejects || state == .failed || state == .cancelled else { return 0 }
            return try connection.number(
                """
                SELECT count(*) FROM integration_rejects INDEXED BY integration_rejects_by_state
                    WHERE tenant_id = ? AND run_number = ? AND state = 'open'
                """,
                [.id(tenant), .integer(number)]
            ) ?? 0
        }
    }

    func needs(_ connection: SQLiteConnection, _ tenant: UUID) throws(StoreError) -> [Need] {
        func need(_ kind: Need.Kind, _ run: UUID, _ message: String, _ count: Int64, _ since: Instant) -> Need {
            Need(kind: kind, config: id, name: name, run: run, message: message, count: count, since: since)
        }
        var needs = try connection.rows(
            """
            SELECT id, state, message, count_set_aside, count_created + count_updated + count_set_aside, created_at
                FROM integration_runs
                WHERE tenant_id = ? AND config_id = ? AND finished_at IS NULL AND state IN ('held', 'planned')
            """,
            [.id(tenant), .id(id)]
        ) { row throws(StoreError) in
            let kind: Need.Kind = try row.word(1)
            return need(kind, try row.id(0), row.text(2), row.int64(kind == .held ? 3 : 4), row.time(5))
        }
        guard let last = lastEnded else { return needs }
        if isActive, last.state == .failed { needs.append(need(.failed, last.id, last.message, last.read, last.at)) }
        let open = try last.openRejects(connection, tenant)
        if open > 0 { needs.append(need(.rejects, last.id, last.message, open, last.at)) }
        return needs
    }

    static func all(_ connection: SQLiteConnection, tenant: UUID) throws(StoreError) -> [TenantConfig] {
        let configs = try connection.rows(
            "SELECT id, is_active, name FROM integration_configs WHERE tenant_id = ? AND archived_at IS NULL",
            [.id(tenant)]
        ) { row throws(StoreError) in (id: try row.id(0), isActive: row.int64(1) != 0, name: row.text(2)) }
        var all: [TenantConfig] = []
        for config in configs {
            let ended = try connection.row(
                """
                SELECT number, \(RunRow.state), id, message, count_read, finished_at FROM integration_runs
                    WHERE tenant_id = ? AND config_id = ? AND finished_at IS NOT NULL
                    ORDER BY created_at DESC, number DESC LIMIT 1
                """,
                [.id(tenant), .id(config.id)]
            ) { row throws(StoreError) in
                EndedRun(
                    number: row.int64(0),
                    state: try row.word(1),
                    id: try row.id(2),
                    message: row.text(3),
                    read: row.int64(4),
                    at: row.time(5)
                )
            }
            all.append(
                TenantConfig(id: config.id, name: config.name, isActive: config.isActive, lastEnded: ended)
            )
        }
        return all
    }
}
