/// A failed store operation: what happened, and what to do.
package struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    package var code: Code
    /// For whoever runs TrainFlow: may name files and tables, never values of rows.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    package struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case notFound, conflict, fenced, accounts, busy, full, readOnly, tooNew, notMigrated, corrupt, unavailable, bug
        }
        private var value: Value

        package var description: String { value.rawValue }

        /// No such row for this tenant.
        package static var notFound: Code { Code(value: .notFound) }
        /// Somebody else changed it, or has one in hand.
        package static var conflict: Code { Code(value: .conflict) }
        /// The lease was lost: another worker goes on with the run.
        package static var fenced: Code { Code(value: .fenced) }
        /// Read differs from the sum of the effects: the run may not be called done.
        package static var accounts: Code { Code(value: .accounts) }
        /// Another process holds the database.
        package static var busy: Code { Code(value: .busy) }
        /// The disk is full.
        package static var full: Code { Code(value: .full) }
        package static var readOnly: Code { Code(value: .readOnly) }
        /// The database was migrated by a newer program.
        package static var tooNew: Code { Code(value: .tooNew) }
        package static var notMigrated: Code { Code(value: .notMigrated) }
        package static var corrupt: Code { Code(value: .corrupt) }
        /// The database can't be opened or reached.
        package static var unavailable: Code { Code(value: .unavailable) }
        package static var bug: Code { Code(value: .bug) }
    }
}
