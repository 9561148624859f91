internal import Changes
internal import Identifiers
internal import JSON
internal import Mapping
internal import SQLite
internal import Time

extension RecordedChange.Effect {
    /// What a plan's row of integration_effects keeps of it, beside the bits of `GuardedEffect`.
    var bit: Int64 {
        switch self {
        case .created: 8
        case .updated: 16
        case .linked: 32
        }
    }

    /// What a row of integration_effects does; what the guard has set aside changes a row.
    init(mask: Int64) {
        self = RecordedChange.Effect.allCases.first { mask & $0.bit != 0 } ?? .updated
    }

    /// The kinds that a plan's row can have.
    static let plannedMasks: [Int64] =
        [RecordedChange.Effect.created.bit]
        + [RecordedChange.Effect.updated, .linked].flatMap { effect in
            ([0] + GuardedEffects.masks).map { $0 | effect.bit }
        }
}

extension Run {
    /// Under which number a plan's effects stand in integration_effects.
    var planNumber: Int64 { -number }

    /// Whether nothing of it was written: it stopped at a plan, and nobody has applied that.
    package var isUnapplied: Bool { plan.map { $0.phase != .applied } ?? false }
}

/// What a rehearsed run does to the copy, record by record: the rows of integration_effects that become its plan.
struct PlanLog {
    let connection: SQLiteConnection
    let lease: RunLease
    let entity: Entity
    let now: Instant
    let lastRows: [Entity: Int64]

    /// nil for a run that is no rehearsal.
    init?(_ connection: SQLiteConnection, _ lease: RunLease, _ entity: Entity, _ now: Instant) {
        guard let plan = lease.run.plan, plan.isRehearsal else { return nil }
        self.connection = connection
        self.lease = lease
        self.entity = entity
        self.now = now
        lastRows = plan.lastRows
    }

    private var names: PlanNames { PlanNames(connection: connection, lease: lease, lastRows: lastRows) }

    /// The rows that a batch makes.
    func created(_ records: CommitRecords) throws(SQLiteError) {
        for position in 0..<records.newRows.count {
            let row = records.newRows.source(position)
            try insert(
                .created,
                row: 0,
                key: records.keys.text(row) ?? "",
                hash: records.batch.hashes[row],
                before: JSONObject(),
                after: records.columns.image(of: row)
            )
        }
    }

    func changed(
        _ records: CommitRecords,
        _ row: Int,
        _ number: Int64,
        _ changes: RowChanges,
        isNewLink: Bool
    ) throws(SQLiteError) {
        let shown = try names.named(changes, records.columns, row)
        try insert(
            isNewLink ? .linked : .updated,
            row: PlanLog.place(number, entity, lastRows),
            key: records.keys.text(row) ?? "",
            hash: records.batch.hashes[row],
            before: shown.before,
            after: shown.after
        )
    }

    /// A manager was found whom an earlier run could not find.
    func foundManager(
        of person: FoundRow,
        before: JSONValue,
        manager: UUID,
        called externalID: [UInt8]
    ) throws(SQLiteError) {
        let shown = try names.manager(manager, called: externalID)
        let place = PlanLog.place(person.number, .users, lastRows)
        if try add("manager_id", before: before, after: .string(shown), toChangeOf: place) { return }
        try insert(
            .updated,
            row: place,
            key: person.externalID ?? "",
            hash: nil,
            before: ["manager_id": before],
            after: ["manager_id": .string(shown)]
        )
    }

    /// Adds a field to what is shown of a row; false where nothing is.
    private func add(
        _ field: String,
        before: JSONValue,
        after: JSONValue,
        toChangeOf row: Int64
    ) throws(SQLiteError) -> Bool {
        let found = try connection.row(
            """
            SELECT number, before, after FROM integration_effects INDEXED BY integration_effects_row
                WHERE tenant_id = ? AND run_number = ? AND entity = ? AND row_number = ? ORDER BY number DESC LIMIT 1
            """,
            [
                .id(lease.run.tenant), .integer(lease.run.planNumber), .integer(entity.number), .integer(row),
            ]
        ) { line throws(SQLiteError) in
            (number: line.int64(0), before: RowChanges.object(line.bytes(1)), after: RowChanges.object(line.bytes(2)))
        }
        guard let found, var old = found.before, var new = found.after else { return false }
        if old[field] == nil { old[field] = before }
        new[field] = after
        try connection.execute(
            "UPDATE integration_effects SET before = ?2, after = ?3 WHERE number = ?1",
            [.integer(found.number), .json(.object(old)), .json(.object(new))]
        )
        return true
    }

    /// The number of a row that was there before; 0 for a new one, whose number nobody knows yet.
    static func place(_ number: Int64, _ entity: Entity, _ lastRows: [Entity: Int64]) -> Int64 {
        number > lastRows[entity] ?? 0 ? 0 : number
    }

    private func insert(
        _ effect: RecordedChange.Effect,
        row: Int64,
        key: String,
        hash: UInt64?,
        before: JSONObject,
        after: JSONObject
    ) throws(SQLiteError) {
        let guarded = effect == .created ? 0 : GuardedEffects(entity, before: before, after: after).mask
        try connection.execute(
            """
            INSERT INTO integration_effects (tenant_id, run_number, entity, config_number, kinds, row_number, state, cause,
                    external_id, source_hash, before, after, created_at, updated_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'pending', '', ?7, ?8, ?9, ?10, ?11, ?11)
            """,
            [
                .id(lease.run.tenant), .integer(lease.run.planNumber), .integer(entity.number),
                .integer(lease.config.number), .integer(effect.bit | guarded), .integer(row), .text(key),
                SQLiteValue(hash.map { Int64(bitPattern: $0) }), .json(.object(before)), .json(.object(after)),
                .time(now),
            ]
        )
    }
}

extension RecordColumns {
    /// What records refer to, by the name that a change has for it.
    var references: [(field: String, entity: Entity, column: RecordColumn)] {
        var references: [(field: String, entity: Entity, column: RecordColumn)] = []
        if let manager { references.append(("manager_id", .users, manager)) }
        if let user { references.append(("user_id", .users, user)) }
        if let course { references.append(("course_id", .courses, course)) }
        return references
    }

    /// What a record says, by target field.
    func image(of row: Int) -> JSONObject {
        var image = JSONObject()
        for column in plain where column.state(row) == .value { image[column.name] = column.image(column.copied(row)) }
        for column in [manager, user, course].compactMap(\.self) {
            if let text = column.text(row) { image[column.name] = .string(text) }
        }
        for column in attributes {
            if let value = column.json(row) { image[column.name] = value }
        }
        return image
    }
}

/// The plan that a run applies: a record that would do anything else is refused.
struct ShownPlan {
    let connection: SQLiteConnection
    let lease: RunLease
    let entity: Entity
    let lastRows: [Entity: Int64]

    /// nil for a run that applies no plan.
    init?(_ connection: SQLiteConnection, _ lease: RunLease, _ entity: Entity) {
        guard let plan = lease.run.plan, plan.phase == .applied else { return nil }
        self.connection = connection
        self.lease = lease
        self.entity = entity
        lastRows = plan.lastRows
    }

    /// Whether it shows a new row of just this record.
    func hasCreated(_ key: String, _ hash: UInt64) throws(SQLiteError) -> Bool {
        try connection.integer(
            """
            SELECT 1 FROM integration_effects INDEXED BY integration_effects_planned
                WHERE tenant_id = ? AND run_number = ? AND entity = ? AND external_id = ?
                    AND source_hash = ? AND kinds = ? LIMIT 1
            """,
            values(key, hash) + [.integer(RecordedChange.Effect.created.bit)]
        ) != nil
    }

    /// Whether it shows that just this record changes the row so.
    func hasChanged(
        _ records: CommitRecords,
        _ row: Int,
        _ number: Int64,
        _ changes: RowChanges
    ) throws(SQLiteError) -> Bool {
        let place = PlanLog.place(number, entity, lastRows)
        let names = PlanNames(connection: connection, lease: lease, lastRows: lastRows)
        let now = try names.named(changes, records.columns, row)
        let (key, hash) = (records.keys.text(row) ?? "", records.batch.hashes[row])
        return try connection.withStatement(
            """
            SELECT row_number, before, after FROM integration_effects INDEXED BY integration_effects_planned
                WHERE tenant_id = ? AND run_number = ? AND entity = ? AND external_id = ?
                    AND source_hash = ? AND kinds <> ?
            """,
            values(key, hash) + [.integer(RecordedChange.Effect.created.bit)]
        ) { row throws(SQLiteError) in
            while try row.step() {
                guard row.int64(0) == place, let before = RowChanges.object(row.bytes(1)),
                    let after = RowChanges.object(row.bytes(2))
                else { continue }
                if ShownPlan.isSame((before, after), now) { return true }
            }
            return false
        }
    }

    /// Whether it shows that a manager was found for the row whom nobody knew before.
    func hasManager(_ row: Int64, _ manager: UUID, called externalID: [UInt8]) throws(SQLiteError) -> Bool {
        let names = PlanNames(connection: connection, lease: lease, lastRows: lastRows)
        let now = try names.manager(manager, called: externalID)
        return try connection.withStatement(
            """
            SELECT after FROM integration_effects INDEXED BY integration_effects_row
                WHERE tenant_id = ? AND run_number = ? AND entity = ? AND row_number = ?
            """,
            [
                .id(lease.run.tenant), .integer(lease.run.planNumber), .integer(entity.number), .integer(row),
            ]
        ) { line throws(SQLiteError) in
            while try line.step() {
                if RowChanges.object(line.bytes(0))?["manager_id"] == .string(now) { return true }
            }
            return false
        }
    }

    /// Whether it shows that the row is suspended, because the export lacks it.
    func hasAbsent(_ number: Int64) throws(SQLiteError) -> Bool {
        try connection.integer(
            """
            SELECT 1 FROM integration_effects INDEXED BY integration_effects_row
                WHERE tenant_id = ? AND run_number = ? AND entity = ? AND row_number = ? AND absent = 1 LIMIT 1
            """,
            [
                .id(lease.run.tenant), .integer(lease.run.planNumber), .integer(entity.number), .integer(number),
            ]
        ) != nil
    }

    private func values(_ key: String, _ hash: UInt64) -> [SQLiteValue] {
        [
            .id(lease.run.tenant), .integer(lease.run.planNumber), .integer(entity.number), .text(key),
            .integer(Int64(bitPattern: hash)),
        ]
    }

    private typealias Fields = (before: JSONObject, after: JSONObject)

    private static func isSame(_ shown: Fields, _ now: Fields) -> Bool {
        var shown = shown
        // The manager is found when the run has read everything.
        if now.after["manager_id"] == nil {
            shown.before["manager_id"] = JSONValue?.none
            shown.after["manager_id"] = JSONValue?.none
        }
        return shown.before.hasSameMembers(as: now.before) && shown.after.hasSameMembers(as: now.after)
    }
}

extension JSONObject {
    /// In whichever order: what is found later stands last.
    fileprivate func hasSameMembers(as other: JSONObject) -> Bool {
        members.count == other.members.count && members.allSatisfy { other[$0.name] == $0.value }
    }
}
