package import ConnectorKit

extension CSVFile: RecordFile {
    /// One stream, named after the file.
    package func streams(_ context: OperationContext) throws(ConnectorFailure) -> [StreamDescription] {
        var csv = self
        let fields = zip(header.names, try csv.samples()).map { name, sample in
            StreamDescription.Field(name, .text, sample: sample)
        }
        return [StreamDescription(file.name, fields: fields, found: layout.found)]
    }

    package func reader(
        _ request: PullRequest,
        _ context: OperationContext
    ) throws(ConnectorFailure) -> any RecordReader {
        try CSVReader(self, request, context)
    }

    /// The first value of each column that isn't empty, among the first rows; nil where there is none.
    private mutating func samples() throws(ConnectorFailure) -> [String?] {
        var table = FieldTable(columns: header.names.count)
        if !hasEnded { try advance(into: &table, maxRows: 100, stopAt: .max) }
        let spoiled = Set(table.faults.map(\.row))
        let bytes = window.bytes.span
        return header.names.indices.map { column in
            let row = (0..<table.rows).first { row in
                !spoiled.contains(row) && table.field(row: row, column: column).count > 0
            }
            return row.map {
                String(table.field(row: $0, column: column).text(in: bytes, quote: layout.quote).prefix(100))
            }
        }
    }
}
