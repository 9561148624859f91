// What a run sets aside because it would end somebody's access or change a key, and what was decided about it.

extension SQLiteSchema {
    static let guarded = [
        // One row for each record that was set aside. kinds: the bits of GuardedEffect. cause: a line for each of them, in
        // words. before, after: all that the record changes. absent: there is no record, and a complete snapshot says so.
        // undecided while the run reads; pending while it is held.
        """
        CREATE TABLE integration_effects (
            number INTEGER PRIMARY KEY,
            tenant_id BLOB NOT NULL,
            run_number INTEGER NOT NULL,
            config_number INTEGER NOT NULL,
            entity INTEGER NOT NULL,
            kinds INTEGER NOT NULL CHECK (kinds > 0),
            absent INTEGER NOT NULL DEFAULT 0,
            row_number INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN
                ('undecided', 'pending', 'applied', 'refused', 'superseded', 'conflict')),
            cause TEXT NOT NULL,
            external_id TEXT NOT NULL,
            before TEXT NOT NULL,
            after TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX integration_effects_state ON integration_effects (tenant_id, run_number, state, kinds)",
        "CREATE INDEX integration_effects_row ON integration_effects (tenant_id, run_number, entity, row_number)",
        // The records that wait are of any entity and stream; one that is set aside names its row of integration_effects.
        "ALTER TABLE integration_waiting ADD COLUMN entity INTEGER NOT NULL DEFAULT 1",
        "ALTER TABLE integration_waiting ADD COLUMN stream TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE integration_waiting ADD COLUMN effect INTEGER",
        """
        CREATE INDEX integration_waiting_emails ON integration_waiting (tenant_id, run_number, number)
            WHERE effect IS NULL
        """,
        // The e-mails that records which are set aside will want.
        """
        CREATE INDEX integration_waiting_claims ON integration_waiting (tenant_id, run_number, email_key)
            WHERE effect IS NOT NULL AND email_key <> 0
        """,
        "CREATE INDEX integration_waiting_effects ON integration_waiting (tenant_id, run_number, effect)",
        // guard: the verdicts by entity. decision: who said what to a held run, and when.
        "ALTER TABLE integration_runs ADD COLUMN guard TEXT",
        "ALTER TABLE integration_runs ADD COLUMN decision TEXT",
    ]
}
