// https://sqlite.org/lang_transaction.html, https://sqlite.org/lang_savepoint.html
extension SQLiteConnection {
    /// Commits what the body did, or, if it throws, nothing of it. The write lock is taken at once, so that what the
    /// body reads is what it changes.
    package func transaction<Result, Failure: SQLiteErrorConvertible>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try between("BEGIN IMMEDIATE", commit: "COMMIT", rollback: ["ROLLBACK"], body)
    }

    /// A consistent view of the database for several reads.
    package func snapshot<Result, Failure: SQLiteErrorConvertible>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try between("BEGIN DEFERRED", commit: "COMMIT", rollback: ["ROLLBACK"], body)
    }

    /// Part of a transaction that can fail alone: what the body did is taken back if it throws, the rest stays.
    package func savepoint<Result, Failure: SQLiteErrorConvertible>(
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try between(
            "SAVEPOINT part",
            commit: "RELEASE part",
            rollback: ["ROLLBACK TO part", "RELEASE part"],
            body
        )
    }

    private func between<Result, Failure: SQLiteErrorConvertible>(
        _ begin: String,
        commit: String,
        rollback: [String],
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try run([begin], as: Failure.self)
        do throws(Failure) {
            let result = try body()
            try run([commit], as: Failure.self)
            return result
        } catch {
            // A full disk or an I/O error may have rolled back already: then there is nothing to end.
            if isInTransaction { try run(rollback, as: Failure.self) }
            throw error
        }
    }

    private func run<Failure: SQLiteErrorConvertible>(
        _ statements: [String],
        as failure: Failure.Type
    ) throws(Failure) {
        do throws(SQLiteError) {
            for sql in statements { try execute(sql) }
        } catch {
            throw Failure(error)
        }
    }
}
