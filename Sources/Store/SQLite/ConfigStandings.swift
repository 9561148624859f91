package import Identifiers
internal import SQLite

extension SQLiteStore {
    package func configStanding(_ id: UUID, tenant: UUID) async throws(StoreError) -> ConfigStanding? {
        try await read { [owned] connection throws(StoreError) in
            guard let config = try ConfigRow.find(connection, id, tenant: tenant) else { return nil }
            return try standing(of: config, connection, owned)
        }
    }

    package func configs(
        _ filter: ConfigFilter,
        page: PageRequest,
        tenant: UUID
    ) async throws(StoreError) -> Page<ConfigStanding> {
        try await read { [owned] connection throws(StoreError) in
            let name = TextPart(filter.nameContains)
            let query = PageQuery.configs(filter, after: page.after, tenant: tenant)
            let found = try connection.page(query, limit: page.limit) { row throws(StoreError) in
                let config = try ConfigRow.read(row, from: PageQuery.keyColumns)
                return name.isIn(config.name) ? config : nil
            }
            var standings: [ConfigStanding] = []
            for config in found.items { standings.append(try standing(of: config, connection, owned)) }
            return Page(items: standings, next: found.next)
        }
    }
}

extension PageQuery {
    package static func configs(_ filter: ConfigFilter, after: PageKey?, tenant: UUID) -> PageQuery {
        var query = PageQuery(ConfigRow.columns, from: "integration_configs", order: .newestFirst)
        query.require("tenant_id", is: tenant)
        query.require("archived_at IS NULL")
        query.require("provider", is: filter.provider)
        query.require("type", is: filter.type)
        if let isActive = filter.isActive { query.require("is_active = ?", SQLiteValue(isActive)) }
        query.begin(after: after)
        return query
    }
}

private func standing(
    of config: Config,
    _ connection: SQLiteConnection,
    _ owned: OwnedMemory
) throws(StoreError) -> ConfigStanding {
    let recent = try connection.rows(
        """
        SELECT \(RunRow.state) FROM integration_runs WHERE tenant_id = ? AND config_id = ?
            ORDER BY created_at DESC, number DESC LIMIT 14
        """,
        [.id(config.tenant), .id(config.id)]
    ) { row throws(StoreError) -> RunState in try row.word(0) }
    let lastRun = try RunRow.newest(connection, config: config.id, tenant: config.tenant)
    let credentials = try connection.number(
        "SELECT 1 FROM integration_credentials WHERE tenant_id = ? AND config_id = ?",
        [.id(config.tenant), .id(config.id)]
    )
    return ConfigStanding(
        config: config,
        hasCredentials: credentials != nil,
        lastRun: lastRun,
        recentStates: recent,
        owned: try owned.counts(of: config, lastRun: lastRun, connection)
    )
}
