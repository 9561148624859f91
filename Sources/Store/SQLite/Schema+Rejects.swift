// How a run's rejects are found.

extension SQLiteSchema {
    /// Those of one kind stand together, and so do those that are left to do. Each index is written to for each reject: there
    /// is one for their order, and this one for all else.
    static let rejectsByState = [
        """
        CREATE INDEX integration_rejects_by_state ON integration_rejects (tenant_id, run_number, state, code, field)
        """,
        "DROP INDEX integration_rejects_left",
        "DROP INDEX integration_rejects_by_failure",
    ]
}
