package import Identifiers
internal import SQLite
internal import Time

extension SQLiteStore {
    package func runs(_ filter: RunFilter, page: PageRequest, tenant: UUID) async throws(StoreError) -> Page<Run> {
        try await read { connection throws(StoreError) in
            let queries = PageQuery.runs(filter, after: page.after, tenant: tenant)
            var runs = try connection.page(merging: queries, limit: page.limit, by: isNewer) {
                row throws(StoreError) in try RunRow.read(row, from: PageQuery.keyColumns)
            }
            for position in runs.items.indices {
                runs.items[position].streams = try RunStreamRow.read(runs.items[position], connection)
            }
            return runs
        }
    }
}

private func isNewer(_ left: PageKey, _ right: PageKey) -> Bool {
    (left.major, left.minor) > (right.major, right.minor)
}

extension PageQuery {
    /// One query for each state that is wanted, so that few among many are found without reading the others.
    package static func runs(_ filter: RunFilter, after: PageKey?, tenant: UUID) -> [PageQuery] {
        let all = PageQuery.runs(filter, state: nil, after: after, tenant: tenant)
        guard !filter.states.isEmpty else { return [all] }
        return filter.states.flatMap { state in
            // What was done with rejects is done when they are dealt with.
            let kept: [(RunState, String?)] =
                switch state {
                case .done: [(.done, nil), (.doneWithRejects, RunRow.hasNoneLeft)]
                case .doneWithRejects: [(.doneWithRejects, "NOT (\(RunRow.hasNoneLeft))")]
                default: [(state, nil)]
                }
            return kept.map { state, condition in
                var query = PageQuery.runs(filter, state: state, after: after, tenant: tenant)
                if let condition { query.require(condition) }
                return query
            }
        }
    }

    private static func runs(
        _ filter: RunFilter,
        state: RunState?,
        after: PageKey?,
        tenant: UUID
    ) -> PageQuery {
        var query = PageQuery(RunRow.columns, from: "integration_runs", order: .newestFirst)
        query.require("tenant_id", is: tenant)
        query.require("config_id", is: filter.config)
        query.require("state", is: state?.rawValue)
        query.require("kind", is: filter.kind)
        query.require(since: filter.since, until: filter.until)
        query.begin(after: after)
        return query
    }
}
