package import ConnectorKit

/// Reads the rows of a CSV file as batches of texts.
///
/// A batch ends with `batchRows` rows or the record that brings it to 4 MiB of the file, whatever comes first: where it
/// ends follows from where it begins, not from how the file is read.
package final class CSVReader: RecordReader {
    package let schema: RecordSchema
    private let context: OperationContext
    private var csv: CSVFile
    private var table: FieldTable
    private var course: BatchCourse
    private var blankLines = 0
    private var leniencies: Leniencies
    /// What the trailer says, once it is read. What comes after a token begins with it, so that whoever goes on sees it too.
    private var declared: Int?
    /// Nil for a file that is no list of rejects.
    private let corrected: CorrectedRows?
    /// Values that an apostrophe was taken from.
    private var apostrophes = 0
    /// The table's rows whose records lack a value, by column: empty cells.
    private var lacking: [Int: [Int]] = [:]

    package init(_ csv: CSVFile, _ request: PullRequest, _ context: OperationContext) throws(ConnectorFailure) {
        self.csv = csv
        self.context = context
        corrected = CorrectedRows(csv.header.names, hasHeader: csv.layout.hasHeader)
        schema = RecordSchema(
            fields: csv.header.names.map { RecordSchema.Field($0, .text) },
            locator: .line,
            source: csv.file.name,
            hasAbsences: !csv.layout.isStrict || corrected != nil
        )
        table = FieldTable(columns: csv.header.names.count)
        course = BatchCourse(columns: csv.header.names.count, request)
        leniencies = csv.headerLeniencies
        guard let token = request.token else { return }
        let place = try Self.place(of: token, in: csv)
        self.csv.seek(place.offset, line: place.line)
    }

    // MARK: - Batches

    package func next() throws(ConnectorFailure) -> RecordBatch? {
        try course.next { batch, maxRows throws(ConnectorFailure) in try fill(&batch, maxRows) }
    }

    private func fill(_ batch: inout RecordBatch, _ maxRows: Int) throws(ConnectorFailure) -> Bool {
        var stopAt = csv.place.offset + BatchCourse.batchBytes
        while batch.rows < maxRows, batch.rows == 0 || csv.place.offset < stopAt, !hasEnded {
            try context.checkCancelled()
            // Blank lines may have come this far.
            if batch.rows == 0 { stopAt = csv.place.offset + BatchCourse.batchBytes }
            defer {
                blankLines += table.blankLines
                leniencies += table.leniencies
            }
            try csv.advance(into: &table, maxRows: maxRows - batch.rows, stopAt: stopAt)
            try takeTrailer()
            takeBack()
            move(into: &batch)
        }
        guard hasEnded else { return false }
        if let trailer = csv.layout.trailer, declared == nil { throw trailer.missing(in: csv.file.name) }
        try csv.file.checkUnchanged()
        return true
    }

    private var hasEnded: Bool { csv.hasEnded || declared != nil }

    /// The trailer among the table's rows is none of them: what it declares is kept, and it must be the last.
    private func takeTrailer() throws(ConnectorFailure) {
        guard let trailer = csv.layout.trailer, let row = row(of: trailer) else { return }
        let place = "line \(table.lines[row])"
        guard row == table.rows - 1, try csv.hasNoMoreRecords() else {
            throw trailer.notLast(in: csv.file.name, place)
        }
        let count =
            table.columns > 1
            ? table.field(row: row, column: 1).text(in: csv.window.bytes.span, quote: csv.layout.quote) : nil
        declared = try trailer.count(count, in: csv.file.name, place)
        csv.goBack(to: row, of: table)
        table.removeRows(from: row)
    }

    /// Of the rows that the host gave out as rejects: the apostrophes, and what the records lack.
    private func takeBack() {
        lacking.removeAll(keepingCapacity: true)
        guard let corrected else { return }
        let bytes = csv.window.bytes
        let window = bytes.span
        for row in 0..<table.rows {
            let reason = table.field(row: row, column: corrected.reasonColumn)
            let said = CorrectedRows.lacking(window.extracting(reason.start..<reason.start + reason.count))
            guard let said else { continue }
            for column in said.joined() where column < corrected.reasonColumn {
                if table.field(row: row, column: column).count == 0 { lacking[column, default: []].append(row) }
            }
            for column in 0..<corrected.reasonColumn {
                let field = table.field(row: row, column: column)
                guard CorrectedRows.hasApostrophe(window.extracting(field.start..<field.start + field.count)) else {
                    continue
                }
                table.shorten(row: row, column: column)
                apostrophes += 1
            }
        }
    }

    private func row(of trailer: Trailer) -> Int? {
        let bytes = csv.window.bytes
        return (0..<table.rows).first { row in
            let field = table.field(row: row, column: 0)
            return trailer.isWord(bytes.span.extracting(field.start..<field.start + field.count))
        }
    }

    /// Appends the table's rows; the spoiled ones as nulls, with what is wrong.
    private func move(into batch: inout RecordBatch) {
        let bytes = csv.window.bytes
        let window = bytes.span
        for fault in table.faults {
            batch.faults.append(rowFault(fault, window, batch.rows + fault.row))
            table.clear(row: fault.row)
        }
        let allFields = table.fields
        let fields = allFields.span
        let quote = csv.layout.quote
        for (index, column) in batch.columns.enumerated() {
            let stretch = fields.extracting(index * table.capacity..<index * table.capacity + table.rows)
            column.append(count: table.rows, byteCapacity: FieldGather.byteCount(stretch)) { ends, values, base in
                FieldGather.copy(stretch, of: window, quote: quote, base: base, ends: &ends, values: &values)
            }
            for fault in table.faults { column.setNull(batch.rows + fault.row) }
            for row in table.padded where index >= row.column { column.setAbsent(batch.rows + row.row) }
            for row in lacking[index] ?? [] { column.setAbsent(batch.rows + row) }
        }
        batch.places.append(numbers: table.lines.span.extracting(0..<table.rows))
        batch.rows += table.rows
    }

    private func rowFault(_ fault: RecordFault, _ window: Span<UInt8>, _ row: Int) -> RowFault {
        let names = csv.header.names
        let raw = fault.bytes.prefix(BatchCourse.rawBytes).map { window[$0] }
        func column(where isFaulty: ([UInt8]) -> Bool) -> String? {
            names.indices.first {
                isFaulty(table.field(row: fault.row, column: $0).bytes(in: window, quote: csv.layout.quote))
            }.map {
                names[$0]
            }
        }
        switch fault.kind {
        case .fieldCount(let found):
            return RowFault(
                row: row,
                code: found < names.count ? "too_few_fields" : "too_many_fields",
                message:
                    "The row has \(found) \(found == 1 ? "field" : "fields"), expected are \(names.count); check its "
                    + "delimiters and quotes.",
                raw: raw
            )
        case .textAfterQuote(let column, let line):
            let name = column < names.count ? names[column] : "number \(column + 1)"
            return RowFault(
                row: row,
                code: "text_after_quote",
                field: column < names.count ? name : nil,
                message:
                    "Text follows the closing quote of column \(name) on line \(line); double the quotes that belong to "
                    + "the text.",
                raw: raw
            )
        case .notText:
            let name = column { String(validating: $0, as: UTF8.self) == nil }
            let isUTF8 = csv.layout.encoding.encoding == .utf8
            return RowFault(
                row: row,
                code: isUTF8 ? "not_utf8" : "not_in_encoding",
                field: name,
                message:
                    "The value\(name.map { " of column \($0)" } ?? "") \(csv.layout.notText); \(csv.layout.notTextAdvice).",
                raw: raw
            )
        case .nulByte:
            let name = column { $0.contains(0) }
            return RowFault(
                row: row,
                code: "nul_byte",
                field: name,
                message:
                    "The value\(name.map { " of column \($0)" } ?? "") holds a zero byte, which no text has; remove it.",
                raw: raw
            )
        }
    }

    // MARK: - Going on later

    package func token() throws(ConnectorFailure) -> [UInt8] {
        try Self.token(of: csv).bytes
    }

    private static func token(of csv: CSVFile) throws(ConnectorFailure) -> ResumeToken {
        let offset = csv.fileOffset
        return ResumeToken(
            offset: offset,
            line: csv.place.line,
            columns: csv.header.names.count,
            header: csv.layoutHash,
            size: csv.file.size,
            modified: csv.file.modified,
            start: csv.startHash,
            before: Hash(try csv.file.bytes(max(0, offset - ResumeToken.beforeBytes)..<offset)).value
        )
    }

    /// Where a token goes on in the file, if it is this file's.
    private static func place(
        of bytes: [UInt8],
        in csv: CSVFile
    ) throws(ConnectorFailure) -> (offset: Int, line: Int64) {
        guard let token = ResumeToken(bytes), token.offset >= csv.fileOffset, token.offset <= csv.file.size,
            token.line > 0
        else {
            throw stateLost("The place to go on at in \(csv.file.name) can't be used")
        }
        var now = csv
        now.seek(token.offset, line: token.line)
        guard try Self.token(of: now) == token else {
            throw stateLost("\(csv.file.name) or its settings changed since it was last read")
        }
        return (token.offset, token.line)
    }

    private static func stateLost(_ reason: String) -> ConnectorFailure {
        ConnectorFailure(.stateLost, code: "file_differs", message: "\(reason); it is read again from its start.")
    }

    // MARK: - The end

    package func summary() -> PullSummary {
        var warnings = csv.warnings
        if schema.fields.count == 1, blankLines > 0 {
            warnings.append(
                "\(blankLines) blank \(blankLines == 1 ? "line was" : "lines were") skipped; in a file of one column they may "
                    + "have been meant as empty values, which are written as \"\"."
            )
        }
        if apostrophes > 0 { warnings.append(CorrectedRows.sentence(apostrophes)) }
        return PullSummary(
            isComplete: course.isComplete,
            declaredTotal: declared,
            read: course.read,
            warnings: warnings + leniencies.warnings,
            found: csv.layout.found
        )
    }
}

extension CSVFile {
    /// Of the columns' names and of how records are written.
    fileprivate var layoutHash: UInt64 {
        var hash = layout.hash
        for name in header.names {
            hash.add(name.utf8)
            hash.add(CollectionOfOne(0xFF))
        }
        return hash.value
    }

    /// What was found but may be otherwise.
    fileprivate var warnings: [String] {
        var warnings: [String] = []
        if layout.encoding.source == .guess {
            warnings.append(
                "\(file.name) was read as \(layout.encoding.encoding.rawValue), by the look of its letters; set encoding if "
                    + "names look wrong."
            )
        }
        if hasDoubtfulHeader {
            warnings.append(
                "The first row of \(file.name) names the columns but looks like data; set header to false if it is."
            )
        }
        return warnings
    }
}
