package import Mapping

/// A mapped batch with what can be found out before the transaction: key order, hashes, directory keys.
package struct PreparedBatch: Sendable {
    package var mapped: MappedBatch
    /// The accepted rows by external id (bytes), repeats of a key in source order.
    package var order: [Int32]
    /// The keyed hash of each row's mapped values, per row; 0 for rows that are not accepted.
    package var hashes: [UInt64]
    /// The directory's key of each row's e-mail, per row; 0 where there is none.
    package var emailKeys: [UInt64]
    /// What was read (a file's name), and what its locators count.
    package var source: String
    package var locatorKind: String

    package init(
        mapped: MappedBatch, order: [Int32], hashes: [UInt64], emailKeys: [UInt64], source: String, locatorKind: String
    ) {
        self.mapped = mapped
        self.order = order
        self.hashes = hashes
        self.emailKeys = emailKeys
        self.source = source
        self.locatorKind = locatorKind
    }
}
