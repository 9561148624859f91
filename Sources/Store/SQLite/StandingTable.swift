internal import SQLite

/// A table of TrainFlow's own that may have stood before: then it must have the columns that this program uses.
enum StandingTable {
    private static let opening = "CREATE TABLE IF NOT EXISTS "

    /// Compares the table that stands with the one the statement would have made.
    static func check(_ statement: String, _ connection: SQLiteConnection) throws(StoreError) {
        guard statement.hasPrefix(opening) else { return }
        let rest = statement.dropFirst(opening.count)
        let name = String(rest.prefix { $0 != " " })
        let standing = try columns(of: name, connection)
        let expected = try expectedColumns(String(rest.dropFirst(name.count)), connection)
        let missing = expected.filter { column in !standing.contains { $0.name == column.name } }
        guard !missing.isEmpty else { return }
        throw refusal(name, missing, connection)
    }

    private static func refusal(_ table: String, _ missing: [Column], _ connection: SQLiteConnection) -> StoreError {
        let problem =
            "The table \(table) of \(connection.path) lacks columns that TrainFlow's integration needs: "
            + missing.map(\.name).joined(separator: ", ") + ". Nothing was changed. "
        if let key = missing.first(where: \.isKey) {
            return StoreError(
                .unavailable,
                problem + "SQLite can't add \(key.name) (it must be the table's \(key.type) PRIMARY KEY): give the "
                    + "integration a database of its own with --database sqlite:PATH."
            )
        }
        let additions = missing.map { "ALTER TABLE \(table) ADD COLUMN \($0.name) \($0.type);" }
        return StoreError(
            .unavailable,
            problem + "Add them, then migrate again:\n" + additions.joined(separator: "\n")
        )
    }

    private struct Column {
        var name: String
        var type: String
        var isKey: Bool
    }

    /// Makes the table under another name and takes it back.
    private static func expectedColumns(
        _ definition: String,
        _ connection: SQLiteConnection
    ) throws(StoreError) -> [Column] {
        let name = "integration_expected"
        try connection.change("SAVEPOINT expected")
        try connection.change("CREATE TABLE \(name)\(definition)")
        let columns = try columns(of: name, connection)
        try connection.change("ROLLBACK TO expected")
        try connection.change("RELEASE expected")
        return columns
    }

    private static func columns(of table: String, _ connection: SQLiteConnection) throws(StoreError) -> [Column] {
        try connection.rows("SELECT name, type, pk FROM pragma_table_info(?)", [.text(table)]) {
            row throws(StoreError) in Column(name: row.text(0), type: row.text(1), isKey: row.int64(2) != 0)
        }
    }
}
