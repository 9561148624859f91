package import Identifiers
internal import JSON
internal import SQLite
package import Time

extension SQLiteStore {
    package func saveCredentials(
        _ credentials: EncryptedCredentials,
        isTested: Bool?,
        config: UUID,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> CredentialsStanding {
        try await transaction(.api) { connection throws(StoreError) in
            _ = try ConfigRow.require(connection, config, tenant: tenant)
            try connection.change(
                """
                INSERT INTO integration_credentials
                    (id, tenant_id, config_id, encrypted_payload, key_id, created_at, updated_at, updated_by)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7)
                    ON CONFLICT (tenant_id, config_id) DO UPDATE SET encrypted_payload = excluded.encrypted_payload,
                        key_id = excluded.key_id, updated_at = excluded.updated_at, updated_by = excluded.updated_by
                """,
                [
                    .id(.new(now)), .id(tenant), .id(config), .text(credentials.payload), .text(credentials.keyID),
                    .time(now), .text(actor),
                ]
            )
            var detail: JSONObject = ["key_id": .string(credentials.keyID)]
            if let isTested { detail["tested"] = .bool(isTested) }
            let deed = AuditDeed(
                actor: actor,
                action: "credentials.saved",
                subject: "config",
                subjectID: config,
                detail: .object(detail)
            )
            try Audit.write(connection, deed, tenant: tenant, now: now)
            guard let standing = try CredentialsRow.standing(connection, config: config, tenant: tenant) else {
                throw StoreError(
                    .bug,
                    "The credentials of configuration \(config) are gone as soon as they were saved."
                )
            }
            return standing
        }
    }

    package func credentials(config: UUID, tenant: UUID) async throws(StoreError) -> EncryptedCredentials? {
        try await read { connection throws(StoreError) in
            try connection.row(
                "SELECT encrypted_payload, key_id FROM integration_credentials WHERE tenant_id = ? AND config_id = ?",
                [.id(tenant), .id(config)]
            ) { row throws(StoreError) in EncryptedCredentials(payload: row.text(0), keyID: row.text(1)) }
        }
    }

    package func credentialsStanding(config: UUID, tenant: UUID) async throws(StoreError) -> CredentialsStanding? {
        try await read { connection throws(StoreError) in
            try CredentialsRow.standing(connection, config: config, tenant: tenant)
        }
    }

    package func deleteCredentials(
        config: UUID,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Bool {
        try await transaction(.api) { connection throws(StoreError) in
            let deleted = try connection.change(
                "DELETE FROM integration_credentials WHERE tenant_id = ? AND config_id = ?",
                [.id(tenant), .id(config)]
            )
            guard deleted > 0 else { return false }
            try Audit.write(
                connection,
                "credentials.deleted",
                "config",
                config,
                actor: actor,
                tenant: tenant,
                now: now
            )
            return true
        }
    }
}

/// The rows of integration_credentials.
private enum CredentialsRow {
    static func standing(
        _ connection: SQLiteConnection,
        config: UUID,
        tenant: UUID
    ) throws(StoreError) -> CredentialsStanding? {
        try connection.row(
            """
            SELECT key_id, created_at, updated_at, coalesce(updated_by, '') FROM integration_credentials
                WHERE tenant_id = ? AND config_id = ?
            """,
            [.id(tenant), .id(config)]
        ) { row throws(StoreError) in
            CredentialsStanding(
                keyID: row.text(0),
                createdAt: row.time(1),
                updatedAt: row.time(2),
                updatedBy: row.text(3)
            )
        }
    }
}
