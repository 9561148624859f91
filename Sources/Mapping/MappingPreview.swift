package import Columns
package import Time

/// What a mapping makes of a few rows, step by step: for whoever writes it.
package struct MappingPreview: Sendable {
    /// What a run would make of the rows.
    package var batch: MappedBatch
    /// The steps on the way to each of `batch.columns`.
    package var columns: [SteppedColumn]

    /// How one target column came about.
    package struct SteppedColumn: Sendable {
        package var sourceField: String
        /// What the source gives, per row; nil for null.
        package var source: [String?]
        package var steps: [Step]
    }

    /// One function of a pipe.
    package struct Step: Sendable {
        package var function: String
        /// What comes out of it, per row; nil for null, and from a failure on.
        package var values: [String?]
    }
}

extension CompiledMapping {
    /// About how many bytes `preview` makes of the batch: a few functions can make much of little.
    package func previewCost(of batch: Batch) -> Int {
        let sizes = sourceFields.map { name in
            batch.columns.first { $0.field.name.utf8.elementsEqual(name.utf8) }.map { $0.bytes.count + $0.count } ?? 0
        }
        return columns.reduce(0) { total, plan in
            let weight = plan.expression.weight(sizes, rows: batch.count)
            return total.addingClamped(weight.bytes.multipliedClamped(by: weight.calls + 1))
        }
    }

    /// Maps a few rows, and keeps each value on the way. As `apply` otherwise.
    ///
    /// - Parameter shown: characters of a value that are kept of the way; an ellipsis stands for the rest.
    package func preview(_ batch: Batch, today: CalendarDate, shown: Int) -> MappingPreview {
        let sources = SourceColumns(
            count: batch.count,
            vectors: sourceFields.map { name in
                batch.columns.first { $0.field.name.utf8.elementsEqual(name.utf8) }.map(TextVector.init)
                    ?? TextVector(nullCount: batch.count)
            }
        )
        let stepped = columns.map { plan in
            var steps: [MappingPreview.Step] = []
            _ = plan.expression.evaluate(sources, shown: shown, &steps)
            return MappingPreview.SteppedColumn(
                sourceField: plan.row.sourceField,
                source: sources.vectors[plan.source].texts(shown: shown),
                steps: steps
            )
        }
        return MappingPreview(batch: apply(batch, today: today), columns: stepped)
    }
}

extension Expression {
    /// Bytes that are read, and calls that may carry each of them on.
    fileprivate func weight(_ sizes: [Int], rows: Int) -> (bytes: Int, calls: Int) {
        switch self {
        case .constant(let bytes): return ((bytes?.count ?? 0).multipliedClamped(by: rows), 0)
        case .field(let index): return (sizes[index], 0)
        case .call(let call):
            return ([call.receiver] + call.arguments).reduce((bytes: 0, calls: 1)) { sum, part in
                let more = part.weight(sizes, rows: rows)
                return (sum.bytes.addingClamped(more.bytes), sum.calls + more.calls)
            }
        }
    }

    /// As `evaluate`, noting what comes out of each function of the pipe. What stands in arguments is not noted.
    fileprivate func evaluate(_ sources: SourceColumns, shown: Int, _ steps: inout [MappingPreview.Step]) -> TextVector
    {
        guard case .call(let call) = self else { return evaluate(sources) }
        var value = call.receiver.evaluate(sources, shown: shown, &steps)
        let arguments = call.arguments.map { $0.operand(sources) }
        call.step.apply(&value, arguments, RowState.failed(call: call.number))
        steps.append(MappingPreview.Step(function: call.function.name, values: value.texts(shown: shown)))
        return value
    }
}

extension TextVector {
    fileprivate func texts(shown: Int) -> [String?] {
        (0..<count).map { row in
            text(row).map { text in
                text.unicodeScalars.count <= shown ? text : String(text.unicodeScalars.prefix(shown)) + "…"
            }
        }
    }
}

extension Int {
    fileprivate func addingClamped(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    fileprivate func multipliedClamped(by other: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? .max : product
    }
}
