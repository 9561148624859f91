internal import Identifiers
internal import JSON
internal import SQLite
internal import Time

extension SQLiteValue {
    static func id(_ id: UUID) -> SQLiteValue { .blob(id.bytes) }
    static func id(_ id: UUID?) -> SQLiteValue { SQLiteValue(id?.bytes) }
    static func time(_ instant: Instant) -> SQLiteValue { .integer(instant.microseconds) }
    static func json(_ value: JSONValue) -> SQLiteValue {
        .text(String(decoding: value.serialized(), as: UTF8.self))
    }
}

// What stands in a column although it can't have been written by this program is a damaged database.
extension SQLiteStatement {
    func id(_ column: Int32) throws(StoreError) -> UUID {
        guard let id = withBytes(column, { bytes in UUID(bytes: bytes.indices.map { bytes[$0] }) }) else {
            throw damaged("column \(column) is no UUID of 16 bytes")
        }
        return id
    }

    func time(_ column: Int32) -> Instant {
        Instant(microseconds: int64(column))
    }

    func optionalTime(_ column: Int32) -> Instant? {
        optionalInt64(column).map(Instant.init(microseconds:))
    }

    func json(_ column: Int32) throws(StoreError) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: bytes(column))
        } catch {
            throw damaged("column \(column) is no JSON: \(error)")
        }
    }

    /// What a column holds as JSON, read by `make`.
    func decoded<Value>(
        _ column: Int32,
        _ what: String,
        _ make: (JSONValue) throws(JSONFieldError) -> Value
    ) throws(StoreError) -> Value {
        let json = try json(column)
        do throws(JSONFieldError) {
            return try make(json)
        } catch {
            throw damaged("\(what): \(error)")
        }
    }

    /// The same; nil where the column is NULL.
    func optional<Value>(
        _ column: Int32,
        _ what: String,
        _ make: (JSONValue) throws(JSONFieldError) -> Value
    ) throws(StoreError) -> Value? {
        isNull(column) ? nil : try decoded(column, what, make)
    }

    /// A word of a fixed list.
    func word<Word: RawRepresentable<String>>(_ column: Int32) throws(StoreError) -> Word {
        guard let word = Word(rawValue: text(column)) else {
            throw damaged("column \(column) holds an unknown word")
        }
        return word
    }

    func damaged(_ what: String) -> StoreError {
        StoreError(
            .corrupt,
            "A row of the database can't be read. Keep a copy of the file, and restore the last backup.",
            cause: "\(what) in: \(sql)"
        )
    }
}

extension SQLiteConnection {
    /// Runs one statement and answers how many rows it changed.
    @discardableResult
    func change(_ sql: String, _ values: [SQLiteValue] = []) throws(StoreError) -> Int64 {
        do throws(SQLiteError) {
            try execute(sql, values)
            return changes
        } catch {
            throw StoreError(error)
        }
    }

    /// The first column of the first row; nil if there is no row or it is NULL.
    func number(_ sql: String, _ values: [SQLiteValue] = []) throws(StoreError) -> Int64? {
        do throws(SQLiteError) {
            return try integer(sql, values)
        } catch {
            throw StoreError(error)
        }
    }
}

extension Instant {
    var milliseconds: Int64 { microseconds / 1_000 }
}

extension UUID {
    /// A new UUIDv7 of this moment.
    static func new(_ now: Instant) -> UUID {
        var generator = SystemRandomNumberGenerator()
        return version7(unixMilliseconds: now.milliseconds, using: &generator)
    }
}
