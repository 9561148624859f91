extension SQLiteSchema {
    static let jobs = [
        """
        CREATE TABLE integration_runs (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE,
            tenant_id BLOB NOT NULL,
            config_id BLOB NOT NULL,
            kind TEXT NOT NULL,
            trigger TEXT NOT NULL,
            direction TEXT NOT NULL CHECK (direction IN ('pull', 'push')),
            stream TEXT NOT NULL,
            entity TEXT NOT NULL CHECK (entity IN ('users', 'courses', 'enrollments')),
            mapping_version INTEGER NOT NULL,
            input TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN
                ('queued', 'running', 'planned', 'held', 'done', 'done_with_rejects', 'failed', 'cancelled')),
            count_read INTEGER NOT NULL DEFAULT 0,
            count_created INTEGER NOT NULL DEFAULT 0,
            count_updated INTEGER NOT NULL DEFAULT 0,
            count_unchanged INTEGER NOT NULL DEFAULT 0,
            count_set_aside INTEGER NOT NULL DEFAULT 0,
            count_rejected INTEGER NOT NULL DEFAULT 0,
            count_duplicate INTEGER NOT NULL DEFAULT 0,
            count_warned INTEGER NOT NULL DEFAULT 0,
            count_waiting INTEGER NOT NULL DEFAULT 0,
            attempt INTEGER NOT NULL DEFAULT 0,
            fence INTEGER NOT NULL DEFAULT 0,
            message TEXT NOT NULL,
            error TEXT,
            summary TEXT,
            created_at INTEGER NOT NULL,
            started_at INTEGER,
            finished_at INTEGER,
            CHECK ((finished_at IS NULL) = (state IN ('queued', 'running', 'planned', 'held'))),
            CHECK (state NOT IN ('done', 'done_with_rejects')
                OR count_waiting = 0 AND count_read = count_created + count_updated + count_unchanged
                    + count_set_aside + count_rejected + count_duplicate),
            CHECK (state <> 'done' OR count_rejected = 0),
            UNIQUE (tenant_id, id),
            FOREIGN KEY (tenant_id, config_id) REFERENCES integration_configs (tenant_id, id)
        ) STRICT
        """,
        // A config never runs twice at once, whatever the code around it does.
        """
        CREATE UNIQUE INDEX integration_runs_in_hand ON integration_runs (tenant_id, config_id)
            WHERE state IN ('queued', 'running')
        """,
        """
        CREATE INDEX integration_runs_unfinished ON integration_runs (tenant_id, config_id) WHERE finished_at IS NULL
        """,
        // The queue is claimed across tenants: ids, numbers and times, never payloads.
        """
        CREATE TABLE integration_jobs (
            number INTEGER PRIMARY KEY,
            tenant_id BLOB NOT NULL,
            config_id BLOB NOT NULL,
            run_id BLOB NOT NULL,
            kind TEXT NOT NULL,
            priority INTEGER NOT NULL DEFAULT 0,
            run_at INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'dead')),
            attempt INTEGER NOT NULL DEFAULT 0,
            fence INTEGER NOT NULL DEFAULT 0,
            lease_owner TEXT,
            lease_until INTEGER,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            CHECK ((state = 'running') = (lease_owner IS NOT NULL)),
            CHECK ((lease_owner IS NULL) = (lease_until IS NULL)),
            UNIQUE (tenant_id, run_id),
            FOREIGN KEY (tenant_id, run_id) REFERENCES integration_runs (tenant_id, id)
        ) STRICT
        """,
        """
        CREATE INDEX integration_jobs_unfinished ON integration_jobs (priority, run_at)
            WHERE state IN ('waiting', 'running')
        """,
        // The token covers everything the run has committed of the stream.
        """
        CREATE TABLE integration_checkpoints (
            tenant_id BLOB NOT NULL,
            config_id BLOB NOT NULL,
            stream TEXT NOT NULL,
            run_number INTEGER NOT NULL,
            token BLOB NOT NULL,
            updated_at INTEGER NOT NULL,
            PRIMARY KEY (tenant_id, config_id, stream)
        ) STRICT, WITHOUT ROWID
        """,
    ]
}
