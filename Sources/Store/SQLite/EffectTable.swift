internal import Changes
internal import Identifiers
internal import JSON
internal import Mapping
internal import SQLite
internal import Time

/// Where a record waits that is set aside: its rows of integration_waiting and integration_effects.
struct SetAside: Equatable {
    var waiting: Int64
    var effect: Int64
    /// The row that it would change.
    var row: Int64
}

/// What was shown of a record that is set aside.
struct ShownEffect: Equatable {
    var effect: Int64
    var row: Int64
    var before: JSONObject
    var after: JSONObject

    /// Whether the changes are these. A manager who became known meanwhile is what the record said all along.
    func isStill(_ changes: RowChanges) -> Bool {
        guard after["manager_id"] == nil, changes.after["manager_id"] != nil else {
            return before == changes.before && after == changes.after
        }
        var (before, after) = (changes.before, changes.after)
        before["manager_id"] = JSONValue?.none
        after["manager_id"] = JSONValue?.none
        return self.before == before && self.after == after
    }
}

/// The rows of integration_effects of one run and entity.
struct EffectTable {
    let connection: SQLiteConnection
    let lease: RunLease
    let entity: Entity
    let now: Instant

    /// How many one statement changes.
    static let stretch: Int64 = 8_192

    private var run: [SQLiteValue] { [.id(lease.run.tenant), .integer(lease.run.number), .integer(entity.number)] }

    /// Answers the effect's number.
    @discardableResult
    func insert(
        _ effects: GuardedEffects,
        _ changes: RowChanges,
        row: Int64,
        key: String,
        isAbsent: Bool = false
    ) throws(SQLiteError) -> Int64 {
        try connection.execute(
            """
            INSERT INTO integration_effects (tenant_id, run_number, entity, config_number, kinds, row_number, state, cause,
                    external_id, before, after, created_at, updated_at, absent)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'undecided', ?7, ?8, ?9, ?10, ?11, ?11, ?12)
            """,
            run + [
                .integer(lease.config.number), .integer(effects.mask), .integer(row), .text(effects.causeLines),
                .text(key), .json(.object(changes.before)), .json(.object(changes.after)), .time(now),
                SQLiteValue(isAbsent),
            ]
        )
        return connection.lastInsertRowID
    }

    func delete(_ effect: Int64) throws(SQLiteError) {
        try connection.execute("DELETE FROM integration_effects WHERE number = ?", [.integer(effect)])
    }

    func set(_ state: String, _ effect: Int64) throws(SQLiteError) {
        try connection.execute(
            "UPDATE integration_effects SET state = ?2, updated_at = ?3 WHERE number = ?1",
            [.integer(effect), .text(state), .time(now)]
        )
    }

    /// The run is held: answers how many records have been added to what somebody decides about.
    func hold() throws(SQLiteError) -> Int64 {
        let records = try connection.integer(
            """
            SELECT count(*) FROM integration_effects
                WHERE tenant_id = ? AND run_number = ? AND entity = ? AND state = 'undecided' AND absent = 0
            """,
            run
        )
        // In stretches, and without a copy of every page for taking the statement back: there may be a million.
        repeat {
            try connection.execute(
                """
                UPDATE OR FAIL integration_effects SET state = 'pending', updated_at = ?4 WHERE number IN (
                    SELECT number FROM integration_effects
                        WHERE tenant_id = ?1 AND run_number = ?2 AND state = 'undecided' AND entity = ?3 LIMIT ?5)
                """,
                run + [.time(now), .integer(EffectTable.stretch)]
            )
        } while connection.changes > 0
        return records ?? 0
    }

    /// Whether there are some that the guard has not counted.
    func hasUndecided() throws(SQLiteError) -> Bool {
        try connection.integer(
            """
            SELECT 1 FROM integration_effects
                WHERE tenant_id = ? AND run_number = ? AND state = 'undecided' AND entity = ? LIMIT 1
            """,
            run
        ) != nil
    }

    /// All of the run's, what was decided before among them.
    func groups() throws(SQLiteError) -> [GuardVerdict.Group] {
        var counts: [Cause: Int64] = [:]
        // Counted here: the database would sort them all to put a handful of groups together.
        try connection.withStatement(
            "SELECT kinds, cause FROM integration_effects WHERE tenant_id = ? AND run_number = ? AND entity = ?",
            run
        ) { row throws(SQLiteError) in
            while try row.step() { counts[Cause(mask: row.int64(0), text: row.text(1)), default: 0] += 1 }
        }
        return counts.map { cause, count in
            GuardVerdict.Group(
                kinds: GuardedEffects.kinds(of: cause.mask),
                causes: cause.text.split(separator: "\n", omittingEmptySubsequences: false).map {
                    GuardCause(line: String($0))
                },
                count: count
            )
        }
    }

    private struct Cause: Hashable {
        var mask: Int64
        var text: String
    }

    /// The rows that records which are set aside would change.
    static func rows(
        _ connection: SQLiteConnection,
        tenant: UUID,
        run: Int64,
        _ body: (Entity, Int64) -> Void
    ) throws(SQLiteError) {
        try connection.withStatement(
            """
            SELECT entity, row_number FROM integration_effects
                WHERE tenant_id = ? AND run_number = ? AND state = 'undecided' AND absent = 0
            """,
            [.id(tenant), .integer(run)]
        ) { statement throws(SQLiteError) in
            while try statement.step() {
                if let entity = Entity(number: statement.int64(0)) { body(entity, statement.int64(1)) }
            }
        }
    }

    /// The record that is set aside and would change the row, as it is compared with those that come after it.
    func record(of row: Int64) throws(SQLiteError) -> (record: WaitingRecord, place: SetAside)? {
        let found: (WaitingRecord, SetAside)?? = try connection.row(
            """
            SELECT waiting.number, waiting.external_id, waiting.email_key, waiting.source_hash, waiting.order_value,
                    waiting.locator, effect.number
                FROM integration_effects AS effect INDEXED BY integration_effects_row
                    CROSS JOIN integration_waiting AS waiting
                        ON waiting.tenant_id = effect.tenant_id AND waiting.run_number = effect.run_number
                            AND waiting.effect = effect.number
                WHERE effect.tenant_id = ? AND effect.run_number = ? AND effect.entity = ? AND effect.row_number = ?
                    AND effect.state = 'undecided'
            """,
            run + [.integer(row)]
        ) { line throws(SQLiteError) in
            (
                WaitingRecord(line),
                SetAside(waiting: line.int64(0), effect: line.int64(6), row: row)
            )
        }
        return found ?? nil
    }
}
