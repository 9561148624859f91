package import SQLite

/// Writes rows by one statement, and finds those that the database refuses.
///
/// The statement is an `INSERT OR FAIL`: it stops at a refused row and keeps the rows before it, so that it can go on
/// behind that row. Without `OR FAIL` SQLite would keep a copy of every page that the statement changes, to be able to
/// take all of it back: 47 MB for 32,768 links in random order. https://sqlite.org/lang_conflict.html
package enum CommitInsertion {
    /// - Parameter insert: writes the rows at these positions.
    /// - Returns: the refused rows' positions. What refuses a row as part of a whole statement (a foreign key, a trigger) has
    ///   taken the statement back: then each row is tried alone.
    /// - Throws: what is not about a row's values. To these belongs a value of another type than its column's: no source
    ///   brings one about, and the rows before it have stayed.
    package static func refusals(
        _ positions: Range<Int>,
        _ connection: SQLiteConnection,
        _ insert: (Range<Int>) throws(SQLiteError) -> Void
    ) throws(SQLiteError) -> [(position: Int, error: SQLiteError)] {
        var refused: [(position: Int, error: SQLiteError)] = []
        var start = positions.lowerBound
        while start < positions.upperBound {
            do throws(SQLiteError) {
                try insert(start..<positions.upperBound)
                break
            } catch {
                guard error.isConstraint, error.constraint != .dataType else { throw error }
                guard error.stopsAtItsRow else {
                    return refused + (try oneByOne(start..<positions.upperBound, insert))
                }
                let position = start + Int(connection.changes)
                refused.append((position, error))
                start = position + 1
            }
        }
        return refused
    }

    private static func oneByOne(
        _ positions: Range<Int>,
        _ insert: (Range<Int>) throws(SQLiteError) -> Void
    ) throws(SQLiteError) -> [(position: Int, error: SQLiteError)] {
        var refused: [(position: Int, error: SQLiteError)] = []
        for position in positions {
            do throws(SQLiteError) {
                try insert(position..<position + 1)
            } catch {
                guard error.isAboutTheRow, error.constraint != .dataType else { throw error }
                refused.append((position, error))
            }
        }
        return refused
    }
}

extension SQLiteError {
    /// Whether the database refused this row's values, so that the others may go in without it.
    var isAboutTheRow: Bool { isConstraint || isTooBig }

    /// Whether an `INSERT OR FAIL` that failed so has kept the rows before the one that it failed at.
    fileprivate var stopsAtItsRow: Bool {
        switch constraint {
        case .check, .notNull, .primaryKey, .unique: true
        case .dataType, .foreignKey, .other, nil: false
        }
    }
}
