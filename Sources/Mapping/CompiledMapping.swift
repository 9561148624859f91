package import Columns

/// A mapping set that was checked, ready to be applied to batches.
package struct CompiledMapping: Sendable {
    package let entity: Entity
    /// The source fields that the mapping reads.
    package let sourceFields: [String]
    /// In the order of `Entity.fields`, then attributes by name.
    let columns: [ColumnPlan]

    /// One target column: what is read, what is done, what is checked.
    struct ColumnPlan: Sendable {
        let row: MappingRow
        /// The place of the row's source field among `sourceFields`.
        let source: Int
        let expression: Expression
        let check: TargetCheck
        /// The places of all source fields that it reads.
        let fields: Set<Int>

        init(row: MappingRow, source: Int, expression: Expression, target: TargetField) {
            self.row = row
            self.source = source
            self.expression = expression
            check = TargetCheck(target, proof: expression.proof)
            fields = expression.fields
        }

        var target: TargetField { check.target }
        var place: FailurePlace { FailurePlace(source: row.sourceField, target: row.targetField) }
    }

    /// Checks a mapping set as a whole; what is wrong with it comes all at once.
    ///
    /// - Parameter source: the stream's fields, reserved ones or not; nil where they are not known yet: names and types of
    ///   source fields then go unchecked, and a field that a batch doesn't have counts as absent in every row.
    /// - Parameter environment: the lookup tables and time zones that `set.needs` names.
    package static func compile(
        _ set: MappingSet,
        source: [Field]?,
        environment: MappingEnvironment = MappingEnvironment()
    ) throws(MappingProblems) -> CompiledMapping {
        var compiler = MappingCompiler(set, source: source, environment: environment)
        return try compiler.compile()
    }
}
