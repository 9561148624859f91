package import Crypto
package import Store

/// Opens the credentials that the store keeps for configs.
package struct CredentialReader: Sendable {
    private let store: any CredentialStore
    private let cipher: CredentialCipher

    package init(store: any CredentialStore, cipher: CredentialCipher) {
        self.store = store
        self.cipher = cipher
    }

    /// Empty where the config has none; `credentials_unreadable` where they don't open.
    package func secrets(of config: Config) async throws -> [String: Secret] {
        guard let kept = try await store.credentials(config: config.id, tenant: config.tenant) else { return [:] }
        return try cipher.open(kept.payload, keyID: kept.keyID, config: config.id, tenant: config.tenant)
    }
}
