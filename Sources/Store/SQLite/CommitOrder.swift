internal import Changes
internal import JSON

extension CommitRecords {
    /// Whether the record is older, by the policy's order field, than what stands in the row already.
    ///
    /// Asked of rows that the config owns: of others nothing is replaced anyway. A snapshot that
    /// holds a record twice would otherwise put the older one over the newer one at every run, and back.
    func isOutdated(_ row: Int, beside standing: StandingRow) -> Bool {
        guard let column = columns.order, let value = column.order(row),
            let now = standing.value(of: column, columns)
        else { return false }
        return OrderValue.compare(value, now) < 0
    }
}

extension StandingRow {
    /// What stands in a mapped column's field; nil where nothing does.
    fileprivate func value(of column: RecordColumn, _ columns: RecordColumns) -> [UInt8]? {
        if let position = columns.plain.firstIndex(where: { $0.name == column.name }) {
            return values[position].isEmpty ? nil : values[position]
        }
        guard column.place == .attribute else { return nil }
        return RowChanges.object(attributes)?[column.attribute]?.stringValue.map { Array($0.utf8) }
    }
}
