/// How a file writes its records.
package struct Dialect: Sendable, Equatable {
    /// One ASCII byte between two fields of a record.
    package var delimiter = UInt8(ascii: ",")
    /// Whether the first record names the columns.
    package var hasHeader = true
    /// A longer record, line ends and quotes included, ends the reading.
    package var maxRecordBytes = 16 * 1024 * 1024

    package init() {}

    static let quote = UInt8(ascii: "\"")
}
