internal import ConnectorKit

/// Tells files that are no text from those that are, by their first bytes.
enum TextCheck {
    static func check(_ start: [UInt8], of name: String) throws(ConnectorFailure) {
        for (signature, kind) in signatures where start.starts(with: signature) { throw failure(name, kind) }
    }

    /// `kind`: what the file holds instead of text.
    static func failure(_ name: String, _ kind: String) -> ConnectorFailure {
        ConnectorFailure(
            .data,
            code: "not_text",
            message: "\(name) holds \(kind), not text; save it as CSV or JSON in UTF-8."
        )
    }

    /// The first bytes of what people take for CSV files.
    private static let signatures: [(bytes: [UInt8], kind: String)] = [
        ([0x50, 0x4B, 0x03, 0x04], "an Excel workbook or another zip archive"),
        ([0xD0, 0xCF, 0x11, 0xE0], "an old Excel workbook or another Office document"),
        ([0x25, 0x50, 0x44, 0x46], "a PDF document"),
        ([0x1F, 0x8B], "gzip-compressed data"),
    ]
}
