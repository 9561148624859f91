internal import ConnectorKit

/// The slow way through a sheet: rows out of expat's events, for what the scanner doesn't know.
final class SheetListener: XMLListener {
    /// The row that is complete when the reader pauses, or the one that is being read.
    private(set) var row = SheetRow()
    private(set) var hasRow = false

    private let rules: CellRules
    private let fileName: String
    private let partName: String
    private var path: [Element] = []
    private var skipped = 0
    private var cell = PendingCell()
    private var value: [UInt8] = []
    private var rich = RichTextListener()
    private var grid = GridPosition()

    private enum Element {
        case worksheet
        case sheetData
        case row
        case cell
        case value
        case inline
    }

    /// More than any value has; inline text has its own limit.
    private static let valueBytes = WorkbookLimits.cellCharacters * 8

    init(_ rules: CellRules, fileName: String, partName: String) {
        self.rules = rules
        self.fileName = fileName
        self.partName = partName
    }

    var wantsPause: Bool { hasRow }

    /// Makes room for the next row.
    func tookRow() {
        hasRow = false
    }

    // MARK: - Events

    func started(_ name: String, _ attributes: XMLAttributes) throws(ConnectorFailure) {
        if skipped > 0 {
            skipped += 1
            return
        }
        switch (path.last, name) {
        case (nil, "worksheet"): path.append(.worksheet)
        case (nil, _):
            throw WorkbookFailure.partBroken(fileName, partName, "it is no sheet of cells")
        case (.worksheet, "sheetData"): path.append(.sheetData)
        case (.sheetData, "row"):
            path.append(.row)
            try beginRow(attributes)
        case (.row, "c"):
            path.append(.cell)
            try beginCell(attributes)
        case (.cell, "v"):
            path.append(.value)
            value.removeAll(keepingCapacity: true)
        case (.cell, "is"):
            path.append(.inline)
            rich = RichTextListener()
        case (.inline, _):
            rich.started(name, attributes)
            inlineDepth += 1
        case (.cell, "f"):
            cell.hasFormula = true
            skipped = 1
        default:
            skipped = 1
        }
    }

    /// Open elements inside `is`.
    private var inlineDepth = 0

    func ended(_ name: String) {
        if skipped > 0 {
            skipped -= 1
            return
        }
        if inlineDepth > 0 {
            rich.ended(name)
            inlineDepth -= 1
            return
        }
        switch path.removeLast() {
        case .value: endValue()
        case .inline:
            let start = row.text.count
            row.text += rich.text
            cell.inline = start..<row.text.count
        case .cell: rules.finish(cell, in: &row)
        case .row: hasRow = true
        case .worksheet, .sheetData: break
        }
    }

    func text(_ bytes: Span<UInt8>) {
        guard skipped == 0 else { return }
        if path.last == .value, value.count < Self.valueBytes { value.append(bytes) }
        if path.last == .inline { rich.take(bytes) }
    }

    // MARK: - Rows and cells

    private func beginRow(_ attributes: XMLAttributes) throws(ConnectorFailure) {
        let number = attributes.value("r")
        guard let place = grid.row(number.map { Array($0.utf8).span.wholeNumber ?? -1 }) else {
            throw beyondGrid("a row numbered \(number ?? "beyond the last")")
        }
        row.begin(place, isHidden: ["1", "true"].contains(attributes.value("hidden")))
    }

    private func beginCell(_ attributes: XMLAttributes) throws(ConnectorFailure) {
        cell = PendingCell()
        let reference = attributes.value("r")
        let column = reference.map { CellReference.parse(Array($0.utf8).span)?.column ?? .max }
        guard let place = grid.column(column) else {
            throw beyondGrid("a cell at \(reference ?? "a place behind column XFD") in row \(row.number)")
        }
        cell.column = place
        cell.style = attributes.value("s").flatMap { Int($0) } ?? 0
        if let type = attributes.value("t") {
            // What no version of the format knows is taken as text, as it stands.
            cell.type = CellType(Array(type.utf8).span) ?? .formulaText
        }
    }

    private func endValue() {
        let start = row.text.count
        row.text += value
        if cell.type == .formulaText || cell.type == .inlineText { XMLText.unescape(&row.text, from: start) }
        cell.value = start..<row.text.count
    }

    private func beyondGrid(_ what: String) -> ConnectorFailure {
        WorkbookFailure.partBroken(
            fileName,
            partName,
            "it has \(what), outside the grid of 1,048,576 rows and 16,384 columns"
        )
    }
}
