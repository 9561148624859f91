/// How a file holds its records; the raw values are those of the setting `format`.
package enum FileFormat: String, CaseIterable, Sendable {
    case csv
    case xlsx

    /// What a file's first bytes say.
    static func found(in start: [UInt8]) -> FileFormat {
        WorkbookSignature.isWorkbook(start) ? .xlsx : .csv
    }

    /// Bytes that are looked at.
    static let startBytes = 4096
}
