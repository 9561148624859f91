internal import Columns

/// Says in words what is wrong with the rows that failed: only for those is anything looked at one by one.
struct Rejector: Sendable {
    private let mapping: CompiledMapping
    private let sources: SourceColumns
    private let reserved: ReservedColumns
    private let locators: [Int64]
    /// What the source row consists of.
    private let columns: [Column]
    private let absentValues: AbsentValues?

    init(
        mapping: CompiledMapping,
        batch: Batch,
        sources: SourceColumns,
        reserved: ReservedColumns,
        locators: [Int64]
    ) {
        self.mapping = mapping
        self.sources = sources
        self.reserved = reserved
        self.locators = locators
        columns = batch.columns.filter { !ReservedColumns.isReserved($0.field.name) }
        absentValues = AbsentValues(batch)
    }

    /// One reject per row, in row order, with all that is wrong about it.
    func rejects(_ failures: [CompiledMapping.Failure], keys: MappedColumn?) -> [RowReject] {
        var rejects = reserved.spoiled.map { row in
            var failure = reserved.failure(row)
            failure.value = value(ofField: failure.source, row)
            return reject(row, key: nil, failures: [failure])
        }
        let spoiled = Set(reserved.spoiled)
        // Columns come in target order, and so do a row's failures: the sort is stable.
        let rest = failures.filter { !spoiled.contains($0.row) }.sorted { ($0.row, $0.column) < ($1.row, $1.column) }
        var index = 0
        while index < rest.count {
            let row = rest[index].row
            var end = index
            while end < rest.count, rest[end].row == row { end += 1 }
            let failures = rest[index..<end].map(fieldFailure)
            rejects.append(reject(row, key: keys?.text(row), failures: failures))
            index = end
        }
        return rejects.sorted { $0.row < $1.row }
    }

    private func reject(_ row: Int, key: String?, failures: [FieldFailure]) -> RowReject {
        RowReject(row: Int32(row), locator: locators[row], key: key, failures: failures, raw: raw(row))
    }

    /// The source row as it stands there, as one field without a name; else its values, field by field.
    func raw(_ row: Int) -> [RawField] {
        if let text = reserved.rawText(row) { return [RawField(name: "", value: text)] }
        return columns.enumerated().map { place, column in
            RawField(
                name: column.field.name,
                value: column.displayText(row, limit: RawField.largestValue),
                isAbsent: absentValues?.contains(row: row, column: place) ?? false
            )
        }
    }

    private func value(ofField name: String, _ row: Int) -> String? {
        guard !name.isEmpty else { return nil }
        return columns.first { $0.field.name == name }?.displayText(row).map(shortened)
    }

    private func fieldFailure(_ failure: CompiledMapping.Failure) -> FieldFailure {
        let plan = mapping.columns[failure.column]
        let single = sources.row(failure.row, columns: plan.fields)
        let complaint = complaint(failure.state, plan, single)
        return FieldFailure(
            field: plan.target.name,
            source: plan.row.sourceField,
            code: complaint.code,
            message: complaint.message,
            hint: complaint.hint,
            value: single.vectors[plan.source].text(0).map(shortened)
        )
    }

    /// Goes the row's way again, up to what refused it.
    private func complaint(
        _ state: UInt8,
        _ plan: CompiledMapping.ColumnPlan,
        _ single: SourceColumns
    ) -> Complaint {
        if state == RowState.requiredMissing { return TargetField.required(plan.place) }
        if let number = RowState.failedCall(state), let call = plan.expression.call(number) {
            return call.step.explain(call.receiver.evaluate(single).text(0) ?? "", plan.place)
        }
        let value = plan.expression.evaluate(single).text(0) ?? ""
        return plan.target.complaint(about: value) ?? TargetField.tooLong
    }

    /// Long values stand in full among the raw fields.
    private func shortened(_ value: String) -> String {
        let most = 1_000
        return value.unicodeScalars.count <= most ? value : String(value.unicodeScalars.prefix(most)) + "…"
    }
}
