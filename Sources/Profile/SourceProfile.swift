package import Columns
package import Time

/// What a look at all rows of a source tells before any of them is written: how full its columns are, of what type, and
/// what is odd about them.
///
/// Of the rows only counts, a few examples, and hashes of the first 200,000 (fewer where there are many columns) are kept.
package struct SourceProfile: Sendable {
    package private(set) var columns: [ColumnProfile]
    package private(set) var rows = 0
    /// Rows that the source itself could not read, and how it said so.
    package private(set) var unreadable = Examples()
    /// Columns beyond `mostColumns`: of these nothing is known.
    package private(set) var leftOut = 0
    private(set) var repeatedRows: RepeatedValues

    private static let reserved = "_tf_"
    /// Each keeps up to 30 KB of examples.
    package static let mostColumns = 500

    /// - Parameter names: of the columns; those the ABI keeps for itself are left out.
    package init(columns names: [String], today: CalendarDate) {
        let own = names.filter { !$0.hasPrefix(Self.reserved) }
        let looked = own.prefix(Self.mostColumns)
        columns = looked.map { ColumnProfile($0, of: looked.count, today: today) }
        leftOut = own.count - looked.count
        repeatedRows = RepeatedValues(sharedBy: looked.count + 1)
    }

    package mutating func add(_ batch: Batch) {
        let places = batch.column(named: "_tf_at")
        let errors = batch.column(named: "_tf_error")
        let sources = columns.map { batch.column(named: $0.name) }
        for row in 0..<batch.count {
            let at = places?.integer(row) ?? Int64(rows + 1)
            rows += 1
            if let error = errors?.text(row) {
                unreadable.add(error.utf8Span.span, at: at)
                continue
            }
            let isRepeated = isRepeated(row, sources, at: at)
            for (position, source) in sources.enumerated() {
                let range = source?.range(row) ?? 0..<0
                let bytes = source?.bytes ?? []
                columns[position].add(bytes.span.extracting(range), at: at, isRepeatedRow: isRepeated)
            }
        }
    }

    private mutating func isRepeated(_ row: Int, _ sources: [Column?], at: Int64) -> Bool {
        var whole: [UInt8] = []
        for source in sources {
            if let source { whole += source.bytes[source.range(row)] }
            whole.append(0xFF)
        }
        let before = repeatedRows.repeats
        repeatedRows.add(whole.span, at: at)
        return repeatedRows.repeats > before
    }
}

extension Column {
    /// The bytes of a row's text; empty for null and for what is no text.
    fileprivate func range(_ row: Int) -> Range<Int> {
        guard field.type == .utf8, isValid(row) else { return 0..<0 }
        return Int(offsets[row])..<Int(offsets[row + 1])
    }
}
