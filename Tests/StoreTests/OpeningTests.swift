import Glibc
import Identifiers
import JSON
import SQLite
import Store
import TestSupport
import Testing
import Time

@Suite struct `Opening the store` {
    let folder: TemporaryFolder
    let path: String
    let now = Instant(microseconds: 1_780_000_000_000_000)

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("trainflow.db")
    }

    private func open(
        _ path: String? = nil,
        _ access: SQLiteStore.Access = .migrating,
        maximumPages: Int64? = nil
    ) async throws(StoreError) -> SQLiteStore {
        try await SQLiteStore.open(
            path: path ?? self.path,
            access: access,
            command: "trainflow test",
            now: now,
            maximumPages: maximumPages
        )
    }

    private func refusal(
        _ code: StoreError.Code,
        _ path: String? = nil,
        _ access: SQLiteStore.Access = .migrating
    ) async -> String {
        do throws(StoreError) {
            _ = try await open(path, access)
            Issue.record("not refused as \(code)")
            return ""
        } catch {
            #expect(error.code == code, "\(error.debugDescription)")
            return error.message
        }
    }

    @Test func `names the folder that is missing`() async {
        let message = await refusal(.unavailable, folder.file("none/trainflow.db"))
        #expect(message.contains(folder.file("none") + " isn't there"))
    }

    @Test func `says that a folder is no file, and what to write`() async {
        let message = await refusal(.unavailable, folder.path)
        #expect(message.contains("--database sqlite:\(folder.path)/trainflow.db"))
        #expect(!folder.exists("../\(folder.path.split(separator: "/").last ?? "").lock"))
    }

    @Test(arguments: ["", "a\0b"])
    func `refuses what is no file name`(name: String) async {
        _ = await refusal(.unavailable, name)
    }

    @Test func `leaves a file that is no database as it is`() async throws {
        let text = Array(repeating: UInt8(ascii: "x"), count: 3_000)
        _ = try folder.write(text, to: "trainflow.db")
        #expect(await refusal(.unavailable).contains("is no SQLite database"))
        #expect(try folder.read("trainflow.db") == text)
    }

    @Test func `says that a damaged database is damaged`() async throws {
        try await open().close()
        var bytes = try folder.read("trainflow.db")
        for position in 4_000..<bytes.count { bytes[position] = 0xA5 }
        _ = try folder.write(bytes, to: "trainflow.db")
        #expect(await refusal(.corrupt).contains("restore the last backup"))
    }

    @Test func `without the right to migrate, needs a migrated database`() async throws {
        #expect(await refusal(.notMigrated, nil, .existing).contains("`trainflow migrate` makes it"))
        _ = try folder.write([], to: "trainflow.db")
        #expect(await refusal(.notMigrated, nil, .existing).contains("lacks migration 1 (foundation)"))
        try await open().close()
        try await open(nil, .existing).close()
    }

    @Test func `refuses a database of a newer program, and names both versions`() async throws {
        try await open().close()
        try connection().execute("INSERT INTO integration_migrations VALUES (99, 'future', 0)")
        for access in [SQLiteStore.Access.existing, .migrating] {
            let message = await refusal(.tooNew, nil, access)
            #expect(message.contains("migration 99"))
            #expect(message.contains("up to \(Migration.sqlite.last?.number ?? 0)."))
        }
        #expect(
            try connection().integer("SELECT count(*) FROM integration_migrations") == Int64(Migration.sqlite.count) + 1
        )
    }

    @Test func `makes nothing on a disk that is full`() async throws {
        let error = await #expect(throws: StoreError.self) { try await open(maximumPages: 6) }
        #expect(error?.code == .full)
        #expect(error?.message.contains(path) == true)
        let tables = try connection().integer("SELECT count(*) FROM sqlite_schema")
        #expect(tables == 0)
        try await open().close()
    }

    @Test func `goes on after the disk was full, with all that was committed and nothing else`() async throws {
        let tenant = UUID(high: 1, low: 1)
        let pages = try await pagesOfANewDatabase()
        let store = try await open(maximumPages: pages + 20)
        var kept: Int64 = 0
        var failure: StoreError?
        let settings: JSONValue = .string(String(repeating: "x", count: 20_000))
        while failure == nil, kept < 1_000 {
            do throws(StoreError) {
                let draft = ConfigDraft(
                    name: "c\(kept)",
                    provider: "file",
                    type: "pull",
                    settings: settings,
                    policy: [:]
                )
                _ = try await store.createConfig(draft, tenant: tenant, now: now)
                kept += 1
            } catch {
                failure = error
            }
        }
        #expect(failure?.code == .full)
        #expect(failure?.tenantMessage.contains(folder.path) == false)
        #expect(kept > 0)
        #expect(try await store.config(named: "c0", tenant: tenant) != nil)
        #expect(try await store.config(named: "c\(kept)", tenant: tenant) == nil)
        try await store.close()
        #expect(try connection().integer("SELECT count(*) FROM integration_configs") == kept)
        #expect(try connection().integer("SELECT count(*) FROM integration_audit") == kept)
    }

    private func pagesOfANewDatabase() async throws -> Int64 {
        try await open().close()
        return try #require(try connection().integer("PRAGMA page_count"))
    }

    private func connection() throws -> SQLiteConnection {
        try SQLiteConnection(path: path, mode: .readWrite, settings: .writer)
    }

    // MARK: Other processes

    @Test func `a second process is refused, and told whom to ask`() async throws {
        let store = try await open()
        let path = path
        let result = await #expect(
            processExitsWith: .success,
            observing: [\.standardErrorContent]
        ) { [path = path as String] in
            do throws(StoreError) {
                _ = try await SQLiteStore.open(
                    path: path,
                    access: .migrating,
                    command: "second",
                    now: Instant(microseconds: 0)
                )
                exit(3)
            } catch {
                guard error.code == .busy else { exit(4) }
                report(error)
            }
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("\(path) is open in process \(getpid()) (`trainflow test`, since \(now))"))
        #expect(message.contains("kill \(getpid())"))
        try await store.close()
        try await open().close()
    }

    @Test func `a process that was killed in a transaction leaves neither half a change nor its lock`() async throws {
        try await open().close()
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let store = try await SQLiteStore.open(
                path: path,
                access: .existing,
                command: "killed",
                now: Instant(microseconds: 0)
            )
            let draft = ConfigDraft(name: "whole", provider: "file", type: "pull", settings: [:], policy: [:])
            _ = try await store.createConfig(draft, tenant: UUID(high: 1, low: 1), now: Instant(microseconds: 0))
            let connection = try SQLiteConnection(path: path, mode: .readWrite, settings: .writer)
            try connection.transaction { () throws(SQLiteError) in
                try connection.execute("UPDATE integration_configs SET name = 'half'")
                kill(getpid(), SIGKILL)
            }
        }
        let store = try await open(nil, .existing)
        #expect(try await store.config(named: "whole", tenant: UUID(high: 1, low: 1)) != nil)
        try await store.close()
    }

    @Test func `in a folder that can't be written says so`() async throws {
        let path = path
        try #require(unsafe chmod(folder.path, 0o555) == 0)
        let result = await #expect(
            processExitsWith: .success,
            observing: [\.standardErrorContent]
        ) { [path = path as String] in
            // The superuser may write anywhere: be nobody.
            if geteuid() == 0, seteuid(65_534) != 0 { exit(2) }
            do throws(StoreError) {
                _ = try await SQLiteStore.open(
                    path: path,
                    access: .migrating,
                    command: "nobody",
                    now: Instant(microseconds: 0)
                )
                exit(3)
            } catch {
                guard error.code == .readOnly else { exit(4) }
                report(error)
            }
        }
        let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(message.contains("\(path) can't be written here. Give this user the right to write the file"))
        #expect(!folder.exists("trainflow.db"))
        #expect(!folder.exists("trainflow.db.lock"))
        try #require(unsafe chmod(folder.path, 0o755) == 0)
    }
}

/// For the parent process.
private func report(_ error: StoreError) {
    let bytes = Array(error.message.utf8)
    _ = unsafe write(STDERR_FILENO, bytes, bytes.count)
}
