internal import Identifiers
internal import SQLite

/// The directory's pages: sorted entries, many to a row, so that merging a million keys costs thousands of writes.
///
/// A page holds the keys from its `first` on, up to the next page's; a tenant's first page begins at the least key there is.
struct DirectoryPages {
    let connection: SQLiteConnection

    /// What fits beside the key into a quarter of a page of 8 KB, which is what SQLite keeps in one piece.
    static let most = 118
    /// How full new pages are: room for what comes between.
    private static let usual = 88

    func isEmpty(tenant: UUID) throws(SQLiteError) -> Bool {
        try connection.integer("SELECT 1 FROM integration_directory WHERE tenant_id = ? LIMIT 1", [.id(tenant)]) == nil
    }

    /// How many pages and entries a tenant has.
    func size(tenant: UUID) throws(SQLiteError) -> (pages: Int, entries: Int) {
        let sizes = try connection.row(
            "SELECT count(*), coalesce(sum(length(entries)), 0) FROM integration_directory WHERE tenant_id = ?",
            [.id(tenant)]
        ) { row throws(SQLiteError) in (Int(row.int64(0)), Int(row.int64(1)) / 16) }
        return sizes ?? (0, 0)
    }

    /// The statement of `row`: kept by whoever asks often.
    func finder() throws(SQLiteError) -> SQLiteStatement {
        try connection.statement(
            """
            SELECT entries FROM integration_directory WHERE tenant_id = ? AND first <= ?
                ORDER BY first DESC LIMIT 1
            """
        )
    }

    func row(at key: UInt64, tenant: UUID, _ finder: SQLiteStatement) throws(SQLiteError) -> Int64? {
        let wanted = Int64(bitPattern: key)
        try finder.bind(tenant.bytes, at: 1)
        try finder.bind(wanted, at: 2)
        defer { finder.reset() }
        guard try finder.step() else { return nil }
        return finder.withBytes(0) { page in
            var low = 0
            var high = page.count / 16
            while low < high {
                let middle = (low + high) / 2
                let found = DirectoryPages.number(page, 16 * middle)
                if found == wanted { return DirectoryPages.number(page, 16 * middle + 8) }
                if found < wanted { low = middle + 1 } else { high = middle }
            }
            return nil
        }
    }

    func forEachKey(tenant: UUID, _ body: (UInt64) -> Void) throws(SQLiteError) {
        try connection.withStatement("SELECT entries FROM integration_directory WHERE tenant_id = ?", [.id(tenant)]) {
            statement throws(SQLiteError) in
            while try statement.step() {
                statement.withBytes(0) { page in
                    for entry in 0..<page.count / 16 {
                        body(UInt64(bitPattern: DirectoryPages.number(page, 16 * entry)))
                    }
                }
            }
        }
    }

    // MARK: Merging

    /// Takes in entries sorted by key; one with a key that stands there replaces it.
    func merge(_ entries: [DirectoryEntry], tenant: UUID) throws(SQLiteError) {
        let page = try finderOfPages(tenant)
        let write = try connection.statement(
            "INSERT OR REPLACE INTO integration_directory (tenant_id, first, entries) VALUES (?, ?, ?)"
        )
        try write.bind(tenant.bytes, at: 1)
        var start = 0
        while start < entries.count {
            let (first, next, old) = try read(page, entries[start].key)
            var end = start
            while end < entries.count, next.map({ entries[end].key < $0 }) ?? true { end += 1 }
            let part = entries[start..<end]
            try store(old.isEmpty ? part : DirectoryPages.merged(old, part)[...], from: first, write)
            start = end
        }
    }

    private func finderOfPages(_ tenant: UUID) throws(SQLiteError) -> SQLiteStatement {
        let statement = try connection.statement(
            """
            SELECT first, entries FROM integration_directory
                WHERE tenant_id = ?1 AND first >= coalesce(
                    (SELECT max(first) FROM integration_directory WHERE tenant_id = ?1 AND first <= ?2), ?2)
                ORDER BY first LIMIT 2
            """
        )
        try statement.bind(tenant.bytes, at: 1)
        return statement
    }

    /// The page where a key belongs, and where the next page begins.
    private func read(
        _ page: SQLiteStatement,
        _ key: Int64
    ) throws(SQLiteError) -> (first: Int64, next: Int64?, entries: [DirectoryEntry]) {
        try page.bind(key, at: 2)
        defer { page.reset() }
        guard try page.step() else { return (.min, nil, []) }
        let first = page.int64(0)
        let entries = DirectoryPages.entries(page, 1)
        return (first, try page.step() ? page.int64(0) : nil, entries)
    }

    private func store(
        _ entries: ArraySlice<DirectoryEntry>,
        from first: Int64,
        _ write: SQLiteStatement
    ) throws(SQLiteError) {
        let pieces = entries.count <= DirectoryPages.most ? 1 : (entries.count - 1) / DirectoryPages.usual + 1
        for piece in 0..<pieces {
            let start = entries.startIndex + piece * entries.count / pieces
            let part = entries[start..<entries.startIndex + (piece + 1) * entries.count / pieces]
            try write.bind(piece == 0 ? first : part[part.startIndex].key, at: 2)
            // The entries outlive the run.
            try unsafe part.withUnsafeBufferPointer { part throws(SQLiteError) in
                try unsafe write.bindBlob(uncopied: UnsafeRawBufferPointer(part), at: 3)
                try write.run()
            }
        }
    }

    static func merged(_ old: [DirectoryEntry], _ new: ArraySlice<DirectoryEntry>) -> [DirectoryEntry] {
        var result: [DirectoryEntry] = []
        result.reserveCapacity(old.count + new.count)
        var position = 0
        for entry in new {
            while position < old.count, old[position].key < entry.key {
                result.append(old[position])
                position += 1
            }
            if position < old.count, old[position].key == entry.key { position += 1 }
            result.append(entry)
        }
        result.append(contentsOf: old[position...])
        return result
    }

    // MARK: Numbers, little-endian

    private static func number(_ bytes: Span<UInt8>, _ offset: Int) -> Int64 {
        // Bytes hold for any pattern; the load is checked against the span's end.
        unsafe Int64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: Int64.self))
    }

    private static func entries(_ statement: SQLiteStatement, _ column: Int32) -> [DirectoryEntry] {
        let bytes = unsafe statement.uncopiedBytes(column)
        let count = bytes.count / MemoryLayout<DirectoryEntry>.stride
        return unsafe [DirectoryEntry](unsafeUninitializedCapacity: count) { entries, initialized in
            unsafe UnsafeMutableRawBufferPointer(entries).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: bytes[..<(count * MemoryLayout<DirectoryEntry>.stride)])
            )
            initialized = count
        }
    }
}

#if !_endian(little)
    #error("The directory's pages are read and written as they lie in memory: lowest byte first.")
#endif
