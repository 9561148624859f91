internal import ConnectorKit

/// The settings of `manifest.json`, checked.
struct FileSettings: Sendable {
    /// nil: found by the file's first bytes.
    var format: FileFormat?
    var dialect = Dialect()
    /// One sheet of a workbook, by its name or number.
    var sheet: String?

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
        // The host's: it opens the file there and hands it in as an input.
        _ = read { () throws(ConnectorFailure) in try settings.text("path") }
        let delimiter = read { () throws(ConnectorFailure) in
            try settings.text("delimiter").map { text throws(ConnectorFailure) in
                guard let byte = Self.delimiter(text) else {
                    throw settings.refusal(
                        of: "delimiter",
                        "must be one ASCII character, and neither a quote nor a line end"
                    )
                }
                return byte
            }
        }
        let header = read { () throws(ConnectorFailure) in try settings.flag("header") }
        let maxRecordBytes = read { () throws(ConnectorFailure) in
            try settings.integer("max_record_bytes", in: Self.recordBytes)
        }
        sheet = read { () throws(ConnectorFailure) in try settings.text("sheet") }
        _ = read { () throws(ConnectorFailure) in try settings.finish() }
        dialect.delimiter = delimiter ?? dialect.delimiter
        dialect.hasHeader = header ?? dialect.hasHeader
        dialect.maxRecordBytes = maxRecordBytes ?? dialect.maxRecordBytes
    }

    /// A batch of one such record still fits a data frame (64 MiB) with what comes with it.
    private static let recordBytes = 1024...33_554_432

    private static func delimiter(_ text: String) -> UInt8? {
        let bytes = Array(text.utf8)
        let refused: [UInt8] = [0, Dialect.quote, UInt8(ascii: "\n"), UInt8(ascii: "\r")]
        guard bytes.count == 1, bytes[0] < 0x80, !refused.contains(bytes[0]) else { return nil }
        return bytes[0]
    }
}
