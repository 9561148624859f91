internal import ConnectorKit

/// The settings of `manifest.json`, checked.
struct FileSettings: Sendable {
    /// nil: found by the file's first bytes.
    var format: FileFormat?
    var dialect = Dialect()
    /// One sheet of a workbook, by its name or number.
    var sheet: String?
    var json = JSONFile.Options()

    /// Reads all of them, and collects what is wrong.
    init(_ settings: Settings, problems: inout [ConnectorFailure]) {
        var settings = settings
        func read<Value>(_ body: () throws(ConnectorFailure) -> Value?) -> Value? {
            do throws(ConnectorFailure) {
                return try body()
            } catch {
                problems.append(error)
                return nil
            }
        }
        format = read { () throws(ConnectorFailure) in
            try settings.text("format", oneOf: FileFormat.allCases.map(\.rawValue))
        }.flatMap(FileFormat.init)
        // The host's: it takes the file and hands it in as an input.
        _ = read { () throws(ConnectorFailure) in try settings.text("path") }
        for (name, words) in [
            ("order", ["name", "time"]), ("after", ["archive", "leave"]), ("manifest", ["optional", "required"]),
        ] {
            _ = read { () throws(ConnectorFailure) in try settings.text(name, oneOf: words) }
        }
        _ = read { () throws(ConnectorFailure) in try settings.integer("settle_seconds", in: 0...86_400) }
        dialect.encoding = read { () throws(ConnectorFailure) in
            try settings.text("encoding", oneOf: TextEncoding.allCases.map(\.rawValue))
        }.flatMap(TextEncoding.init)
        let quote = read { () throws(ConnectorFailure) in
            try settings.text("quote").map { text throws(ConnectorFailure) in
                guard !text.isEmpty else { return nil as UInt8? }
                guard let byte = Self.mark(text) else {
                    throw settings.refusal(of: "quote", "must be one ASCII character, no line end, or empty for none")
                }
                return byte
            }
        }
        if let quote { dialect.quote = quote }
        dialect.delimiter = read { () throws(ConnectorFailure) in
            try settings.text("delimiter").map { text throws(ConnectorFailure) in
                guard let byte = Self.mark(text), byte != dialect.quote else {
                    throw settings.refusal(
                        of: "delimiter",
                        "must be one ASCII character, and neither the quote nor a line end"
                    )
                }
                return byte
            }
        }
        dialect.hasHeader = read { () throws(ConnectorFailure) in try settings.flag("header") }
        let isStrict = read { () throws(ConnectorFailure) in try settings.flag("strict") }
        dialect.trailer = read { () throws(ConnectorFailure) in
            try settings.text("trailer").map { text throws(ConnectorFailure) in
                guard (1...64).contains(text.unicodeScalars.count) else {
                    throw settings.refusal(of: "trailer", "must be a word of 1 to 64 characters")
                }
                return Trailer(word: text)
            }
        }
        json.path = read { () throws(ConnectorFailure) in
            try settings.text("json_path").map { text throws(ConnectorFailure) in
                let names = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
                guard !names.contains("") else {
                    throw settings.refusal(of: "json_path", "must be names with dots between them, as in data.people")
                }
                return names
            }
        }
        json.encoding = dialect.encoding
        let maxRecordBytes = read { () throws(ConnectorFailure) in
            try settings.integer("max_record_bytes", in: Self.recordBytes)
        }
        sheet = read { () throws(ConnectorFailure) in
            try settings.text("sheet").map { text throws(ConnectorFailure) in
                guard !text.isEmpty else { throw settings.refusal(of: "sheet", "must name a sheet, or be left out") }
                return text
            }
        }
        _ = read { () throws(ConnectorFailure) in try settings.finish() }
        dialect.isStrict = isStrict ?? dialect.isStrict
        dialect.maxRecordBytes = maxRecordBytes ?? dialect.maxRecordBytes
        json.maxRecordBytes = dialect.maxRecordBytes
    }

    /// A batch of one such record still fits a data frame (64 MiB) with what comes with it.
    private static let recordBytes = 1024...33_554_432

    /// One ASCII character that can stand between or around fields.
    private static func mark(_ text: String) -> UInt8? {
        let bytes = Array(text.utf8)
        let refused: [UInt8] = [0, UInt8(ascii: "\n"), UInt8(ascii: "\r")]
        guard bytes.count == 1, bytes[0] < 0x80, !refused.contains(bytes[0]) else { return nil }
        return bytes[0]
    }
}
