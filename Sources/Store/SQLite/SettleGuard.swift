internal import Changes
internal import Identifiers
internal import JSON
package import Mapping
internal import SQLite

extension CommitTransaction {
    /// What the guard says of what is set aside, whom a complete snapshot lacks among it; nil if there is nothing that it has
    /// not decided about.
    func guardVerdict(_ summary: JSONValue) throws(CommitFailure) -> GuardVerdict? {
        let snapshot = try snapshotCount(summary)
        let isUndecided = try inDatabase { () throws(SQLiteError) in try effects.hasUndecided() }
        guard isUndecided || snapshot != nil else { return nil }
        let groups = try inDatabase { () throws(SQLiteError) in try effects.groups() }
        let (population, earlier) = try inDatabase { () throws(SQLiteError) in
            let rows = GuardedRows(work: self)
            return (try rows.population(), try rows.appliedBefore())
        }
        return GuardVerdict.decide(
            entity,
            groups,
            population: population,
            earlier: earlier,
            limits: lease.policy.guardLimits,
            snapshot: snapshot
        )
    }

    /// nil where the policy doesn't ask, this was decided before, or the run is a replay and has read nothing.
    private func snapshotCount(_ summary: JSONValue) throws(CommitFailure) -> SnapshotCount? {
        guard lease.run.kind == RunKind.sync, entity == .users, lease.policy.leavers == .suspend else { return nil }
        let absence = AbsentPeople(work: self)
        guard try inStore({ () throws(StoreError) in try absence.isUndecided() }) else { return nil }
        let percent = lease.policy.guardLimits.shrinkPercent
        if let doubt = try inStore({ () throws(StoreError) in try absence.doubt(summary) }) {
            return SnapshotCount(present: 0, absent: 0, mostPercent: percent, doubt: doubt)
        }
        return try inDatabase { () throws(SQLiteError) in try absence.setAside(mostPercent: percent) }
    }
}

extension SQLiteStore {
    package func ownedRows(_ entity: Entity, _ lease: RunLease) async throws(StoreError) -> Int64 {
        try await read { connection throws(StoreError) in
            try LinkTable.ownedCount(connection, config: lease.config, entity)
        }
    }
}

extension LinkTable {
    static func ownedCount(
        _ connection: SQLiteConnection,
        config: Config,
        _ entity: Entity
    ) throws(StoreError) -> Int64 {
        try connection.number(
            """
            SELECT count(*) FROM integration_links
                WHERE tenant_id = ? AND config_number = ? AND entity = ? AND owned = 1
            """,
            [.id(config.tenant), .integer(config.number), .integer(entity.number)]
        ) ?? 0
    }
}

extension RunRow {
    /// Keeps what the guard says of one entity, in place of what it said before.
    static func set(_ verdict: GuardVerdict, of run: Run, _ connection: SQLiteConnection) throws(StoreError) {
        let standing = try require(connection, run.id, tenant: run.tenant).verdicts
        let verdicts = standing.filter { $0.entity != verdict.entity } + [verdict]
        try connection.change(
            "UPDATE integration_runs SET guard = ?2 WHERE number = ?1",
            [.integer(run.number), .json(.array(verdicts.map(\.json)))]
        )
    }

    /// The verdicts that a column holds as JSON; none where it is NULL.
    static func verdicts(_ row: SQLiteStatement, _ column: Int32) throws(StoreError) -> [GuardVerdict] {
        guard !row.isNull(column) else { return [] }
        guard let values = try row.json(column).arrayValue else {
            throw row.damaged("the guard's verdicts are no array")
        }
        do throws(JSONFieldError) {
            return try values.map { value throws(JSONFieldError) in try GuardVerdict(json: value) }
        } catch {
            throw row.damaged("the guard's verdict: \(error)")
        }
    }
}
