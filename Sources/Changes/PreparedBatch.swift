package import Mapping

/// A mapped batch with what can be found out before the transaction: key order, hashes, directory keys.
package struct PreparedBatch: Sendable {
    package var mapped: MappedBatch
    /// Under which key a link knows each row (`RecordKey`); nil for a batch without a column of keys.
    package var keys: MappedColumn?
    /// The accepted rows by key (bytes), repeats of a key in source order.
    package var order: [Int32]
    /// The keyed hash of each row's mapped values, per row; 0 for rows that are not accepted.
    package var hashes: [UInt64]
    /// Nil where most rows will be unchanged: of those nobody asks who they are.
    package var identification: Identification?
    /// Rows whose key stands at an earlier row of this batch too, in source order.
    package var repeats: [KeyRepeat] = []
    /// Whether the source was in key order already.
    package var isInKeyOrder = true
    /// What was read (a file's name), and what its locators count.
    package var source: String
    package var locatorKind: String

    package init(
        mapped: MappedBatch,
        order: [Int32],
        hashes: [UInt64],
        source: String,
        locatorKind: String
    ) {
        self.mapped = mapped
        self.order = order
        self.hashes = hashes
        self.source = source
        self.locatorKind = locatorKind
    }
}

/// By what the rows of a batch can be found in the directory, and whom they name.
///
/// A class, so that who decides about single rows need not copy it for each.
package final class Identification: Sendable {
    /// The directory's key of each row's e-mail, per row; 0 where there is none. Empty if e-mails are not mapped.
    package let emailKeys: [UInt64]
    /// The same for usernames. Empty if the policy does not match by them.
    package let usernameKeys: [UInt64]
    /// The same for external ids. Empty if the policy does not match by them.
    package let externalIDKeys: [UInt64]
    /// The same for the codes of courses.
    package let codeKeys: [UInt64]
    /// Which managers the rows name.
    package let managers: References
    /// Which people and courses enrolments name.
    package let users: References
    package let courses: References

    package init(
        emailKeys: [UInt64] = [],
        usernameKeys: [UInt64] = [],
        externalIDKeys: [UInt64] = [],
        codeKeys: [UInt64] = [],
        managers: References = References(),
        users: References = References(),
        courses: References = References()
    ) {
        self.emailKeys = emailKeys
        self.usernameKeys = usernameKeys
        self.externalIDKeys = externalIDKeys
        self.codeKeys = codeKeys
        self.managers = managers
        self.users = users
        self.courses = courses
    }
}

/// A row with the key of an earlier row of its batch.
package struct KeyRepeat: Sendable, Equatable {
    package var row: Int32
    /// The last row before it that has the key.
    package var earlier: Int32

    package init(row: Int32, earlier: Int32) {
        self.row = row
        self.earlier = earlier
    }
}

/// The different texts of a column of references, so that each is resolved once.
package struct References: Sendable, Equatable {
    /// For each different text, in the order of its bytes, the first accepted row that has it.
    package var samples: [Int32] = []
    /// For each of them a row of the batch whose external id it is; -1 for none. The first, where there are several.
    package var here: [Int32] = []
    /// Two keyed hashes of each text: together they are as good as the text itself.
    package var hashes: [UInt64] = []
    package var checks: [UInt64] = []
    /// For each row which of them it names; -1 for none. Empty if there is no such column.
    package var index: [Int32] = []

    package init() {}
}
