internal import Changes
internal import Identifiers
internal import Mapping
internal import SQLite
internal import Synchronization

/// How many rows each config owns: counted when a run has ended that made or changed some, and remembered till the next has.
///
/// Counting costs 0.1 s for a million links, and no column holds the count: it would be written with every batch.
final class OwnedMemory: Sendable {
    /// What stood when it was counted.
    private struct Counted {
        /// The newest run then, and what it had done.
        var run: RunMark?
        var owned: OwnedCounts
    }

    private struct RunMark: Equatable {
        var number: Int64
        /// By its own streams: what else got through may be other configs'.
        var created: OwnedCounts
        var updated: Int64
        var attempt: Int64

        init(_ run: Run) {
            number = run.number
            attempt = run.attempt
            guard !run.isUnapplied else {
                (created, updated) = (OwnedCounts(), 0)
                return
            }
            created = run.streams.reduce(into: OwnedCounts()) { $0.add($1.counts.created, $1.entity) }
            updated = run.counts.updated
        }
    }

    private static let mostConfigs = 10_000

    private let counted = Mutex<[UUID: Counted]>([:])

    /// While a run is under way: what was counted, and what the run has created since.
    func counts(of config: Config, lastRun: Run?, _ connection: SQLiteConnection) throws(StoreError) -> OwnedCounts {
        let mark = lastRun.map(RunMark.init)
        if let known = counted.withLock({ $0[config.id] }) {
            if known.run == mark { return known.owned }
            if let lastRun, !lastRun.state.hasEnded,
                let created = try created(by: lastRun, since: known, connection)
            {
                return known.owned.adding(created)
            }
        }
        let owned = try count(config, connection)
        counted.withLock { counted in
            if counted.count >= OwnedMemory.mostConfigs { counted.removeAll() }
            counted[config.id] = Counted(run: mark, owned: owned)
        }
        return owned
    }

    /// nil if something else has happened since the count, too.
    private func created(
        by run: Run,
        since known: Counted,
        _ connection: SQLiteConnection
    ) throws(StoreError) -> OwnedCounts? {
        let created = RunMark(run).created
        if let counted = known.run, counted.number == run.number { return created.subtracting(counted.created) }
        let before = try RunRow.newest(connection, config: run.config, before: run.number, tenant: run.tenant)
        return before.map(RunMark.init) == known.run ? created : nil
    }

    private func count(_ config: Config, _ connection: SQLiteConnection) throws(StoreError) -> OwnedCounts {
        var owned = OwnedCounts()
        for entity in Entity.allCases {
            let count = try connection.number(
                """
                SELECT count(*) FROM integration_links
                    WHERE tenant_id = ? AND config_number = ? AND entity = ? AND owned = 1
                """,
                [.id(config.tenant), .integer(config.number), .integer(entity.number)]
            )
            owned.add(count ?? 0, entity)
        }
        return owned
    }
}

extension OwnedCounts {
    fileprivate mutating func add(_ count: Int64, _ entity: Entity) {
        switch entity {
        case .users: users += count
        case .courses: courses += count
        case .enrollments: enrollments += count
        }
    }

    fileprivate func adding(_ other: OwnedCounts) -> OwnedCounts {
        OwnedCounts(
            users: users + other.users,
            courses: courses + other.courses,
            enrollments: enrollments + other.enrollments
        )
    }

    /// Nothing below zero: a run that started over has created less than it had.
    fileprivate func subtracting(_ other: OwnedCounts) -> OwnedCounts {
        OwnedCounts(
            users: max(0, users - other.users),
            courses: max(0, courses - other.courses),
            enrollments: max(0, enrollments - other.enrollments)
        )
    }
}
