import Changes
import Identifiers
import JSON
import Mapping
import MappingSupport
import Platform
import SQLite
import Store
import TestSupport
import Testing
import Time

/// A store in a temporary folder with one tenant's configs, and records to import into it as tables of texts.
final class CommitWorld {
    let folder: TemporaryFolder
    let path: String
    var tenant = UUID(high: 7, low: 7)
    private(set) var store: SQLiteStore
    private var clock: Int64 = 1_780_000_000_000_000
    private var configs: [String: Config] = [:]

    init() async throws {
        folder = try TemporaryFolder()
        path = folder.file("trainflow.db")
        store = try await CommitWorld.open(path, Failpoint(), nil)
    }

    private static func open(
        _ path: String,
        _ failpoint: Failpoint,
        _ maximumPages: Int64?,
        directoryLimit: Int? = nil
    ) async throws -> SQLiteStore {
        try await SQLiteStore.open(
            path: path,
            access: .migrating,
            command: "test",
            now: Instant(microseconds: 1),
            maximumPages: maximumPages,
            failpoint: failpoint,
            directoryLimit: directoryLimit
        )
    }

    /// Closes the store and opens it again, as a process that starts anew does. `directoryLimit`: how much of the directory
    /// is kept in memory before it is merged.
    func reopen(
        failpoint: Failpoint = Failpoint(),
        maximumPages: Int64? = nil,
        directoryLimit: Int? = nil
    ) async throws {
        try await store.close()
        store = try await CommitWorld.open(path, failpoint, maximumPages, directoryLimit: directoryLimit)
    }

    func now() -> Instant {
        clock += 1_000
        return Instant(microseconds: clock)
    }

    // MARK: Runs

    /// What a config of these tests has unless it says something else: they are about other things.
    static let unguarded: JSONValue = [
        "deactivate": ["percent": 100], "unenrol": ["percent": 100], "key_change": ["percent": 100],
    ]

    func config(_ name: String, policy: JSONValue = [:]) async throws -> Config {
        if let known = configs[name] { return known }
        var policy = policy.objectValue ?? JSONObject()
        if policy["guard"] == nil { policy["guard"] = CommitWorld.unguarded }
        let config = try await store.createConfig(
            ConfigDraft(name: name, provider: "file", type: "pull", settings: [:], policy: .object(policy)),
            tenant: tenant,
            now: now()
        )
        let rows = [MappingRow(sourceField: "id", targetField: "external_id")]
        _ = try await store.saveMappings(
            [
                MappingSet(stream: "people", entity: .users, rows: rows),
                MappingSet(stream: "courses", entity: .courses, rows: rows),
                MappingSet(
                    stream: "enrollments",
                    entity: .enrollments,
                    rows: ["external_id", "user_external_id", "course_external_id", "status"].map {
                        MappingRow(sourceField: $0, targetField: $0)
                    }
                ),
            ],
            config: config.id,
            tenant: tenant,
            now: now()
        )
        configs[name] = config
        return config
    }

    /// The stream of each entity's records.
    static func stream(_ entity: Entity) -> String { entity == .users ? "people" : entity.rawValue }

    func begin(_ name: String, _ entities: [Entity] = [.users], policy: JSONValue = [:]) async throws -> RunLease {
        let config = try await config(name, policy: policy)
        let request = SyncRequest(
            config: config.id,
            trigger: "manual",
            streams: entities.map { RunStream(stream: CommitWorld.stream($0), entity: $0) },
            mappingVersion: 1,
            input: [:]
        )
        _ = try await store.enqueueSync(request, tenant: tenant, now: now())
        return try await claim()
    }

    /// Takes the run over, as another worker does.
    func claim() async throws -> RunLease {
        let job = try await store.claimJob(
            owner: "w\(clock)",
            leaseFor: .seconds(60),
            perTenant: 1,
            abandoned: true,
            now: now()
        )
        return try await store.beginRun(try #require(job), now: now())
    }

    @discardableResult
    func commit(_ batch: MappedBatch, _ lease: RunLease, token: [UInt8] = []) async throws -> Counts {
        let prepared = PreparedBatch.prepare(
            batch,
            source: "people.csv",
            locatorKind: "line",
            hashKey: try await store.installation().hashKey,
            tenant: tenant,
            policy: lease.policy
        )
        let stream = CommitWorld.stream(batch.entity)
        return try await store.commit(prepared, token: token, stream: stream, lease: lease, now: now())
    }

    /// A whole run over records of one entity, each batch a table; answers the run as it ended.
    @discardableResult
    func run(
        _ name: String,
        _ entity: Entity,
        _ columns: [String],
        _ batches: [[[String?]]],
        policy: JSONValue = [:],
        write: [String: WriteRule] = [:]
    ) async throws -> Run {
        let lease = try await begin(name, [entity], policy: policy)
        var line: Int64 = 2
        for rows in batches {
            var batch = MappedBatch.table(entity, columns, rows, firstLine: line, write: write)
            // As a source has them: so the records can be mapped again.
            batch.raw = { row in columns.indices.map { RawField(name: columns[$0], value: rows[row][$0]) } }
            try await commit(batch, lease)
            line += Int64(rows.count)
        }
        _ = try await store.settle(entity, lease, now: now())
        try await retryWaiting(lease)
        return try await store.finishRun(lease, summary: [:], now: now())
    }

    /// As the worker does before a run ends, with a mapping that takes the fields as they are.
    func retryWaiting(_ lease: RunLease) async throws {
        while let first = try await store.waitingRejects(lease, limit: 1).first {
            var batch = MappedBatch.table(
                first.origin.entity,
                first.raw.map(\.name),
                [first.raw.map(\.value)],
                firstLine: first.locator
            )
            batch.raw = { _ in first.raw }
            _ = try await store.retry(
                WaitingRetry(origin: first.origin, rejects: [first.number], batch: batch),
                lease: lease,
                now: now()
            )
        }
    }

    /// A whole run over batches of records; answers the run as it ended.
    @discardableResult
    func run(
        _ name: String,
        _ columns: [String],
        _ batches: [[[String?]]],
        policy: JSONValue = [:],
        write: [String: WriteRule] = [:]
    ) async throws -> Run {
        let lease = try await begin(name, policy: policy)
        var line: Int64 = 2
        for rows in batches {
            try await commit(MappedBatch.people(columns, rows, firstLine: line, write: write), lease)
            line += Int64(rows.count)
        }
        _ = try await store.settle(lease, now: now())
        try await retryWaiting(lease)
        return try await store.finishRun(lease, summary: [:], now: now())
    }

    // MARK: What is there

    func rows(_ sql: String) throws -> [[String]] {
        let connection = try SQLiteConnection(path: path, mode: .readOnly, settings: .reader)
        return try connection.rows(sql) { row throws(SQLiteError) in
            (0..<row.columnCount).map { column in
                switch row.value(column) {
                case .null: "-"
                case .integer(let value): "\(value)"
                case .real(let value): "\(value)"
                case .text(let value): value
                case .blob(let value): value.map { String($0, radix: 16) }.joined()
                }
            }
        }
    }

    func lines(_ sql: String) throws -> [String] {
        try rows(sql).map { $0.joined(separator: " ") }
    }

    func execute(_ sql: String) async throws {
        try await store.close()
        let connection = try SQLiteConnection(path: path, mode: .readWrite, settings: .writer)
        try connection.execute(sql)
        store = try await CommitWorld.open(path, Failpoint(), nil)
    }

    /// Somebody made in TrainFlow itself.
    func addPerson(externalID: String?, email: String?, firstName: String?, username: String? = nil) async throws {
        try await store.close()
        let connection = try SQLiteConnection(path: path, mode: .readWrite, settings: .writer)
        let number = try connection.integer("SELECT coalesce(max(number), 0) + 1 FROM users") ?? 1
        var generator = SystemRandomNumberGenerator()
        let id = UUID.version7(unixMilliseconds: 1, row: number, using: &generator)
        try connection.execute(
            """
            INSERT INTO users (number, tenant_id, id, external_id, email, first_name, username, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, 1, 1)
            """,
            [
                .integer(number), .blob(tenant.bytes), .blob(id.bytes), SQLiteValue(externalID), SQLiteValue(email),
                SQLiteValue(firstName), SQLiteValue(username),
            ]
        )
        store = try await CommitWorld.open(path, Failpoint(), nil)
    }

    /// Everything that a run leaves behind, without ids, times and numbers that depend on the way there.
    func image() throws -> [String] {
        let manager = "(SELECT m.external_id FROM users m WHERE m.id = u.manager_id)"
        return try lines(
            """
            SELECT 'user', external_id, email, username, first_name, last_name, status, \(manager), attributes,
                config_number, created_run, updated_run FROM users u ORDER BY external_id, email, number
            """
        )
            + lines(
                """
                SELECT 'link', l.config_number, l.external_id, owned, u.external_id, u.email
                    FROM integration_links l JOIN users u ON u.number = l.row_number ORDER BY 2, 3
                """
            )
            + lines(
                """
                SELECT 'reject', run_number, locator, source, external_id, code, raw
                    FROM integration_rejects ORDER BY run_number, locator
                """
            )
            + lines(
                """
                SELECT 'change', run_number, kind, u.external_id, count, c.external_id,
                    iif(instr(c.after, 'manager_id') OR instr(c.after, 'user_id'), 'reference', c.before || c.after)
                    FROM integration_changes c JOIN users u ON u.number = c.row_number
                    WHERE kind <> 'created' ORDER BY c.run_number, u.external_id, c.number
                """
            )
            + lines(
                "SELECT 'created', run_number, sum(count) FROM integration_changes WHERE kind = 'created' GROUP BY 2"
            )
            + lines("SELECT 'warning', run_number, code, locator_kind FROM integration_warnings ORDER BY 2, 3, 4")
            + lines(
                """
                SELECT 'run', number, state, count_read, count_created, count_updated, count_unchanged, count_rejected,
                    count_duplicate, count_warned, count_waiting FROM integration_runs ORDER BY number
                """
            )
            + lines("SELECT 'left', count(*) FROM integration_seen")
            + lines("SELECT 'left', count(*) FROM integration_waiting")
            + lines(
                """
                SELECT 'open', u.external_id, o.external_id FROM integration_open_managers o
                    JOIN users u ON u.number = o.row_number ORDER BY 2
                """
            )
    }
}

extension Counts {
    /// `read created updated unchanged rejected duplicate warned waiting`
    var short: String {
        "\(read) \(created) \(updated) \(unchanged) \(rejected) \(duplicate) \(warned) \(waiting)"
    }
}
