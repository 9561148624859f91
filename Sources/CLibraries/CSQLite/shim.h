#include <sqlite3.h>

/* SQLITE_STATIC is a cast macro and does not import: the bytes must outlive the statement's next step and reset.
   A null pointer would bind NULL: empty text stays text, an empty blob a blob. */
static inline int csqlite_bind_text_static(sqlite3_stmt *statement, int index, const char *bytes, int length) {
    return sqlite3_bind_text(statement, index, bytes ? bytes : "", length, SQLITE_STATIC);
}
static inline int csqlite_bind_blob_static(sqlite3_stmt *statement, int index, const void *bytes, int length) {
    return sqlite3_bind_blob(statement, index, bytes ? bytes : "", length, SQLITE_STATIC);
}
static inline int csqlite_bind_text_copied(sqlite3_stmt *statement, int index, const char *bytes, int length) {
    return sqlite3_bind_text(statement, index, bytes ? bytes : "", length, SQLITE_TRANSIENT);
}
static inline int csqlite_bind_blob_copied(sqlite3_stmt *statement, int index, const void *bytes, int length) {
    return sqlite3_bind_blob(statement, index, bytes ? bytes : "", length, SQLITE_TRANSIENT);
}

/* sqlite3_config is variadic. SQLite no longer counts what it allocates: nobody asks, and the count takes a lock each
   time. Called before the first connection; too late it changes nothing and answers SQLITE_MISUSE. */
static inline int csqlite_stop_counting_memory(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* sqlite3_db_config is variadic. Defensive: no SQL can write the schema table or the file's pages past the engine.
   No double-quoted strings: a misspelt column is an error, not a text. */
static inline int csqlite_harden(sqlite3 *database) {
    int code = sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)0);
    if (code == SQLITE_OK) {
        code = sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DML, 0, (int *)0);
    }
    if (code == SQLITE_OK) {
        code = sqlite3_db_config(database, SQLITE_DBCONFIG_DQS_DDL, 0, (int *)0);
    }
    return code;
}
