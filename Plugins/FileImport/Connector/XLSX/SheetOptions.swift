/// What the settings say of a workbook.
package struct SheetOptions: Sendable, Equatable {
    /// A sheet's name, or its place among those of cells that aren't hidden, from 1; nil offers each of them.
    package var sheet: String?
    /// Whether the first row names the columns; nil: found.
    package var hasHeader: Bool?
    /// Whether a cell with an error (`#N/A`) spoils its row; otherwise it counts as empty.
    package var isStrict = true
    /// A row with more bytes is spoiled.
    package var maxRecordBytes = 16 * 1024 * 1024

    /// The row that must end the sheet; nil: none.
    package var trailer: Trailer?

    package init() {}
}
