internal import JSON

/// Rows as columns, in the order of the schema's fields.
public struct RecordBatch {
    /// How many rows; each column has as many.
    public var rows: Int
    /// One per field of the schema. A batch takes them over: fill new ones for the next.
    public var columns: [RecordColumn]
    /// Where each row stands, in what the schema's locator counts (`int64`).
    public var places: RecordColumn
    /// The rows that the source spoiled, in the order of the rows.
    public var faults: [RowFault]
    /// 0 for a put, 1 for a deletion (`int8`); only where the schema has deletions.
    public var operations: RecordColumn?

    /// Puts a batch together.
    public init(
        rows: Int,
        columns: [RecordColumn],
        places: RecordColumn,
        faults: [RowFault] = [],
        operations: RecordColumn? = nil
    ) {
        self.rows = rows
        self.columns = columns
        self.places = places
        self.faults = faults
        self.operations = operations
    }
}

/// A row that the source spoiled: it becomes a reject, and the rows around it go on.
public struct RowFault: Sendable, Equatable {
    /// The row in its batch, from 0.
    public var row: Int
    /// Stable, lower case with underscores.
    public var code: String
    /// The column at fault, if it is one.
    public var field: String?
    /// One sentence: what is wrong and what to do.
    public var message: String
    /// The row's bytes as they stand in the source; cut off by the connector where they are very long.
    public var raw: [UInt8]

    /// Describes a spoiled row.
    public init(row: Int, code: String, field: String? = nil, message: String, raw: [UInt8] = []) {
        self.row = row
        self.code = code
        self.field = field
        self.message = message
        self.raw = raw
    }
}

extension RecordBatch {
    /// The columns with the reserved ones, checked against the schema: a wrong one is a bug in the connector.
    func allColumns(_ schema: RecordSchema) throws(ConnectorFailure) -> [RecordColumn] {
        var all = columns
        all.append(places)
        all.append(contentsOf: try faultColumns())
        if let operations { all.append(operations) }
        if schema.hasAbsences { all.append(try absentColumn()) }
        let fields = schema.allFields
        guard all.count == fields.count else {
            throw .wrongBatch("\(all.count) columns instead of \(fields.count)")
        }
        for (column, field) in zip(all, fields) {
            guard column.type == field.type else {
                throw .wrongBatch("column \(field.name) of type \(column.type.format) instead of \(field.type.format)")
            }
            guard column.count == rows else {
                throw .wrongBatch("\(column.count) values in column \(field.name) for \(rows) rows")
            }
        }
        return all
    }

    /// For each row a bit for each column that it lacks; null where it lacks none.
    private func absentColumn() throws(ConnectorFailure) -> RecordColumn {
        let absent = RecordColumn(.bytes, rows: rows)
        let lacking = columns.enumerated().filter { $0.element.hasAbsences }
        guard let last = lacking.last, columns.allSatisfy({ $0.count == rows }) else {
            absent.appendNulls(rows)
            return absent
        }
        let width = last.offset >> 3 + 1
        var bits = [UInt8](repeating: 0, count: rows * width)
        var hasAny = [Bool](repeating: false, count: rows)
        for (place, column) in lacking {
            for row in 0..<rows where column.isAbsent(row) {
                bits[row * width + place >> 3] |= 1 << UInt8(place & 7)
                hasAny[row] = true
            }
        }
        for row in 0..<rows {
            if hasAny[row] {
                absent.append(bits.span.extracting(row * width..<(row + 1) * width))
            } else {
                absent.appendNulls()
            }
        }
        return absent
    }

    private func faultColumns() throws(ConnectorFailure) -> [RecordColumn] {
        let errors = RecordColumn(.text)
        let raws = RecordColumn(.bytes)
        for fault in faults {
            guard fault.row >= errors.count, fault.row < rows else {
                throw .wrongBatch("faults that are not in the order of the rows")
            }
            errors.appendNulls(fault.row - errors.count)
            raws.appendNulls(fault.row - raws.count)
            let field = fault.field.map(JSONValue.string) ?? .null
            let error: JSONValue = ["code": .string(fault.code), "field": field, "message": .string(fault.message)]
            errors.append(error.serialized().span)
            raws.append(fault.raw.span)
        }
        errors.appendNulls(rows - errors.count)
        raws.appendNulls(rows - raws.count)
        return [errors, raws]
    }
}

extension ConnectorFailure {
    fileprivate static func wrongBatch(_ fault: String) -> ConnectorFailure {
        ConnectorFailure(
            .internalError,
            code: "batch_wrong",
            message: "The connector made a batch with \(fault); report this to its author."
        )
    }
}
