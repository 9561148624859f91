package import ConnectorKit

/// Reads the rows of a sheet as batches of texts.
///
/// A batch ends with `batchRows` rows or the row that brings it to 4 MiB of values, whatever comes first.
package final class SheetReader: RecordReader {
    package let schema: RecordSchema
    private let file: WorkbookFile
    private let header: SheetHeader
    private let sheet: Workbook.Sheet
    private let rows: SheetRows
    private var filler: SheetFiller
    private var course: BatchCourse

    init(
        _ sheet: Workbook.Sheet,
        in file: WorkbookFile,
        _ request: PullRequest,
        _ context: OperationContext
    ) throws(ConnectorFailure) {
        self.file = file
        self.sheet = sheet
        header = try SheetHeader(of: sheet, in: file, context)
        schema = RecordSchema(
            fields: header.names.map { RecordSchema.Field($0, .text) },
            locator: .row,
            source: "\(file.file.name), sheet \(sheet.name)",
            hasAbsences: !file.options.isStrict
                || CorrectedRows(header.names, hasHeader: header.number != nil) != nil
        )
        course = BatchCourse(columns: header.names.count, request)
        filler = SheetFiller(file, header)
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
        try course.next { batch, maxRows throws(ConnectorFailure) in
            let hasEnded = try filler.fill(&batch, from: rows, maxRows: maxRows, maxBytes: BatchCourse.batchBytes)
            guard hasEnded else { return false }
            if let trailer = file.options.trailer, filler.trailer == nil { throw trailer.missing(in: file.file.name) }
            try file.file.checkUnchanged()
            return true
        }
    }

    // MARK: - Going on later

    package func token() throws(ConnectorFailure) -> [UInt8] {
        // Whoever goes on sees the trailer too.
        token(rows: max(filler.trailer?.rowsBefore ?? rows.count, header.rows)).bytes
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
        if let trailer = file.options.trailer { hash.add(trailer.word.utf8) }
        return hash.value
    }

    // MARK: - The end

    package func summary() -> PullSummary {
        PullSummary(
            isComplete: course.isComplete,
            declaredTotal: filler.trailer?.declared,
            read: course.read,
            warnings: filler.remarks.sentences,
            found: file.found(sheet, header)
        )
    }
}
