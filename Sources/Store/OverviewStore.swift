package import Identifiers
package import Time

/// A tenant's standing at a glance.
package protocol OverviewStore: Sendable {
    func overview(tenant: UUID, now: Instant) async throws(StoreError) -> Overview
}

/// What somebody has to look at.
package struct Need: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// The guard holds the config's newest run.
        case held
        /// A plan waits to be applied or dropped.
        case planned
        /// The newest run that ended has failed.
        case failed
        /// It has rejects that are open.
        case rejects
    }

    package var kind: Kind
    package var config: UUID
    package var name: String
    package var run: UUID
    /// The run's own sentence.
    package var message: String
    /// Of records: set aside, planned or open; of a failed run those it read.
    package var count: Int64
    package var since: Instant
}

package struct Overview: Sendable {
    /// The most urgent kind first, and of one kind the newest.
    package var needs: [Need] = []
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
