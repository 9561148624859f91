internal import Changes
internal import Identifiers
internal import JSON
internal import Mapping
internal import SQLite

/// A record that waits, for an e-mail or for the guard: what is compared while the run goes on.
struct WaitingRecord: Equatable {
    var number: Int64
    var key: [UInt8]
    var emailKey: UInt64
    var hash: UInt64
    var order: [UInt8]?
    var locator: Int64

    /// Those that wait for their e-mail.
    static func read(
        _ connection: SQLiteConnection,
        tenant: UUID,
        run: Int64
    ) throws(SQLiteError) -> [WaitingRecord] {
        try connection.rows(
            """
            SELECT number, external_id, email_key, source_hash, order_value, locator
                FROM integration_waiting INDEXED BY integration_waiting_emails
                WHERE tenant_id = ? AND run_number = ? AND effect IS NULL ORDER BY number
            """,
            [.id(tenant), .integer(run)]
        ) { row throws(SQLiteError) in WaitingRecord(row) }
    }

    /// The number of the next one.
    static func next(_ connection: SQLiteConnection, tenant: UUID, run: Int64) throws(SQLiteError) -> Int64 {
        let last = try connection.integer(
            "SELECT max(number) FROM integration_waiting WHERE tenant_id = ? AND run_number = ?",
            [.id(tenant), .integer(run)]
        )
        return last.map { $0 + 1 } ?? 0
    }

    /// The keys of the e-mails that records which are set aside want.
    static func setAsideClaims(
        _ connection: SQLiteConnection,
        tenant: UUID,
        run: Int64
    ) throws(SQLiteError) -> Set<UInt64> {
        var claims: Set<UInt64> = []
        try connection.withStatement(
            """
            SELECT email_key FROM integration_waiting INDEXED BY integration_waiting_claims
                WHERE tenant_id = ? AND run_number = ? AND effect IS NOT NULL AND email_key <> 0
            """,
            [.id(tenant), .integer(run)]
        ) { row throws(SQLiteError) in
            while try row.step() { claims.insert(UInt64(bitPattern: row.int64(0))) }
        }
        return claims
    }
}

extension WaitingRecord {
    /// From the columns number, external_id, email_key, source_hash, order_value, locator.
    init(_ row: SQLiteStatement) {
        self.init(
            number: row.int64(0),
            key: row.bytes(1),
            emailKey: UInt64(bitPattern: row.int64(2)),
            hash: UInt64(bitPattern: row.int64(3)),
            order: row.optionalBytes(4),
            locator: row.int64(5)
        )
    }
}

/// The records as they stand in integration_waiting: mapped values and source fields.
struct WaitingTable {
    let connection: SQLiteConnection
    let lease: RunLease
    let entity: Entity

    private var run: [SQLiteValue] { [.id(lease.run.tenant), .integer(lease.run.number)] }

    /// - Parameter effect: the row of integration_effects of a record that is set aside.
    func insert(
        _ record: WaitingRecord,
        _ batch: PreparedBatch,
        row: Int,
        raw: [RawField],
        stream: String,
        effect: Int64? = nil
    ) throws(SQLiteError) {
        try connection.execute(
            """
            INSERT INTO integration_waiting (tenant_id, run_number, number, external_id, email_key, source_hash,
                    order_value, locator_kind, locator, source, record, raw, entity, stream, effect)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            run + [
                .integer(record.number),
                .text(String(decoding: record.key, as: UTF8.self)), .integer(Int64(bitPattern: record.emailKey)),
                .integer(Int64(bitPattern: record.hash)), SQLiteValue(record.order), .text(batch.locatorKind),
                .integer(record.locator), .text(batch.source), .json(WaitingJSON.value(batch.mapped, row)),
                RejectJSON.text(raw), .integer(entity.number), .text(stream), SQLiteValue(effect),
            ]
        )
    }

    /// Which records of the entity are meant.
    enum Which {
        /// Those that wait for their e-mail, and no others.
        case emails
        /// With those that are set aside.
        case all
        /// Those that are held.
        case held
    }

    /// Where the records stand, in source order, with their keys: the first `limit` after a number.
    func places(
        _ which: Which,
        after number: Int64 = -1,
        limit: Int64 = -1
    ) throws(SQLiteError) -> [(number: Int64, key: [UInt8])] {
        try connection.rows(
            """
            SELECT waiting.number, waiting.external_id FROM integration_waiting AS waiting \(index(which))
                WHERE waiting.tenant_id = ? AND waiting.run_number = ? AND waiting.entity = ? AND waiting.number > ?
                    AND \(condition(which)) ORDER BY waiting.number LIMIT ?
            """,
            run + [.integer(entity.number), .integer(number), .integer(limit)]
        ) { row throws(SQLiteError) in (row.int64(0), row.bytes(1)) }
    }

    /// Those that wait for an e-mail may be few among a million that are set aside.
    private func index(_ which: Which) -> String {
        switch which {
        case .emails: "INDEXED BY integration_waiting_emails"
        case .all, .held: ""
        }
    }

    private func condition(_ which: Which) -> String {
        switch which {
        case .all: "true"
        case .emails: "waiting.effect IS NULL"
        case .held:
            "(SELECT state FROM integration_effects AS effect WHERE effect.number = waiting.effect) = 'pending'"
        }
    }

    /// Some of them as batches in source order: of each the records have the same columns.
    func read(_ which: Which, from first: Int64, to last: Int64) throws(SQLiteError) -> [WaitingBatch] {
        let records = try connection.rows(
            """
            SELECT record, raw, locator_kind, locator, source, stream, waiting.number, shown.number, shown.row_number,
                    shown.before, shown.after
                FROM integration_waiting AS waiting \(index(which))
                    LEFT JOIN integration_effects AS shown ON shown.number = waiting.effect
                WHERE waiting.tenant_id = ? AND waiting.run_number = ? AND waiting.entity = ?
                    AND waiting.number BETWEEN ? AND ? AND \(condition(which)) ORDER BY waiting.number
            """,
            run + [.integer(entity.number), .integer(first), .integer(last)]
        ) { row throws(SQLiteError) in
            (
                cells: try WaitingJSON.cells(row.bytes(0)), raw: try RejectJSON.fields(row.bytes(1)),
                locator: row.int64(3),
                source: RecordSource(locatorKind: row.text(2), name: row.text(4), stream: row.text(5)),
                number: row.int64(6), shown: try ShownEffect(row, from: 7)
            )
        }
        var batches: [WaitingBatch] = []
        var start = 0
        while start < records.count {
            let fields = records[start].cells.map(\.field)
            let end = records[start...].firstIndex { $0.cells.map(\.field) != fields } ?? records.count
            let same = records[start..<end]
            batches.append(
                WaitingBatch(
                    mapped: WaitingJSON.batch(same.map(\.cells), same.map(\.locator), entity),
                    numbers: same.map(\.number),
                    sources: same.map(\.source),
                    raw: same.map(\.raw),
                    shown: same.map(\.shown)
                )
            )
            start = end
        }
        return batches
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
    /// By row, like those below.
    var numbers: [Int64]
    var sources: [RecordSource]
    var raw: [[RawField]]
    /// nil for a record that waits for its e-mail.
    var shown: [ShownEffect?]
}

extension ShownEffect {
    /// From the columns number, row_number, before, after; nil where they are NULL.
    fileprivate init?(_ row: SQLiteStatement, from column: Int32) throws(SQLiteError) {
        guard !row.isNull(column) else { return nil }
        effect = row.int64(column)
        self.row = row.int64(column + 1)
        guard let before = RowChanges.object(row.bytes(column + 2)),
            let after = RowChanges.object(row.bytes(column + 3))
        else { throw .damaged("what an effect has shown is no JSON object") }
        (self.before, self.after) = (before, after)
    }
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

    /// The records have the same columns.
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
