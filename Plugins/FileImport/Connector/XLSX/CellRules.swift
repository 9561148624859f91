/// Makes values of what cells hold, by what the workbook says of them.
struct CellRules {
    var styles = Styles()
    var dates = SerialDate(is1904: false)
    /// How many shared texts there are.
    var sharedTexts = 0

    /// Adds a cell to its row, unless it is empty.
    func finish(_ cell: PendingCell, in row: inout SheetRow) {
        guard let value = value(of: cell, in: row) else {
            if cell.hasFormula, cell.type != .formulaText { row.uncalculated += 1 }
            return
        }
        switch cell.type {
        case .number:
            addNumber(cell, value, to: &row)
        case .shared:
            addShared(cell, value, to: &row)
        case .formulaText, .inlineText:
            let isTooLong =
                value.count > WorkbookLimits.cellCharacters && SharedTexts.isTooLong(row.text[value])
            add(isTooLong ? .tooLong : .text, cell, isTooLong ? value.lowerBound..<value.lowerBound : value, to: &row)
        case .boolean:
            addBoolean(cell, value, to: &row)
        case .error:
            add(.error, cell, value, to: &row)
        case .isoDate:
            add(Self.kind(ofISODate: row.text[value]), cell, value, to: &row)
        }
    }

    /// Where the cell's bytes stand, if there are any: inline text in `is`, all else in `v`. Excel, too, passes over the other.
    @inline(__always)
    private func value(of cell: PendingCell, in row: SheetRow) -> Range<Int>? {
        let range = cell.type == .inlineText ? cell.inline : cell.value
        return range?.isEmpty == true ? nil : range
    }

    private func add(_ kind: SheetRow.Kind, _ cell: PendingCell, _ range: Range<Int>, to row: inout SheetRow) {
        row.cells.append(
            SheetRow.Cell(
                column: Int32(truncatingIfNeeded: cell.column),
                kind: kind,
                start: Int32(truncatingIfNeeded: range.lowerBound),
                count: Int32(truncatingIfNeeded: range.count)
            )
        )
    }

    // MARK: - Numbers

    private func addNumber(_ cell: PendingCell, _ range: Range<Int>, to row: inout SheetRow) {
        let format = styles[cell.style]
        if format == .general, CellNumber.isPlain(row.text.span.extracting(range)) {
            add(.number, cell, range, to: &row)
            return
        }
        let trimmed = Self.trimmed(range, row.text)
        guard !trimmed.isEmpty else { return }
        guard let number = CellNumber.value(row.text.span.extracting(trimmed)) else {
            // Not Excel's work: the text as it stands, for the mapping to refuse where it wants a number.
            add(.text, cell, range, to: &row)
            return
        }
        guard number.isFinite else {
            // Decimal, but beyond a double, which Excel can't hold: as it stands.
            add(.number, cell, trimmed, to: &row)
            return
        }
        if format == .general, CellNumber.isPlain(row.text.span.extracting(trimmed)) {
            add(.number, cell, trimmed, to: &row)
            return
        }
        let start = row.text.count
        if format == .padded {
            addPadded(cell, number, trimmed, to: &row)
        } else if format != .general, let kind = dates.append(number, format, to: &row.text) {
            add(Self.kind(kind), cell, start..<row.text.count, to: &row)
        } else {
            // What is no day in Excel's calendar stays the number that it is; Excel shows ##### there.
            CellNumber.append(number, to: &row.text)
            add(.number, cell, start..<row.text.count, to: &row)
        }
    }

    /// What the cell shows: `000123`. What its format has no zeros for stays a plain number.
    private func addPadded(_ cell: PendingCell, _ number: Double, _ range: Range<Int>, to row: inout SheetRow) {
        var plain: [UInt8] = []
        if CellNumber.isPlain(row.text.span.extracting(range)) {
            plain += row.text[range]
        } else {
            CellNumber.append(number, to: &plain)
        }
        let start = row.text.count
        row.text += styles.mask(cell.style)?.shown(plain) ?? plain
        add(.number, cell, start..<row.text.count, to: &row)
    }

    private static func kind(_ kind: SerialDate.Kind) -> SheetRow.Kind {
        switch kind {
        case .date: .date
        case .time: .time
        case .dateAndTime: .dateAndTime
        case .duration: .duration
        }
    }

    private static func trimmed(_ range: Range<Int>, _ text: [UInt8]) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, text[start].isXMLSpace { start += 1 }
        while start < end, text[end - 1].isXMLSpace { end -= 1 }
        return start..<end
    }

    // MARK: - The others

    private func addShared(_ cell: PendingCell, _ range: Range<Int>, to row: inout SheetRow) {
        var index = 0
        for position in Self.trimmed(range, row.text) {
            guard let digit = row.text[position].decimalDigit, index < sharedTexts else {
                add(.missing, cell, range, to: &row)
                return
            }
            index = index * 10 + Int(digit)
        }
        guard index < sharedTexts else {
            add(.missing, cell, range, to: &row)
            return
        }
        add(.shared, cell, index..<index, to: &row)
    }

    private func addBoolean(_ cell: PendingCell, _ range: Range<Int>, to row: inout SheetRow) {
        let isTrue: Bool
        switch String(decoding: row.text[Self.trimmed(range, row.text)], as: UTF8.self) {
        case "1", "true": isTrue = true
        case "0", "false": isTrue = false
        default:
            add(.text, cell, range, to: &row)
            return
        }
        let start = row.text.count
        row.text.append(contentsOf: (isTrue ? "true" : "false").utf8)
        add(.boolean, cell, start..<row.text.count, to: &row)
    }

    private static func kind(ofISODate text: ArraySlice<UInt8>) -> SheetRow.Kind {
        let hasDay = text.contains(UInt8(ascii: "-"))
        let hasTime = text.contains(UInt8(ascii: ":"))
        return hasDay ? hasTime ? .dateAndTime : .date : hasTime ? .time : .text
    }
}
