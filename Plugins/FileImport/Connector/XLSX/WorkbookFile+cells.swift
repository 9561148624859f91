package import ConnectorKit

/// A value of a sheet as it is read, before any header.
package struct SheetValue: Equatable, Sendable {
    package enum Kind: String, Sendable {
        case text
        case number
        case boolean
        case date
        case time
        case dateAndTime
        case duration
        case error
        /// What spoils its row: a text that is missing, or longer than a cell's may be.
        case spoiled
    }

    package var kind: Kind
    package var text: String
}

extension WorkbookFile {
    /// The names of all sheets of cells, hidden ones too, in the order of their tabs.
    package var sheetNames: [String] {
        workbook.sheets.filter { $0.part != nil }.map(\.name)
    }

    /// The values of a sheet by their references; the last one where a sheet has two for a place.
    ///
    /// With `maxCells` no more than about as many.
    package func values(
        ofSheet name: String,
        maxCells: Int = .max,
        usesScanner: Bool = true,
        _ context: OperationContext
    ) throws(ConnectorFailure) -> (values: [String: SheetValue], isScanned: Bool) {
        guard let sheet = workbook.sheets.first(where: { $0.name == name && $0.part != nil }) else {
            return ([:], false)
        }
        let rows = try rows(of: sheet, context, usesScanner: usesScanner)
        var row = SheetRow()
        var values: [String: SheetValue] = [:]
        while try rows.next(into: &row) {
            for cell in row.cells where values.count < maxCells && !isEmpty(cell) {
                let reference = CellReference.name(ofColumn: Int(cell.column)) + String(row.number)
                values[reference] = SheetValue(kind: kind(of: cell), text: try text(of: cell, in: row))
            }
        }
        return (values, rows.isScanned)
    }

    private func kind(of cell: SheetRow.Cell) -> SheetValue.Kind {
        switch cell.kind {
        case .text: .text
        case .shared: sharedTexts.isTooLong(Int(cell.start)) ? .spoiled : .text
        case .number: .number
        case .boolean: .boolean
        case .date: .date
        case .time: .time
        case .dateAndTime: .dateAndTime
        case .duration: .duration
        case .error: .error
        case .missing, .tooLong: .spoiled
        }
    }
}
