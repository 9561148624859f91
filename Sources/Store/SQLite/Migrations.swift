/// The statements that make the tables, by topic.
enum SQLiteSchema {}

extension Migration {
    /// SQLite's migrations, oldest first. What has been published is never edited: add another one.
    package static let sqlite: [Migration] = [
        Migration(
            number: 1,
            name: "foundation",
            statements: SQLiteSchema.installation + SQLiteSchema.configs + SQLiteSchema.jobs + SQLiteSchema.logs
                + SQLiteSchema.webhooks + SQLiteSchema.courses + SQLiteSchema.people + SQLiteSchema.directory
                + SQLiteSchema.edits + SQLiteSchema.progress + SQLiteSchema.effects
        ),
        Migration(
            number: 2,
            name: "administration",
            statements: SQLiteSchema.authorship + SQLiteSchema.lists + SQLiteSchema.providers + SQLiteSchema.files
                + SQLiteSchema.idempotency
        ),
        Migration(
            number: 3,
            name: "courses and enrolments",
            statements: SQLiteSchema.streams + SQLiteSchema.waitingRejects + SQLiteSchema.entityEdits
        ),
        Migration(
            number: 4,
            name: "guard",
            statements: SQLiteSchema.guarded
        ),
        Migration(
            number: 5,
            name: "lookup tables",
            statements: SQLiteSchema.lookups
        ),
        Migration(
            number: 6,
            name: "replays",
            statements: SQLiteSchema.replays
        ),
        Migration(
            number: 7,
            name: "plans",
            statements: SQLiteSchema.plans
        ),
        Migration(
            number: 8,
            name: "files of tenants' folders",
            statements: SQLiteSchema.takenFiles
        ),
        Migration(
            number: 9,
            name: "rejects by state",
            statements: SQLiteSchema.rejectsByState
        ),
    ]
}
