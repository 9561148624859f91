// Two B-trees grow with the people, both at their right edge where the source is in key order: users by number and
// integration_links by key. Whatever would be a third has no place here (docs: data model, "Speed"). Configs and runs
// are their numbers, ids 16 bytes, times microseconds, and what is empty is NULL.

extension SQLiteSchema {
    static let people = [
        // AUTOINCREMENT: links and the directory lead to numbers, so none may come again after its row is deleted.
        // A row's id carries its number, so that it is found without an index. external_id is not unique: two systems
        // may both have a number 001. status and e-mail are the tenant's own; nothing here is by default but 'active'.
        """
        CREATE TABLE IF NOT EXISTS users (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            tenant_id BLOB NOT NULL,
            id BLOB NOT NULL,
            external_id TEXT,
            email TEXT,
            username TEXT,
            first_name TEXT,
            last_name TEXT,
            display_name TEXT,
            status TEXT NOT NULL DEFAULT 'active',
            department TEXT,
            manager_id BLOB,
            job_title TEXT,
            language TEXT,
            country TEXT,
            phone TEXT,
            hire_date TEXT,
            attributes TEXT,
            config_number INTEGER,
            created_run INTEGER,
            updated_run INTEGER,
            suspended_by_run INTEGER,
            sticky TEXT,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        )
        """,
        // source_hash: of the mapped values last applied (RowHash). owned: whether the config may change the row.
        """
        CREATE TABLE integration_links (
            tenant_id BLOB NOT NULL,
            config_number INTEGER NOT NULL,
            entity INTEGER NOT NULL,
            external_id TEXT NOT NULL,
            row_number INTEGER NOT NULL,
            source_hash INTEGER NOT NULL,
            owned INTEGER NOT NULL,
            applied BLOB,
            suspended_by_run INTEGER,
            PRIMARY KEY (tenant_id, config_number, entity, external_id)
        ) STRICT, WITHOUT ROWID
        """,
        // The links that own nothing, by their rows: does this config know that row already?
        """
        CREATE TABLE integration_shared_rows (
            tenant_id BLOB NOT NULL,
            entity INTEGER NOT NULL,
            row_number INTEGER NOT NULL,
            config_number INTEGER NOT NULL,
            external_id TEXT NOT NULL,
            PRIMARY KEY (tenant_id, entity, row_number, config_number)
        ) STRICT, WITHOUT ROWID
        """,
    ]

    // How a person is found by something else than a link. Pages of up to 118 entries of 16 bytes (key and row number,
    // little-endian), sorted by key as a signed number; first is the smallest key that belongs on the page. What is
    // newer than the pages stands in the log, in the order in which it came (DirectoryLog says how).
    static let directory = [
        """
        CREATE TABLE integration_directory (
            tenant_id BLOB NOT NULL,
            first INTEGER NOT NULL,
            entries BLOB NOT NULL,
            PRIMARY KEY (tenant_id, first)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE integration_directory_log (
            number INTEGER PRIMARY KEY,
            tenant_id BLOB NOT NULL,
            entries BLOB NOT NULL
        ) STRICT
        """,
        // Up to which row a kind is in the directory; the tenant of zeros stands for all.
        """
        CREATE TABLE integration_directory_marks (
            tenant_id BLOB NOT NULL,
            entity INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            row_number INTEGER NOT NULL,
            PRIMARY KEY (tenant_id, entity, kind)
        ) STRICT, WITHOUT ROWID
        """,
    ]

    // Rows whose values another program may have changed, or whose number it may have given to somebody else: every commit
    // enters them in the directory first. The triggers also note a commit's own changes, which it takes out again.
    static let edits = [
        "CREATE TABLE integration_directory_edits (row_number INTEGER PRIMARY KEY) STRICT",
        """
        CREATE TRIGGER integration_users_edited AFTER UPDATE OF external_id, email, username ON users
            WHEN NEW.email IS NOT OLD.email OR NEW.username IS NOT OLD.username
                OR NEW.external_id IS NOT OLD.external_id
            BEGIN INSERT OR IGNORE INTO integration_directory_edits VALUES (NEW.number); END
        """,
        """
        CREATE TRIGGER integration_users_deleted AFTER DELETE ON users
            BEGIN INSERT OR IGNORE INTO integration_directory_edits VALUES (OLD.number); END
        """,
    ]

    // What a run needs to know of itself while it is under way (RunProgress), and of what stays open after it.
    static let progress = [
        // The rows a batch of the run has spoken of, with their locators (SeenBlob says how).
        """
        CREATE TABLE integration_seen (
            tenant_id BLOB NOT NULL,
            run_number INTEGER NOT NULL,
            batch INTEGER NOT NULL,
            least_row INTEGER NOT NULL,
            greatest_row INTEGER NOT NULL,
            entries BLOB NOT NULL,
            PRIMARY KEY (tenant_id, run_number, batch)
        ) STRICT, WITHOUT ROWID
        """,
        // Records whose e-mail is another's, until the run's end, in source order.
        """
        CREATE TABLE integration_waiting (
            tenant_id BLOB NOT NULL,
            run_number INTEGER NOT NULL,
            number INTEGER NOT NULL,
            external_id TEXT NOT NULL,
            email_key INTEGER NOT NULL,
            source_hash INTEGER NOT NULL,
            order_value BLOB,
            locator_kind TEXT NOT NULL,
            locator INTEGER NOT NULL,
            source TEXT NOT NULL,
            record TEXT NOT NULL,
            raw TEXT NOT NULL,
            PRIMARY KEY (tenant_id, run_number, number)
        ) STRICT, WITHOUT ROWID
        """,
        // Rows whose manager nobody knows yet.
        """
        CREATE TABLE integration_open_managers (
            tenant_id BLOB NOT NULL,
            config_number INTEGER NOT NULL,
            row_number INTEGER NOT NULL,
            external_id TEXT NOT NULL,
            only_if_empty INTEGER NOT NULL,
            PRIMARY KEY (tenant_id, config_number, row_number)
        ) STRICT, WITHOUT ROWID
        """,
    ]

    static let effects = [
        // created: `count` rows from row_number on, one line per batch. updated, linked: one row, with the fields that
        // changed as they were and as they are.
        """
        CREATE TABLE integration_changes (
            number INTEGER PRIMARY KEY,
            tenant_id BLOB NOT NULL,
            run_number INTEGER NOT NULL,
            config_number INTEGER NOT NULL,
            entity INTEGER NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('created', 'updated', 'linked')),
            row_number INTEGER NOT NULL,
            count INTEGER NOT NULL,
            external_id TEXT,
            before TEXT,
            after TEXT,
            created_at INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX integration_changes_run ON integration_changes (tenant_id, run_number)",
        """
        CREATE TABLE integration_rejects (
            number INTEGER PRIMARY KEY,
            id BLOB NOT NULL,
            tenant_id BLOB NOT NULL,
            run_number INTEGER NOT NULL,
            config_number INTEGER NOT NULL,
            entity TEXT NOT NULL CHECK (entity IN ('users', 'courses', 'enrollments')),
            locator_kind TEXT NOT NULL,
            locator INTEGER NOT NULL,
            source TEXT NOT NULL,
            external_id TEXT,
            code TEXT NOT NULL,
            message TEXT NOT NULL,
            failures TEXT NOT NULL,
            raw TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('open', 'waiting', 'replayed', 'dismissed')),
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX integration_rejects_run ON integration_rejects (tenant_id, run_number)",
        """
        CREATE TABLE integration_warnings (
            number INTEGER PRIMARY KEY,
            tenant_id BLOB NOT NULL,
            run_number INTEGER NOT NULL,
            entity TEXT NOT NULL CHECK (entity IN ('users', 'courses', 'enrollments')),
            locator_kind TEXT NOT NULL,
            locator INTEGER NOT NULL,
            source TEXT NOT NULL,
            field TEXT NOT NULL,
            code TEXT NOT NULL,
            message TEXT NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE INDEX integration_warnings_run ON integration_warnings (tenant_id, run_number)",
    ]
}
