package import Identifiers
package import Mapping
internal import Platform
package import Store

/// Gathers what transforms use besides their values.
package struct MappingSurroundings: Sendable {
    private let store: any Store

    package init(store: any Store) {
        self.store = store
    }

    /// What these sets name, if it is there. Read once, before they are compiled: a run works with what it began with.
    package func environment(for sets: [MappingSet], tenant: UUID) async throws -> MappingEnvironment {
        var needs = MappingNeeds()
        for set in sets { needs.formUnion(set.needs) }
        var environment = MappingEnvironment()
        for (name, entries) in try await store.lookupEntries(needs.tables, tenant: tenant) {
            environment.tables[name] = LookupTable(entries.map { ($0.key, $0.value) })
        }
        if environment.tables.count < needs.tables.count {
            environment.tableNames = try await store.lookups(tenant: tenant).map(\.name)
        }
        // A few KiB from the page cache: no reason to change threads.
        for name in needs.zones { environment.zones[name] = try ZoneFiles.rules(name) }
        if environment.zones.count < needs.zones.count { environment.zoneNames = ZoneFiles.names() }
        return environment
    }
}
