internal import Changes
internal import Crypto
internal import Glibc
internal import Identifiers
internal import JSON
internal import Mapping
internal import Platform
internal import SQLite
package import Time

// A dry run goes the whole way of a record, by the same code as any other: over a copy of the tenant's rows, in a file of
// its own beside the database. Whatever it does there becomes the plan. So what is shown can't differ from what a run would
// do, also where records count on one another (an enrolment of a person who comes with the same export), and nobody else
// waits: the copy is read from one snapshot, without the writer.

extension SQLiteStore {
    package func rehearsal(_ lease: RunLease, now: Instant) async throws(StoreError) -> any Rehearsal {
        try await SQLiteRehearsal.begin(self, lease, now)
    }

    /// The copy's file.
    fileprivate func copyPath(of run: Run) -> String { CopyName.of(run.id, path) }

    /// Deletes copies that a process has left which was killed. The caller holds the database's lock.
    static func deleteCopies(beside path: String) throws(StoreError) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let folder = parts.dropLast().joined(separator: "/") + (parts.count > 1 ? "/" : "./")
        do throws(SystemError) {
            for left in try FileDescriptor.open(folder, O_RDONLY | O_DIRECTORY).entries()
            where CopyName.isOne(left, of: String(parts.last ?? "")) {
                guard unsafe unlink(folder + left) == 0 || errno == ENOENT else {
                    throw SystemError(call: "unlink", subject: folder + left)
                }
            }
        } catch {
            throw StoreError(
                .unavailable,
                "What a dry run left beside \(path) when its process was killed can't be deleted. It holds people's data: "
                    + "give this user the right to delete files there.",
                cause: error.description
            )
        }
    }
}

/// A run over a copy in SQLite.
final class SQLiteRehearsal: Rehearsal {
    let original: SQLiteStore
    let copy: SQLiteStore
    let lease: RunLease

    var store: any Store { copy }

    private init(original: SQLiteStore, copy: SQLiteStore, lease: RunLease) {
        self.original = original
        self.copy = copy
        self.lease = lease
    }

    fileprivate static func begin(
        _ original: SQLiteStore,
        _ lease: RunLease,
        _ now: Instant
    ) async throws(StoreError) -> SQLiteRehearsal {
        let path = original.copyPath(of: lease.run)
        delete(path)
        let copy: SQLiteStore
        do throws(StoreError) {
            try createForOneself(path)
            copy = try await SQLiteStore.openCopy(of: original, path: path, now: now)
        } catch {
            delete(path)
            throw error
        }
        do throws(StoreError) {
            let lastRows = try await copy.write(.batch) { [source = original.path] connection throws(StoreError) in
                try TenantCopy(connection: connection, lease: lease).take(from: source)
            }
            var lease = lease
            lease.run.plan?.lastRows = lastRows
            lease.run.plan?.asOf = now
            return SQLiteRehearsal(original: original, copy: copy, lease: lease)
        } catch {
            await discard(copy)
            throw error
        }
    }

    func end() async {
        await SQLiteRehearsal.discard(copy)
    }

    /// Closes a copy and deletes it, even where it can't be closed in order: a full disk must not stay full of it.
    private static func discard(_ copy: SQLiteStore) async {
        do throws(StoreError) {
            try await copy.close()
        } catch {
            // Nothing of it is needed any more.
        }
        delete(copy.path)
    }

    /// People's data: nobody else reads it. What SQLite puts beside it takes its rights from it.
    private static func createForOneself(_ path: String) throws(StoreError) {
        do throws(SystemError) {
            _ = try FileDescriptor.open(path, O_CREAT | O_EXCL | O_WRONLY, mode: 0o600)
        } catch {
            throw StoreError(
                .unavailable,
                "A dry run works on a copy beside the database, and it can't be made: \(error.reason).",
                cause: error.description
            )
        }
    }

    /// What can't be deleted now is, before the database is opened the next time.
    private static func delete(_ path: String) {
        for end in CopyName.ends { _ = unsafe unlink(path + end) }
    }
}

/// How a copy's files are called: the database's name, the run's id, and what SQLite and the lock put behind it.
private enum CopyName {
    static let ends = ["", "-wal", "-shm", "-journal", ".lock"]
    private static let mark = ".plan-"

    static func of(_ run: UUID, _ database: String) -> String { "\(database)\(mark)\(run)" }

    /// Whether a file is a copy's, and not one that somebody has given a name like it.
    static func isOne(_ file: String, of database: String) -> Bool {
        guard file.hasPrefix(database + mark) else { return false }
        let name = file.dropFirst(database.count + mark.count)
        return ends.contains { end in
            guard name.hasSuffix(end) else { return false }
            let id = String(name.dropLast(end.count))
            return UUID(id)?.description == id
        }
    }
}

/// What a run looks at, taken from one snapshot of the database into an empty one.
private struct TenantCopy {
    let connection: SQLiteConnection
    let lease: RunLease

    /// The tables that commits read or write, those others refer to first. What a run tells (rejects, changes, logs) is not
    /// among them.
    private static let tables = [
        "users", "courses", "enrollments", "integration_configs", "integration_mapping_versions",
        "integration_mappings",
        "integration_lookups", "integration_lookup_entries", "integration_runs", "integration_run_streams",
        "integration_links", "integration_shared_rows", "integration_directory", "integration_directory_log",
        "integration_open_managers",
    ]

    /// Answers the last row of each entity.
    func take(from path: String) throws(StoreError) -> [Entity: Int64] {
        // Rows are taken as they are: what they refer to may be another tenant's business.
        try connection.change("PRAGMA foreign_keys = OFF")
        // "file:…" would be read as a URI.
        try connection.change("ATTACH DATABASE ? AS original", [.text(path.hasPrefix("/") ? path : "./\(path)")])
        // An immediate transaction would take the original's write lock too.
        let lastRows = try connection.snapshot { () throws(StoreError) in try take() }
        try connection.change("DETACH DATABASE original")
        try connection.change("PRAGMA foreign_keys = ON")
        return lastRows
    }

    private func take() throws(StoreError) -> [Entity: Int64] {
        let tenant = SQLiteValue.id(lease.run.tenant)
        for table in TenantCopy.tables { try take(table, "tenant_id = ?", [tenant]) }
        // The mark of zeros stands for all tenants.
        try take("integration_directory_marks", "tenant_id IN (?, zeroblob(16))", [tenant])
        for entity in Entity.allCases { try take(entity.table.edits, "true") }
        try take("integration_jobs", "tenant_id = ? AND run_id = ?", [tenant, .id(lease.run.id)])
        // Who reappears gets the status back that an earlier run has taken, and the guard counts what others have applied.
        try take(
            "integration_effects",
            "tenant_id = ? AND run_number > 0 AND (absent = 1 OR state = 'applied' AND config_number = ?)",
            [tenant, .integer(lease.config.number)]
        )
        // Nothing is applied by a plan here: looking a record up in one is never asked for.
        try connection.change("DROP INDEX main.integration_effects_planned")
        // A file that was taken is not the next one.
        try take("integration_taken_files", "tenant_id = ? AND config_id = ?", [tenant, .id(lease.run.config)])
        try connection.change(
            """
            UPDATE integration_installation SET hash_key = (SELECT hash_key FROM original.integration_installation)
            """
        )
        var lastRows: [Entity: Int64] = [:]
        for entity in Entity.allCases {
            lastRows[entity] = try connection.number("SELECT max(number) FROM main.\(entity.table.name)") ?? 0
        }
        return lastRows
    }

    private func take(_ table: String, _ condition: String, _ values: [SQLiteValue] = []) throws(StoreError) {
        // The original may have columns of TrainFlow's own.
        let columns = try connection.rows("SELECT name FROM pragma_table_info(?, 'main')", [.text(table)]) {
            row throws(StoreError) in "\"\(row.text(0))\""
        }.joined(separator: ", ")
        try connection.change(
            "INSERT INTO main.\(table) (\(columns)) SELECT \(columns) FROM original.\(table) WHERE \(condition)",
            values
        )
    }
}
