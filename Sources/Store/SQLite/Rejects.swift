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
            let after = PageKey(after, 0)
            let query = PageQuery.rejects(run: number, after: after, tenant: tenant)
            return try connection.page(query, limit: limit) { row throws(StoreError) in try RejectRow.read(row, run) }
                .items
        }
    }

    package func rejects(
        run: UUID,
        _ filter: RejectFilter,
        page: PageRequest,
        tenant: UUID
    ) async throws(StoreError) -> Page<StoredReject> {
        try await read { connection throws(StoreError) in
            let number = try RunRow.require(connection, run, tenant: tenant).number
            let queries = try RejectRow.queries(connection, filter, run: number, after: page.after, tenant: tenant)
            return try connection.page(merging: queries, limit: page.limit, by: { $0.major < $1.major }) {
                row throws(StoreError) in try RejectRow.read(row, run)
            }
        }
    }

    package func rejectGroups(run: UUID, tenant: UUID) async throws(StoreError) -> [RejectGroup] {
        try await read { connection throws(StoreError) in
            let number = try RunRow.require(connection, run, tenant: tenant).number
            // In the index's order, so that nothing is sorted.
            let kinds = try connection.rows(
                """
                SELECT code, field, state, count(*) FROM integration_rejects INDEXED BY integration_rejects_by_state
                    WHERE tenant_id = ? AND run_number = ? GROUP BY state, code, field
                """,
                [.id(tenant), .integer(number)]
            ) { row throws(StoreError) in
                let count = row.int64(3)
                return RejectGroup(
                    code: row.text(0),
                    field: row.text(1),
                    count: count,
                    open: row.text(2) == "open" ? count : 0
                )
            }
            return RejectGroup.joined(kinds)
        }
    }
}

extension RejectGroup {
    /// Groups of one code and field as one, the largest first.
    fileprivate static func joined(_ parts: [RejectGroup]) -> [RejectGroup] {
        var groups: [[String]: RejectGroup] = [:]
        for part in parts {
            guard var group = groups[[part.code, part.field]] else {
                groups[[part.code, part.field]] = part
                continue
            }
            group.count += part.count
            group.open += part.open
            groups[[part.code, part.field]] = group
        }
        return groups.values.sorted { (-$0.count, $0.code, $0.field) < (-$1.count, $1.code, $1.field) }
    }
}

extension PageQuery {
    package static func rejects(
        run: Int64,
        of kind: RejectKind? = nil,
        after: PageKey?,
        tenant: UUID
    ) -> PageQuery {
        var query = PageQuery(
            RejectRow.columns,
            from: "integration_rejects",
            order: .byNumber
        )
        query.require("tenant_id", is: tenant)
        query.require("run_number = ?", .integer(run))
        query.require("code", is: kind?.code)
        query.require("field", is: kind?.field)
        query.require("state", is: kind?.state)
        query.begin(after: after)
        return query
    }
}

/// Rejects that are alike: they stand together in the index, in the order of their numbers.
package struct RejectKind: Sendable {
    package var code: String
    package var field: String
    package var state: String

    package init(code: String, field: String, state: String) {
        self.code = code
        self.field = field
        self.state = state
    }
}

/// The rows of integration_rejects.
enum RejectRow {
    /// Behind the two of a page's key.
    static let columns = """
        id, entity, locator_kind, locator, source, external_id, failures, raw, state, version, corrected, corrected_by,
        corrected_at, replay_run
        """

    static func read(_ row: SQLiteStatement, _ run: UUID) throws(StoreError) -> StoredReject {
        StoredReject(
            number: row.int64(0),
            id: try row.id(2),
            run: run,
            entity: try row.word(3),
            locatorKind: row.text(4),
            locator: row.int64(5),
            source: row.text(6),
            key: row.optionalText(7).map(RecordKey.shown),
            failures: try inColumn { () throws(SQLiteError) in try RejectJSON.failures(row.bytes(8)) },
            raw: try inColumn { () throws(SQLiteError) in try RejectJSON.fields(row.bytes(9)) },
            state: row.text(10),
            correction: row.isNull(12) ? nil : try correction(row),
            version: row.int64(11),
            replayRun: row.isNull(15) ? nil : try row.id(15)
        )
    }

    private static func correction(_ row: SQLiteStatement) throws(StoreError) -> RejectCorrection {
        RejectCorrection(
            raw: try inColumn { () throws(SQLiteError) in try RejectJSON.fields(row.bytes(12)) },
            by: row.text(13),
            at: row.time(14)
        )
    }

    /// One query for each kind that is wanted, so that few among many are found without reading the others.
    static func queries(
        _ connection: SQLiteConnection,
        _ filter: RejectFilter,
        run: Int64,
        after: PageKey?,
        tenant: UUID
    ) throws(StoreError) -> [PageQuery] {
        guard filter != RejectFilter() else { return [.rejects(run: run, after: after, tenant: tenant)] }
        return try kinds(connection, run: run, tenant: tenant).filter { kind in
            (filter.code ?? kind.code) == kind.code && (filter.field ?? kind.field) == kind.field
                && (filter.state ?? kind.state) == kind.state
        }.map { .rejects(run: run, of: $0, after: after, tenant: tenant) }
    }

    /// Jumps from one kind to the next: as many steps as there are kinds, however many rejects. (A comparison of rows would
    /// begin at the kind it stands at, and step through all that are equal.)
    private static func kinds(
        _ connection: SQLiteConnection,
        run: Int64,
        tenant: UUID
    ) throws(StoreError) -> [RejectKind] {
        func first(_ condition: String, _ values: String...) throws(StoreError) -> RejectKind? {
            try connection.row(
                """
                SELECT code, field, state FROM integration_rejects INDEXED BY integration_rejects_by_state
                    WHERE tenant_id = ? AND run_number = ? \(condition) ORDER BY state, code, field LIMIT 1
                """,
                [.id(tenant), .integer(run)] + values.map { .text($0) }
            ) { row throws(StoreError) in RejectKind(code: row.text(0), field: row.text(1), state: row.text(2)) }
        }
        func next(after kind: RejectKind) throws(StoreError) -> RejectKind? {
            let (code, field, state) = (kind.code, kind.field, kind.state)
            if let next = try first("AND state = ? AND code = ? AND field > ?", state, code, field) { return next }
            if let next = try first("AND state = ? AND code > ?", state, code) { return next }
            return try first("AND state > ?", state)
        }
        var kinds: [RejectKind] = []
        var found = try first("")
        while let kind = found {
            kinds.append(kind)
            found = try next(after: kind)
        }
        return kinds
    }
}

func inColumn<Value>(_ read: () throws(SQLiteError) -> Value) throws(StoreError) -> Value {
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

    /// - Parameters:
    ///   - tries: by how many runs the record has been tried again, if it waits.
    ///   - isSuperseded: another record has its place already, so that it must not wait.
    func write(
        _ reject: RowReject,
        _ source: RecordSource,
        _ numbers: RowNumbers,
        tries: Int64,
        isSuperseded: Bool
    ) throws(SQLiteError) {
        let new = numbers.take()
        let first = reject.failures.first
        let waits = reject.isWaiting && tries < WaitingRecords.mostTries
        let state = reject.isWaiting && isSuperseded ? "dismissed" : waits ? "waiting" : "open"
        try connection.execute(
            """
            INSERT INTO integration_rejects (number, id, tenant_id, run_number, config_number, entity, locator_kind,
                    locator, source, external_id, field, code, message, failures, raw, state, created_at, updated_at,
                    stream, tries, tried_by)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?17, ?18, ?19, ?4)
            """,
            [
                .integer(new.number), .id(new.id), .id(lease.run.tenant), .integer(lease.run.number),
                .integer(lease.config.number), .text(entity.rawValue), .text(source.locatorKind),
                .integer(reject.locator),
                .text(source.name), SQLiteValue(reject.key), .text(first?.field ?? ""), .text(first?.code ?? ""),
                .text(first?.message ?? ""),
                RejectJSON.text(reject.failures), RejectJSON.text(reject.raw),
                .text(state), .time(now), .text(source.stream), .integer(tries),
            ]
        )
    }
}

/// Failures and source fields as they stand in the tables.
enum RejectJSON {
    static func text(_ failures: [FieldFailure]) -> SQLiteValue {
        text { writer in
            for failure in failures {
                writer.beginObject()
                writer.member("field", failure.field)
                writer.member("source", failure.source)
                writer.member("code", failure.code)
                writer.member("message", failure.message)
                writer.member("hint", failure.hint)
                writer.member("value", failure.value)
                writer.endObject()
            }
        }
    }

    /// A field that the row lacks has a name alone.
    static func text(_ fields: [RawField]) -> SQLiteValue {
        text { writer in
            for field in fields {
                writer.beginObject()
                writer.member("name", field.name)
                if !field.isAbsent { writer.member("value", field.value) }
                writer.endObject()
            }
        }
    }

    /// An array, written without building its values first: a file may have very many rejects.
    private static func text(_ items: (inout JSONWriter) -> Void) -> SQLiteValue {
        var writer = JSONWriter()
        writer.beginArray()
        items(&writer)
        writer.endArray()
        return .text(String(decoding: writer.bytes, as: UTF8.self))
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
        try array(text).map { field in
            RawField(
                name: field["name"]?.stringValue ?? "",
                value: field["value"]?.stringValue,
                isAbsent: field["value"] == nil
            )
        }
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

extension JSONWriter {
    fileprivate mutating func member(_ name: String, _ value: String?) {
        self.name(name)
        if let value { string(value) } else { null() }
    }
}
