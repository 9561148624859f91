internal import Columns
internal import JSON
package import Platform

/// Where frames come from: a runner's socket, or bytes.
package protocol FrameInput {
    /// Fills the buffer; fewer bytes only where the stream ends.
    mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int
}

/// Why there is no further frame.
package enum DataFailure: Error {
    /// The stream ended before its `end`, between or inside frames: how the runner ended says why.
    case ended
    case failed(ConnectorError)
}

private enum FrameType {
    static let schema: UInt16 = 32
    static let batch: UInt16 = 33
    static let end: UInt16 = 34
}

/// Reads the frames of one pull in their order, and believes none of them: schema, batches, end.
package struct DataStream<Input: FrameInput> {
    private var input: Input
    private let call: UInt64
    private var schema: SourceSchema?
    private var hasEnded = false
    /// The last batch was a piece, and the rest of it is still to come.
    private var isInsideBatch = false

    package init(_ input: Input, call: UInt64) {
        self.input = input
        self.call = call
    }

    /// The first frame.
    package mutating func readSchema() throws(DataFailure) -> SourceSchema {
        if let schema { return schema }
        let header = try header()
        switch header.type {
        case FrameType.schema:
            guard header.length <= FrameHeader.largestSchemaBody else {
                throw broken("a schema of \(header.length) bytes, more than 1 MiB")
            }
            let body = try bytes(header.length)
            let schema = try checked { () throws(ConnectorError) in try SourceSchema(frameBody: body) }
            self.schema = schema
            return schema
        case FrameType.end:
            // A pull that fails before it knows its schema: the control socket says why.
            try finish(header)
            throw .ended
        default: throw broken("a frame of type \(header.type) where the schema belongs")
        }
    }

    /// The next batch; nil after the last.
    package mutating func readBatch() throws(DataFailure) -> SourceBatch? {
        let schema = try readSchema()
        guard !hasEnded else { return nil }
        let header = try header()
        switch header.type {
        case FrameType.batch: return try batch(of: schema.fields, length: header.length)
        case FrameType.end:
            try finish(header)
            // An error of the connector's may be why; if it says that all is well, that is the fault.
            guard !isInsideBatch else { throw .ended }
            return nil
        default: throw broken("a frame of type \(header.type) where a batch or the end belongs")
        }
    }

    private mutating func finish(_ header: FrameHeader) throws(DataFailure) {
        guard header.length == 0 else { throw broken("an end frame with a body") }
        hasEnded = true
    }

    private mutating func header() throws(DataFailure) -> FrameHeader {
        let bytes = try bytes(FrameHeader.size)
        let header = try checked { () throws(ConnectorError) in try FrameHeader(decoding: bytes) }
        guard header.call == call else { throw broken("a data frame of call \(header.call) instead of \(call)") }
        return header
    }

    private mutating func batch(of fields: [Field], length: Int) throws(DataFailure) -> SourceBatch {
        guard length <= FrameHeader.largestBatchBody else {
            throw broken("a batch of \(length) bytes, more than 64 MiB")
        }
        guard length >= BatchLayout.headSize else { throw broken("a batch of \(length) bytes") }
        let head = try bytes(BatchLayout.headSize)
        let nodes = BatchLayout.nodeCount(in: head)
        let expected = SourceSchema.nodeCount(of: fields)
        guard nodes == expected else { throw broken("a batch with \(nodes) nodes instead of \(expected)") }
        let tableSize = nodes * BatchLayout.nodeSize
        guard length >= BatchLayout.headSize + tableSize else { throw broken("a batch shorter than its own nodes") }
        let table = try bytes(tableSize)
        let layout = try checked { () throws(ConnectorError) in
            try BatchLayout(head: head, table: table, fields: fields, bodyLength: length)
        }
        let token = try bytes(layout.tokenLength)
        try padding(after: BatchLayout.headSize + tableSize + layout.tokenLength)
        var next = 0
        var columns: [Column] = []
        columns.reserveCapacity(fields.count)
        for field in fields { columns.append(try column(field, of: layout, at: &next, path: field.name)) }
        let batch = Batch(columns: columns, count: layout.rows)
        try checked { () throws(ConnectorError) in try Self.checkReservedColumns(of: batch) }
        isInsideBatch = layout.isPartial
        return SourceBatch(batch: batch, token: token, isPartial: layout.isPartial)
    }

    private mutating func column(
        _ field: Field,
        of layout: BatchLayout,
        at next: inout Int,
        path: String
    ) throws(DataFailure) -> Column {
        let node = layout.nodes[next]
        next += 1
        var column = Column(field: field, count: node.length, nullCount: node.nullCount)
        column.validity = try buffer(node.validity)
        column.offsets = try offsets(node.offsets / 4)
        column.bytes = try buffer(node.values)
        Self.clearUnusedBits(&column.validity, count: node.length)
        if field.type == .bool { Self.clearUnusedBits(&column.bytes, count: node.length) }
        try checked { () throws(ConnectorError) in try ColumnCheck.check(column, path: path) }
        switch field.type {
        case .structure(let children):
            for child in children {
                column.children.append(try self.column(child, of: layout, at: &next, path: "\(path).\(child.name)"))
            }
        case .list(let child):
            guard layout.nodes[next].length == Int(column.offsets.last ?? 0) else {
                throw broken("column \(path): the last offset is not the length of the list's values")
            }
            column.children = [try self.column(child, of: layout, at: &next, path: "\(path)[]")]
        default: break
        }
        return column
    }

    /// Bits behind the last value mean nothing; as 0 they can't be counted by mistake.
    private static func clearUnusedBits(_ bits: inout [UInt8], count: Int) {
        guard !bits.isEmpty, count & 7 != 0 else { return }
        bits[bits.count - 1] &= UInt8(1 << (count & 7)) - 1
    }

    private static func checkReservedColumns(of batch: Batch) throws(ConnectorError) {
        if let at = batch.column(named: "_tf_at"), at.nullCount > 0 {
            throw .brokenProtocol("column _tf_at has nulls")
        }
        if let operation = batch.column(named: "_tf_op") {
            guard operation.nullCount == 0, operation.bytes.allSatisfy({ $0 <= 1 }) else {
                throw .brokenProtocol("column _tf_op holds something else than 0 and 1")
            }
        }
        if let raw = batch.column(named: "_tf_raw"), let error = batch.column(named: "_tf_error"), error.nullCount > 0 {
            guard raw.nullCount > 0,
                raw.validity.indices.allSatisfy({ raw.validity[$0] & ~error.validity[$0] == 0 })
            else { throw .brokenProtocol("column _tf_raw has a value where _tf_error has none") }
        }
        try checkAbsentValues(of: batch)
    }

    private static func checkAbsentValues(of batch: Batch) throws(ConnectorError) {
        guard let absent = AbsentValues(batch) else { return }
        let columns = batch.columns.filter { !$0.field.name.hasPrefix("_tf_") }
        for row in 0..<batch.count {
            // First, for a row's bits may be many millions.
            if let place = absent.first(ofRow: row, from: columns.count) {
                throw .brokenProtocol("column _tf_absent names column \(place), and there are \(columns.count)")
            }
            for place in absent.columns(ofRow: row) {
                guard !columns[place].isValid(row) else {
                    throw .brokenProtocol(
                        "column _tf_absent names \(columns[place].field.name), which has a value in that row"
                    )
                }
            }
        }
    }

    // MARK: - Bytes

    /// A buffer and the zeros behind it.
    private mutating func buffer(_ count: Int) throws(DataFailure) -> [UInt8] {
        guard count > 0 else { return [] }
        let buffer = try bytes(count)
        try padding(after: count)
        return buffer
    }

    private mutating func offsets(_ count: Int) throws(DataFailure) -> [Int32] {
        guard count > 0 else { return [] }
        var failure: DataFailure?
        let offsets = unsafe [Int32](unsafeUninitializedCapacity: count) { buffer, filled in
            // The wire is little-endian, as is every processor this is built for (ELFNotes.machine).
            let raw = unsafe UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            failure = unsafe fill(raw)
            filled = failure == nil ? count : 0
        }
        if let failure { throw failure }
        try padding(after: count * 4)
        return offsets
    }

    private mutating func padding(after count: Int) throws(DataFailure) {
        let size = BatchLayout.aligned(count) - count
        guard size > 0 else { return }
        guard try bytes(size).allSatisfy({ $0 == 0 }) else { throw broken("padding that is not 0") }
    }

    private mutating func bytes(_ count: Int) throws(DataFailure) -> [UInt8] {
        guard count > 0 else { return [] }
        var failure: DataFailure?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            let raw = unsafe UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            failure = unsafe fill(raw)
            filled = failure == nil ? count : 0
        }
        if let failure { throw failure }
        return bytes
    }

    private mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) -> DataFailure? {
        do throws(SystemError) {
            return try unsafe input.fill(buffer) == buffer.count ? nil : .ended
        } catch {
            return .failed(
                ConnectorError(
                    .internal,
                    code: "data_unreadable",
                    message: "The runner's data can't be read: \(error)."
                )
            )
        }
    }

    private func broken(_ what: String) -> DataFailure { .failed(.brokenProtocol(what)) }

    private func checked<Value>(_ body: () throws(ConnectorError) -> Value) throws(DataFailure) -> Value {
        do throws(ConnectorError) {
            return try body()
        } catch {
            throw .failed(error)
        }
    }
}
