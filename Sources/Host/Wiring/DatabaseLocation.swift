/// Where the rows are, as `--database` says it.
enum DatabaseLocation: Equatable {
    case sqlite(path: String)

    init(_ text: String) throws(UsageError) {
        guard text.hasPrefix("sqlite:") else {
            throw UsageError(
                "--database \(text): this version keeps its rows in SQLite; write sqlite:PATH (PostgreSQL comes later)"
            )
        }
        let path = String(text.dropFirst("sqlite:".count))
        guard !path.isEmpty else { throw UsageError("--database sqlite: needs a path, as in sqlite:data/trainflow.db") }
        self = .sqlite(path: path)
    }
}
