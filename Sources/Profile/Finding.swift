/// Something about a source that its administrator should know before an import.
package struct Finding: Sendable, Equatable {
    package enum Weight: String, Sendable, CaseIterable {
        /// Rows will be refused, or read wrongly, unless something is done.
        case problem
        /// It may be meant so.
        case warning
        /// It is taken care of.
        case hint
    }

    /// Stable, lower case with underscores.
    package var code: String
    package var weight: Weight
    /// Empty where it is about whole rows.
    package var columns: [String]
    /// Rows that it is about.
    package var count: Int
    package var examples: [Examples.Example]
    /// One sentence: what was seen.
    package var message: String
    /// One sentence: what to do.
    package var fix: String
    /// A pipe for the mapping that does it, where there is one.
    package var transform: String?

    init(
        _ code: String,
        _ weight: Weight,
        _ columns: [String],
        _ examples: Examples,
        _ message: String,
        fix: String,
        transform: String? = nil
    ) {
        self.code = code
        self.weight = weight
        self.columns = columns
        count = examples.count
        self.examples = examples.first
        self.message = message
        self.fix = fix
        self.transform = transform
    }
}
