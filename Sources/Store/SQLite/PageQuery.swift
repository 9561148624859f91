internal import Identifiers
internal import JSON
package import SQLite
internal import Time

/// The SELECT behind a page: which rows, in which order. Its own columns come after the two of the row's key.
///
/// The rows come one by one, so that whoever reads them stops when the page is full; the order must be an index's.
package struct PageQuery: Sendable {
    package enum Order: Sendable {
        /// By time and number, the greatest first.
        case newestFirst
        /// By number, the smallest first.
        case byNumber
    }

    private let columns: String
    private let table: String
    private let order: Order
    private var conditions: [String] = []
    private var required: [SQLiteValue] = []
    /// The newest instant that is wanted: one bound, however many say so, or the index for it hides better ones.
    private var newest: Int64?

    /// Columns that a page's own columns come after.
    static let keyColumns: Int32 = 2

    /// How many rows one page looks at for those that are wanted, at most.
    static let mostLookedAt = 100_000

    init(_ columns: String, from table: String, order: Order) {
        self.columns = columns
        self.table = table
        self.order = order
    }

    package var sql: String {
        let key =
            switch order {
            case .newestFirst: "created_at, number"
            case .byNumber: "number, 0"
            }
        let along =
            switch order {
            case .newestFirst: "created_at DESC, number DESC"
            case .byNumber: "number"
            }
        let all = (conditions + (newest == nil ? [] : ["created_at <= ?"])).joined(separator: " AND ")
        return "SELECT \(key), \(columns) FROM \(table) WHERE \(all) ORDER BY \(along)"
    }

    /// By the parameters of `sql`.
    package var values: [SQLiteValue] { required + (newest.map { [.integer($0)] } ?? []) }

    mutating func require(_ condition: String, _ more: SQLiteValue...) {
        conditions.append(condition)
        required += more
    }

    /// Nothing is required where the value is nil.
    mutating func require(_ column: String, is value: String?) {
        if let value { require("\(column) = ?", .text(value)) }
    }

    mutating func require(_ column: String, is value: UUID?) {
        if let value { require("\(column) = ?", .id(value)) }
    }

    mutating func require(since: Instant?, until: Instant?) {
        if let since { require("created_at >= ?", .time(since)) }
        if let until { require(noneAfter: (until + .microseconds(-1)).microseconds) }
    }

    private mutating func require(noneAfter instant: Int64) {
        newest = min(newest ?? instant, instant)
    }

    mutating func begin(after key: PageKey?) {
        guard let key else { return }
        switch order {
        case .newestFirst:
            // The first is what the index begins at; the second tells rows of one instant apart.
            require(noneAfter: key.major)
            require("(created_at < ? OR number < ?)", .integer(key.major), .integer(key.minor))
        case .byNumber: require("number > ?", .integer(key.major))
        }
    }
}

/// An item and where it stands in its list.
struct Placed<Item: Sendable>: Sendable {
    var key: PageKey
    var item: Item
}

extension SQLiteConnection {
    /// One page of a list; `read` answers nil for a row that is not wanted. So that nobody waits long, no more rows are
    /// looked at than `mostLookedAt`: the next page goes on from there.
    func page<Item: Sendable>(
        _ query: PageQuery,
        limit: Int,
        mostLookedAt: Int = PageQuery.mostLookedAt,
        _ read: (SQLiteStatement) throws(StoreError) -> Item?
    ) throws(StoreError) -> Page<Item> {
        let found = try placed(query, limit: limit, mostLookedAt: mostLookedAt, read)
        guard found.items.count <= limit, let stop = found.stop else { return Page(found.items, limit: limit) }
        return Page(items: found.items.map(\.item), next: stop)
    }

    /// One page of a list that several queries make together, each in the same order and without rows that are not wanted.
    func page<Item: Sendable>(
        merging queries: [PageQuery],
        limit: Int,
        by precedes: (PageKey, PageKey) -> Bool,
        _ read: (SQLiteStatement) throws(StoreError) -> Item
    ) throws(StoreError) -> Page<Item> {
        var all: [Placed<Item>] = []
        for query in queries {
            all += try placed(query, limit: limit, mostLookedAt: .max) { row throws(StoreError) in try read(row) }.items
        }
        return Page(all.sorted { precedes($0.key, $1.key) }, limit: limit)
    }

    /// The first rows that are wanted, one more than a page takes: whether it is there says whether another page follows.
    /// `stop`: the last that was looked at, if enough were.
    private func placed<Item: Sendable>(
        _ query: PageQuery,
        limit: Int,
        mostLookedAt: Int,
        _ read: (SQLiteStatement) throws(StoreError) -> Item?
    ) throws(StoreError) -> (items: [Placed<Item>], stop: PageKey?) {
        try withStatement(query.sql, query.values) { row throws(StoreError) in
            var items: [Placed<Item>] = []
            var looked = 0
            while items.count <= limit, try row.advance() {
                let key = PageKey(row.int64(0), row.int64(1))
                if let item = try read(row) { items.append(Placed(key: key, item: item)) }
                looked += 1
                if looked == mostLookedAt { return (items, key) }
            }
            return (items, nil)
        }
    }
}

extension SQLiteStatement {
    /// The next row; false after the last.
    func advance() throws(StoreError) -> Bool {
        do throws(SQLiteError) {
            return try step()
        } catch {
            throw StoreError(error)
        }
    }
}

extension Page {
    /// What more than a page holds is the next one's.
    init(_ placed: [Placed<Item>], limit: Int) {
        let mine = placed.prefix(limit)
        self.init(items: mine.map(\.item), next: placed.count > limit ? mine.last?.key : nil)
    }
}

/// A part of a text, in upper or lower case.
struct TextPart {
    private let part: String?

    init(_ part: String?) {
        self.part = part?.lowercased()
    }

    func isIn(_ text: String) -> Bool {
        guard let part, !part.isEmpty else { return true }
        return text.lowercased().holds(part)
    }
}
