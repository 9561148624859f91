internal import Platform
internal import SQLite

/// Why a transaction was taken back.
enum CommitFailure: Error, SQLiteErrorConvertible {
    case store(StoreError)
    /// The database refused records with these external ids when others of the transaction counted on them: it is tried
    /// again without them.
    case refused([[UInt8]: SQLiteError])

    init(_ error: SQLiteError) {
        self = .store(StoreError(error))
    }
}

func inDatabase<Result>(_ body: () throws(SQLiteError) -> Result) throws(CommitFailure) -> Result {
    do throws(SQLiteError) {
        return try body()
    } catch {
        throw CommitFailure(error)
    }
}

func inStore<Result>(_ body: () throws(StoreError) -> Result) throws(CommitFailure) -> Result {
    do throws(StoreError) {
        return try body()
    } catch {
        throw .store(error)
    }
}

extension Failpoint {
    /// An instant inside a transaction, which is then taken back.
    func step(_ name: StaticString) throws(CommitFailure) {
        do throws(Reached) {
            try reach(name)
        } catch {
            throw .store(StoreError(error))
        }
    }

    /// An instant outside a transaction, or inside one of the store's own.
    func passed(_ name: StaticString) throws(StoreError) {
        do throws(Reached) {
            try reach(name)
        } catch {
            throw StoreError(error)
        }
    }
}

extension StoreError {
    fileprivate init(_ reached: Failpoint.Reached) {
        self.init(.unavailable, "The \(reached) was set and has been reached.")
    }
}
