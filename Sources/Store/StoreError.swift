/// A failed store operation: what happened, and what to do.
package struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    package var code: Code
    /// For whoever runs TrainFlow: may name files and tables, never values of rows.
    package var message: String
    /// What the database said, where it was the database; for the log.
    package var cause: String?

    package init(_ code: Code, _ message: String, cause: String? = nil) {
        self.code = code
        self.message = message
        self.cause = cause
    }

    package var description: String { message }

    package struct Code: Sendable, Hashable, CustomStringConvertible {
        fileprivate enum Value: String {
            case notFound, invalid, conflict, notRepeatable, stale, inactive, providerOff, overQuota, fenced, accounts,
                busy, full,
                readOnly,
                tooNew, notMigrated, corrupt,
                unavailable, bug
        }
        fileprivate var value: Value

        package var description: String { value.rawValue }

        /// No such row for this tenant.
        package static var notFound: Code { Code(value: .notFound) }
        /// What was asked for can't be kept: a wrong policy, a mapping version that isn't there.
        package static var invalid: Code { Code(value: .invalid) }
        /// Somebody else changed it, or has one in hand.
        package static var conflict: Code { Code(value: .conflict) }
        /// What a run was to read can't be asked for again.
        package static var notRepeatable: Code { Code(value: .notRepeatable) }
        /// The change was made to a version that is not the newest.
        package static var stale: Code { Code(value: .stale) }
        /// The config is switched off.
        package static var inactive: Code { Code(value: .inactive) }
        /// The tenant has switched the provider off.
        package static var providerOff: Code { Code(value: .providerOff) }
        /// The tenant keeps as much as it may already.
        package static var overQuota: Code { Code(value: .overQuota) }
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

extension StoreError: CustomDebugStringConvertible {
    package var debugDescription: String {
        "\(code): \(message)" + (cause.map { " (\($0))" } ?? "")
    }

    /// For a tenant's people: names nothing but their own things.
    package var tenantMessage: String {
        switch code.value {
        case .notFound, .invalid, .conflict, .notRepeatable, .stale, .inactive, .providerOff, .overQuota: message
        case .fenced: "Another worker goes on with this run."
        case .accounts:
            "The run's counts don't add up, so it was not called done. Whoever runs TrainFlow has been told."
        case .busy: "TrainFlow's database is in use by another program. Try again in a minute."
        case .full, .readOnly, .tooNew, .notMigrated, .corrupt, .unavailable:
            "TrainFlow can't write to its database just now. Nothing is half-written; whoever runs TrainFlow must act."
        case .bug: "Something went wrong inside TrainFlow. Nothing is half-written."
        }
    }
}
