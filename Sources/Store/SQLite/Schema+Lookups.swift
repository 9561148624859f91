// Tables that tenants keep for `lookup`.

extension SQLiteSchema {
    // version: the microsecond of the change, or the one after the version before it.
    static let lookups = [
        """
        CREATE TABLE integration_lookups (
            tenant_id BLOB NOT NULL,
            name TEXT NOT NULL,
            version INTEGER NOT NULL,
            count INTEGER NOT NULL CHECK (count >= 0),
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            updated_by TEXT NOT NULL,
            PRIMARY KEY (tenant_id, name)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE integration_lookup_entries (
            tenant_id BLOB NOT NULL,
            name TEXT NOT NULL,
            position INTEGER NOT NULL,
            key TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (tenant_id, name, position),
            FOREIGN KEY (tenant_id, name) REFERENCES integration_lookups (tenant_id, name)
        ) STRICT, WITHOUT ROWID
        """,
    ]
}
