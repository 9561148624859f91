package import Store

/// One empty database for one case, and what only its implementation can do with it.
package protocol StoreHarness: Sendable {
    /// Opens the database, again after `close`; makes and migrates it the first time.
    func open() async throws -> any Store
    func close(_ store: any Store) async throws
    /// Adds one to the records that the run's row says were read, past the store, as a fault would.
    func spoilCounts(of run: Run) async throws
}

/// One promise of the store, asked of an implementation.
package struct StoreCase: Sendable, CustomStringConvertible {
    package var description: String
    private let body: @Sendable (Bench) async throws -> Void

    init(_ description: String, _ body: @escaping @Sendable (Bench) async throws -> Void) {
        self.description = description
        self.body = body
    }

    /// Runs the case over a database of its own. Expectations are Swift Testing's.
    package func run(_ harness: some StoreHarness) async throws {
        let store = try await harness.open()
        let bench = Bench(harness: harness, store: store)
        try await body(bench)
        try await harness.close(bench.store)
    }

    /// Everything that every store must do.
    package static var all: [StoreCase] {
        let tables =
            configs + configStandings + credentials + providers + mappings + mappingTables + lookups + files
            + takenFiles
        let work = queue + shares + leases + handBacks + deadJobs + batches + streams + endings + restarts
        return tables + work + lists + changeLists + idempotency + overviews + tenants + strangers
    }
}
