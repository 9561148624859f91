package import Identifiers
internal import JSON
internal import SQLite
package import Time

extension SQLiteStore {
    package func providerSettings(tenant: UUID) async throws(StoreError) -> [ProviderSetting] {
        try await read { connection throws(StoreError) in
            try connection.rows(
                """
                SELECT provider, is_enabled, changed_at, changed_by FROM integration_providers
                    WHERE tenant_id = ? ORDER BY provider
                """,
                [.id(tenant)]
            ) { row throws(StoreError) in
                ProviderSetting(
                    provider: row.text(0),
                    isEnabled: row.int64(1) != 0,
                    changedAt: row.time(2),
                    changedBy: row.text(3)
                )
            }
        }
    }

    package func setProvider(
        _ provider: String,
        isEnabled: Bool,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> ProviderSetting {
        try await transaction(.api) { connection throws(StoreError) in
            try connection.change(
                """
                INSERT INTO integration_providers (tenant_id, provider, is_enabled, changed_at, changed_by)
                    VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET is_enabled = excluded.is_enabled,
                        changed_at = excluded.changed_at, changed_by = excluded.changed_by
                """,
                [.id(tenant), .text(provider), SQLiteValue(isEnabled), .time(now), .text(actor)]
            )
            let deed = AuditDeed(
                actor: actor,
                action: isEnabled ? "provider.enabled" : "provider.disabled",
                subject: "provider",
                detail: ["provider": .string(provider)]
            )
            try Audit.write(connection, deed, tenant: tenant, now: now)
            return ProviderSetting(provider: provider, isEnabled: isEnabled, changedAt: now, changedBy: actor)
        }
    }
}

/// The rows of integration_providers.
enum ProviderRow {
    /// A provider that nobody ever spoke of is on.
    static func isEnabled(
        _ connection: SQLiteConnection,
        _ provider: String,
        tenant: UUID
    ) throws(StoreError) -> Bool {
        let setting = try connection.number(
            "SELECT is_enabled FROM integration_providers WHERE tenant_id = ? AND provider = ?",
            [.id(tenant), .text(provider)]
        )
        return setting != 0
    }
}
