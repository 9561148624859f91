/// A checked transform: functions found, arguments of the right types. Pipes make it; it knows nothing of how it was written.
indirect enum Expression: Sendable {
    /// The same for all rows; nil for null.
    case constant([UInt8]?)
    /// A source column, by its place among those that the mapping uses.
    case field(Int)
    case call(Call)

    struct Call: Sendable {
        /// Unique in its transform, below `PipeParser.mostCalls`.
        var number: Int
        var function: MappingFunction
        var receiver: Expression
        var arguments: [Expression]
        var step: MappingFunction.Step
    }
}

/// The source columns that a mapping uses, as text.
struct SourceColumns: Sendable {
    var count: Int
    var vectors: [TextVector]

    /// One row, as columns of one row. Columns other than the given ones are null.
    func row(_ row: Int, columns: some Sequence<Int>) -> SourceColumns {
        var single = [TextVector](repeating: TextVector(nullCount: 1), count: vectors.count)
        for column in columns { single[column] = vectors[column].row(row) }
        return SourceColumns(count: 1, vectors: single)
    }
}

extension Expression {
    func evaluate(_ sources: SourceColumns) -> TextVector {
        switch self {
        case .constant(let bytes): return TextVector(repeating: bytes, count: sources.count)
        case .field(let index): return sources.vectors[index]
        case .call(let call):
            var value = call.receiver.evaluate(sources)
            let arguments = call.arguments.map { $0.operand(sources) }
            call.step.apply(&value, arguments, RowState.failed(call: call.number))
            return value
        }
    }

    func operand(_ sources: SourceColumns) -> Operand {
        switch self {
        case .constant(let bytes): .constant(bytes)
        case .field, .call: .vector(evaluate(sources))
        }
    }

    /// The places of the columns that are read.
    var fields: Set<Int> {
        switch self {
        case .constant: []
        case .field(let index): [index]
        case .call(let call): call.arguments.reduce(into: call.receiver.fields) { $0.formUnion($1.fields) }
        }
    }

    /// The call with this number, wherever it stands.
    func call(_ number: Int) -> Call? {
        guard case .call(let call) = self else { return nil }
        if call.number == number { return call }
        for part in [call.receiver] + call.arguments {
            if let found = part.call(number) { return found }
        }
        return nil
    }

    /// What holds for every value that comes out.
    var proof: MappingFunction.Proof {
        guard case .call(let call) = self else { return .nothing }
        guard case .unchanged = call.function.proof else { return call.function.proof }
        // What default puts in was not looked at by the functions before it, unless the checker did.
        let addsField = call.arguments.contains { if case .constant = $0 { false } else { true } }
        return addsField ? .nothing : call.receiver.proof
    }
}
