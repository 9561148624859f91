import SQLite
import Store
import TestSupport
import Testing
import Time

@Suite struct `Migrations` {
    let folder: TemporaryFolder
    let path: String
    let now = Instant(microseconds: 1_780_000_000_000_000)

    init() throws {
        folder = try TemporaryFolder()
        path = folder.file("trainflow.db")
    }

    /// What in a statement would take something away: words that only a destructive migration needs.
    private func destructive(_ statement: String) -> [String] {
        var statement = statement.uppercased()
        // A trigger's event is no deed.
        for event in ["UPDATE OF", "DELETE ON"] where statement.hasPrefix("CREATE TRIGGER ") {
            if let range = statement.firstRange(of: " AFTER \(event) ") { statement.removeSubrange(range) }
        }
        // An index holds nothing that its table doesn't.
        if statement.hasPrefix("DROP INDEX ") { statement.removeFirst("DROP ".count) }
        let words = statement.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        var found = words.filter { ["DROP", "RENAME", "DELETE", "UPDATE", "REPLACE"].contains($0) }.map(String.init)
        if words.first == "ALTER", words.contains("TYPE") { found.append("ALTER TYPE") }
        return found
    }

    @Test(arguments: Migration.sqlite)
    func `only add`(migration: Migration) {
        #expect(!migration.statements.isEmpty)
        for statement in migration.statements {
            #expect(destructive(statement) == [], "\(statement)")
        }
    }

    @Test(arguments: [
        "DROP TABLE t", "ALTER TABLE t RENAME a TO b", "alter table t alter column a type int", "DELETE FROM t",
        "UPDATE t SET a = 1", "CREATE TABLE a (b REFERENCES c ON DELETE CASCADE)", "REPLACE INTO t VALUES (1)",
        "DROP INDEX i; DROP TABLE t", "CREATE TRIGGER a AFTER UPDATE OF b ON c BEGIN DELETE FROM d; END",
    ])
    func `that take something away would be noticed`(statement: String) {
        #expect(destructive(statement) != [])
    }

    @Test func `are numbered in rising order`() {
        let numbers = Migration.sqlite.map(\.number)
        #expect(numbers.first == 1)
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func `are planned, applied once, and shown`() async throws {
        #expect(try await SQLiteStore.migrationPlan(path: path) == Migration.sqlite)
        #expect(!folder.exists("trainflow.db"))
        let applied = try await SQLiteStore.migrate(path: path, command: "migrate", now: now)
        #expect(applied == Migration.sqlite)
        let later = Instant(microseconds: now.microseconds + 1)
        #expect(try await SQLiteStore.migrate(path: path, command: "migrate", now: later) == [])
        #expect(try await SQLiteStore.migrationPlan(path: path) == [])
        let status = try await SQLiteStore.migrationStatus(path: path)
        #expect(status == Migration.sqlite.map { MigrationStatus(migration: $0, appliedAt: now) })
    }

    @Test(
        arguments: [
            "integration_configs": [
                "id", "tenant_id", "provider", "type", "is_active", "created_at", "updated_at",
            ],
            "integration_credentials": [
                "id", "tenant_id", "config_id", "encrypted_payload", "key_id", "created_at", "updated_at",
            ],
            "integration_mappings": [
                "id", "tenant_id", "config_id", "source_field", "target_field", "transform_function", "created_at",
                "updated_at",
            ],
            "integration_logs": ["id", "tenant_id", "config_id", "status", "message", "payload", "created_at"],
            "integration_webhook_events": [
                "id", "tenant_id", "config_id", "event_type", "data", "processed", "created_at", "updated_at",
            ],
            "users": [
                "id", "tenant_id", "external_id", "email", "username", "first_name", "last_name", "display_name",
                "status",
                "department", "job_title", "language", "country", "phone", "hire_date", "attributes",
            ],
            "courses": ["id", "tenant_id", "external_id", "code", "title", "attributes"],
            "enrollments": ["id", "tenant_id", "external_id", "status", "attributes"],
        ] as [String: [String]]
    )
    func `make the tables that were asked for`(table: String, columns: [String]) async throws {
        _ = try await SQLiteStore.migrate(path: path, command: "migrate", now: now)
        let standing = try connection().rows("SELECT name FROM pragma_table_info(?)", [.text(table)]) {
            row throws(SQLiteError) in row.text(0)
        }
        #expect(columns.filter { !standing.contains($0) } == [])
    }

    @Test func `make every table hold integrity by itself`() async throws {
        _ = try await SQLiteStore.migrate(path: path, command: "migrate", now: now)
        let connection = try connection()
        #expect(try connection.integer("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") == 1)
        #expect(try connection.integer("SELECT count(*) FROM pragma_foreign_key_check") == 0)
        #expect(try connection.integer("PRAGMA page_size") == 8_192)
    }

    @Test func `leave a standing table as it is, and refuse one that lacks columns`() async throws {
        do {
            let connection = try connection(.create)
            try connection.execute("CREATE TABLE courses (number INTEGER PRIMARY KEY, id BLOB, title TEXT, price REAL)")
            try connection.execute("INSERT INTO courses (title) VALUES ('Fire safety')")
        }
        let error = await #expect(throws: StoreError.self) {
            try await SQLiteStore.migrate(path: path, command: "migrate", now: now)
        }
        #expect(
            error?.message.contains("lacks columns that TrainFlow's integration needs: tenant_id, external_id") == true
        )
        #expect(error?.message.contains("\nALTER TABLE courses ADD COLUMN duration_minutes INTEGER;") == true)
        #expect(error?.message.contains("title") == false)
        let connection = try connection()
        #expect(try connection.integer("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'integration%'") == 0)
        let additions = try #require(error).message.split(separator: "\n").dropFirst()
        for addition in additions { try connection.execute(String(addition.dropLast())) }
        _ = try await SQLiteStore.migrate(path: path, command: "migrate", now: now)
        #expect(try connection.integer("SELECT count(*) FROM courses WHERE title = 'Fire safety'") == 1)
    }

    @Test func `refuse a standing table whose key is another, without a statement that can't work`() async throws {
        try connection(.create).execute("CREATE TABLE users (id TEXT PRIMARY KEY, email TEXT)")
        let error = await #expect(throws: StoreError.self) {
            try await SQLiteStore.migrate(path: path, command: "migrate", now: now)
        }
        #expect(error?.message.contains("SQLite can't add number") == true)
        #expect(error?.message.contains("ALTER TABLE") == false)
    }

    private func connection(_ mode: SQLiteConnection.Mode = .readWrite) throws(SQLiteError) -> SQLiteConnection {
        try SQLiteConnection(path: path, mode: mode, settings: .writer)
    }
}
