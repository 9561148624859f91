internal import Identifiers
internal import SQLite

/// Whether a worker still has the right to commit for its run.
enum Fence {
    /// `fenced` unless the fence on the run's row is the lease's own and the run is running. Inside a transaction of
    /// the writer nobody can raise it before the commit.
    static func check(_ connection: SQLiteConnection, _ lease: RunLease) throws(StoreError) {
        let held = try connection.number(
            "SELECT fence FROM integration_runs WHERE number = ? AND tenant_id = ? AND state = 'running'",
            [.integer(lease.run.number), .id(lease.run.tenant)]
        )
        guard held == lease.job.fence else { throw lost(run: lease.run.id) }
    }

    static func lost(run: UUID) -> StoreError {
        StoreError(
            .fenced,
            "The lease on run \(run) was lost: another worker goes on with it from its checkpoint. "
                + "This one stops; nothing of its step in hand was written."
        )
    }
}
