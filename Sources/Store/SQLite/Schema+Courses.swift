extension SQLiteSchema {
    // A row is found by its number; its id carries it (docs: data model, "Speed"). Created only where missing: an
    // existing TrainFlow database has them already.
    static let courses = [
        """
        CREATE TABLE IF NOT EXISTS courses (
            number INTEGER PRIMARY KEY,
            tenant_id BLOB NOT NULL,
            id BLOB NOT NULL,
            external_id TEXT,
            code TEXT,
            title TEXT,
            description TEXT,
            status TEXT,
            category TEXT,
            duration_minutes INTEGER,
            language TEXT,
            attributes TEXT,
            config_number INTEGER,
            created_run INTEGER,
            updated_run INTEGER,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        )
        """,
        """
        CREATE TABLE IF NOT EXISTS enrollments (
            number INTEGER PRIMARY KEY,
            tenant_id BLOB NOT NULL,
            id BLOB NOT NULL,
            external_id TEXT,
            user_number INTEGER NOT NULL,
            course_number INTEGER NOT NULL,
            status TEXT,
            progress REAL,
            score REAL,
            enrolled_at TEXT,
            due_at TEXT,
            completed_at TEXT,
            attributes TEXT,
            config_number INTEGER,
            created_run INTEGER,
            updated_run INTEGER,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL
        )
        """,
    ]
}
