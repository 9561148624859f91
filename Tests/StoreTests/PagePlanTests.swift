import Changes
import Identifiers
import SQLite
import Store
import TestSupport
import Testing
import Time

@Suite struct `A page` {
    private let folder: TemporaryFolder
    private let connection: SQLiteConnection
    private static let id = UUID(high: 1, low: 1)
    private static let key = PageKey(1, 1)

    init() async throws {
        folder = try TemporaryFolder()
        let path = folder.file("trainflow.db")
        _ = try await SQLiteStore.migrate(path: path, command: "test", now: Instant(microseconds: 1))
        connection = try SQLiteConnection(path: path, mode: .readOnly, settings: .reader)
    }

    /// Every filter, alone and all together, from the start and from a key on.
    private static var queries: [PageQuery] {
        var queries: [PageQuery] = []
        let now = Instant(microseconds: 1)
        for after in [nil, key] {
            for filter in [
                ConfigFilter(), ConfigFilter(provider: "file"), ConfigFilter(type: "pull"),
                ConfigFilter(isActive: true),
                ConfigFilter(provider: "file", type: "pull", isActive: true),
            ] { queries.append(.configs(filter, after: after, tenant: id)) }
            for filter in [
                RunFilter(), RunFilter(config: id), RunFilter(states: [.failed]), RunFilter(kind: "sync"),
                RunFilter(since: now), RunFilter(until: now), RunFilter(config: id, states: [.failed, .done]),
                RunFilter(states: [.queued, .running]), RunFilter(config: id, states: [.queued]),
                RunFilter(config: id, states: [.failed], kind: "sync", since: now, until: now),
            ] { queries += PageQuery.runs(filter, after: after, tenant: id) }
            for filter in [
                LogFilter(), LogFilter(status: "error"), LogFilter(level: "error"), LogFilter(run: id),
                LogFilter(since: now), LogFilter(until: now),
                LogFilter(status: "error", level: "error", run: id, since: now, until: now),
            ] { queries.append(.logs(config: id, filter, after: after, tenant: id)) }
            for filter in [
                AuditFilter(), AuditFilter(actor: "a"), AuditFilter(action: "a"), AuditFilter(subject: "a"),
                AuditFilter(subjectID: id), AuditFilter(since: now, until: now),
            ] { queries.append(.audit(filter, after: after, tenant: id)) }
            queries.append(.files(config: id, after: after, tenant: id))
            queries.append(.rejects(run: 1, after: after, tenant: id))
            queries.append(
                .rejects(
                    run: 1,
                    of: RejectKind(code: "a", field: "b", state: "open"),
                    after: after,
                    tenant: id
                )
            )
            queries.append(.changes(run: 1, from: after, tenant: id))
            for filter in [EffectFilter(), EffectFilter(kind: .unenrol), EffectFilter(state: .pending)] {
                queries += PageQuery.effects(run: 1, filter, after: after, tenant: id)
            }
        }
        return queries
    }

    /// `SEARCH integration_runs USING INDEX …`: https://sqlite.org/eqp.html
    private func plan(_ sql: String, _ values: [SQLiteValue] = []) throws -> [String] {
        let lines = try connection.rows("EXPLAIN QUERY PLAN \(sql)", values) { row throws(SQLiteError) in row.text(3) }
        // Whether a run's rejects are dealt with is one look into an index of those that are not, of a replay two.
        let looks =
            ["integration_rejects_by_state (tenant_id=? AND run_number=? AND state=?)"]
            + ["integration_rejects_replayed (tenant_id=? AND replay_number=?)"]
        return lines.filter { line in
            !line.hasPrefix("CORRELATED SCALAR SUBQUERY")
                && !looks.contains { line.hasSuffix(" INDEX \($0)") && line.hasPrefix("SEARCH reject USING ") }
        }
    }

    @Test func `is read along an index, from where it begins, without sorting`() throws {
        for query in Self.queries {
            let plan = try plan(query.sql, query.values)
            #expect(plan.count == 1, "\(query.sql)\n\(plan)")
            #expect(
                plan.allSatisfy { $0.hasPrefix("SEARCH ") && $0.contains(" USING INDEX ") },
                "\(query.sql)\n\(plan)"
            )
        }
    }

    @Test func `that had no index would be noticed`() throws {
        #expect(
            try plan("SELECT number FROM integration_audit WHERE actor = 'a' ORDER BY created_at DESC").count == 2
        )
        #expect(try plan("SELECT number FROM integration_audit WHERE actor = 'a'")[0].hasPrefix("SCAN "))
    }

    @Test(arguments: [
        (
            PageQuery.runs(RunFilter(), after: key, tenant: id)[0],
            "integration_runs_by_time (tenant_id=? AND created_at<?)"
        ),
        (
            PageQuery.runs(RunFilter(states: [.failed]), after: key, tenant: id)[0],
            "integration_runs_by_state (tenant_id=? AND state=? AND created_at<?)"
        ),
        (
            PageQuery.runs(RunFilter(config: id, states: [.failed]), after: key, tenant: id)[0],
            "integration_runs_of_config (tenant_id=? AND config_id=? AND created_at<?)"
        ),
        (
            PageQuery.logs(config: id, LogFilter(run: id), after: key, tenant: id),
            "integration_logs_of_config (tenant_id=? AND config_id=? AND created_at<?)"
        ),
        (
            PageQuery.audit(AuditFilter(actor: "a"), after: key, tenant: id),
            "integration_audit_by_time (tenant_id=? AND created_at<?)"
        ),
        (
            PageQuery.rejects(run: 1, of: RejectKind(code: "a", field: "b", state: "c"), after: key, tenant: id),
            "integration_rejects_by_state (tenant_id=? AND run_number=? AND state=? AND code=? AND field=? AND rowid>?)"
        ),
        (
            PageQuery.rejects(run: 1, after: key, tenant: id),
            "integration_rejects_run (tenant_id=? AND run_number=? AND rowid>?)"
        ),
        (
            PageQuery.changes(run: 1, from: key, tenant: id),
            "integration_changes_run (tenant_id=? AND run_number=? AND rowid>?)"
        ),
    ])
    func `begins at its key`(query: PageQuery, index: String) throws {
        let plan = try plan(query.sql, query.values)
        #expect(plan.first?.hasSuffix(index) == true, "\(plan)")
    }
}
