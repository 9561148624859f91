/// One row of a sheet: the cells that hold something. Emptied and filled again for the next row.
struct SheetRow {
    /// From 1, as Excel shows it.
    var number = 0
    var isHidden = false
    /// In the order in which the sheet has them, which is that of the columns unless its writer was careless.
    var cells: [Cell] = []
    /// The bytes of the cells' values.
    var text: [UInt8] = []
    /// Formulas whose value was never stored.
    var uncalculated = 0

    mutating func begin(_ number: Int, isHidden: Bool) {
        self.number = number
        self.isHidden = isHidden
        cells.removeAll(keepingCapacity: true)
        text.removeAll(keepingCapacity: true)
        uncalculated = 0
    }

    /// Gives a cell another text.
    mutating func replaceText(of index: Int, with bytes: some Collection<UInt8>) {
        let start = text.count
        text.append(contentsOf: bytes)
        cells[index].kind = .text
        cells[index].start = Int32(truncatingIfNeeded: start)
        cells[index].count = Int32(truncatingIfNeeded: bytes.count)
    }

    struct Cell: Equatable {
        /// From 0.
        var column: Int32
        var kind: Kind
        /// In `text`; of a shared text its number, and nothing.
        var start: Int32
        var count: Int32
    }

    enum Kind: UInt8 {
        case text
        case shared
        case number
        case boolean
        case date
        case time
        case dateAndTime
        case duration
        /// `#N/A` and its like.
        case error
        /// A shared text that the workbook doesn't have.
        case missing
        /// More characters than a cell may have.
        case tooLong
    }
}

/// A cell while it is read: what its tag says, and where its values stand in the row's text.
struct PendingCell {
    var column = 0
    var type = CellType.number
    var style = 0
    var value: Range<Int>?
    var inline: Range<Int>?
    var hasFormula = false
}

/// The attribute `t` of a cell: how its value is written.
///
/// Source: ECMA-376 part 1, 18.18.11 (ST_CellType).
enum CellType: UInt8 {
    case number
    case shared
    case formulaText
    case inlineText
    case boolean
    case error
    case isoDate

    /// nil for anything else.
    init?(_ bytes: Span<UInt8>) {
        switch bytes.count {
        case 1:
            switch bytes[0] {
            case UInt8(ascii: "n"): self = .number
            case UInt8(ascii: "s"): self = .shared
            case UInt8(ascii: "b"): self = .boolean
            case UInt8(ascii: "e"): self = .error
            case UInt8(ascii: "d"): self = .isoDate
            default: return nil
            }
        case 3 where bytes.holds("str", in: 0..<3): self = .formulaText
        case 9 where bytes.holds("inlineStr", in: 0..<9): self = .inlineText
        default: return nil
        }
    }
}
