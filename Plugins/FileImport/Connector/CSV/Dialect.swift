/// How a file writes its records.
struct Dialect: Sendable, Equatable {
    /// One ASCII byte between two fields of a record.
    var delimiter = UInt8(ascii: ",")
    /// Whether the first record names the columns.
    var hasHeader = true
    /// A longer record, line ends and quotes included, ends the reading.
    var maxRecordBytes = 16 * 1024 * 1024

    static let quote = UInt8(ascii: "\"")
}
