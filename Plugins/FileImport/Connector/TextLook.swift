internal import ConnectorKit

/// A text file's first bytes, and what they say about its encoding.
struct TextLook {
    /// Up to `ResumeToken.startBytes`.
    let start: [UInt8]
    /// Whether that is all of the file.
    let isWhole: Bool
    /// As in `ResumeToken.start`.
    let startHash: UInt64
    let encoding: FoundEncoding

    /// As far as a start of ASCII alone is looked through for the first character beyond it.
    private static let farBytes = 1024 * 1024

    init(_ file: InputFile, told: TextEncoding?) throws(ConnectorFailure) {
        start = try file.bytes(0..<min(file.size, ResumeToken.startBytes))
        isWhole = start.count == file.size
        startHash = Hash(start).value
        try TextCheck.check(start, of: file.name)
        let isFarther = told == nil && !isWhole && start.allSatisfy { $0 < 0x80 && $0 != 0 }
        let look = isFarther ? try file.bytes(0..<min(file.size, Self.farBytes)) : start
        encoding = try EncodingFinder(name: file.name, start: look, isWhole: look.count == file.size).find(told: told)
        guard file.size > encoding.markBytes else {
            throw ConnectorFailure(
                .data,
                code: "file_empty",
                message: "\(file.name) is empty; check the export that wrote it."
            )
        }
    }

    /// How the file's records are written.
    func layout(_ dialect: Dialect, _ decoder: TextDecoder?) -> CSVLayout {
        let body = Array(start.dropFirst(encoding.markBytes))
        let finder = DelimiterFinder(
            start: decoder?.text(of: body, isLast: isWhole) ?? body,
            isWhole: isWhole,
            quote: dialect.quote
        )
        return CSVLayout(
            encoding: encoding,
            delimiter: finder.find(told: dialect.delimiter),
            quote: dialect.quote ?? CSVLayout.noQuote,
            hasHeader: dialect.hasHeader ?? true,
            isStrict: dialect.isStrict,
            maxRecordBytes: dialect.maxRecordBytes,
            trailer: dialect.trailer
        )
    }
}
