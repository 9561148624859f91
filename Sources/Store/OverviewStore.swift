package import Identifiers
package import Time

/// A tenant's standing at a glance.
package protocol OverviewStore: Sendable {
    func overview(tenant: UUID, now: Instant) async throws(StoreError) -> Overview
}

package struct Overview: Sendable {
    package var configs: Int64
    package var activeConfigs: Int64
    /// Active configs whose newest ended run failed.
    package var failingConfigs: Int64
    /// Runs made in the last 24 hours, by state.
    package var runs: [RunState: Int64]
    /// Open rejects of each config's newest run that has ended: older ones are told anew by it.
    package var openRejects: Int64
    package var queuedJobs: Int64
    package var runningJobs: Int64
    /// The newest ten.
    package var lastRuns: [Run]

    package init(
        configs: Int64,
        activeConfigs: Int64,
        failingConfigs: Int64,
        runs: [RunState: Int64],
        openRejects: Int64,
        queuedJobs: Int64,
        runningJobs: Int64,
        lastRuns: [Run]
    ) {
        self.configs = configs
        self.activeConfigs = activeConfigs
        self.failingConfigs = failingConfigs
        self.runs = runs
        self.openRejects = openRejects
        self.queuedJobs = queuedJobs
        self.runningJobs = runningJobs
        self.lastRuns = lastRuns
    }
}
