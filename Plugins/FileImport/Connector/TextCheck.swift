internal import ConnectorKit

/// Tells files that are no text from those that are, by their first bytes.
enum TextCheck {
    /// What a file holds instead of UTF-8 text; nil if nothing speaks against it.
    static func contradiction(_ start: [UInt8]) -> String? {
        for (signature, kind) in signatures where start.starts(with: signature) { return kind }
        guard let position = start.firstIndex(of: 0) else { return nil }
        return "binary data (a zero byte at offset \(position))"
    }

    static func check(_ start: [UInt8], of name: String) throws(ConnectorFailure) {
        guard let kind = contradiction(start) else { return }
        throw ConnectorFailure(
            .data,
            code: "not_text",
            message: "\(name) holds \(kind), not UTF-8 text; save it as CSV in UTF-8."
        )
    }

    /// The first bytes of what people take for CSV files.
    private static let signatures: [(bytes: [UInt8], kind: String)] = [
        ([0x50, 0x4B, 0x03, 0x04], "an Excel workbook or another zip archive"),
        ([0xD0, 0xCF, 0x11, 0xE0], "an old Excel workbook or another Office document"),
        ([0x25, 0x50, 0x44, 0x46], "a PDF document"),
        ([0x1F, 0x8B], "gzip-compressed data"),
        ([0xFF, 0xFE], "UTF-16 text"),
        ([0xFE, 0xFF], "UTF-16 text"),
    ]
}
