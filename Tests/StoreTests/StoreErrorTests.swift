import SQLite
import Store
import Testing

@Suite struct `A failed SQLite call` {
    @Test(
        arguments: [
            (13, .full, "full"), (8, .readOnly, "can't be written"), (1_032, .readOnly, "can't be written"),
            (5, .busy, "Another program holds"), (517, .busy, "Another program holds"), (6, .busy, "Another program"),
            (26, .unavailable, "is no SQLite database"), (11, .corrupt, "restore the last backup"),
            (267, .corrupt, "restore the last backup"), (14, .unavailable, "can't be opened"),
            (10, .unavailable, "below the database"), (778, .unavailable, "below the database"),
            (7, .unavailable, "below the database"), (1, .bug, "never should"), (2_067, .bug, "never should"),
        ] as [(Int32, StoreError.Code, String)]
    )
    func `says what happened, where and what to do; a tenant sees neither file nor statement`(
        code: Int32,
        expected: StoreError.Code,
        words: String
    ) {
        let error = StoreError(
            SQLiteError(code: code, message: "said so", sql: "SELECT secret_table", database: "/data/a.db")
        )
        #expect(error.code == expected)
        #expect(error.message.contains("/data/a.db"))
        #expect(error.message.contains(words))
        #expect(!error.message.contains("secret_table"))
        #expect(error.debugDescription.contains("SQLite \(code): said so (/data/a.db) in: SELECT secret_table"))
        for hidden in ["/data", "secret_table", "SQLite"] { #expect(!error.tenantMessage.contains(hidden)) }
    }
}
