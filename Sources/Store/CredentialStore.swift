package import Identifiers
package import Time

/// A config's credentials, encrypted: the store never sees what they say.
package protocol CredentialStore: Sendable {
    /// Replaces what the config had.
    ///
    /// - Parameter isTested: whether the connection was tested with them before; nil where nobody says.
    func saveCredentials(
        _ credentials: EncryptedCredentials,
        isTested: Bool?,
        config: UUID,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> CredentialsStanding
    /// nil if the config has none.
    func credentials(config: UUID, tenant: UUID) async throws(StoreError) -> EncryptedCredentials?
    /// When and by whom they were set; nil if the config has none.
    func credentialsStanding(config: UUID, tenant: UUID) async throws(StoreError) -> CredentialsStanding?
    /// Answers whether there were any.
    @discardableResult
    func deleteCredentials(
        config: UUID,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Bool
}

extension CredentialStore {
    /// Saves them without a word of a test.
    package func saveCredentials(
        _ credentials: EncryptedCredentials,
        config: UUID,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> CredentialsStanding {
        try await saveCredentials(
            credentials,
            isTested: nil,
            config: config,
            actor: actor,
            tenant: tenant,
            now: now
        )
    }
}

package struct EncryptedCredentials: Sendable, Equatable {
    /// A Fernet token.
    package var payload: String
    /// Names the key that opens it.
    package var keyID: String

    package init(payload: String, keyID: String) {
        self.payload = payload
        self.keyID = keyID
    }
}

/// What may be told of credentials.
package struct CredentialsStanding: Sendable, Equatable {
    package var keyID: String
    package var createdAt: Instant
    package var updatedAt: Instant
    package var updatedBy: String

    package init(keyID: String, createdAt: Instant, updatedAt: Instant, updatedBy: String) {
        self.keyID = keyID
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.updatedBy = updatedBy
    }
}
