internal import Glibc
package import Platform
internal import SQLite
internal import Synchronization
package import Time

/// The store in one SQLite file, of one process: the lock file beside it keeps others out.
package final class SQLiteStore: Store {
    package let path: String
    let keptInstallation: Installation
    let failpoint: Failpoint
    let directoryLimit: Int
    let owned = OwnedMemory()
    private let writer: SQLiteWriter
    private let readers: SQLiteReaders
    private let lock: Mutex<FileLock?>

    package enum Access: Sendable, Equatable {
        /// The database must be there and have every migration.
        case existing
        /// Makes the file where there is none, and applies the migrations it lacks.
        case migrating
    }

    private init(
        path: String,
        installation: Installation,
        failpoint: Failpoint,
        directoryLimit: Int,
        writer: SQLiteWriter,
        readers: SQLiteReaders,
        lock: FileLock
    ) {
        self.path = path
        keptInstallation = installation
        self.failpoint = failpoint
        self.directoryLimit = directoryLimit
        self.writer = writer
        self.readers = readers
        self.lock = Mutex(lock)
    }

    /// Takes the lock, opens, migrates if it may.
    ///
    /// * `command`: what a second process is told: `trainflow serve`.
    /// * `directoryLimit`: how many entries of the directory of people are kept in memory before they are merged; nil for
    ///   196,608 (4 MB).
    package static func open(
        path: String,
        access: Access,
        command: String,
        now: Instant,
        maximumPages: Int64? = nil,
        failpoint: Failpoint = .environment,
        directoryLimit: Int? = nil
    ) async throws(StoreError) -> SQLiteStore {
        try DatabasePath.check(path, mayBeMissing: access == .migrating)
        let lock = try DatabasePath.lock(path, command: command, now: now)
        try deleteCopies(beside: path)
        var settings = SQLiteSettings.writer
        settings.maximumPages = maximumPages
        let writer = try await opened { [settings] () throws(SQLiteError) in
            try await SQLiteWriter.open(
                path: path,
                mode: access == .migrating ? .create : .readWrite,
                settings: settings
            )
        }
        let installation = try await writer.write(priority: .api) { connection throws(StoreError) in
            switch access {
            case .existing: try SQLiteMigrator.requireAll(connection)
            case .migrating: try SQLiteMigrator.migrate(connection, now: now)
            }
            return try SQLiteMigrator.installation(connection)
        }
        let readers = try await opened { () throws(SQLiteError) in try await SQLiteReaders.open(path: path) }
        return SQLiteStore(
            path: path,
            installation: installation,
            failpoint: failpoint,
            directoryLimit: directoryLimit ?? DirectoryState.usualLimit,
            writer: writer,
            readers: readers,
            lock: lock
        )
    }

    /// An empty database of the same structure that nobody needs after a crash: for a copy of some rows.
    static func openCopy(
        of original: SQLiteStore,
        path: String,
        now: Instant
    ) async throws(StoreError) -> SQLiteStore {
        let lock = try DatabasePath.lock(path, command: "plan", now: now)
        var settings = SQLiteSettings.writer
        settings.isDisposable = true
        let writer = try await opened { [settings] () throws(SQLiteError) in
            try await SQLiteWriter.open(path: path, mode: .create, settings: settings)
        }
        try await writer.write(priority: .api) { connection throws(StoreError) in
            try SQLiteMigrator.migrate(connection, now: now)
        }
        let readers = try await opened { () throws(SQLiteError) in try await SQLiteReaders.open(path: path, count: 1) }
        return SQLiteStore(
            path: path,
            // What rows are found by is hashed with the same key.
            installation: original.keptInstallation,
            failpoint: original.failpoint,
            directoryLimit: original.directoryLimit,
            writer: writer,
            readers: readers,
            lock: lock
        )
    }

    static func opened<Opened: Sendable>(
        _ open: () async throws(SQLiteError) -> Opened
    ) async throws(StoreError) -> Opened {
        do throws(SQLiteError) {
            return try await open()
        } catch {
            throw StoreError(error)
        }
    }

    /// Serves what was asked for, empties the write-ahead log, and gives the lock back.
    package func close() async throws(StoreError) {
        do throws(SQLiteError) {
            try await readers.close()
            try await writer.close()
        } catch {
            throw StoreError(error)
        }
        lock.withLock { $0 = nil }
    }

    package func installation() async throws(StoreError) -> Installation {
        keptInstallation
    }

    /// Whether something more urgent than a batch waits for the writer: the next batch may be smaller.
    package var somethingWaits: Bool { writer.somethingWaits(above: .batch) }

    // MARK: The two ways in

    /// One transaction on the writer's thread.
    func transaction<Result: Sendable>(
        _ priority: SQLiteWriter.Priority,
        _ body: @escaping @Sendable (SQLiteConnection) throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try await writer.transaction(priority: priority, body)
    }

    /// The writer's connection, on its thread, outside any transaction.
    func write<Result: Sendable>(
        _ priority: SQLiteWriter.Priority,
        _ body: @escaping @Sendable (SQLiteConnection) throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try await writer.write(priority: priority, body)
    }

    /// One consistent view on a reader's thread.
    func read<Result: Sendable>(
        _ body: @escaping @Sendable (SQLiteConnection) throws(StoreError) -> Result
    ) async throws(StoreError) -> Result {
        try await readers.read(body)
    }
}
