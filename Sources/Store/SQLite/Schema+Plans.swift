// What runs that stop at a plan need beside the tables before, and when a run's rejects were all dealt with.

extension SQLiteSchema {
    // A plan's effects stand in integration_effects under its run's number negated: apart from what the guard sets aside when
    // the run is applied. Their kinds have the bit of PlannedEffect, beside those of GuardedEffect.
    static let plans = [
        // RunPlan as JSON.
        "ALTER TABLE integration_runs ADD COLUMN plan TEXT",
        // Of the mapped record (RowHash); of a plan's effects only.
        "ALTER TABLE integration_effects ADD COLUMN source_hash INTEGER",
        """
        CREATE INDEX integration_effects_planned ON integration_effects (tenant_id, run_number, entity, external_id)
            WHERE source_hash IS NOT NULL
        """,
        """
        CREATE INDEX integration_runs_planned ON integration_runs (tenant_id, config_id, number)
            WHERE plan IS NOT NULL
        """,
        // Rejects that somebody, or a later run, has to do something about: a run without them is done.
        """
        CREATE INDEX integration_rejects_left ON integration_rejects (tenant_id, run_number)
            WHERE state IN ('open', 'waiting')
        """,
    ]
}
