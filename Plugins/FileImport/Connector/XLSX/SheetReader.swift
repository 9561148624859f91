package import ConnectorKit

/// Reads the rows of a sheet as batches of texts.
///
/// A batch ends with `batchRows` rows or the row that brings it to 4 MiB of values, whatever comes first.
package final class SheetReader: RecordReader {
    package let schema: RecordSchema
    private let file: WorkbookFile
    private let header: SheetHeader
    private let sheet: Workbook.Sheet
    private let batchRows: Int
    private let limit: Int
    private let rows: SheetRows
    private var row = SheetRow()
    /// For each column the cell of `row` that stands in it, −1 for none.
    private var slots: [Int]
    private var read = 0
    private var remarks: SheetRemarks
    private var lastNumber: Int?
    /// Rows of the last batch, and bytes of each column: about what the next one will need.
    private var lastRows = 0
    private var lastBytes: [Int]
    /// What ends the reading once the rows before it were given out.
    private var failure: ConnectorFailure?
    private var isComplete = false
    private var hasStopped = false

    static let batchBytes = 4 * 1024 * 1024
    /// Bytes of a spoiled row that are handed on.
    static let rawBytes = 65536
    private static let quote = UInt8(ascii: "\"")

    init(
        _ sheet: Workbook.Sheet,
        in file: WorkbookFile,
        _ request: PullRequest,
        _ context: OperationContext
    ) throws(ConnectorFailure) {
        self.file = file
        self.sheet = sheet
        header = try SheetHeader(of: sheet, in: file, context)
        batchRows = request.batchRows
        limit = request.limit ?? .max
        schema = RecordSchema(
            fields: header.names.map { RecordSchema.Field($0, .text) },
            locator: .row,
            source: "\(file.file.name), sheet \(sheet.name)"
        )
        slots = [Int](repeating: -1, count: header.names.count)
        lastBytes = [Int](repeating: 0, count: header.names.count)
        remarks = SheetRemarks(header)
        rows = try file.rows(of: sheet, context)
        try rows.skip(try request.token.map { token throws(ConnectorFailure) in try place(of: token) } ?? header.rows)
    }

    /// The header of a sheet, and its columns, each with its first value.
    static func fields(
        of sheet: Workbook.Sheet,
        in file: WorkbookFile,
        _ context: OperationContext
    ) throws(ConnectorFailure) -> (header: SheetHeader, fields: [StreamDescription.Field]) {
        let header = try SheetHeader(of: sheet, in: file, context)
        var samples = [String?](repeating: nil, count: header.names.count)
        let rows = try file.rows(of: sheet, context)
        try rows.skip(header.rows)
        var row = SheetRow()
        while rows.count < header.rows + 100, try rows.next(into: &row) {
            for cell in row.cells where header.columns.contains(Int(cell.column)) && !file.isEmpty(cell) {
                let column = Int(cell.column) - header.firstColumn
                if samples[column] == nil { samples[column] = String(try file.text(of: cell, in: row).prefix(100)) }
            }
        }
        return (header, zip(header.names, samples).map { StreamDescription.Field($0, .text, sample: $1) })
    }

    // MARK: - Batches

    package func next() throws(ConnectorFailure) -> RecordBatch? {
        if let failure { throw failure }
        guard !hasStopped else { return nil }
        var batch = emptyBatch()
        do throws(ConnectorFailure) {
            try fill(&batch, maxRows: min(batchRows, limit - read))
        } catch {
            failure = error
            if error.failureClass == .cancelled || batch.rows == 0 { throw error }
        }
        hasStopped = isComplete || read + batch.rows == limit
        guard batch.rows > 0 else { return nil }
        read += batch.rows
        lastRows = batch.rows
        lastBytes = batch.columns.map(\.byteCount)
        return batch
    }

    private func emptyBatch() -> RecordBatch {
        RecordBatch(
            rows: 0,
            columns: lastBytes.map { bytes in RecordColumn(.text, rows: lastRows, bytes: bytes + bytes / 8) },
            places: RecordColumn(.int64, rows: lastRows)
        )
    }

    private func fill(_ batch: inout RecordBatch, maxRows: Int) throws(ConnectorFailure) {
        var bytes = 0
        while batch.rows < maxRows, bytes < Self.batchBytes {
            guard try rows.next(into: &row) else {
                try file.file.checkUnchanged()
                isComplete = true
                return
            }
            remarks.uncalculated += row.uncalculated
            guard let rowBytes = placeCells() else { continue }
            noteRow()
            if let fault = try fault(rowBytes, at: batch.rows) {
                batch.faults.append(fault)
                for column in batch.columns { column.appendNulls() }
            } else {
                try append(to: batch.columns)
                bytes += rowBytes
            }
            batch.places.append(Int64(row.number))
            batch.rows += 1
        }
    }

    /// Finds which cell stands in which column; the bytes of their values, nil for a row without any.
    private func placeCells() -> Int? {
        for column in slots.indices { slots[column] = -1 }
        var bytes: Int?
        for (index, cell) in row.cells.enumerated() where !file.isEmpty(cell) {
            let column = Int(cell.column) - header.firstColumn
            guard slots.indices.contains(column) else {
                remarks.noteOutside(cell, row.number)
                continue
            }
            slots[column] = index
            bytes =
                (bytes ?? 0) + (cell.kind == .shared ? file.sharedTexts.byteCount(Int(cell.start)) : Int(cell.count))
        }
        return bytes
    }

    private func noteRow() {
        if let lastNumber, row.number > lastNumber + 1 { remarks.blankRows += row.number - lastNumber - 1 }
        lastNumber = row.number
        if row.isHidden { remarks.hiddenRows += 1 }
    }

    private func append(to columns: [RecordColumn]) throws(ConnectorFailure) {
        for (column, slot) in zip(columns, slots) {
            guard slot >= 0 else {
                column.append("")
                continue
            }
            let cell = row.cells[slot]
            switch cell.kind {
            case .shared:
                try file.sharedTexts.withText(Int(cell.start)) { text throws(ConnectorFailure) in column.append(text) }
            case .error:
                remarks.errorCells += 1
                column.append("")
            default:
                column.append(row.text.span.extracting(Int(cell.start)..<Int(cell.start + cell.count)))
            }
        }
    }

    // MARK: - Spoiled rows

    private func fault(_ bytes: Int, at index: Int) throws(ConnectorFailure) -> RowFault? {
        if bytes > file.options.maxRecordBytes {
            return RowFault(
                row: index,
                code: "record_too_large",
                message:
                    "The row holds more than \(file.options.maxRecordBytes) bytes; shorten it, or raise max_record_bytes."
            )
        }
        for (column, slot) in slots.enumerated() where slot >= 0 {
            guard let (code, reason) = complaint(row.cells[slot]) else { continue }
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

    private func complaint(_ cell: SheetRow.Cell) -> (code: String, reason: String)? {
        switch cell.kind {
        case .error where file.options.isStrict:
            let text = String(
                decoding: row.text[Int(cell.start)..<Int(cell.start + cell.count)].prefix(40),
                as: UTF8.self
            )
            return (
                "cell_error",
                "holds the error \(text); correct its formula in Excel, or set strict to false to read such cells as empty"
            )
        case .missing:
            return ("cell_text_missing", "points at a text that the workbook lacks; enter it anew in Excel and save")
        case .tooLong:
            return ("cell_too_long", "holds more than \(WorkbookLimits.cellCharacters) characters; shorten it")
        case .shared where file.sharedTexts.isTooLong(Int(cell.start)):
            return ("cell_too_long", "holds more than \(WorkbookLimits.cellCharacters) characters; shorten it")
        default:
            return nil
        }
    }

    /// The row's values as a record of CSV, since its bytes in the workbook are of no use to anyone.
    private func raw() throws(ConnectorFailure) -> [UInt8] {
        var raw: [UInt8] = []
        for (column, slot) in slots.enumerated() where raw.count < Self.rawBytes {
            if column > 0 { raw.append(UInt8(ascii: ",")) }
            guard slot >= 0 else { continue }
            let text = try file.text(of: row.cells[slot], in: row).utf8
            let isQuoted = text.contains { ",\"\r\n".utf8.contains($0) }
            if isQuoted { raw.append(Self.quote) }
            for byte in text.prefix(Self.rawBytes) {
                if byte == Self.quote { raw.append(byte) }
                raw.append(byte)
            }
            if isQuoted { raw.append(Self.quote) }
        }
        return Array(raw.prefix(Self.rawBytes))
    }

    // MARK: - Going on later

    package func token() throws(ConnectorFailure) -> [UInt8] {
        token(rows: max(rows.count, header.rows)).bytes
    }

    private func token(rows: Int) -> SheetToken {
        SheetToken(
            rows: rows,
            layout: layoutHash,
            size: file.file.size,
            modified: file.file.modified,
            directory: file.workbook.archive.directory.hash
        )
    }

    /// How many rows a token passes over, if it is this workbook's.
    private func place(of bytes: [UInt8]) throws(ConnectorFailure) -> Int {
        guard let token = SheetToken(bytes), token.rows >= header.rows, token == self.token(rows: token.rows) else {
            throw ConnectorFailure(
                .stateLost,
                code: "file_differs",
                message:
                    "\(file.file.name) or its settings changed since it was last read; it is read again from its start."
            )
        }
        return token.rows
    }

    /// Of the sheet, its columns and how they are read.
    private var layoutHash: UInt64 {
        var hash = Hash(sheet.name.utf8)
        hash.add([0xFF, file.options.isStrict ? 1 : 0])
        hash.add("\(header.firstColumn) \(header.rows)".utf8)
        for name in header.names {
            hash.add(CollectionOfOne(0xFF))
            hash.add(name.utf8)
        }
        return hash.value
    }

    // MARK: - The end

    package func summary() -> PullSummary {
        PullSummary(
            isComplete: isComplete,
            read: read,
            warnings: remarks.sentences,
            found: file.found(sheet, header)
        )
    }
}
