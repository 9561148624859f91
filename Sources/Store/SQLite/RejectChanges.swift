package import Identifiers
internal import JSON
internal import Mapping
internal import SQLite
package import Time

extension SQLiteStore {
    package func reject(_ id: UUID, run: UUID, tenant: UUID) async throws(StoreError) -> StoredReject? {
        try await read { connection throws(StoreError) in
            let run = try RunRow.require(connection, run, tenant: tenant)
            return try RejectRow.find(connection, id, of: run)
        }
    }

    package func changeReject(
        _ id: UUID,
        run: UUID,
        _ change: RejectChange,
        version: Int64,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> StoredReject {
        try await transaction(.api) { connection throws(StoreError) in
            let run = try RunRow.require(connection, run, tenant: tenant)
            guard let reject = try RejectRow.find(connection, id, of: run) else { throw RejectRow.missing(id) }
            guard !run.isUnapplied else {
                throw StoreError(
                    .conflict,
                    "Run \(run.id) is a plan: its rejects are only shown. Apply it, or correct the source."
                )
            }
            guard reject.state != "replayed" else {
                throw StoreError(.conflict, "Reject \(id) was replayed: its record is in.")
            }
            guard reject.version == version else {
                throw StoreError(.stale, "Reject \(id) was changed by somebody else.")
            }
            try RejectRow.change(connection, reject, change, actor, now)
            let deed = AuditDeed(
                actor: actor,
                action: "reject.changed",
                subject: "reject",
                subjectID: id,
                detail: [
                    "run": .string(run.id.description), "corrected": .bool(change.correction != nil),
                    "state": change.state.map { .string($0) } ?? .null,
                ]
            )
            try Audit.write(connection, deed, tenant: tenant, now: now)
            guard let changed = try RejectRow.find(connection, id, of: run) else { throw RejectRow.missing(id) }
            return changed
        }
    }
}

extension RejectRow {
    static func missing(_ id: UUID) -> StoreError { StoreError(.notFound, "There is no reject \(id).") }

    /// By the number that its id carries.
    static func find(_ connection: SQLiteConnection, _ id: UUID, of run: Run) throws(StoreError) -> StoredReject? {
        try connection.row(
            """
            SELECT number, 0, \(columns) FROM integration_rejects
                WHERE number = ? AND id = ? AND tenant_id = ? AND run_number = ?
            """,
            [.integer(id.row), .id(id), .id(run.tenant), .integer(run.number)]
        ) { row throws(StoreError) in try read(row, run.id) }
    }

    fileprivate static func change(
        _ connection: SQLiteConnection,
        _ reject: StoredReject,
        _ change: RejectChange,
        _ actor: String,
        _ now: Instant
    ) throws(StoreError) {
        var assignments = ["version = version + 1", "updated_at = ?2"]
        var values: [SQLiteValue] = [.integer(reject.number), .time(now)]
        func set(_ column: String, _ value: SQLiteValue) {
            values.append(value)
            assignments.append("\(column) = ?\(values.count)")
        }
        switch change.correction {
        case nil: break
        case .takenBack:
            for column in ["corrected", "corrected_by", "corrected_at"] { set(column, .null) }
        case .set(let raw):
            set("corrected", RejectJSON.text(raw))
            set("corrected_by", .text(actor))
            set("corrected_at", .time(now))
        }
        if let state = change.state { set("state", .text(state)) }
        try connection.change(
            "UPDATE integration_rejects SET \(assignments.joined(separator: ", ")) WHERE number = ?1",
            values
        )
    }
}
