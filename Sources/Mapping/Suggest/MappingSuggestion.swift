/// A row that a mapping could have.
package struct MappingSuggestion: Sendable, Equatable {
    package var sourceField: String
    package var targetField: String
    package var transform: String?
    /// 0 to 1.
    package var confidence: Double
    /// Why, in sentences.
    package var reason: String
}

/// What could be mapped, and what not and why.
package struct MappingSuggestions: Sendable, Equatable {
    /// In the order of the target's fields; each target once.
    package var proposals: [MappingSuggestion]
    /// In the source's order.
    package var leftOut: [Omission]
    /// Required targets that nothing was found for.
    package var missing: [String]

    /// A column that nothing is proposed for.
    package struct Omission: Sendable, Equatable {
        package var sourceField: String
        /// In a sentence.
        package var reason: String
    }
}
