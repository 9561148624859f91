// What courses, enrolments and runs of several streams need beside the tables of migration 1.

extension SQLiteSchema {
    // The streams that a run reads, in order, and what came of each. A run from before this has none: what it read stands
    // on its own row.
    static let streams = [
        """
        CREATE TABLE integration_run_streams (
            tenant_id BLOB NOT NULL,
            run_number INTEGER NOT NULL,
            position INTEGER NOT NULL,
            stream TEXT NOT NULL,
            entity TEXT NOT NULL CHECK (entity IN ('users', 'courses', 'enrollments')),
            count_read INTEGER NOT NULL DEFAULT 0,
            count_created INTEGER NOT NULL DEFAULT 0,
            count_updated INTEGER NOT NULL DEFAULT 0,
            count_unchanged INTEGER NOT NULL DEFAULT 0,
            count_set_aside INTEGER NOT NULL DEFAULT 0,
            count_rejected INTEGER NOT NULL DEFAULT 0,
            count_duplicate INTEGER NOT NULL DEFAULT 0,
            count_warned INTEGER NOT NULL DEFAULT 0,
            count_waiting INTEGER NOT NULL DEFAULT 0,
            summary TEXT,
            finished_at INTEGER,
            PRIMARY KEY (tenant_id, run_number, position)
        ) STRICT, WITHOUT ROWID
        """,
        // Of those read: rejects of earlier runs that waited, and got through in this one.
        "ALTER TABLE integration_runs ADD COLUMN count_replayed INTEGER NOT NULL DEFAULT 0",
        // Numbers of rows are each entity's own.
        "ALTER TABLE integration_seen ADD COLUMN entity INTEGER NOT NULL DEFAULT 1",
    ]

    // A reject that waits knows the stream it came from, how often it was tried again, and by which run last.
    static let waitingRejects = [
        "ALTER TABLE integration_rejects ADD COLUMN stream TEXT",
        "ALTER TABLE integration_rejects ADD COLUMN tries INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE integration_rejects ADD COLUMN tried_by INTEGER",
        """
        CREATE INDEX integration_rejects_waiting ON integration_rejects (tenant_id, tried_by) WHERE state = 'waiting'
        """,
        """
        CREATE INDEX integration_rejects_waiting_keys
            ON integration_rejects (tenant_id, config_number, entity, external_id) WHERE state = 'waiting'
        """,
    ]

    // As integration_directory_edits for people.
    static let entityEdits = [
        "CREATE TABLE integration_course_edits (row_number INTEGER PRIMARY KEY) STRICT",
        """
        CREATE TRIGGER integration_courses_edited AFTER UPDATE OF external_id, code ON courses
            WHEN NEW.code IS NOT OLD.code OR NEW.external_id IS NOT OLD.external_id
            BEGIN INSERT OR IGNORE INTO integration_course_edits VALUES (NEW.number); END
        """,
        """
        CREATE TRIGGER integration_courses_deleted AFTER DELETE ON courses
            BEGIN INSERT OR IGNORE INTO integration_course_edits VALUES (OLD.number); END
        """,
        "CREATE TABLE integration_enrollment_edits (row_number INTEGER PRIMARY KEY) STRICT",
        """
        CREATE TRIGGER integration_enrollments_edited AFTER UPDATE OF external_id, user_number, course_number
            ON enrollments
            WHEN NEW.user_number IS NOT OLD.user_number OR NEW.course_number IS NOT OLD.course_number
                OR NEW.external_id IS NOT OLD.external_id
            BEGIN INSERT OR IGNORE INTO integration_enrollment_edits VALUES (NEW.number); END
        """,
        """
        CREATE TRIGGER integration_enrollments_deleted AFTER DELETE ON enrollments
            BEGIN INSERT OR IGNORE INTO integration_enrollment_edits VALUES (OLD.number); END
        """,
    ]
}
