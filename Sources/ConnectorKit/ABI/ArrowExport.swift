package import PluginABI

// Records as the Arrow C data interface wants them (https://arrow.apache.org/docs/format/CDataInterface.html). Each struct
// keeps what it points to alive through private_data, a retained object; release gives that back. Structs are moved by
// bit copy, so no object knows where its struct is.

/// The memory behind an exported schema: its texts, and its children's structs.
@safe
private final class SchemaOwner {
    let format: GivenBytes
    let name: GivenBytes
    let metadata: GivenBytes?
    let children: ChildStructs<ArrowSchema>

    init(format: String, name: String, metadata: [UInt8]?, children: [ArrowSchema]) {
        self.format = GivenBytes(Array(format.utf8) + [0])
        self.name = GivenBytes(Array(name.utf8) + [0])
        self.metadata = metadata.map(GivenBytes.init)
        unsafe self.children = unsafe ChildStructs(children)
    }
}

/// The memory behind an exported array: a column's buffers, or the columns of a batch.
@safe
private final class ArrayOwner {
    let column: RecordColumn?
    let buffers: UnsafeMutablePointer<UnsafeRawPointer?>
    let children: ChildStructs<ArrowArray>

    init(column: RecordColumn?, buffers: [UnsafeRawPointer?], children: [ArrowArray]) {
        self.column = column
        unsafe self.buffers = .allocate(capacity: max(buffers.count, 1))
        unsafe self.buffers.initialize(from: buffers, count: buffers.count)
        unsafe self.children = unsafe ChildStructs(children)
    }

    deinit {
        unsafe buffers.deallocate()
    }
}

/// The structs of children, and the table of pointers to them.
@safe
private final class ChildStructs<Struct> {
    let table: UnsafeMutablePointer<UnsafeMutablePointer<Struct>?>
    let count: Int

    init(_ structs: [Struct]) {
        count = structs.count
        unsafe table = .allocate(capacity: max(structs.count, 1))
        for (index, value) in structs.enumerated() {
            let child = UnsafeMutablePointer<Struct>.allocate(capacity: 1)
            unsafe child.initialize(to: value)
            unsafe (table + index).initialize(to: child)
        }
    }

    deinit {
        for index in 0..<count { unsafe table[index]?.deallocate() }
        unsafe table.deallocate()
    }
}

extension RecordSchema {
    /// The schema of a struct array, for the receiver to release.
    package func exported() -> ArrowSchema {
        let children = unsafe allFields.map { field in
            unsafe Self.exported(
                format: field.type.format,
                name: field.name,
                isNullable: field.isNullable,
                metadata: nil,
                children: []
            )
        }
        return unsafe Self.exported(
            format: "+s",
            name: "",
            isNullable: false,
            metadata: Self.encoded([("trainflow.locator", locator.rawValue), ("trainflow.source", source)]),
            children: children
        )
    }

    private static func exported(
        format: String,
        name: String,
        isNullable: Bool,
        metadata: [UInt8]?,
        children: [ArrowSchema]
    ) -> ArrowSchema {
        let owner = unsafe SchemaOwner(format: format, name: name, metadata: metadata, children: children)
        return unsafe ArrowSchema(
            format: owner.format.chars,
            name: owner.name.chars,
            metadata: owner.metadata?.chars,
            flags: isNullable ? Int64(ARROW_FLAG_NULLABLE) : 0,
            n_children: Int64(children.count),
            children: children.isEmpty ? nil : owner.children.table,
            dictionary: nil,
            release: { schema in
                guard let owner = unsafe schema.pointee.private_data else { return }
                for index in 0..<Int(unsafe schema.pointee.n_children) {
                    // A child that was moved out has no release any more.
                    if let child = unsafe schema.pointee.children?[index] { unsafe child.pointee.release?(child) }
                }
                unsafe schema.pointee.release = nil
                unsafe Unmanaged<SchemaOwner>.fromOpaque(owner).release()
            },
            private_data: Unmanaged.passRetained(owner).toOpaque()
        )
    }

    /// Metadata in Arrow's form: the count of pairs, then each key and value behind its length, 32-bit native integers.
    private static func encoded(_ pairs: [(key: String, value: String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        func append(_ value: Int) {
            unsafe withUnsafeBytes(of: Int32(truncatingIfNeeded: value)) { unsafe bytes.append(contentsOf: $0) }
        }
        append(pairs.count)
        for (key, value) in pairs {
            for text in [key, value] {
                append(text.utf8.count)
                bytes.append(contentsOf: text.utf8)
            }
        }
        return bytes
    }
}

extension RecordBatch {
    /// A struct array of the batch's columns, for the receiver to release.
    package func exported(_ schema: RecordSchema) throws(ConnectorFailure) -> ArrowArray {
        let columns = unsafe try allColumns(schema).map { column in unsafe Self.exported(column) }
        return unsafe Self.exported(
            rows: rows,
            nullCount: 0,
            buffers: [nil],
            owner: ArrayOwner(column: nil, buffers: [nil], children: columns)
        )
    }

    private static func exported(_ column: RecordColumn) -> ArrowArray {
        let buffers = unsafe column.handOver()
        let isFixed = column.type.width != nil
        let list =
            unsafe isFixed ? [buffers.validity, buffers.values] : [buffers.validity, buffers.offsets, buffers.values]
        return unsafe exported(
            rows: column.count,
            nullCount: column.nullCount,
            buffers: list,
            owner: ArrayOwner(column: column, buffers: list, children: [])
        )
    }

    private static func exported(
        rows: Int,
        nullCount: Int,
        buffers: [UnsafeRawPointer?],
        owner: ArrayOwner
    ) -> ArrowArray {
        unsafe ArrowArray(
            length: Int64(rows),
            null_count: Int64(nullCount),
            offset: 0,
            n_buffers: Int64(buffers.count),
            n_children: Int64(owner.children.count),
            buffers: owner.buffers,
            children: owner.children.count == 0 ? nil : owner.children.table,
            dictionary: nil,
            release: { array in
                guard let owner = unsafe array.pointee.private_data else { return }
                for index in 0..<Int(unsafe array.pointee.n_children) {
                    // A child that was moved out has no release any more.
                    if let child = unsafe array.pointee.children?[index] { unsafe child.pointee.release?(child) }
                }
                unsafe array.pointee.release = nil
                unsafe Unmanaged<ArrayOwner>.fromOpaque(owner).release()
            },
            private_data: Unmanaged.passRetained(owner).toOpaque()
        )
    }
}

extension GivenBytes {
    /// The bytes as C characters.
    fileprivate var chars: UnsafePointer<CChar> {
        unsafe UnsafeRawPointer(start).assumingMemoryBound(to: CChar.self)
    }
}
