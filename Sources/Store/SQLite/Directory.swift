internal import Changes
internal import Identifiers
internal import SQLite

/// How people are found by something else than a link: keys of e-mails and the like, and the rows they lead to. For one
/// transaction and one tenant.
///
/// An entry is never taken back: one whose row has another value by now is stale, is seen as such when the row is read,
/// and its place is taken by the next row with that value. A value's rows stand at places 0, 1, 2 … (`DirectoryKeys.probe`),
/// without a gap.
///
/// New entries stay in memory, and in the log of the transaction that made them; beyond a limit they are merged into the
/// pages, in key order: one by one they would cost the import three times over.
final class Directory {
    private let state: DirectoryState
    private let pages: DirectoryPages
    private let finder: SQLiteStatement
    private let tenant: UUID
    private var tenantIndex: Int
    private var log: DirectoryLog

    init(_ connection: SQLiteConnection, state: DirectoryState, tenant: UUID) throws(SQLiteError) {
        self.state = state
        self.tenant = tenant
        pages = DirectoryPages(connection: connection)
        log = DirectoryLog(connection)
        finder = try pages.finder()
        tenantIndex = state.memory.index(of: tenant)
    }

    // MARK: Finding

    /// Whether nobody was ever entered under the key: of most new people this is all there is to know.
    func isFree(_ key: UInt64) throws(SQLiteError) -> Bool {
        try row(at: key) == nil
    }

    /// Has the places of keys fetched that will be asked for soon.
    func prefetch(_ keys: [UInt64], _ rows: ArraySlice<Int32>) {
        for row in rows {
            let key = keys[Int(row)]
            state.memory.prefetch(key)
            state.filter?.prefetch(key)
        }
    }

    /// A value that more rows have tells nobody from the others, and is not followed further.
    static let mostRows = 16

    /// The first rows under the key that `isLive` says have the value.
    func find(
        _ key: UInt64,
        isLive: (Int64) throws(SQLiteError) -> Bool
    ) throws(SQLiteError) -> [Int64] {
        var rows: [Int64] = []
        var ordinal = 0
        while rows.count < Directory.mostRows, let row = try row(at: DirectoryKeys.probe(key, ordinal)) {
            if !rows.contains(row) {
                if try isLive(row) { rows.append(row) }
            }
            ordinal += 1
        }
        return rows
    }

    private func row(at place: UInt64) throws(SQLiteError) -> Int64? {
        try state.load(pages.connection)
        if let row = state.memory.row(at: place) { return row }
        if state.tenant != tenant { try state.turn(to: tenant, pages) }
        if state.pagesAreEmpty { return nil }
        if state.misses >= state.missesUntilFilter { try state.makeFilter(pages) }
        if state.filter?.mayContain(place) == false { return nil }
        let row = try pages.row(at: place, tenant: tenant, finder)
        if row == nil, state.filter == nil { state.misses += 1 }
        return row
    }

    // MARK: Adding

    /// Enters a row under a key that `isFree`.
    func addFirst(_ key: UInt64, row: Int64) {
        state.memory.set(key, row: row, tenant: tenantIndex)
        log.append(key, row: row)
    }

    /// Enters a row under a key, at the first place that is free or whose row has another value by now.
    func add(
        _ key: UInt64,
        row: Int64,
        isLive: (Int64) throws(SQLiteError) -> Bool
    ) throws(SQLiteError) {
        for ordinal in 0..<4 {
            let place = DirectoryKeys.probe(key, ordinal)
            guard let other = try self.row(at: place) else { return addFirst(place, row: row) }
            if other == row { return }
            if try !isLive(other) { return addFirst(place, row: row) }
        }
        addFirst(DirectoryKeys.probe(key, try firstFree(key, from: 4)), row: row)
    }

    /// Thousands may have a username like `n/a`: the first free place is found by doubling and halving.
    private func firstFree(_ key: UInt64, from first: Int) throws(SQLiteError) -> Int {
        var taken = first - 1
        var step = 1
        while try row(at: DirectoryKeys.probe(key, taken + step)) != nil {
            taken += step
            step *= 2
        }
        var free = taken + step
        while free - taken > 1 {
            let middle = (taken + free) / 2
            if try row(at: DirectoryKeys.probe(key, middle)) == nil { free = middle } else { taken = middle }
        }
        return free
    }

    // MARK: Keeping

    /// Writes what was added to the log.
    func writeLog() throws(SQLiteError) {
        try log.write(tenant: tenant)
    }

    /// Whether so much is in memory that it must be merged in this transaction.
    var isFull: Bool { state.memory.count > state.limit || state.memory.tenants.count > 4_096 }

    /// Moves what is in memory into the pages.
    func merge() throws(SQLiteError) {
        try writeLog()
        try state.load(pages.connection)
        let memory = state.memory
        let parts = memory.tenants.indices.map { (tenant: memory.tenants[$0], entries: memory.sorted(tenant: $0)) }
        // Given back before the pages are written: this is where a commit needs most memory.
        state.memory = DirectoryMemory()
        tenantIndex = state.memory.index(of: tenant)
        for part in parts where !part.entries.isEmpty {
            try pages.merge(part.entries, tenant: part.tenant)
            try state.pagesTookIn(part.entries, of: part.tenant, pages)
        }
        try log.clear()
    }
}

/// What the writer remembers of the directory between transactions. After a transaction that failed it is read anew.
final class DirectoryState {
    /// Entries in memory: 4 MB.
    static let usualLimit = 196_608

    fileprivate var memory = DirectoryMemory()
    fileprivate var tenant: UUID?
    fileprivate var pagesAreEmpty = true
    fileprivate var filter: DirectoryFilter?
    fileprivate var misses = 0
    fileprivate var missesUntilFilter = Int.max
    fileprivate let limit: Int
    private var isLoaded = false

    init(limit: Int) {
        self.limit = limit
    }

    /// Reads the log, once: what is newer than the pages. A file whose rows are all unchanged never asks for it.
    fileprivate func load(_ connection: SQLiteConnection) throws(SQLiteError) {
        guard !isLoaded else { return }
        try DirectoryLog(connection).read(into: memory)
        isLoaded = true
    }

    fileprivate func turn(to tenant: UUID, _ pages: DirectoryPages) throws(SQLiteError) {
        self.tenant = tenant
        filter = nil
        misses = 0
        pagesAreEmpty = try pages.isEmpty(tenant: tenant)
        // A filter pays once the look-ups that it would have spared cost as much as reading all pages.
        missesUntilFilter = pagesAreEmpty ? .max : 64 + (try pages.size(tenant: tenant).pages) / 2
    }

    fileprivate func makeFilter(_ pages: DirectoryPages) throws(SQLiteError) {
        guard let tenant else { return }
        let filter = DirectoryFilter(room: try pages.size(tenant: tenant).entries * 2)
        try pages.forEachKey(tenant: tenant) { key in filter.insert(key) }
        self.filter = filter
        missesUntilFilter = .max
    }

    /// What is known of the pages is known of one tenant's: seldom that of the directory that merges.
    fileprivate func pagesTookIn(
        _ entries: [DirectoryEntry],
        of merged: UUID,
        _ pages: DirectoryPages
    ) throws(SQLiteError) {
        guard merged == tenant else { return }
        if pagesAreEmpty { filter = DirectoryFilter(room: entries.count * 2) }
        pagesAreEmpty = false
        guard filter != nil else { return }
        for entry in entries { filter?.insert(UInt64(bitPattern: entry.key)) }
        if filter?.isOverfull == true { try makeFilter(pages) }
    }
}
