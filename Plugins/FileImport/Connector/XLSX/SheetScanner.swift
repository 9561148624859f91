/// The fast way through a sheet: row after row out of the window, without a look at what is no cell.
///
/// Source: ECMA-376 part 1, 18.3.1.73 (row), 18.3.1.4 (c).
struct SheetScanner {
    enum Step {
        /// A row is complete.
        case row
        /// The window ends before the next token does.
        case more
        case ended
        /// What this scanner doesn't know; nothing is said about whether it is right.
        case odd
    }

    private enum Place {
        case start
        case beforeRoot
        case prolog
        case sheetData
        case row
        case cell
        case value
        case inline
        case formula
        case skipped
        case epilog
        case end
    }

    /// Of the next token, in the window.
    var position = 0
    private var place = Place.start
    private var root = XMLRoot()
    private var rich = RichText()
    private var cell = PendingCell()
    private var depth = 0
    private var grid = GridPosition()

    /// Reads on up to the end of a row, or of the window.
    mutating func scan(_ bytes: Span<UInt8>, end: Int, isLast: Bool, _ rules: CellRules, into row: inout SheetRow)
        -> Step
    {
        if place == .start {
            guard end > 0 else { return isLast ? .odd : .more }
            guard let first = XMLRoot.firstToken(bytes, end: end) else { return .odd }
            position = first
            place = .beforeRoot
        }
        while position < end {
            let token = XMLLexer.next(bytes, at: position, end: end, prefix: root.prefix)
            if token.kind == .more {
                return isLast ? place == .end && bytes.isBlank(position..<end) ? .ended : .odd : .more
            }
            guard token.kind != .odd else { return .odd }
            switch take(token, bytes, rules, &row) {
            case .more: position = token.end
            case .row:
                position = token.end
                return .row
            case .odd, .ended: return .odd
            }
        }
        return isLast ? place == .end ? .ended : .odd : .more
    }

    @inline(__always)
    private mutating func take(
        _ token: XMLLexer.Token,
        _ bytes: Span<UInt8>,
        _ rules: CellRules,
        _ row: inout SheetRow
    ) -> Step {
        switch place {
        case .cell: takeInCell(token, bytes, rules, &row)
        case .value: takeValue(token, bytes, &row)
        case .row: takeInRow(token, bytes, rules, &row)
        case .inline: takeInline(token, bytes, &row)
        case .formula: takeFormula(token)
        case .sheetData: takeInSheetData(token, bytes, &row)
        case .start, .beforeRoot, .prolog, .skipped, .epilog, .end: takeAround(token, bytes)
        }
    }

    // MARK: - Cells

    @inline(__always)
    private mutating func takeInRow(
        _ token: XMLLexer.Token,
        _ bytes: Span<UInt8>,
        _ rules: CellRules,
        _ row: inout SheetRow
    ) -> Step {
        switch token.kind {
        case .startTag, .emptyTag:
            guard token.name == XMLName.c, begin(token, bytes) else { return .odd }
            if token.kind == .startTag { place = .cell }
            return .more
        case .endTag:
            place = .sheetData
            return token.name == XMLName.row ? .row : .odd
        case .text:
            return bytes.isBlank(token.start..<token.end) ? .more : .odd
        case .aside:
            return .more
        case .more, .odd:
            return .odd
        }
    }

    @inline(__always)
    private mutating func begin(_ token: XMLLexer.Token, _ bytes: Span<UInt8>) -> Bool {
        cell = PendingCell()
        var column: Int?
        var position = token.nameEnd
        var isOdd = false
        while let attribute = XMLLexer.attribute(bytes, &position, token, isOdd: &isOdd) {
            guard attribute.name.count == 1 else { continue }
            let value = bytes.extracting(attribute.value)
            switch bytes[attribute.name.lowerBound] {
            case UInt8(ascii: "r"):
                guard let reference = CellReference.parse(value) else { return false }
                column = reference.column
            case UInt8(ascii: "s"):
                guard let style = value.wholeNumber ?? (value.count == 0 ? 0 : nil) else { return false }
                cell.style = style
            case UInt8(ascii: "t"):
                guard let type = CellType(value) else { return false }
                cell.type = type
            default: continue
            }
        }
        guard !isOdd, let place = grid.column(column) else { return false }
        cell.column = place
        return true
    }

    @inline(__always)
    private mutating func takeInCell(
        _ token: XMLLexer.Token,
        _ bytes: Span<UInt8>,
        _ rules: CellRules,
        _ row: inout SheetRow
    ) -> Step {
        switch token.kind {
        case .startTag:
            switch token.name {
            case XMLName.v:
                cell.value = row.text.count..<row.text.count
                place = .value
            case XMLName.inline:
                cell.inline = row.text.count..<row.text.count
                rich = RichText()
                place = .inline
            case XMLName.f:
                cell.hasFormula = true
                place = .formula
            default:
                return .odd
            }
            return .more
        case .emptyTag:
            if token.name == XMLName.f { cell.hasFormula = true }
            return token.name == XMLName.f || token.name == XMLName.v || token.name == XMLName.inline ? .more : .odd
        case .endTag:
            guard token.name == XMLName.c else { return .odd }
            rules.finish(cell, in: &row)
            place = .row
            return .more
        case .text:
            return bytes.isBlank(token.start..<token.end) ? .more : .odd
        case .aside:
            return .more
        case .more, .odd:
            return .odd
        }
    }

    @inline(__always)
    private mutating func takeValue(_ token: XMLLexer.Token, _ bytes: Span<UInt8>, _ row: inout SheetRow) -> Step {
        switch token.kind {
        case .text:
            let start = row.text.count
            if token.needsDecoding {
                guard XMLText.append(bytes.extracting(token.start..<token.end), to: &row.text) else { return .odd }
            } else {
                row.text.append(bytes.extracting(token.start..<token.end))
            }
            if cell.type == .formulaText || cell.type == .inlineText { XMLText.unescape(&row.text, from: start) }
            cell.value = start..<row.text.count
            return .more
        case .endTag where token.name == XMLName.v:
            place = .cell
            return .more
        default:
            return .odd
        }
    }

    private mutating func takeInline(_ token: XMLLexer.Token, _ bytes: Span<UInt8>, _ row: inout SheetRow) -> Step {
        switch rich.take(token, bytes, closedBy: XMLName.inline, into: &row.text) {
        case .more:
            return .more
        case .odd:
            return .odd
        case .ended:
            cell.inline = (cell.inline?.lowerBound ?? row.text.count)..<row.text.count
            place = .cell
            return .more
        }
    }

    private mutating func takeFormula(_ token: XMLLexer.Token) -> Step {
        switch token.kind {
        case .text:
            return .more
        case .endTag where token.name == XMLName.f:
            place = .cell
            return .more
        default:
            return .odd
        }
    }

    // MARK: - Rows

    private mutating func takeInSheetData(_ token: XMLLexer.Token, _ bytes: Span<UInt8>, _ row: inout SheetRow) -> Step
    {
        switch token.kind {
        case .startTag, .emptyTag:
            guard token.name == XMLName.row, begin(token, bytes, &row) else { return .odd }
            if token.kind == .emptyTag { return .row }
            place = .row
            return .more
        case .endTag:
            place = .epilog
            return bytes.holds("sheetData", in: token.nameStart..<token.nameEnd) ? .more : .odd
        case .text:
            return bytes.isBlank(token.start..<token.end) ? .more : .odd
        case .aside:
            return .more
        case .more, .odd:
            return .odd
        }
    }

    private mutating func begin(_ token: XMLLexer.Token, _ bytes: Span<UInt8>, _ row: inout SheetRow) -> Bool {
        var number: Int?
        var isHidden = false
        var position = token.nameEnd
        var isOdd = false
        while let attribute = XMLLexer.attribute(bytes, &position, token, isOdd: &isOdd) {
            if bytes.holds("r", in: attribute.name) {
                guard let value = bytes.extracting(attribute.value).wholeNumber else { return false }
                number = value
            } else if bytes.holds("hidden", in: attribute.name) {
                isHidden = bytes.holds("1", in: attribute.value) || bytes.holds("true", in: attribute.value)
            }
        }
        guard !isOdd, let place = grid.row(number) else { return false }
        row.begin(place, isHidden: isHidden)
        return true
    }

    // MARK: - Around the rows

    private mutating func takeAround(_ token: XMLLexer.Token, _ bytes: Span<UInt8>) -> Step {
        switch place {
        case .beforeRoot:
            switch root.take(token, bytes, named: "worksheet") {
            case .found: place = .prolog
            case .more: break
            case .odd: return .odd
            }
            return .more
        case .prolog, .epilog:
            return takeBeside(token, bytes)
        case .skipped:
            if token.kind == .startTag { depth += 1 }
            if token.kind == .endTag { depth -= 1 }
            if depth == 0 { place = isBeforeRows ? .prolog : .epilog }
            return .more
        default:
            return token.kind == .aside || token.kind == .text && bytes.isBlank(token.start..<token.end) ? .more : .odd
        }
    }

    private var isBeforeRows = true

    /// An element before or after the rows.
    private mutating func takeBeside(_ token: XMLLexer.Token, _ bytes: Span<UInt8>) -> Step {
        switch token.kind {
        case .startTag, .emptyTag:
            if bytes.holds("sheetData", in: token.nameStart..<token.nameEnd) {
                guard isBeforeRows else { return .odd }
                isBeforeRows = false
                place = token.kind == .startTag ? .sheetData : .epilog
            } else if token.kind == .startTag {
                isBeforeRows = place == .prolog
                depth = 1
                place = .skipped
            }
            return .more
        case .endTag:
            place = .end
            return bytes.holds("worksheet", in: token.nameStart..<token.nameEnd) ? .more : .odd
        case .text:
            return bytes.isBlank(token.start..<token.end) ? .more : .odd
        case .aside:
            return .more
        case .more, .odd:
            return .odd
        }
    }
}

/// Where the next cell stands: what a row or cell says of itself, else the place behind the one before.
struct GridPosition {
    private var row = 0
    private var column = -1

    /// Begins a row; nil for one beyond the grid.
    mutating func row(_ number: Int?) -> Int? {
        row = number ?? row + 1
        column = -1
        return row >= 1 && row <= WorkbookLimits.rows ? row : nil
    }

    /// Begins a cell; nil for one beyond the grid.
    mutating func column(_ number: Int?) -> Int? {
        column = number ?? column + 1
        return column < WorkbookLimits.columns ? column : nil
    }
}

extension Span<UInt8> {
    /// A number of one to nine digits; nil for anything else.
    var wholeNumber: Int? {
        guard count > 0, count <= 9 else { return nil }
        var value = 0
        for index in 0..<count {
            guard let digit = self[index].decimalDigit else { return nil }
            value = value &* 10 &+ Int(digit)
        }
        return value
    }
}
