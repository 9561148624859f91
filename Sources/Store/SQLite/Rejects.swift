internal import Changes
package import Identifiers
internal import JSON
internal import Mapping
internal import SQLite
internal import Time

extension SQLiteStore {
    package func rejects(
        run: UUID,
        tenant: UUID,
        after: Int64,
        limit: Int
    ) async throws(StoreError) -> [StoredReject] {
        try await read { connection throws(StoreError) in
            let number = try RunRow.require(connection, run, tenant: tenant).number
            return try connection.rows(
                """
                SELECT number, id, entity, locator_kind, locator, source, external_id, failures, raw, state
                    FROM integration_rejects
                    WHERE tenant_id = ? AND run_number = ? AND number > ? ORDER BY number LIMIT ?
                """,
                [.id(tenant), .integer(number), .integer(after), .integer(Int64(limit))]
            ) { row throws(StoreError) in
                StoredReject(
                    number: row.int64(0),
                    id: try row.id(1),
                    run: run,
                    entity: try row.word(2),
                    locatorKind: row.text(3),
                    locator: row.int64(4),
                    source: row.text(5),
                    key: row.optionalText(6),
                    failures: try inColumn { () throws(SQLiteError) in try RejectJSON.failures(row.bytes(7)) },
                    raw: try inColumn { () throws(SQLiteError) in try RejectJSON.fields(row.bytes(8)) },
                    state: row.text(9)
                )
            }
        }
    }
}

private func inColumn<Value>(_ read: () throws(SQLiteError) -> Value) throws(StoreError) -> Value {
    do throws(SQLiteError) {
        return try read()
    } catch {
        throw StoreError(error)
    }
}

/// Writes a run's rejects.
struct RejectWriter {
    let connection: SQLiteConnection
    let lease: RunLease
    let entity: Entity
    let now: Instant

    func write(_ reject: RowReject, _ source: RecordSource, _ numbers: RowNumbers) throws(SQLiteError) {
        let new = numbers.take()
        let first = reject.failures.first
        try connection.execute(
            """
            INSERT INTO integration_rejects (number, id, tenant_id, run_number, config_number, entity, locator_kind,
                    locator, source, external_id, code, message, failures, raw, state, created_at, updated_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 'open', ?15, ?15)
            """,
            [
                .integer(new.number), .id(new.id), .id(lease.run.tenant), .integer(lease.run.number),
                .integer(lease.config.number), .text(entity.rawValue), .text(source.locatorKind),
                .integer(reject.locator),
                .text(source.name), SQLiteValue(reject.key), .text(first?.code ?? ""), .text(first?.message ?? ""),
                .json(RejectJSON.value(reject.failures)), .json(RejectJSON.value(reject.raw)), .time(now),
            ]
        )
    }
}

/// Failures and source fields as they stand in the tables.
enum RejectJSON {
    static func value(_ failures: [FieldFailure]) -> JSONValue {
        .array(
            failures.map { failure in
                [
                    "field": .string(failure.field), "source": .string(failure.source), "code": .string(failure.code),
                    "message": .string(failure.message), "hint": .string(failure.hint),
                    "value": failure.value.map { .string($0) } ?? .null,
                ]
            }
        )
    }

    static func value(_ fields: [RawField]) -> JSONValue {
        .array(
            fields.map { field in
                ["name": .string(field.name), "value": field.value.map { .string($0) } ?? .null]
            }
        )
    }

    static func failures(_ text: [UInt8]) throws(SQLiteError) -> [FieldFailure] {
        try array(text).map { object in
            FieldFailure(
                field: object["field"]?.stringValue ?? "",
                source: object["source"]?.stringValue ?? "",
                code: object["code"]?.stringValue ?? "",
                message: object["message"]?.stringValue ?? "",
                hint: object["hint"]?.stringValue ?? "",
                value: object["value"]?.stringValue
            )
        }
    }

    static func fields(_ text: [UInt8]) throws(SQLiteError) -> [RawField] {
        try array(text).map { RawField(name: $0["name"]?.stringValue ?? "", value: $0["value"]?.stringValue) }
    }

    /// What this program wrote as an array; anything else is a damaged database.
    static func array(_ text: [UInt8]) throws(SQLiteError) -> [JSONValue] {
        do throws(JSONError) {
            if case .array(let values) = try JSONValue(parsing: text) { return values }
        } catch {
            throw .damaged("a JSON text can't be read: \(error)")
        }
        throw .damaged("a JSON text is no array")
    }
}
