internal import Changes
internal import Identifiers
internal import JSON
internal import Mapping
internal import SQLite

/// A person's record that waits for its e-mail: what is compared while the run goes on.
struct WaitingRecord: Equatable {
    var number: Int64
    var key: [UInt8]
    var emailKey: UInt64
    var hash: UInt64
    var order: [UInt8]?
    var locator: Int64

    static func read(
        _ connection: SQLiteConnection,
        tenant: UUID,
        run: Int64
    ) throws(SQLiteError) -> [WaitingRecord] {
        try connection.rows(
            """
            SELECT number, external_id, email_key, source_hash, order_value, locator
                FROM integration_waiting WHERE tenant_id = ? AND run_number = ? ORDER BY number
            """,
            [.id(tenant), .integer(run)]
        ) { row throws(SQLiteError) in
            WaitingRecord(
                number: row.int64(0),
                key: row.bytes(1),
                emailKey: UInt64(bitPattern: row.int64(2)),
                hash: UInt64(bitPattern: row.int64(3)),
                order: row.optionalBytes(4),
                locator: row.int64(5)
            )
        }
    }
}

/// The records as they stand in integration_waiting: mapped values and source fields.
struct WaitingTable {
    let connection: SQLiteConnection
    let lease: RunLease

    func insert(_ record: WaitingRecord, _ batch: PreparedBatch, row: Int, raw: [RawField]) throws(SQLiteError) {
        try connection.execute(
            """
            INSERT INTO integration_waiting (tenant_id, run_number, number, external_id, email_key, source_hash,
                    order_value, locator_kind, locator, source, record, raw)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .id(lease.run.tenant), .integer(lease.run.number), .integer(record.number),
                .text(String(decoding: record.key, as: UTF8.self)), .integer(Int64(bitPattern: record.emailKey)),
                .integer(Int64(bitPattern: record.hash)), SQLiteValue(record.order), .text(batch.locatorKind),
                .integer(record.locator), .text(batch.source), .json(WaitingJSON.value(batch.mapped, row)),
                .json(RejectJSON.value(raw)),
            ]
        )
    }

    func deleteAll() throws(StoreError) {
        try connection.change(
            "DELETE FROM integration_waiting WHERE tenant_id = ? AND run_number = ?",
            [.id(lease.run.tenant), .integer(lease.run.number)]
        )
    }

    /// Some of the run's records, as a batch in source order.
    func read(from first: Int64, to last: Int64) throws(SQLiteError) -> WaitingBatch {
        let records = try connection.rows(
            """
            SELECT record, raw, locator_kind, locator, source FROM integration_waiting
                WHERE tenant_id = ? AND run_number = ? AND number BETWEEN ? AND ? ORDER BY number
            """,
            [.id(lease.run.tenant), .integer(lease.run.number), .integer(first), .integer(last)]
        ) { row throws(SQLiteError) in
            (
                cells: try WaitingJSON.cells(row.bytes(0)), raw: try RejectJSON.fields(row.bytes(1)),
                locator: row.int64(3), source: RecordSource(locatorKind: row.text(2), name: row.text(4))
            )
        }
        return WaitingBatch(
            mapped: WaitingJSON.batch(records.map(\.cells), records.map(\.locator), .users),
            sources: records.map(\.source),
            raw: records.map(\.raw)
        )
    }

    func delete(_ number: Int64) throws(SQLiteError) {
        try connection.execute(
            "DELETE FROM integration_waiting WHERE tenant_id = ? AND run_number = ? AND number = ?",
            [.id(lease.run.tenant), .integer(lease.run.number), .integer(number)]
        )
    }
}

/// Records that have waited, as a batch again.
struct WaitingBatch {
    var mapped: MappedBatch
    /// By row.
    var sources: [RecordSource]
    var raw: [[RawField]]
}

/// One mapped row as JSON: per column its name, write rule, state and value.
enum WaitingJSON {
    struct Cell {
        var field: String
        var write: WriteRule
        var state: ValueState
        var value: String
        /// Whether the field holds numbers.
        var isNumber: Bool
    }

    static func value(_ batch: MappedBatch, _ row: Int) -> JSONValue {
        .array(
            batch.columns.map { column in
                [
                    "field": .string(column.target.name), "write": .string(column.write.rawValue),
                    "state": .integer(Int64(column.states[row])), "value": .string(column.text(row) ?? ""),
                    "number": .bool(column.target.rule.isNumber),
                ]
            }
        )
    }

    static func cells(_ text: [UInt8]) throws(SQLiteError) -> [Cell] {
        try RejectJSON.array(text).map { cell in
            Cell(
                field: cell["field"]?.stringValue ?? "",
                write: cell["write"]?.stringValue.flatMap(WriteRule.init) ?? .always,
                state: cell["state"]?.integerValue.flatMap { UInt8(exactly: $0) }.flatMap(ValueState.init) ?? .absent,
                value: cell["value"]?.stringValue ?? "",
                isNumber: cell["number"]?.boolValue ?? false
            )
        }
    }

    /// All records of a run are of one mapping version: they have the same columns.
    static func batch(_ records: [[Cell]], _ locators: [Int64], _ entity: Entity) -> MappedBatch {
        let columns = (records.first ?? []).indices.map { position in
            let first = records[0][position]
            var states: [UInt8] = []
            var offsets: [Int32] = [0]
            var bytes: [UInt8] = []
            for record in records {
                let cell = record.first { $0.field == first.field }
                states.append((cell?.state ?? .absent).rawValue)
                bytes += (cell?.value ?? "").utf8
                offsets.append(Int32(bytes.count))
            }
            let rule: TargetField.Rule = first.isNumber ? .number(-.infinity ... .infinity) : .text
            let target = entity.fields.first { $0.name == first.field } ?? TargetField(first.field, rule)
            return MappedColumn(target: target, write: first.write, states: states, offsets: offsets, bytes: bytes)
        }
        return MappedBatch(
            entity: entity,
            count: records.count,
            columns: columns,
            accepted: records.indices.map { Int32($0) },
            locators: locators
        )
    }
}

extension TargetField.Rule {
    fileprivate var isNumber: Bool {
        switch self {
        case .integer, .number: true
        case .text, .identifier, .email, .date, .instant, .oneOf: false
        }
    }
}
