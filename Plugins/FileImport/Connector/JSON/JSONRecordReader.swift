package import ConnectorKit
internal import JSON

/// Reads the records of an array or of lines as batches of texts, with the byte that each begins at.
///
/// A batch ends with `batchRows` records or the one that brings it to 4 MiB of the file, as in `CSVReader`.
package final class JSONRecordReader: RecordReader {
    package let schema: RecordSchema
    private let json: JSONFile
    private let part: JSONFile.Part
    private let context: OperationContext
    private var cursor: JSONCursor
    private var scanner: JSONRecordScanner
    private var course: BatchCourse
    private var strays = StrayCounts()

    init(
        _ json: JSONFile,
        _ part: JSONFile.Part,
        _ request: PullRequest,
        _ context: OperationContext
    ) throws(ConnectorFailure) {
        self.json = json
        self.part = part
        self.context = context
        let columns = try JSONColumns(json, part, context)
        scanner = JSONRecordScanner(tree: columns.tree)
        schema = RecordSchema(
            fields: columns.names.map { RecordSchema.Field($0, .text) },
            locator: .byteOffset,
            source: json.file.name,
            hasAbsences: true
        )
        course = BatchCourse(columns: columns.names.count, request)
        cursor = json.cursor(at: part)
        guard let token = request.token else { return }
        cursor = try resumed(token)
    }

    // MARK: - Batches

    package func next() throws(ConnectorFailure) -> RecordBatch? {
        try course.next { batch, maxRows throws(ConnectorFailure) in try fill(&batch, maxRows) }
    }

    private func fill(_ batch: inout RecordBatch, _ maxRows: Int) throws(ConnectorFailure) -> Bool {
        let stopAt = cursor.offset + BatchCourse.batchBytes
        while batch.rows < maxRows, batch.rows == 0 || cursor.offset < stopAt, !cursor.hasEnded {
            try cursor.advance(
                &scanner,
                maxRows: maxRows - batch.rows,
                stopAt: batch.rows == 0 ? max(stopAt, cursor.offset + BatchCourse.batchBytes) : stopAt,
                context
            )
            move(into: &batch)
        }
        guard cursor.hasEnded else { return false }
        if !json.isLines { try json.checkRest(of: part, from: cursor.offset) }
        try json.file.checkUnchanged()
        return true
    }

    /// Appends the cursor's rows; the spoiled ones as nulls, with what is wrong.
    private func move(into batch: inout RecordBatch) {
        let rows = cursor.rows
        let bytes = cursor.window.bytes
        let window = bytes.span
        for (row, record) in rows.enumerated() {
            guard let fault = record.fault else { continue }
            scanner.clear(row: row)
            batch.faults.append(rowFault(fault, record, window, batch.rows + row))
        }
        let allCells = scanner.cells
        for (index, column) in batch.columns.dropLast().enumerated() {
            let cells = allCells.span.extracting(index * scanner.capacity..<index * scanner.capacity + rows.count)
            column.append(count: rows.count, byteCapacity: JSONGather.byteCount(cells)) { ends, values, base in
                JSONGather.copy(cells, of: window, base: base, ends: &ends, values: &values)
            }
            for row in 0..<rows.count where cells[row].isNull {
                if cells[row].isAbsent { column.setAbsent(batch.rows + row) } else { column.setNull(batch.rows + row) }
            }
        }
        let more = batch.columns[batch.columns.count - 1]
        for record in rows {
            batch.places.append(Int64(record.offset))
            if record.strays.isEmpty {
                more.appendNulls()
            } else {
                more.append(moreText(record.strays, window))
            }
        }
        batch.rows += rows.count
    }

    /// What the record has no column for, as a JSON object; each value as it is written in the file.
    private func moreText(_ found: [JSONRecordScanner.Stray], _ window: Span<UInt8>) -> String {
        // Reading bytes of a byte span is no reinterpretation.
        let bytes = unsafe window.bytes
        let members = found.map { stray in
            let parent = scanner.tree.path(stray.node)
            let name = stray.name.map { String(decoding: JSONText.unescaped(bytes, $0), as: UTF8.self) }
            let path = [parent, name ?? ""].filter { !$0.isEmpty }.joined(separator: ".")
            strays.add(path)
            let value = String(decoding: stray.value.map { window[$0] }, as: UTF8.self)
            return "\(JSONValue.string(path).text):\(value)"
        }
        strays.records += 1
        return "{\(members.joined(separator: ","))}"
    }

    private func rowFault(
        _ fault: JSONFault,
        _ record: JSONCursor.Row,
        _ window: Span<UInt8>,
        _ row: Int
    ) -> RowFault {
        let place = record.offset + fault.position - record.bytes.lowerBound
        return RowFault(
            row: row,
            code: fault.code,
            message:
                "\(json.isLines ? "The record on line" : "Record") \(record.number) can't be taken, at byte \(place): "
                + "\(fault.reason).",
            raw: record.bytes.prefix(BatchCourse.rawBytes).map { window[$0] }
        )
    }

    // MARK: - Going on later

    package func token() throws(ConnectorFailure) -> [UInt8] {
        try token(at: cursor.offset, number: cursor.number).bytes
    }

    private func token(at offset: Int, number: Int64) throws(ConnectorFailure) -> ResumeToken {
        var hash = Hash([json.isLines ? 1 : 0])
        for name in part.path + ["\u{0}"] + schema.fields.map(\.name) {
            hash.add(name.utf8)
            hash.add(CollectionOfOne(0xFF))
        }
        return ResumeToken(
            offset: offset,
            line: number,
            columns: schema.fields.count,
            header: hash.value,
            size: json.file.size,
            modified: json.file.modified,
            start: json.startHash,
            before: Hash(try json.file.bytes(max(0, offset - ResumeToken.beforeBytes)..<offset)).value
        )
    }

    /// Where a token goes on, if it is this file's.
    private func resumed(_ bytes: [UInt8]) throws(ConnectorFailure) -> JSONCursor {
        guard let token = ResumeToken(bytes), token.offset >= part.offset, token.offset <= json.file.size,
            token.line > 0,
            try self.token(at: token.offset, number: token.line) == token
        else {
            throw ConnectorFailure(
                .stateLost,
                code: "file_differs",
                message:
                    "\(json.file.name) or its settings changed since it was last read; it is read again from its start."
            )
        }
        return json.cursor(offset: token.offset, number: token.line)
    }

    // MARK: - The end

    package func summary() -> PullSummary {
        PullSummary(
            isComplete: course.isComplete,
            read: course.read,
            warnings: strays.warning.map { [$0] } ?? [],
            found: json.found(part)
        )
    }
}

/// How often records had members that no column was made for.
private struct StrayCounts {
    var records = 0
    private var counts: [String: Int] = [:]
    private var others = 0

    /// Names that are told one by one.
    private static let most = 20

    mutating func add(_ path: String) {
        if counts[path] != nil || counts.count < Self.most {
            counts[path, default: 0] += 1
        } else {
            others += 1
        }
    }

    var warning: String? {
        guard records > 0 else { return nil }
        let names = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) (\($0.value))" }
        let rest = others > 0 ? ", and \(others) more values" : ""
        return
            "\(records) \(records == 1 ? "record has" : "records have") fields that the first \(JSONColumns.records) "
            + "do not have: \(names.joined(separator: ", "))\(rest). They are in the column \(JSONColumns.more), as JSON."
    }
}
