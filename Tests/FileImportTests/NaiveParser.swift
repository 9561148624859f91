import FileImport

/// The same reading of CSV as the connector's, written byte by byte over the whole file: slow, and easy to believe.
struct NaiveParser {
    struct Record: Equatable {
        var line: Int64
        var fields: [[UInt8]]
        var bytes: [UInt8]
        var hasTextAfterQuote = false

        /// The code of what is wrong with it as a row of so many columns.
        func fault(columns: Int) -> String? {
            if hasTextAfterQuote { return "text_after_quote" }
            if fields.count != columns { return fields.count < columns ? "too_few_fields" : "too_many_fields" }
            if String(validating: bytes, as: UTF8.self) == nil { return "not_utf8" }
            return bytes.contains(0) ? "nul_byte" : nil
        }
    }

    var records: [Record] = []
    /// The line of a quote that is never closed; the records before it are whole.
    var unclosedQuote: Int64?

    init(_ bytes: [UInt8], delimiter: UInt8 = UInt8(ascii: ",")) {
        var position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var line: Int64 = 1
        /// How many bytes the line end at `index` has; 0 if there is none.
        func lineEnd(_ index: Int) -> Int {
            guard index < bytes.count else { return 0 }
            if bytes[index] == 10 { return 1 }
            guard bytes[index] == 13 else { return 0 }
            return index + 1 < bytes.count && bytes[index + 1] == 10 ? 2 : 1
        }
        while position < bytes.count {
            if lineEnd(position) > 0 {
                position += lineEnd(position)
                line += 1
                continue
            }
            var record = Record(line: line, fields: [], bytes: [])
            let start = position
            while true {
                var field: [UInt8] = []
                if position < bytes.count, bytes[position] == 0x22 {
                    let opened = line
                    position += 1
                    while true {
                        guard position < bytes.count else {
                            unclosedQuote = opened
                            return
                        }
                        if bytes[position] == 0x22 {
                            guard position + 1 < bytes.count, bytes[position + 1] == 0x22 else { break }
                            field.append(0x22)
                            position += 2
                        } else if lineEnd(position) > 0 {
                            field += bytes[position..<position + lineEnd(position)]
                            position += lineEnd(position)
                            line += 1
                        } else {
                            field.append(bytes[position])
                            position += 1
                        }
                    }
                    position += 1
                    while position < bytes.count, bytes[position] != delimiter, lineEnd(position) == 0 {
                        record.hasTextAfterQuote = true
                        position += 1
                    }
                } else {
                    while position < bytes.count, bytes[position] != delimiter, lineEnd(position) == 0 {
                        field.append(bytes[position])
                        position += 1
                    }
                }
                record.fields.append(field)
                guard position < bytes.count, bytes[position] == delimiter else { break }
                position += 1
            }
            record.bytes = Array(bytes[start..<position])
            records.append(record)
            if lineEnd(position) > 0 {
                position += lineEnd(position)
                line += 1
            }
        }
    }
}
