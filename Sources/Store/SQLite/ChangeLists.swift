internal import Changes
package import Identifiers
internal import JSON
internal import Mapping
internal import SQLite
internal import Time

extension SQLiteStore {
    package func changes(
        run: UUID,
        page: PageRequest,
        tenant: UUID
    ) async throws(StoreError) -> Page<RecordedChange> {
        try await read { connection throws(StoreError) in
            let number = try RunRow.require(connection, run, tenant: tenant).number
            let images = try RowImages(connection, tenant: tenant)
            let query = PageQuery.changes(run: number, from: page.after, tenant: tenant)
            let entries = try connection.changeEntries(query, after: page.after, limit: page.limit)
            var placed: [Placed<RecordedChange>] = []
            for entry in entries { placed.append(Placed(key: entry.key, item: try images.change(entry))) }
            return Page(placed, limit: page.limit)
        }
    }
}

extension PageQuery {
    /// From the row of the key on: it may stand for more rows than the page before had room for.
    package static func changes(run: Int64, from key: PageKey?, tenant: UUID) -> PageQuery {
        var query = PageQuery(
            "entity, kind, row_number, count, external_id, before, after, created_at",
            from: "integration_changes",
            order: .byNumber
        )
        query.require("tenant_id", is: tenant)
        query.require("run_number = ?", .integer(run))
        if let key { query.require("number >= ?", .integer(key.major)) }
        return query
    }
}

/// What integration_changes says of one row: a line for many is as many of these.
struct ChangeEntry {
    /// The line's number, and which of its rows.
    var key: PageKey
    var entity: Entity
    var effect: RecordedChange.Effect
    var row: Int64
    var externalID: String?
    var before: JSONObject
    var after: JSONObject
    var at: Instant
}

extension SQLiteConnection {
    /// One more than a page takes, if there are so many.
    fileprivate func changeEntries(
        _ query: PageQuery,
        after: PageKey?,
        limit: Int
    ) throws(StoreError) -> [ChangeEntry] {
        try withStatement(query.sql, query.values) { line throws(StoreError) in
            var entries: [ChangeEntry] = []
            while entries.count <= limit, try line.advance() {
                let number = line.int64(0)
                let first = line.int64(4)
                let count = line.int64(5)
                let start = after?.major == number ? min(max(after?.minor ?? -1, -1), count) + 1 : 0
                let end = min(count, start + Int64(limit + 1 - entries.count))
                guard start < end else { continue }
                let entry = try line.changeEntry()
                for offset in start..<end {
                    var next = entry
                    next.key = PageKey(number, offset)
                    next.row = first + offset
                    entries.append(next)
                }
            }
            return entries
        }
    }
}

extension SQLiteStatement {
    fileprivate func changeEntry() throws(StoreError) -> ChangeEntry {
        guard let entity = Entity(number: int64(2)) else { throw damaged("a change of an entity that nothing applies") }
        return ChangeEntry(
            key: PageKey(int64(0), 0),
            entity: entity,
            effect: try word(3),
            row: int64(4),
            externalID: optionalText(6),
            before: try object(7),
            after: try object(8),
            at: time(9)
        )
    }

    /// Empty for NULL.
    fileprivate func object(_ column: Int32) throws(StoreError) -> JSONObject {
        guard !isNull(column) else { return JSONObject() }
        guard let object = try json(column).objectValue else { throw damaged("column \(column) is no JSON object") }
        return object
    }
}
