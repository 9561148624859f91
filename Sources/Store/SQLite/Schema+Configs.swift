// Ids are UUIDs as 16 bytes, times microseconds since 1970 in UTC, JSON is text.

extension SQLiteSchema {
    /// One row: the key of every keyed hash here.
    static let installation = [
        """
        CREATE TABLE integration_installation (
            number INTEGER PRIMARY KEY CHECK (number = 1),
            hash_key BLOB NOT NULL CHECK (length(hash_key) = 16),
            format INTEGER NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT
        """
    ]

    static let configs = [
        """
        CREATE TABLE integration_configs (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE,
            tenant_id BLOB NOT NULL,
            name TEXT NOT NULL,
            provider TEXT NOT NULL,
            type TEXT NOT NULL CHECK (type IN ('pull', 'push', 'sync', 'webhook')),
            is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
            settings TEXT NOT NULL,
            policy TEXT NOT NULL,
            version INTEGER NOT NULL DEFAULT 1,
            archived_at INTEGER,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            UNIQUE (tenant_id, id)
        ) STRICT
        """,
        """
        CREATE UNIQUE INDEX integration_configs_name ON integration_configs (tenant_id, name)
            WHERE archived_at IS NULL
        """,
        """
        CREATE TABLE integration_credentials (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE,
            tenant_id BLOB NOT NULL,
            config_id BLOB NOT NULL,
            encrypted_payload TEXT NOT NULL,
            key_id TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            UNIQUE (tenant_id, config_id),
            FOREIGN KEY (tenant_id, config_id) REFERENCES integration_configs (tenant_id, id)
        ) STRICT
        """,
        """
        CREATE TABLE integration_mapping_versions (
            number INTEGER PRIMARY KEY,
            tenant_id BLOB NOT NULL,
            config_id BLOB NOT NULL,
            version INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            UNIQUE (tenant_id, config_id, version),
            FOREIGN KEY (tenant_id, config_id) REFERENCES integration_configs (tenant_id, id)
        ) STRICT
        """,
        """
        CREATE TABLE integration_mappings (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE,
            tenant_id BLOB NOT NULL,
            config_id BLOB NOT NULL,
            version INTEGER NOT NULL,
            position INTEGER NOT NULL,
            stream TEXT NOT NULL,
            target_entity TEXT NOT NULL CHECK (target_entity IN ('users', 'courses', 'enrollments')),
            source_field TEXT NOT NULL,
            target_field TEXT NOT NULL,
            transform_function TEXT,
            write TEXT NOT NULL CHECK (write IN ('always', 'when_empty', 'on_create')),
            empty TEXT NOT NULL CHECK (empty IN ('ignore', 'erase')),
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            UNIQUE (tenant_id, config_id, version, position),
            FOREIGN KEY (tenant_id, config_id, version)
                REFERENCES integration_mapping_versions (tenant_id, config_id, version)
        ) STRICT
        """,
        """
        CREATE TABLE integration_audit (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE,
            tenant_id BLOB NOT NULL,
            actor TEXT NOT NULL,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            subject_id BLOB NOT NULL,
            detail TEXT NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT
        """,
    ]
}
