internal import ConnectorKit

/// Turns the rows of a sheet into the rows of batches: which cell stands in which column, and which rows are spoiled.
struct SheetFiller {
    private(set) var remarks: SheetRemarks
    private let file: WorkbookFile
    private let header: SheetHeader
    private let corrected: CorrectedRows?
    private var row = SheetRow()
    /// For each column the cell of `row` that stands in it, −1 for none.
    private var slots: [Int]
    private var stretch: SheetStretch
    private var lastNumber: Int?
    /// What the trailer says, once it is read, and how many rows of the sheet stand before it.
    private(set) var trailer: (declared: Int, rowsBefore: Int)?

    private static let quote = UInt8(ascii: "\"")

    init(_ file: WorkbookFile, _ header: SheetHeader) {
        self.file = file
        self.header = header
        remarks = SheetRemarks(header)
        corrected = CorrectedRows(header.names, hasHeader: header.number != nil)
        slots = [Int](repeating: -1, count: header.names.count)
        stretch = SheetStretch(columns: header.names.count)
    }

    /// Appends the next rows to a batch; whether the sheet has ended. What came before a failure is in the batch.
    mutating func fill(
        _ batch: inout RecordBatch,
        from rows: SheetRows,
        maxRows: Int,
        maxBytes: Int
    ) throws(ConnectorFailure) -> Bool {
        defer { stretch.move(into: batch.columns, file.sharedTexts) }
        var bytes = 0
        while batch.rows < maxRows, bytes < maxBytes {
            guard try rows.next(into: &row) else { return true }
            remarks.uncalculated += row.uncalculated
            guard let rowBytes = placeCells() else { continue }
            if try isTrailer(after: rows.count - 1) { continue }
            noteRow()
            let lacking = try takeBack()
            if stretch.isFull { stretch.move(into: batch.columns, file.sharedTexts) }
            if let fault = try fault(rowBytes, at: batch.rows) {
                batch.faults.append(fault)
                stretch.addSpoiled()
            } else {
                try stretch.add(row, slots, file.sharedTexts, lacking: lacking)
                bytes += rowBytes
            }
            batch.places.append(Int64(row.number))
            batch.rows += 1
        }
        return false
    }

    /// Whether the row is the trailer, and no record; nothing may come after it.
    private mutating func isTrailer(after rowsBefore: Int) throws(ConnectorFailure) -> Bool {
        guard let wanted = file.options.trailer else { return false }
        let name = file.file.name
        if trailer != nil { throw wanted.notLast(in: name, "row \(row.number)") }
        guard let slot = slots.first, slot >= 0 else { return false }
        let word = try file.text(of: row.cells[slot], in: row)
        guard wanted.isWord(word.utf8Span.span) else { return false }
        let count = try slots.count > 1 && slots[1] >= 0 ? file.text(of: row.cells[slots[1]], in: row) : nil
        trailer = (try wanted.count(count, in: name, "row \(row.number)"), rowsBefore)
        return true
    }

    /// Finds which cell stands in which column; the bytes of their values, nil for a row without any.
    private mutating func placeCells() -> Int? {
        for column in slots.indices { slots[column] = -1 }
        var bytes: Int?
        for index in row.cells.indices {
            let cell = row.cells[index]
            guard !file.isEmpty(cell) else { continue }
            let column = Int(cell.column) - header.firstColumn
            guard column >= 0, column < slots.count else {
                remarks.noteOutside(cell, row.number)
                continue
            }
            slots[column] = index
            let count = cell.kind == .shared ? file.sharedTexts.range(Int(cell.start)).count : Int(cell.count)
            bytes = (bytes ?? 0) + count
        }
        return bytes
    }

    /// Of a row that the host gave out as a reject: the apostrophes; answers the columns that the record lacks.
    private mutating func takeBack() throws(ConnectorFailure) -> [Int] {
        guard let corrected, slots[corrected.reasonColumn] >= 0 else { return [] }
        let reason = try file.text(of: row.cells[slots[corrected.reasonColumn]], in: row)
        guard let lacking = CorrectedRows.lacking(reason.utf8Span.span) else { return [] }
        for slot in slots[..<corrected.reasonColumn] where slot >= 0 {
            let text = try file.text(of: row.cells[slot], in: row)
            guard CorrectedRows.hasApostrophe(text.utf8Span.span) else { continue }
            row.replaceText(of: slot, with: text.utf8.dropFirst())
            remarks.apostrophes += 1
        }
        return lacking.joined().filter { $0 < corrected.reasonColumn && slots[$0] < 0 }
    }

    private mutating func noteRow() {
        if let lastNumber, row.number > lastNumber + 1 { remarks.blankRows += row.number - lastNumber - 1 }
        lastNumber = row.number
        if row.isHidden { remarks.hiddenRows += 1 }
    }

    // MARK: - Spoiled rows

    private mutating func fault(_ bytes: Int, at index: Int) throws(ConnectorFailure) -> RowFault? {
        if bytes > file.options.maxRecordBytes {
            return RowFault(
                row: index,
                code: "record_too_large",
                message:
                    "The row holds more than \(file.options.maxRecordBytes) bytes; shorten it, or raise max_record_bytes."
            )
        }
        for column in slots.indices where slots[column] >= 0 {
            let cell = row.cells[slots[column]]
            guard let (code, reason) = try complaint(cell) else { continue }
            let place = CellReference.name(ofColumn: column + header.firstColumn) + String(row.number)
            return RowFault(
                row: index,
                code: code,
                field: header.names[column],
                message: "Cell \(place) \(reason).",
                raw: try raw()
            )
        }
        return nil
    }

    @inline(__always)
    private mutating func complaint(
        _ cell: SheetRow.Cell
    ) throws(ConnectorFailure) -> (code: String, reason: String)? {
        switch cell.kind {
        case .error:
            guard file.options.isStrict else {
                remarks.errorCells += 1
                return nil
            }
            let text = try file.text(of: cell, in: row).prefix(40)
            return (
                "cell_error",
                "holds the error \(text); correct its formula in Excel, or set strict to false to pass over such cells"
            )
        case .missing:
            return ("cell_text_missing", "points at a text that the workbook lacks; enter it anew in Excel and save")
        case .tooLong:
            return Self.tooLong
        case .shared:
            return file.sharedTexts.isTooLong(Int(cell.start)) ? Self.tooLong : nil
        case .text, .number, .boolean, .date, .time, .dateAndTime, .duration:
            return nil
        }
    }

    private static let tooLong = (
        code: "cell_too_long", reason: "holds more than \(WorkbookLimits.cellCharacters) characters; shorten it"
    )

    /// The row's values as a record of CSV, since its bytes in the workbook are of no use to anyone.
    private func raw() throws(ConnectorFailure) -> [UInt8] {
        var raw: [UInt8] = []
        for (column, slot) in slots.enumerated() where raw.count < BatchCourse.rawBytes {
            if column > 0 { raw.append(UInt8(ascii: ",")) }
            guard slot >= 0 else { continue }
            let text = try file.text(of: row.cells[slot], in: row).utf8
            let isQuoted = text.contains { ",\"\r\n".utf8.contains($0) }
            if isQuoted { raw.append(Self.quote) }
            for byte in text.prefix(BatchCourse.rawBytes) {
                if byte == Self.quote { raw.append(byte) }
                raw.append(byte)
            }
            if isQuoted { raw.append(Self.quote) }
        }
        return Array(raw.prefix(BatchCourse.rawBytes))
    }
}
