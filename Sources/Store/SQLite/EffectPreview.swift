internal import Changes
internal import Crypto
package import Identifiers
internal import JSON
package import Mapping
internal import Platform
internal import SQLite
package import Time

// What a few records would do, told without writing: by the same code as a run, over a copy in memory of just those rows
// that the records could mean. One snapshot, on a reader's thread; nobody waits for it.

extension SQLiteStore {
    package func previewEffects(
        of batch: MappedBatch,
        config: UUID,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> [PreviewedRecord] {
        guard let key = SipHash(key: keptInstallation.hashKey) else {
            throw StoreError(.corrupt, "The hash key of \(path) is damaged. Restore it from a backup.")
        }
        return try await read { connection throws(StoreError) in
            let config = try ConfigRow.require(connection, config, tenant: tenant)
            do throws(SQLiteError) {
                let sketch = try Sketch(connection, config, sketchPolicy(of: config), batch.entity, key, now)
                return try sketch.preview(batch)
            } catch {
                throw StoreError(error)
            }
        }
    }
}

/// A policy that can't be read refuses the run, and is told then: here the usual one stands for it.
private func sketchPolicy(of config: Config) -> Policy {
    do throws(JSONFieldError) {
        return try Policy(json: config.policy)
    } catch {
        return Policy()
    }
}

/// A database in memory with the rows that some records could mean.
private struct Sketch {
    private let original: SQLiteConnection
    private let memory: SQLiteConnection
    private let config: Config
    private let entity: Entity
    private let key: SipHash
    private let now: Instant
    private let policy: Policy
    private let found: FoundRows

    init(
        _ original: SQLiteConnection,
        _ config: Config,
        _ policy: Policy,
        _ entity: Entity,
        _ key: SipHash,
        _ now: Instant
    ) throws(SQLiteError) {
        self.original = original
        self.config = config
        self.policy = policy
        self.entity = entity
        self.key = key
        self.now = now
        memory = try SQLiteConnection.inMemory()
        for statement in Migration.sqlite.flatMap(\.statements) { try memory.execute(statement) }
        found = try FoundRows(original, memory, config, policy, key)
        try found.copy("integration_configs", "tenant_id = ?", [.id(config.tenant)])
    }

    func preview(_ batch: MappedBatch) throws(SQLiteError) -> [PreviewedRecord] {
        let prepared = prepared(batch)
        try found.collect(prepared)
        let lease = try lease()
        var records: [PreviewedRecord] = []
        let accepted = Set(prepared.mapped.accepted)
        let refused = Dictionary(prepared.mapped.rejects.map { ($0.row, $0.failures) }) { first, _ in first }
        let keys = RecordKey.texts(of: prepared.mapped)
        for row in 0..<Int32(batch.count) {
            var record: PreviewedRecord
            if accepted.contains(row) {
                record = try apply(prepared.mapped.taking([Int(row)]), lease)
            } else {
                record = PreviewedRecord(outcome: .reject, failures: refused[row] ?? [])
            }
            if record.row == nil, let key = keys(Int(row)) { record.row = try found.linked(entity, Array(key.utf8)) }
            if let number = record.row { try fill(&record, number) }
            records.append(record)
        }
        return records
    }

    private func prepared(_ batch: MappedBatch) -> PreparedBatch {
        PreparedBatch.prepare(batch, source: "", locatorKind: "", key: key, tenant: config.tenant, policy: policy)
    }

    /// What the row holds now, in the database itself.
    private func fill(_ record: inout PreviewedRecord, _ number: Int64) throws(SQLiteError) {
        do throws(StoreError) {
            guard let image = try RowImages(original, tenant: config.tenant).now(entity, number) else { return }
            record.rowID = image.id
            record.present = image.fields
        } catch {
            throw .damaged(error.message)
        }
    }

    // MARK: One record

    private func apply(_ batch: MappedBatch, _ lease: RunLease) throws(SQLiteError) -> PreviewedRecord {
        let marks = try (effects: last("integration_effects"), rejects: last("integration_rejects"))
        let counts = try commit(prepared(batch), lease)
        if counts.rejected > 0 {
            let failures: [FieldFailure]? = try memory.row(
                "SELECT failures FROM integration_rejects WHERE number > ?",
                [.integer(marks.rejects)]
            ) { row throws(SQLiteError) in try RejectJSON.failures(row.bytes(0)) }
            return PreviewedRecord(outcome: .reject, failures: failures ?? [])
        }
        let effect: PreviewedRecord? = try memory.row(
            "SELECT kinds, row_number, before, after, run_number < 0 FROM integration_effects WHERE number > ?",
            [.integer(marks.effects)]
        ) { row throws(SQLiteError) in
            guard let before = RowChanges.object(row.bytes(2)), let after = RowChanges.object(row.bytes(3)) else {
                throw .damaged("an effect in memory")
            }
            var record = PreviewedRecord(outcome: .update)
            if row.int64(4) == 0 {
                record.outcome = .setAside
            } else {
                switch RecordedChange.Effect(mask: row.int64(0)) {
                case .created: record.outcome = .create
                case .updated: record.outcome = .update
                case .linked: record.outcome = .link
                }
            }
            record.kinds = GuardedEffects.kinds(of: row.int64(0))
            record.row = row.int64(1) == 0 ? nil : row.int64(1)
            record.fields = after.members.map {
                RecordedChange.Field(name: $0.name, before: before[$0.name] ?? .null, after: $0.value)
            }
            return record
        }
        if let effect { return effect }
        if counts.waiting > 0 { return PreviewedRecord(outcome: .waits) }
        return PreviewedRecord(outcome: counts.duplicate > 0 ? .duplicate : .unchanged)
    }

    private func last(_ table: String) throws(SQLiteError) -> Int64 {
        try memory.integer("SELECT max(number) FROM \(table)") ?? 0
    }

    /// As a run commits a batch.
    private func commit(_ batch: PreparedBatch, _ lease: RunLease) throws(SQLiteError) -> Counts {
        let context = CommitContext(
            lease: lease,
            now: now,
            stream: "",
            hashKey: key,
            failpoint: Failpoint(),
            directoryLimit: DirectoryState.usualLimit
        )
        let remembered = CommitMemory.of(memory, directoryLimit: context.directoryLimit)
        do throws(StoreError) {
            return try remembered.transaction(memory) { refused throws(CommitFailure) in
                let work = try CommitTransaction(memory, remembered, context, entity, refused: refused)
                try RecordColumns.with(batch, orderField: policy.orderField) { columns throws(CommitFailure) in
                    try applyRecords(batch, columns, work, context.failpoint)
                }
                try work.finish(context.failpoint)
                return work.counts
            }
        } catch {
            throw .damaged(error.debugDescription)
        }
    }

    /// A run that plans, in memory alone.
    private func lease() throws(SQLiteError) -> RunLease {
        var plan = RunPlan()
        for entity in Entity.allCases {
            plan.lastRows[entity] = try memory.integer("SELECT max(number) FROM \(entity.table.name)") ?? 0
        }
        let id = UUID.new(now)
        var run = Run(
            id: id,
            tenant: config.tenant,
            number: 1,
            config: config.id,
            kind: RunKind.sync,
            trigger: "manual",
            stream: "",
            entity: entity,
            mappingVersion: 0,
            state: .running,
            counts: Counts(),
            attempt: 1,
            message: "",
            failure: nil,
            createdAt: now,
            startedAt: now,
            finishedAt: nil,
            input: [:]
        )
        run.plan = plan
        let job = ClaimedJob(
            number: 1,
            tenant: config.tenant,
            config: config.id,
            run: id,
            kind: "preview",
            attempt: 1,
            fence: 1,
            owner: "preview"
        )
        return RunLease(job: job, run: run, config: config, policy: policy)
    }
}

/// The rows that records could mean, looked for in the database as a run does, and copied.
private final class FoundRows {
    private let original: SQLiteConnection
    private let memory: SQLiteConnection
    private let config: Config
    private let policy: Policy
    private let key: SipHash
    private let directory: Directory
    private let configs: [Int64]
    private var copied: [Entity: Set<Int64>] = [:]
    private var columns: [String: String] = [:]

    /// Rows that nobody has entered in the directory yet are few; of more, the first are looked at.
    private static let mostNew: Int64 = 2_000

    init(
        _ original: SQLiteConnection,
        _ memory: SQLiteConnection,
        _ config: Config,
        _ policy: Policy,
        _ key: SipHash
    ) throws(SQLiteError) {
        self.original = original
        self.memory = memory
        self.config = config
        self.policy = policy
        self.key = key
        directory = try Directory(
            original,
            state: DirectoryState(limit: DirectoryState.usualLimit),
            tenant: config.tenant
        )
        configs = try original.rows(
            "SELECT number FROM integration_configs WHERE tenant_id = ? ORDER BY number",
            [.id(config.tenant)]
        ) { row throws(SQLiteError) in row.int64(0) }
    }

    /// The row that the config's own link leads to.
    func linked(_ entity: Entity, _ externalID: [UInt8]) throws(SQLiteError) -> Int64? {
        try links(entity, config.number).row(of: externalID)
    }

    func collect(_ batch: PreparedBatch) throws(SQLiteError) {
        let mapped = batch.mapped
        let entity = mapped.entity
        let keys = RecordKey.texts(of: mapped)
        for row in mapped.accepted {
            guard let key = keys(Int(row)) else { continue }
            try copyLinks(entity, key, everywhere: policy.match.contains(.externalID))
        }
        let identification = batch.identification ?? Identification()
        for (kind, keys) in [
            (DirectoryKind.email, identification.emailKeys), (.username, identification.usernameKeys),
            (.externalID, identification.externalIDKeys), (.code, identification.codeKeys),
        ] where !keys.isEmpty {
            for row in mapped.accepted where keys[Int(row)] != 0 { try copyFound(entity, keys[Int(row)], kind) }
        }
        if entity == .users { _ = try copyReferred(.users, "manager_external_id", mapped) }
        if entity == .enrollments {
            let users = try copyReferred(.users, "user_external_id", mapped)
            let courses = try copyReferred(.courses, "course_external_id", mapped)
            let pairs = directoryKeys(.enrollments, .pair)
            for (user, course) in zip(users, courses) {
                for user in user {
                    for course in course {
                        let pair = EnrollmentPair(user: user, course: course)
                        try copyFound(.enrollments, pairs.key(pair.text), .pair)
                    }
                }
            }
        }
        for entity in entity == .enrollments ? Entity.allCases : [entity] { try copyNew(entity) }
    }

    // MARK: What is found

    private func directoryKeys(_ entity: Entity, _ kind: DirectoryKind) -> DirectoryKeys {
        DirectoryKeys(key: key, tenant: config.tenant, entity: entity, kind: kind)
    }

    private func links(_ entity: Entity, _ config: Int64) -> LinkTable {
        LinkTable(connection: original, tenant: self.config.tenant.bytes, config: config, entity: entity.number)
    }

    /// By row of the batch: whom its text could name.
    private func copyReferred(
        _ entity: Entity,
        _ field: String,
        _ batch: MappedBatch
    ) throws(SQLiteError) -> [[Int64]] {
        guard let column = batch.column(field) else { return [] }
        var known: [String: [Int64]] = [:]
        var all: [[Int64]] = []
        for row in 0..<batch.count {
            guard let text = column.text(row), !text.isEmpty else {
                all.append([])
                continue
            }
            if known[text] == nil { known[text] = try copyReferred(entity, text) }
            all.append(known[text] ?? [])
        }
        return all
    }

    private func copyReferred(_ entity: Entity, _ text: String) throws(SQLiteError) -> [Int64] {
        var rows = try copyLinks(entity, text, everywhere: true)
        for kind in [DirectoryKind.externalID, .code, .email] {
            rows += try copyFound(entity, directoryKeys(entity, kind).key(Array(text.utf8)), kind)
        }
        if let id = UUID(text) {
            try copyRow(entity, id.row)
            rows.append(id.row)
        }
        return rows
    }

    @discardableResult
    private func copyFound(_ entity: Entity, _ key: UInt64, _ kind: DirectoryKind) throws(SQLiteError) -> [Int64] {
        // Whether they have the value now is asked by whoever looks at the copy.
        let rows = try directory.find(key) { _ in true }
        for row in rows { try copyRow(entity, row) }
        return rows
    }

    @discardableResult
    private func copyLinks(_ entity: Entity, _ text: String, everywhere: Bool) throws(SQLiteError) -> [Int64] {
        var rows: [Int64] = []
        for number in everywhere ? configs : [config.number] {
            guard let row = try links(entity, number).row(of: Array(text.utf8)) else { continue }
            rows.append(row)
            try copy(
                "integration_links",
                "tenant_id = ? AND config_number = ? AND entity = ? AND external_id = ?",
                [.id(config.tenant), .integer(number), .integer(entity.number), .text(text)]
            )
            try copyRow(entity, row)
        }
        return rows
    }

    /// What other programs have made or edited since the last run.
    private func copyNew(_ entity: Entity) throws(SQLiteError) {
        let known = try DirectoryCoverage(connection: original, entity: entity, key: key).lastRow()
        let rows = try original.rows(
            """
            SELECT number FROM \(entity.table.name) WHERE number > ?1 AND tenant_id = ?2
            UNION SELECT row_number FROM \(entity.table.edits) LIMIT ?3
            """,
            [.integer(known), .id(config.tenant), .integer(FoundRows.mostNew)]
        ) { row throws(SQLiteError) in row.int64(0) }
        for row in rows { try copyRow(entity, row) }
    }

    private func copyRow(_ entity: Entity, _ number: Int64) throws(SQLiteError) {
        guard copied[entity, default: []].insert(number).inserted else { return }
        try copy(entity.table.name, "number = ? AND tenant_id = ?", [.integer(number), .id(config.tenant)])
        try copy(
            "integration_shared_rows",
            "tenant_id = ? AND entity = ? AND row_number = ?",
            [.id(config.tenant), .integer(entity.number), .integer(number)]
        )
        guard entity == .users else { return }
        // Who reappears gets the status back that an earlier run has taken.
        let run = try original.integer(
            "SELECT suspended_by_run FROM users WHERE number = ? AND tenant_id = ?",
            [.integer(number), .id(config.tenant)]
        )
        guard let run else { return }
        try copy(
            "integration_effects",
            "tenant_id = ? AND run_number = ? AND entity = ? AND row_number = ? AND absent = 1",
            [.id(config.tenant), .integer(run), .integer(entity.number), .integer(number)]
        )
    }

    func copy(_ table: String, _ condition: String, _ values: [SQLiteValue]) throws(SQLiteError) {
        let names = try names(of: table)
        let rows = try original.rows("SELECT \(names) FROM \(table) WHERE \(condition)", values) {
            row throws(SQLiteError) in (0..<row.columnCount).map { row.value($0) }
        }
        guard let first = rows.first else { return }
        let places = first.map { _ in "?" }.joined(separator: ", ")
        for row in rows {
            try memory.execute("INSERT OR IGNORE INTO \(table) (\(names)) VALUES (\(places))", row)
        }
    }

    private func names(of table: String) throws(SQLiteError) -> String {
        if let known = columns[table] { return known }
        let names = try memory.rows("SELECT name FROM pragma_table_info(?)", [.text(table)]) {
            row throws(SQLiteError) in "\"\(row.text(0))\""
        }.joined(separator: ", ")
        columns[table] = names
        return names
    }
}
