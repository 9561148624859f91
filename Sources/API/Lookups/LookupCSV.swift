internal import Store

/// A lookup table as CSV (RFC 4180): a header `key,value`, then a line for each entry.
enum LookupCSV {
    static let header = ["key", "value"]
    /// Bytes of a table's content.
    static let mostBytes = 4 << 20
    static let mostEntries = 50_000
    /// Bytes.
    static let longestKey = 1_000
    static let longestValue = 4_000

    struct Fault: Error, Equatable {
        /// From 1 on.
        var line: Int
        var code: String
        /// One sentence.
        var message: String
    }

    // MARK: - Reading

    static func entries(_ bytes: [UInt8]) throws(Fault) -> [LookupEntry] {
        var reader = Reader(bytes)
        guard let first = try reader.record(), first.map({ $0.lowercased() }) == header else {
            throw Fault(line: 1, code: "bad_header", message: "The first line must be key,value.")
        }
        var entries: [LookupEntry] = []
        // By bytes, as lookup compares: two spellings of é are two keys.
        var lines: [[UInt8]: Int] = [:]
        while true {
            let line = reader.line
            guard let fields = try reader.record() else { return entries }
            if fields == [""] { continue }
            guard fields.count == 2 else {
                throw Fault(
                    line: line,
                    code: "wrong_columns",
                    message: "A line has two values, key and value; this one has \(fields.count)."
                )
            }
            try check(fields[0], fields[1], line)
            if let other = lines.updateValue(line, forKey: Array(fields[0].utf8)) {
                throw Fault(line: line, code: "duplicate_key", message: "The key stands on line \(other) already.")
            }
            entries.append(LookupEntry(key: fields[0], value: fields[1]))
            guard entries.count <= mostEntries else {
                throw Fault(
                    line: line,
                    code: "too_many_entries",
                    message: "A table has at most \(mostEntries) entries."
                )
            }
        }
    }

    private static func check(_ key: String, _ value: String, _ line: Int) throws(Fault) {
        if key.utf8.count > longestKey {
            throw Fault(line: line, code: "key_too_long", message: "A key has at most \(longestKey) bytes.")
        }
        if value.utf8.count > longestValue {
            throw Fault(line: line, code: "value_too_long", message: "A value has at most \(longestValue) bytes.")
        }
        if key.utf8.contains(0) || value.utf8.contains(0) {
            throw Fault(line: line, code: "bad_character", message: "There is a NUL character in it.")
        }
    }

    private struct Reader {
        private let bytes: [UInt8]
        private var index = 0
        /// Of the next record.
        private(set) var line = 1

        private static let quote = UInt8(ascii: "\"")
        private static let comma = UInt8(ascii: ",")

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
        }

        /// nil at the end.
        mutating func record() throws(Fault) -> [String]? {
            guard index < bytes.count else { return nil }
            var fields: [String] = []
            while true {
                fields.append(try field())
                guard index < bytes.count, bytes[index] == Self.comma else { break }
                index += 1
            }
            endLine()
            return fields
        }

        private mutating func field() throws(Fault) -> String {
            var field: [UInt8] = []
            let start = line
            if index < bytes.count, bytes[index] == Self.quote {
                index += 1
                while true {
                    guard index < bytes.count else {
                        throw Fault(line: start, code: "unclosed_quote", message: "A quote is not closed.")
                    }
                    let byte = bytes[index]
                    index += 1
                    if byte == 0x0A { line += 1 }
                    if byte == Self.quote {
                        guard index < bytes.count, bytes[index] == Self.quote else { break }
                        index += 1
                    }
                    field.append(byte)
                }
                guard index == bytes.count || [Self.comma, 0x0D, 0x0A].contains(bytes[index]) else {
                    throw Fault(line: line, code: "text_after_quote", message: "Behind a closing quote stands a comma.")
                }
            } else {
                while index < bytes.count, ![Self.comma, 0x0D, 0x0A].contains(bytes[index]) {
                    field.append(bytes[index])
                    index += 1
                }
            }
            guard let text = String(validating: field, as: UTF8.self) else {
                throw Fault(
                    line: start,
                    code: "not_utf8",
                    message: "This line is not UTF-8: save the table as CSV UTF-8."
                )
            }
            return text
        }

        private mutating func endLine() {
            if index < bytes.count, bytes[index] == 0x0D { index += 1 }
            if index < bytes.count, bytes[index] == 0x0A { index += 1 }
            line += 1
        }
    }

    // MARK: - Writing

    static func bytes(_ entries: [LookupEntry]) -> [UInt8] {
        var bytes = Array("key,value\r\n".utf8)
        for entry in entries {
            append(entry.key, to: &bytes)
            bytes.append(UInt8(ascii: ","))
            append(entry.value, to: &bytes)
            bytes += [0x0D, 0x0A]
        }
        return bytes
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        let mustQuote = text.utf8.contains { [UInt8(ascii: ","), UInt8(ascii: "\""), 0x0D, 0x0A].contains($0) }
        guard mustQuote else { return bytes.append(contentsOf: text.utf8) }
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
