extension MappingFunction {
    /// All functions, by topic. docs/mapping.md has the same table, and a test compares them.
    package static let catalogue: [MappingFunction] =
        text + regularExpressions + arabic + dates + numbers + logic + people + privacy + ids

    package static func named(_ name: String) -> MappingFunction? {
        byName[name]
    }

    private static let byName = Dictionary(uniqueKeysWithValues: catalogue.map { ($0.name, $0) })
}
