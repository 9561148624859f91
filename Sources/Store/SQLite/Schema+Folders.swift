// Which files of a tenant's folder were taken.

extension SQLiteSchema {
    // A file counts as taken when its run ended well or is held; one with same_as was passed over, whatever became of the run.
    static let takenFiles = [
        """
        CREATE TABLE integration_taken_files (
            number INTEGER PRIMARY KEY,
            tenant_id BLOB NOT NULL,
            config_id BLOB NOT NULL,
            run_id BLOB NOT NULL,
            path TEXT NOT NULL,
            size INTEGER NOT NULL CHECK (size >= 0),
            modified INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
            declared TEXT NOT NULL,
            after TEXT NOT NULL CHECK (after IN ('archive', 'leave')),
            same_as INTEGER,
            archived_as TEXT,
            created_at INTEGER NOT NULL,
            settled_at INTEGER,
            FOREIGN KEY (tenant_id, config_id) REFERENCES integration_configs (tenant_id, id),
            FOREIGN KEY (tenant_id, run_id) REFERENCES integration_runs (tenant_id, id)
        ) STRICT
        """,
        """
        CREATE INDEX integration_taken_files_of_config ON integration_taken_files (tenant_id, config_id, created_at)
        """,
        "CREATE INDEX integration_taken_files_of_run ON integration_taken_files (tenant_id, run_id)",
        """
        CREATE INDEX integration_taken_files_unsettled ON integration_taken_files (number) WHERE settled_at IS NULL
        """,
        // What the tenant's uploads have together, and which of them are the largest.
        "CREATE INDEX integration_files_by_size ON integration_files (tenant_id, size) WHERE archived_at IS NULL",
    ]
}
