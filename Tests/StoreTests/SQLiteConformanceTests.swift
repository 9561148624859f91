import SQLite
import Store
import StoreConformance
import TestSupport
import Testing
import Time

@Suite struct `The store on SQLite` {
    @Test(arguments: StoreCase.all)
    func `keeps what every store promises`(promise: StoreCase) async throws {
        try await promise.run(SQLiteHarness(folder: TemporaryFolder()))
    }
}

struct SQLiteHarness: StoreHarness {
    let folder: TemporaryFolder

    var path: String { folder.file("trainflow.db") }

    func open() async throws -> any Store {
        try await SQLiteStore.open(path: path, access: .migrating, command: "test", now: .now())
    }

    func close(_ store: any Store) async throws {
        guard let store = store as? SQLiteStore else { return }
        try await store.close()
    }

    func spoilCounts(of run: Run) async throws {
        let connection = try SQLiteConnection(path: path, mode: .readWrite, settings: .writer)
        try connection.execute(
            "UPDATE integration_runs SET count_read = count_read + 1 WHERE number = ?",
            [.integer(run.number)]
        )
    }
}
