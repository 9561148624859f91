package import Identifiers
package import Time

/// A tenant's named tables for `lookup`.
package protocol LookupStore: Sendable {
    /// By name.
    func lookups(tenant: UUID) async throws(StoreError) -> [Lookup]
    /// nil if there is none.
    func lookup(_ name: String, tenant: UUID) async throws(StoreError) -> (lookup: Lookup, entries: [LookupEntry])?
    /// Those of the named tables that are there, each as a whole and all of one moment.
    func lookupEntries(_ names: Set<String>, tenant: UUID) async throws(StoreError) -> [String: [LookupEntry]]
    /// Makes the table, or replaces all of its entries. `stale` if a version is named that it doesn't have; `invalid` where the
    /// tenant has `Lookup.mostTables` others.
    ///
    /// - Parameter version: 0 for a table that isn't there; nil for any.
    func saveLookup(
        _ name: String,
        entries: [LookupEntry],
        version: Int64?,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Lookup
    /// `notFound`; `stale` if a version is named that it doesn't have; `conflict` naming the configuration whose newest mappings
    /// use it.
    func deleteLookup(
        _ name: String,
        version: Int64?,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError)
}

/// What is known of a table without its entries.
package struct Lookup: Sendable, Equatable {
    package var name: String
    /// Rises with each change, and never comes again, not even when a table of the name is made anew.
    package var version: Int64
    package var count: Int64
    package var createdAt: Instant
    package var updatedAt: Instant
    package var updatedBy: String

    /// Of one tenant.
    package static let mostTables = 100

    package init(
        name: String,
        version: Int64,
        count: Int64,
        createdAt: Instant,
        updatedAt: Instant,
        updatedBy: String
    ) {
        self.name = name
        self.version = version
        self.count = count
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.updatedBy = updatedBy
    }
}

package struct LookupEntry: Sendable, Equatable {
    package var key: String
    package var value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}
