package import Identifiers
package import JSON
package import Time

/// The tenants' configs. What was archived is not found any more, but for what its runs left behind.
package protocol ConfigStore: Sendable {
    func config(named name: String, tenant: UUID) async throws(StoreError) -> Config?
    func config(_ id: UUID, tenant: UUID) async throws(StoreError) -> Config?
    /// The config with what a list shows of it.
    func configStanding(_ id: UUID, tenant: UUID) async throws(StoreError) -> ConfigStanding?
    /// Newest first.
    func configs(
        _ filter: ConfigFilter,
        page: PageRequest,
        tenant: UUID
    ) async throws(StoreError) -> Page<ConfigStanding>

    /// `conflict` if the tenant has a config of this name, `invalid` for a policy that can't be read.
    func createConfig(
        _ draft: ConfigDraft,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Config
    /// A config with its mappings, all or nothing; as `createConfig` otherwise.
    func importConfig(
        _ draft: ConfigDraft,
        mappings: [MappingDraft],
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Config
    /// Changes what is named, all or nothing; nothing new makes no version. `stale` unless `version`, if given, is the
    /// newest; `conflict` for another config's name.
    func changeConfig(
        _ id: UUID,
        _ change: ConfigChange,
        version: Int64?,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Config
    /// A new config under a free name (`X (copy)`), with settings, policy and the newest mappings: switched off, and without
    /// credentials.
    func copyConfig(_ id: UUID, actor: String, tenant: UUID, now: Instant) async throws(StoreError) -> Config
    /// Takes the config out of use, archives its files and deletes its credentials; its runs and logs stay. A queued run is
    /// cancelled; `conflict` if one has begun and not ended, `stale` unless `version`, if given, is the newest.
    func archiveConfig(
        _ id: UUID,
        version: Int64?,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> ArchivedConfig
}

/// What went with a config that was archived.
package struct ArchivedConfig: Sendable {
    /// Its run that waited, if there was one.
    package var cancelled: Run?
    /// Where its files' contents lie, which are to be deleted.
    package var contentKeys: [String]

    package init(cancelled: Run?, contentKeys: [String]) {
        self.cancelled = cancelled
        self.contentKeys = contentKeys
    }
}

/// Who acts where nobody has signed in: the host's own commands.
package enum Actor {
    package static let host = "host"
}

extension ConfigStore {
    /// Creates it in the host's own name.
    package func createConfig(_ draft: ConfigDraft, tenant: UUID, now: Instant) async throws(StoreError) -> Config {
        try await createConfig(draft, actor: Actor.host, tenant: tenant, now: now)
    }
}

/// What is to change of a config; nil leaves as it is. Its provider never changes.
package struct ConfigChange: Sendable, Equatable {
    package var name: String?
    /// `pull push sync webhook`
    package var type: String?
    package var isActive: Bool?
    package var settings: JSONValue?
    package var policy: JSONValue?

    package init(
        name: String? = nil,
        type: String? = nil,
        isActive: Bool? = nil,
        settings: JSONValue? = nil,
        policy: JSONValue? = nil
    ) {
        self.name = name
        self.type = type
        self.isActive = isActive
        self.settings = settings
        self.policy = policy
    }
}

/// Which configs are wanted; nil takes all.
package struct ConfigFilter: Sendable, Hashable {
    package var provider: String?
    package var type: String?
    package var isActive: Bool?
    /// Part of the name, in upper or lower case.
    package var nameContains: String?

    package init(
        provider: String? = nil,
        type: String? = nil,
        isActive: Bool? = nil,
        nameContains: String? = nil
    ) {
        self.provider = provider
        self.type = type
        self.isActive = isActive
        self.nameContains = nameContains
    }
}

/// A config and how it fares.
package struct ConfigStanding: Sendable {
    package var config: Config
    package var hasCredentials: Bool
    /// The newest run, whatever its state.
    package var lastRun: Run?
    /// States of the last 14 runs, newest first.
    package var recentStates: [RunState]
    /// How many rows the config owns. While a run is under way: those before it, and those it has created.
    package var owned: OwnedCounts

    package init(
        config: Config,
        hasCredentials: Bool,
        lastRun: Run?,
        recentStates: [RunState],
        owned: OwnedCounts
    ) {
        self.config = config
        self.hasCredentials = hasCredentials
        self.lastRun = lastRun
        self.recentStates = recentStates
        self.owned = owned
    }
}

/// How many rows of each entity.
package struct OwnedCounts: Sendable, Hashable {
    package var users: Int64
    package var courses: Int64
    package var enrollments: Int64

    package init(users: Int64 = 0, courses: Int64 = 0, enrollments: Int64 = 0) {
        self.users = users
        self.courses = courses
        self.enrollments = enrollments
    }
}
