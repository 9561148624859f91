package import Columns

/// A source column as far as it is known: its name, perhaps its type, perhaps values of a few rows.
package struct SourceColumn: Sendable {
    package var name: String
    /// nil where only texts are known.
    package var type: ColumnType?
    /// Of so many rows, empty ones too; nil for null.
    package var samples: [String?]

    package init(name: String, type: ColumnType? = nil, samples: [String?] = []) {
        self.name = name
        self.type = type
        self.samples = samples
    }

    /// Values that are not blank, without spaces and direction marks around.
    var values: [String] {
        samples.compactMap { $0.map { WhiteSpace.trimmed($0) } }.filter { !$0.isEmpty }
    }

    /// Of all rows that were looked at, 0 to 1; 1 where none were.
    var fillRate: Double {
        samples.isEmpty ? 1 : Double(values.count) / Double(samples.count)
    }
}
