internal import CSQLite

/// The storage class of one value. https://sqlite.org/datatype3.html
package enum SQLiteType: Sendable, Equatable {
    case null, integer, real, text, blob
}

// The row under the statement's cursor. https://sqlite.org/c3ref/column_blob.html
extension SQLiteStatement {
    package func type(_ column: Int32) -> SQLiteType {
        switch unsafe sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: .integer
        case SQLITE_FLOAT: .real
        case SQLITE3_TEXT: .text
        case SQLITE_BLOB: .blob
        default: .null
        }
    }

    package func isNull(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    /// 0 for NULL.
    package func int64(_ column: Int32) -> Int64 {
        unsafe sqlite3_column_int64(handle, column)
    }

    /// 0 for NULL.
    package func double(_ column: Int32) -> Double {
        unsafe sqlite3_column_double(handle, column)
    }

    /// Empty for NULL. Bytes that are no UTF-8 (another program wrote them) become U+FFFD.
    package func text(_ column: Int32) -> String {
        unsafe String(decoding: uncopiedBytes(column), as: UTF8.self)
    }

    /// Empty for NULL.
    package func bytes(_ column: Int32) -> [UInt8] {
        unsafe Array(uncopiedBytes(column))
    }

    package func optionalInt64(_ column: Int32) -> Int64? {
        isNull(column) ? nil : int64(column)
    }

    package func optionalText(_ column: Int32) -> String? {
        isNull(column) ? nil : text(column)
    }

    package func optionalBytes(_ column: Int32) -> [UInt8]? {
        isNull(column) ? nil : bytes(column)
    }

    package func value(_ column: Int32) -> SQLiteValue {
        switch type(column) {
        case .null: .null
        case .integer: .integer(int64(column))
        case .real: .real(double(column))
        case .text: .text(text(column))
        case .blob: .blob(bytes(column))
        }
    }

    /// A text's or blob's bytes without a copy; empty for NULL.
    package func withBytes<Result: ~Copyable, Failure: Error>(
        _ column: Int32,
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let bytes = unsafe uncopiedBytes(column)
        return try unsafe body(bytes.bindMemory(to: UInt8.self).span)
    }

    /// A text's or blob's bytes where SQLite keeps them: valid until the next step, reset or other read of the column.
    /// Empty for NULL.
    @unsafe
    package func uncopiedBytes(_ column: Int32) -> UnsafeRawBufferPointer {
        // The order is SQLite's: first the pointer, then the count.
        let start = unsafe sqlite3_column_blob(handle, column)
        return unsafe UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
    }
}
