// What correcting and replaying rejects needs beside the tables before.

extension SQLiteSchema {
    // A correction stands beside the record as it came. `replay_number` is the run that has replayed it last.
    static let replays = [
        "ALTER TABLE integration_rejects ADD COLUMN version INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE integration_rejects ADD COLUMN corrected TEXT",
        "ALTER TABLE integration_rejects ADD COLUMN corrected_by TEXT",
        "ALTER TABLE integration_rejects ADD COLUMN corrected_at INTEGER",
        "ALTER TABLE integration_rejects ADD COLUMN replay_number INTEGER",
        // The same run's id.
        "ALTER TABLE integration_rejects ADD COLUMN replay_run BLOB",
        """
        CREATE INDEX integration_rejects_replayed ON integration_rejects (tenant_id, replay_number)
            WHERE replay_number IS NOT NULL
        """,
    ]
}
