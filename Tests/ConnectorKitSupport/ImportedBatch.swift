package import PluginABI

/// A value of a batch, as the receiver of an Arrow array sees it.
package enum Cell: Equatable, Sendable {
    case null
    case text(String)
    case bytes([UInt8])
    case integer(Int64)
}

/// A schema taken over through the Arrow C data interface.
package struct ImportedSchema: Equatable, Sendable {
    package var names: [String]
    package var formats: [String]
    package var nullable: [Bool]
    package var metadata: [String: String]

    package init(names: [String], formats: [String], nullable: [Bool], metadata: [String: String]) {
        self.names = names
        self.formats = formats
        self.nullable = nullable
        self.metadata = metadata
    }

    /// Reads a schema, checks it, and releases it.
    package init(_ schema: inout ArrowSchema) throws {
        try require(unsafe schema.release != nil, "the schema has no release")
        let format = unsafe schema.format.map { unsafe String(cString: $0) }
        try require(format == "+s", "the schema is no struct")
        var names: [String] = []
        var formats: [String] = []
        var nullable: [Bool] = []
        for index in 0..<Int(unsafe schema.n_children) {
            guard let child = unsafe schema.children?[index] else { throw Malformed("child \(index) is missing") }
            names.append(unsafe child.pointee.name.map { unsafe String(cString: $0) } ?? "")
            formats.append(unsafe child.pointee.format.map { unsafe String(cString: $0) } ?? "")
            nullable.append(unsafe child.pointee.flags & 2 != 0)
        }
        self.names = names
        self.formats = formats
        self.nullable = nullable
        metadata = unsafe schema.metadata.map { unsafe Self.pairs(UnsafeRawPointer($0)) } ?? [:]
        unsafe schema.release?(&schema)
        try require(unsafe schema.release == nil, "release left the schema as it was")
    }

    private static func pairs(_ start: UnsafeRawPointer) -> [String: String] {
        var position = 0
        func number() -> Int {
            defer { position += 4 }
            return Int(unsafe start.loadUnaligned(fromByteOffset: position, as: Int32.self))
        }
        func text() -> String {
            let count = number()
            defer { position += count }
            return unsafe String(decoding: UnsafeRawBufferPointer(start: start + position, count: count), as: UTF8.self)
        }
        var pairs: [String: String] = [:]
        for _ in 0..<number() {
            let key = text()
            pairs[key] = text()
        }
        return pairs
    }
}

/// A batch taken over through the Arrow C data interface, copied and checked.
package struct ImportedBatch: Equatable, Sendable {
    package var rows: Int
    package var columns: [String: [Cell]]

    /// Reads an array, checks it against its schema, and releases it.
    package init(_ array: inout ArrowArray, _ schema: ImportedSchema) throws {
        try require(unsafe array.release != nil, "the array has no release")
        rows = unsafe Int(array.length)
        columns = [:]
        try require(unsafe Int(array.n_children) == schema.names.count, "as many children as the schema has")
        try require(unsafe array.n_buffers == 1 && array.offset == 0 && array.null_count == 0, "a plain struct")
        for (index, name) in schema.names.enumerated() {
            guard let child = unsafe array.children?[index] else { throw Malformed("child \(index) is missing") }
            try require(unsafe child.pointee.length == array.length, "\(name) has as many rows as its batch")
            columns[name] = unsafe try Self.cells(child.pointee, format: schema.formats[index], name)
        }
        unsafe array.release?(&array)
        try require(unsafe array.release == nil, "release left the array as it was")
    }

    private static func cells(_ array: ArrowArray, format: String, _ name: String) throws -> [Cell] {
        let rows = unsafe Int(array.length)
        guard let buffers = unsafe array.buffers else { throw Malformed("\(name) has no buffers") }
        let hasOffsets = format == "u" || format == "z"
        try require(unsafe array.n_buffers == (hasOffsets ? 3 : 2), "\(name) has the buffers of its type")
        let validity = unsafe buffers[0].map { unsafe $0.assumingMemoryBound(to: UInt8.self) }
        func isValid(_ row: Int) -> Bool {
            unsafe validity.map { unsafe $0[row >> 3] >> UInt8(row & 7) & 1 == 1 } ?? true
        }
        let nulls = (0..<rows).filter { !isValid($0) }.count
        try require(unsafe array.null_count == Int64(nulls), "\(name) counts its nulls")
        if !hasOffsets {
            return try (0..<rows).map { row in
                guard isValid(row) else { return .null }
                guard let values = unsafe buffers[1] else { throw Malformed("\(name) has no values") }
                return unsafe format == "c"
                    ? .integer(Int64(values.load(fromByteOffset: row, as: Int8.self)))
                    : .integer(values.load(fromByteOffset: row * 8, as: Int64.self))
            }
        }
        guard let offsets = unsafe buffers[1]?.assumingMemoryBound(to: Int32.self) else {
            throw Malformed("\(name) has no offsets")
        }
        try require(unsafe offsets[0] == 0, "\(name) begins at 0")
        return try (0..<rows).map { row in
            let start = unsafe Int(offsets[row])
            let end = unsafe Int(offsets[row + 1])
            try require(start <= end, "\(name)'s offsets never fall")
            guard isValid(row) else { return .null }
            let bytes = unsafe Array(
                UnsafeRawBufferPointer(start: buffers[2].map { unsafe $0 + start }, count: end - start)
            )
            guard format == "u" else { return .bytes(bytes) }
            guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed("\(name) is not UTF-8") }
            return .text(text)
        }
    }
}

/// What the C data interface doesn't allow.
package struct Malformed: Error, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }
}

private func require(_ condition: Bool, _ rule: String) throws {
    if !condition { throw Malformed("not so: \(rule)") }
}
