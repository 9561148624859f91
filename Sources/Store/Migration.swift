package import Time

/// One step of a database's structure. Steps only add: tables, columns, indexes, triggers.
package struct Migration: Sendable, Equatable {
    /// From 1 on, without gaps.
    package var number: Int64
    package var name: String
    /// Run in order, in one transaction together with the row that says so.
    package var statements: [String]

    package init(number: Int64, name: String, statements: [String]) {
        self.number = number
        self.name = name
        self.statements = statements
    }
}

/// A migration, and when this database got it; nil if it has yet to.
package struct MigrationStatus: Sendable, Equatable {
    package var migration: Migration
    package var appliedAt: Instant?

    package init(migration: Migration, appliedAt: Instant?) {
        self.migration = migration
        self.appliedAt = appliedAt
    }
}
