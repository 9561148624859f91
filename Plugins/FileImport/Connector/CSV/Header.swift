/// The columns' names.
package struct Header: Sendable, Equatable {
    package let names: [String]

    /// Makes a name for each field of the header record: an empty one becomes `column_N`, one that was there before gets
    /// `_2`, `_3` ….
    init(_ fields: [String]) {
        var taken: Set<String> = []
        let given = Set(fields)
        names = fields.enumerated().map { position, field in
            let base = field.isEmpty ? "column_\(position + 1)" : field
            var name = base
            var count = 1
            // Another column may bear such a name as its own.
            while taken.contains(name) || (name != field && given.contains(name)) {
                count += 1
                name = "\(base)_\(count)"
            }
            taken.insert(name)
            return name
        }
    }

    /// Names for a file whose records have no header.
    init(unnamed count: Int) {
        self.init([String](repeating: "", count: count))
    }

    /// Whether one of the names is what a value is: a number, a date, an e-mail address.
    var looksLikeData: Bool {
        names.contains { name in
            let isNumeric =
                name.contains(where: \.isNumber)
                && name.allSatisfy { $0.isNumber || ".,-+/: ".contains($0) }
            return isNumeric || (name.contains("@") && name.contains("."))
        }
    }

    /// The first name that the ABI keeps for itself.
    var reservedName: String? {
        names.first { $0.hasPrefix("_tf_") }
    }

    /// The schema, up to four reserved columns included, may have 4,096 columns.
    static let maxColumns = 4092
}
