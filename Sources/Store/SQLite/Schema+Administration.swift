// What the HTTP API needs beside the tables of migration 1.

extension SQLiteSchema {
    // row_id: of a mapping's line, the same in every version that has the line; id stands for the line in one version.
    static let authorship = [
        "ALTER TABLE integration_credentials ADD COLUMN updated_by TEXT",
        "ALTER TABLE integration_mapping_versions ADD COLUMN created_by TEXT",
        "ALTER TABLE integration_mappings ADD COLUMN row_id BLOB",
        // Of the first failure, like code and message; empty where the whole record was refused.
        "ALTER TABLE integration_rejects ADD COLUMN field TEXT NOT NULL DEFAULT ''",
    ]

    // Each list is read along one of these, from its newest end: a row's number is every index's last column.
    static let lists = [
        "CREATE INDEX integration_configs_by_time ON integration_configs (tenant_id, created_at)",
        "CREATE INDEX integration_runs_by_time ON integration_runs (tenant_id, created_at)",
        "CREATE INDEX integration_runs_by_state ON integration_runs (tenant_id, state, created_at)",
        "CREATE INDEX integration_runs_of_config ON integration_runs (tenant_id, config_id, created_at)",
        "CREATE INDEX integration_logs_of_config ON integration_logs (tenant_id, config_id, created_at)",
        "CREATE INDEX integration_audit_by_time ON integration_audit (tenant_id, created_at)",
        "CREATE INDEX integration_rejects_by_failure ON integration_rejects (tenant_id, run_number, code, field, state)",
        // What became of a row after it was created.
        """
        CREATE INDEX integration_changes_of_row ON integration_changes (tenant_id, entity, row_number)
            WHERE kind <> 'created'
        """,
        """
        CREATE INDEX integration_jobs_in_hand ON integration_jobs (tenant_id, state)
            WHERE state IN ('waiting', 'running')
        """,
    ]

    // A provider without a row is on.
    static let providers = [
        """
        CREATE TABLE integration_providers (
            tenant_id BLOB NOT NULL,
            provider TEXT NOT NULL,
            is_enabled INTEGER NOT NULL CHECK (is_enabled IN (0, 1)),
            changed_at INTEGER NOT NULL,
            changed_by TEXT NOT NULL,
            PRIMARY KEY (tenant_id, provider)
        ) STRICT, WITHOUT ROWID
        """
    ]

    static let files = [
        """
        CREATE TABLE integration_files (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE,
            tenant_id BLOB NOT NULL,
            config_id BLOB NOT NULL,
            name TEXT NOT NULL,
            size INTEGER NOT NULL CHECK (size >= 0),
            sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
            format TEXT,
            findings TEXT NOT NULL,
            content_key TEXT NOT NULL,
            archived_at INTEGER,
            created_at INTEGER NOT NULL,
            created_by TEXT NOT NULL,
            UNIQUE (tenant_id, id),
            FOREIGN KEY (tenant_id, config_id) REFERENCES integration_configs (tenant_id, id)
        ) STRICT
        """,
        """
        CREATE INDEX integration_files_of_config ON integration_files (tenant_id, config_id, created_at)
            WHERE archived_at IS NULL
        """,
    ]

    // fence: how often the key was taken. An answer is there as soon as it is done.
    static let idempotency = [
        """
        CREATE TABLE integration_idempotency (
            number INTEGER PRIMARY KEY,
            tenant_id BLOB NOT NULL,
            key TEXT NOT NULL,
            fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
            state TEXT NOT NULL CHECK (state IN ('in_progress', 'done')),
            fence INTEGER NOT NULL,
            status INTEGER,
            headers TEXT,
            body BLOB CHECK (length(body) <= 262144),
            created_at INTEGER NOT NULL,
            taken_at INTEGER NOT NULL,
            CHECK ((state = 'done') = (status IS NOT NULL)),
            CHECK ((status IS NULL) = (headers IS NULL)),
            CHECK ((status IS NULL) = (body IS NULL)),
            UNIQUE (tenant_id, key)
        ) STRICT
        """,
        "CREATE INDEX integration_idempotency_by_time ON integration_idempotency (created_at)",
    ]
}
