internal import Columns

/// Which of the fields that a mapping reads a row's source doesn't have at all: those say nothing, however empty they look.
struct SourceAbsence: Sendable {
    private let values: AbsentValues?
    /// By source field: its place among the batch's columns without reserved ones; nil where the batch doesn't have it.
    private let places: [Int?]
    /// Whether no row lacks any of the fields.
    let isEmpty: Bool

    init(_ batch: Batch, _ fields: [String]) {
        let values = AbsentValues(batch)
        let names = batch.columns.map(\.field.name).filter { !ReservedColumns.isReserved($0) }
        let places = fields.map { field in names.firstIndex { $0.utf8.elementsEqual(field.utf8) } }
        (self.values, self.places) = (values, places)
        isEmpty = values == nil && !places.contains(nil)
    }

    /// Whether a row lacks a field, by its place among the mapping's source fields.
    func contains(row: Int, field: Int) -> Bool {
        guard let place = places[field] else { return true }
        return values?.contains(row: row, column: place) ?? false
    }
}
