internal import ConnectorKit

/// The columns of an array of records, learned from its first ones.
struct JSONColumns {
    var tree: FieldTree
    /// Of the tree's columns, and last the one for what has none.
    let names: [String]
    /// A first value of each column; nil where no record has one.
    let samples: [String?]

    /// As far as records are looked at, in number and in bytes.
    static let records = 1000
    static let bytes = 4 * 1024 * 1024

    /// Holds members that no column was made for, as a JSON object of paths and values.
    static let more = "_more"

    /// Records that can't be read are passed over: the reading itself says what is wrong with them.
    init(_ json: JSONFile, _ part: JSONFile.Part, _ context: OperationContext) throws(ConnectorFailure) {
        var cursor = json.cursor(at: part)
        var scanner = JSONRecordScanner()
        scanner.isLearning = true
        var read = 0
        do throws(ConnectorFailure) {
            while read < Self.records, !cursor.hasEnded, cursor.offset < part.offset + Self.bytes {
                try cursor.advance(&scanner, maxRows: Self.records - read, stopAt: part.offset + Self.bytes, context)
                read += cursor.rows.count
                // The next record alone is longer than all that is looked at.
                if cursor.rows.isEmpty { break }
            }
        } catch {
            guard error.failureClass == .data else { throw error }
        }
        tree = scanner.tree
        // Null in one record and an object in another: its members are the columns.
        let learned = scanner
        let complete = scanner.tree
        tree.keepColumns { node in
            learned.hasValue.contains(node) || complete[node].firstChild == FieldTree.none
        }
        let kept = tree
        names = Header(kept.columns.map { kept.path($0) } + [Self.more]).names
        samples = kept.columns.map { learned.samples[$0] } + [nil]
        if let name = names.dropLast().first(where: { $0.hasPrefix("_tf_") }) {
            throw ConnectorFailure(
                .data,
                code: "header_reserved",
                message: "The field \(name) of \(json.file.name) has a name that begins with _tf_; give it another one."
            )
        }
    }
}
