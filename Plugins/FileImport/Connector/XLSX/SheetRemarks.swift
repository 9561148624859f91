/// What whoever looks at a run should know of its sheet, counted while it is read.
struct SheetRemarks {
    var hiddenRows = 0
    var blankRows = 0
    var errorCells = 0
    /// Values that an apostrophe was taken from.
    var apostrophes = 0
    /// Formulas whose value was never stored.
    var uncalculated = 0
    private var outside = 0
    private var firstOutside = ""
    private let header: SheetHeader

    init(_ header: SheetHeader) {
        self.header = header
    }

    /// A value beside the table.
    mutating func noteOutside(_ cell: SheetRow.Cell, _ row: Int) {
        if outside == 0 { firstOutside = CellReference.name(ofColumn: Int(cell.column)) + String(row) }
        outside += 1
    }

    var sentences: [String] {
        var sentences: [String] = []
        if !header.titles.isEmpty {
            let rows = header.titles.map(String.init).joined(separator: ", ")
            sentences.append(
                "Above the header \(Self.count(header.titles.count, "row was", "rows were")) passed over as titles: \(rows). "
                    + "Set header to true if the first of them names the columns."
            )
        }
        if let row = header.doubtful {
            sentences.append(
                "The header in row \(row) holds no text and looks like data; set header to false if no row names the columns."
            )
        }
        if hiddenRows > 0 {
            sentences.append(
                "\(Self.count(hiddenRows, "row is", "rows are")) hidden in Excel, by a filter or by hand, and read like any other."
            )
        }
        if blankRows > 0 { sentences.append("\(Self.count(blankRows, "blank row was", "blank rows were")) skipped.") }
        if outside > 0 {
            sentences.append(
                "\(Self.count(outside, "value was", "values were")) left out beside the named columns \(header.letters), the "
                    + "first in \(firstOutside)."
            )
        }
        if apostrophes > 0 { sentences.append(CorrectedRows.sentence(apostrophes)) }
        if errorCells > 0 {
            sentences.append(
                "\(Self.count(errorCells, "cell with an error was", "cells with errors were")) passed over, and nothing was changed by them."
            )
        }
        if uncalculated > 0 {
            sentences.append(
                "\(Self.count(uncalculated, "formula has", "formulas have")) no stored value and counted as empty: the workbook was "
                    + "never calculated; open it in Excel and save it."
            )
        }
        return sentences
    }

    private static func count(_ count: Int, _ one: String, _ many: String) -> String {
        "\(count) \(count == 1 ? one : many)"
    }
}
