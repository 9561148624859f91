internal import CSQLite

// https://sqlite.org/c3ref/bind_blob.html
extension SQLiteStatement {
    package func bind(_ value: Int64, at parameter: Int32) throws(SQLiteError) {
        try check(unsafe sqlite3_bind_int64(handle, parameter, value))
    }

    package func bind(real value: Double, at parameter: Int32) throws(SQLiteError) {
        try check(unsafe sqlite3_bind_double(handle, parameter, value))
    }

    package func bindNull(at parameter: Int32) throws(SQLiteError) {
        try check(unsafe sqlite3_bind_null(handle, parameter))
    }

    /// Copies the text.
    package func bind(_ value: String, at parameter: Int32) throws(SQLiteError) {
        var text = value
        let code = text.withUTF8 { bytes in
            unsafe withCharacters(UnsafeRawBufferPointer(bytes)) { start, count in
                unsafe csqlite_bind_text_copied(handle, parameter, start, count)
            }
        }
        try check(code)
    }

    /// Copies the text, which is UTF-8.
    package func bind(text: [UInt8], at parameter: Int32) throws(SQLiteError) {
        let code = unsafe text.withUnsafeBytes { bytes in
            unsafe withCharacters(bytes) { start, count in
                unsafe csqlite_bind_text_copied(handle, parameter, start, count)
            }
        }
        try check(code)
    }

    /// Copies the blob.
    package func bind(_ value: [UInt8], at parameter: Int32) throws(SQLiteError) {
        let code = unsafe value.withUnsafeBytes { bytes in
            unsafe withCharacters(bytes) { start, count in
                unsafe csqlite_bind_blob_copied(handle, parameter, start, count)
            }
        }
        try check(code)
    }

    package func bind(value: SQLiteValue, at parameter: Int32) throws(SQLiteError) {
        switch value {
        case .null: try bindNull(at: parameter)
        case .integer(let integer): try bind(integer, at: parameter)
        case .real(let real): try bind(real: real, at: parameter)
        case .text(let text): try bind(text, at: parameter)
        case .blob(let blob): try bind(blob, at: parameter)
        }
    }

    /// Binds all parameters from the first on; there must be as many values.
    package func bind(_ values: [SQLiteValue]) throws(SQLiteError) {
        guard values.count == Int(parameterCount) else {
            throw SQLiteError(
                code: SQLITE_RANGE,
                message: "\(values.count) values for \(parameterCount) parameters",
                sql: sql
            )
        }
        for (position, value) in values.enumerated() {
            try bind(value: value, at: Int32(position) + 1)
        }
    }

    /// Binds UTF-8 where it lies: the bytes must stay until the parameter is bound anew or the statement has run.
    package func bindText(uncopied bytes: UnsafeRawBufferPointer, at parameter: Int32) throws(SQLiteError) {
        let code = unsafe withCharacters(bytes) { start, count in
            unsafe csqlite_bind_text_static(handle, parameter, start, count)
        }
        try check(code)
    }

    /// Binds a blob where it lies: the bytes must stay until the parameter is bound anew or the statement has run.
    package func bindBlob(uncopied bytes: UnsafeRawBufferPointer, at parameter: Int32) throws(SQLiteError) {
        let code = unsafe withCharacters(bytes) { start, count in
            unsafe csqlite_bind_blob_static(handle, parameter, start, count)
        }
        try check(code)
    }

    private func check(_ code: Int32) throws(SQLiteError) {
        guard code == SQLITE_OK else { throw failure(code) }
    }

    /// SQLITE_TOOBIG for more bytes than SQLite's `int` counts.
    private func withCharacters(
        _ bytes: UnsafeRawBufferPointer,
        _ bind: (UnsafePointer<CChar>?, Int32) -> Int32
    ) -> Int32 {
        guard let count = Int32(exactly: bytes.count) else { return SQLITE_TOOBIG }
        return unsafe bind(bytes.baseAddress?.assumingMemoryBound(to: CChar.self), count)
    }
}
