package import Identifiers
package import Time

/// Which providers a tenant has switched off: those that nobody ever spoke of are on.
package protocol ProviderStore: Sendable {
    /// What was ever set, by name.
    func providerSettings(tenant: UUID) async throws(StoreError) -> [ProviderSetting]
    /// A provider that is off starts no run: `enqueueSync` refuses as `providerOff`.
    func setProvider(
        _ provider: String,
        isEnabled: Bool,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> ProviderSetting
}

package struct ProviderSetting: Sendable, Equatable {
    package var provider: String
    package var isEnabled: Bool
    package var changedAt: Instant
    package var changedBy: String

    package init(provider: String, isEnabled: Bool, changedAt: Instant, changedBy: String) {
        self.provider = provider
        self.isEnabled = isEnabled
        self.changedAt = changedAt
        self.changedBy = changedBy
    }
}
