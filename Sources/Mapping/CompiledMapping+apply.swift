package import Columns
package import Time

extension CompiledMapping {
    /// Maps a batch: the same batch on the same day always gives the same.
    ///
    /// Reserved columns mean what `trainflow_plugin.h` says. Where there is no `_tf_at`, rows are counted from 0.
    ///
    /// - Parameter today: what hire dates are compared with; those after it are warnings.
    package func apply(_ batch: Batch, today: CalendarDate) -> MappedBatch {
        let reserved = ReservedColumns(batch)
        let sources = SourceColumns(
            count: batch.count,
            vectors: sourceFields.map { name in
                batch.columns.first { $0.field.name.utf8.elementsEqual(name.utf8) }.map(TextVector.init)
                    ?? TextVector(nullCount: batch.count)
            }
        )
        var mapped: [MappedColumn] = []
        var failures: [Failure] = []
        for (index, plan) in columns.enumerated() {
            let (column, failed) = plan.map(sources)
            mapped.append(column)
            failures += failed.map { Failure(row: $0.row, column: index, state: $0.state) }
        }
        let absence = SourceAbsence(batch, sourceFields)
        if !absence.isEmpty { forbidErasing(&mapped, absence) }

        var isAccepted = [Bool](repeating: true, count: batch.count)
        for failure in failures { isAccepted[failure.row] = false }
        for row in reserved.spoiled { isAccepted[row] = false }
        let locators = reserved.locators ?? (0..<Int64(batch.count)).map { $0 }
        let accepted = acceptedRows(isAccepted)
        let rejector = Rejector(mapping: self, batch: batch, sources: sources, reserved: reserved, locators: locators)
        return MappedBatch(
            entity: entity,
            count: batch.count,
            columns: mapped,
            accepted: accepted,
            locators: locators,
            rejects: rejector.rejects(failures, keys: mapped.first { $0.target.name == "external_id" }),
            warnings: mapped.flatMap { $0.warnings(accepted, locators, today: today) }
                + OrderOfTimes.warnings(mapped, accepted, locators),
            raw: { rejector.raw($0) }
        )
    }

    /// A cell that failed: where, and in which state it was left.
    struct Failure {
        var row: Int
        var column: Int
        var state: UInt8
    }

    /// Only what is empty or null erases: an empty value says nothing if one of the fields that it was made of isn't there.
    private func forbidErasing(_ mapped: inout [MappedColumn], _ absence: SourceAbsence) {
        for (index, plan) in columns.enumerated() where plan.row.empty == .erase {
            let fields = plan.fields.union([plan.source])
            for row in mapped[index].states.indices where mapped[index].states[row] == ValueState.erase.rawValue {
                if fields.contains(where: { absence.contains(row: row, field: $0) }) {
                    mapped[index].states[row] = ValueState.absent.rawValue
                }
            }
        }
    }

    private func acceptedRows(_ isAccepted: [Bool]) -> [Int32] {
        var rows: [Int32] = []
        rows.reserveCapacity(isAccepted.count)
        for row in isAccepted.indices where isAccepted[row] { rows.append(Int32(truncatingIfNeeded: row)) }
        return rows
    }
}

extension CompiledMapping.ColumnPlan {
    /// The finished column, and the rows that failed with their states.
    func map(_ sources: SourceColumns) -> (column: MappedColumn, failed: [(row: Int, state: UInt8)]) {
        var value = expression.evaluate(sources)
        check.apply(&value)
        var failed: [(row: Int, state: UInt8)] = []
        let column = value.settled(target: target, write: row.write, empty: row.empty, failures: &failed)
        return (column, failed)
    }
}

extension MappedColumn {
    /// What is odd but possible about accepted rows: hired after today.
    fileprivate func warnings(_ accepted: [Int32], _ locators: [Int64], today: CalendarDate) -> [RowWarning] {
        guard target.isOddInTheFuture else { return [] }
        let last = Array(today.description.utf8)
        var warnings: [RowWarning] = []
        for row in accepted where states[Int(row)] == ValueState.value.rawValue {
            let range = Int(offsets[Int(row)])..<Int(offsets[Int(row) + 1])
            // ISO dates of four-digit years are in order as bytes.
            guard isLater(range, last) else { continue }
            warnings.append(
                RowWarning(
                    row: row,
                    locator: locators[Int(row)],
                    field: target.name,
                    code: "future_date",
                    message: "\(target.name) \(text(Int(row)) ?? "") is in the future."
                )
            )
        }
        return warnings
    }

    private func isLater(_ range: Range<Int>, _ date: [UInt8]) -> Bool {
        var index = range.lowerBound
        for byte in date {
            guard index < range.upperBound else { return false }
            if bytes[index] != byte { return bytes[index] > byte }
            index += 1
        }
        return false
    }
}

extension TargetField {
    /// Whether a date after today is worth a warning.
    fileprivate var isOddInTheFuture: Bool { name == "hire_date" && rule == .date }
}
