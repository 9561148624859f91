extension SQLiteSchema {
    static let logs = [
        """
        CREATE TABLE integration_logs (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE,
            tenant_id BLOB NOT NULL,
            config_id BLOB NOT NULL,
            run_id BLOB,
            status TEXT NOT NULL CHECK (status IN ('success', 'error')),
            level TEXT NOT NULL CHECK (level IN ('debug', 'info', 'warning', 'error')),
            event TEXT NOT NULL,
            message TEXT NOT NULL,
            payload TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            FOREIGN KEY (tenant_id, config_id) REFERENCES integration_configs (tenant_id, id)
        ) STRICT
        """
    ]

    static let webhooks = [
        """
        CREATE TABLE integration_webhook_events (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE,
            tenant_id BLOB NOT NULL,
            config_id BLOB NOT NULL,
            event_type TEXT NOT NULL,
            data TEXT NOT NULL,
            processed INTEGER NOT NULL DEFAULT 0 CHECK (processed IN (0, 1)),
            dedupe_key TEXT NOT NULL,
            body_hash BLOB NOT NULL,
            verdict TEXT NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0,
            last_error TEXT,
            entity_key TEXT,
            headers TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            UNIQUE (tenant_id, config_id, dedupe_key),
            FOREIGN KEY (tenant_id, config_id) REFERENCES integration_configs (tenant_id, id)
        ) STRICT
        """
    ]
}
