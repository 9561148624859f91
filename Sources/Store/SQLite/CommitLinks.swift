internal import Identifiers
internal import Mapping
internal import SQLite

/// What the links say about a batch's rows, and what will be written to them.
final class BatchLinks {
    enum State: UInt8, BitwiseCopyable {
        /// The external id is new.
        case missing
        /// It stands in the table as it is.
        case standing
        /// It stands there, with another hash, or it leads to a row that is gone.
        case changed
        /// To be written.
        case fresh
    }

    /// The row's number; 0 for none. All per row of the batch.
    let rows: CommitArray<Int64>
    /// The bits of the hashes.
    let hashes: CommitArray<Int64>
    /// 1: the config may change the row; 0: it may only fill what is empty.
    let owned: CommitArray<Int64>
    let states: CommitArray<State>

    init(count: Int) {
        rows = CommitArray(count, 0)
        hashes = CommitArray(count, 0)
        owned = CommitArray(count, 0)
        states = CommitArray(count, .missing)
    }
}

/// A config's links of one entity.
struct LinkTable {
    let connection: SQLiteConnection
    let tenant: [UInt8]
    var config: Int64
    let entity: Int64

    private func prepared(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        let statement = try connection.statement(sql)
        try statement.bind(tenant, at: 1)
        try statement.bind(config, at: 2)
        try statement.bind(entity, at: 3)
        return statement
    }

    // MARK: Finding

    /// Beyond so many rows between two keys of the batch, a new search is cheaper than going on.
    private static let patience = 12
    /// After so many searches the batch is sparse: then each key is searched for.
    private static let mostJumps = 64

    /// Looks the keys up, in key order, by going through the links beside them.
    func find(_ order: [Int32], _ keys: RecordColumn, into links: BatchLinks) throws(SQLiteError) {
        let cursor = try prepared(
            """
            SELECT 1 FROM integration_links
                WHERE tenant_id = ? AND config_number = ? AND entity = ? AND external_id >= ?
                    AND program_visit(external_id, row_number, source_hash, owned)
                ORDER BY external_id
            """
        )
        defer { cursor.reset() }
        // The key that is looked for, and how many links were passed since it is.
        var position = 0
        var behind = 0
        var jumps = 0
        while position < order.count {
            // The batch outlives the cursor.
            unsafe try cursor.bindText(uncopied: keys.uncopied(Int(order[position])), at: 4)
            behind = 0
            let isThere = try unsafe connection.step(cursor) { link in
                let externalID = unsafe link.uncopiedBytes(0)
                while position < order.count {
                    let row = Int(order[position])
                    let distance = unsafe RecordColumn.compare(externalID, keys.uncopied(row))
                    if distance < 0 {
                        behind += 1
                        return behind >= LinkTable.patience
                    }
                    if distance == 0 { unsafe take(link, row, links) }
                    position += 1
                    behind = 0
                }
                return true
            }
            cursor.reset()
            guard isThere else { return }
            jumps += 1
            if jumps > LinkTable.mostJumps { return try findEach(order[position...], keys, into: links) }
        }
    }

    @unsafe
    private func take(_ link: SQLiteVisit, _ row: Int, _ links: BatchLinks) {
        links.rows[row] = unsafe link.int64(1)
        links.hashes[row] = unsafe link.int64(2)
        links.owned[row] = unsafe link.int64(3)
        links.states[row] = .standing
    }

    private func findEach(
        _ order: ArraySlice<Int32>,
        _ keys: RecordColumn,
        into links: BatchLinks
    ) throws(SQLiteError) {
        let point = try pointStatement()
        for row in order {
            unsafe try point.bindText(uncopied: keys.uncopied(Int(row)), at: 4)
            if try point.step() { take(point, Int(row), links) }
            point.reset()
        }
    }

    private func pointStatement() throws(SQLiteError) -> SQLiteStatement {
        try prepared(
            """
            SELECT row_number, source_hash, owned FROM integration_links
                WHERE tenant_id = ? AND config_number = ? AND entity = ? AND external_id = ?
            """
        )
    }

    /// The row that one external id leads to.
    func row(of externalID: [UInt8]) throws(SQLiteError) -> Int64? {
        let point = try pointStatement()
        defer { point.reset() }
        try point.bind(String(decoding: externalID, as: UTF8.self), at: 4)
        return try point.step() ? point.int64(0) : nil
    }

    private func take(_ statement: SQLiteStatement, _ row: Int, _ links: BatchLinks) {
        links.rows[row] = statement.int64(0)
        links.hashes[row] = statement.int64(1)
        links.owned[row] = statement.int64(2)
        links.states[row] = .standing
    }

    // MARK: Writing

    /// Writes what is fresh or changed, in key order. Answers the keys that the database refused.
    func write(
        _ links: BatchLinks,
        _ order: [Int32],
        _ keys: RecordColumn
    ) throws(SQLiteError) -> [[UInt8]: SQLiteError] {
        var refused: [[UInt8]: SQLiteError] = [:]
        let insert = "SELECT ?1, ?2, ?3, c0, c1, c2, c3 FROM program_rows"
        try write(order.filter { links.states[Int($0)] == .fresh }, links, keys, insert, &refused)
        let update = """
            \(insert) WHERE true ON CONFLICT (tenant_id, config_number, entity, external_id)
                DO UPDATE SET row_number = excluded.row_number, source_hash = excluded.source_hash, owned = excluded.owned
            """
        try write(order.filter { links.states[Int($0)] == .changed }, links, keys, update, &refused)
        return refused
    }

    private func write(
        _ rows: [Int32],
        _ links: BatchLinks,
        _ keys: RecordColumn,
        _ source: String,
        _ refused: inout [[UInt8]: SQLiteError]
    ) throws(SQLiteError) {
        guard !rows.isEmpty else { return }
        let statement = try prepared(
            """
            INSERT OR FAIL INTO integration_links
                    (tenant_id, config_number, entity, external_id, row_number, source_hash, owned)
                \(source)
            """
        )
        let found = try CommitInsertion.refusals(rows.indices, connection) { positions throws(SQLiteError) in
            try write(rows[positions], links, keys, statement)
        }
        for (position, error) in found { refused[keys.copied(Int(rows[position]))] = error }
    }

    private func write(
        _ rows: ArraySlice<Int32>,
        _ links: BatchLinks,
        _ keys: RecordColumn,
        _ statement: SQLiteStatement
    ) throws(SQLiteError) {
        // Proof: everything lent here outlives the statement's run.
        guard let numbers = unsafe links.rows.lent.baseAddress, let hashes = unsafe links.hashes.lent.baseAddress,
            let owned = unsafe links.owned.lent.baseAddress
        else { return }
        let columns: [SQLiteRows.Column] = unsafe [
            keys.lent(default: nil), .integerByIndex(numbers), .integerByIndex(hashes), .integerByIndex(owned),
        ]
        try unsafe rows.withUnsafeBufferPointer { rows throws(SQLiteError) in
            try unsafe columns.withUnsafeBufferPointer { columns throws(SQLiteError) in
                try unsafe connection.run(statement, over: SQLiteRows(indexes: rows, columns: columns))
            }
        }
    }
}

/// Links that own nothing, by row.
struct SharedRows {
    let connection: SQLiteConnection
    let tenant: UUID
    let config: Int64
    let entity: Int64

    /// Whether the config has a link to the row.
    func contains(_ row: Int64) throws(SQLiteError) -> Bool {
        try connection.integer(
            """
            SELECT 1 FROM integration_shared_rows
                WHERE tenant_id = ? AND entity = ? AND row_number = ? AND config_number = ?
            """,
            [.id(tenant), .integer(entity), .integer(row), .integer(config)]
        ) != nil
    }

    func insert(_ row: Int64, externalID: String) throws(SQLiteError) {
        try connection.execute(
            """
            INSERT OR REPLACE INTO integration_shared_rows
                (tenant_id, entity, row_number, config_number, external_id) VALUES (?, ?, ?, ?, ?)
            """,
            [.id(tenant), .integer(entity), .integer(row), .integer(config), .text(externalID)]
        )
    }

    /// The config's link owns the row from now on.
    func delete(_ row: Int64) throws(SQLiteError) {
        try connection.execute(
            """
            DELETE FROM integration_shared_rows
                WHERE tenant_id = ? AND entity = ? AND row_number = ? AND config_number = ?
            """,
            [.id(tenant), .integer(entity), .integer(row), .integer(config)]
        )
    }
}
