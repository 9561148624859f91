internal import ConnectorKit
internal import JSON

/// Where to go on in a file, and how to know that it is still the same file.
///
/// As JSON: `{"v":1,"offset":…,"line":…,"columns":…,"header":"…","size":…,"modified":…,"start":"…","before":"…"}`, hashes as 16 hex
/// digits.
struct ResumeToken: Equatable {
    /// Of the next record.
    var offset: Int
    /// Of the next record, from 1.
    var line: Int64
    var columns: Int
    /// Of the columns' names and of how records are written.
    var header: UInt64
    /// Of the file, in bytes.
    var size: Int
    /// When the file was last written to, in nanoseconds: an edit in place that keeps the size shows here alone.
    var modified: Int
    /// Of the file's first `startBytes`.
    var start: UInt64
    /// Of the last `beforeBytes` before `offset`.
    var before: UInt64

    static let startBytes = 65536
    static let beforeBytes = 4096

    var bytes: [UInt8] {
        ([
            "v": 1, "offset": .integer(Int64(offset)), "line": .integer(line), "columns": .integer(Int64(columns)),
            "header": .string(Hash.hex(header)), "size": .integer(Int64(size)),
            "modified": .integer(Int64(modified)), "start": .string(Hash.hex(start)),
            "before": .string(Hash.hex(before)),
        ] as JSONValue).serialized()
    }

    /// nil for anything that this version didn't write.
    init?(_ bytes: [UInt8]) {
        do {
            var fields = try JSONFields(JSONValue(parsing: bytes))
            guard try fields.integer("v") == 1,
                let offset = Int(exactly: try fields.integer("offset")),
                let columns = Int(exactly: try fields.integer("columns")),
                let size = Int(exactly: try fields.integer("size")),
                let modified = Int(exactly: try fields.integer("modified")),
                let header = UInt64(try fields.string("header"), radix: 16),
                let start = UInt64(try fields.string("start"), radix: 16),
                let before = UInt64(try fields.string("before"), radix: 16)
            else { return nil }
            self.init(
                offset: offset,
                line: try fields.integer("line"),
                columns: columns,
                header: header,
                size: size,
                modified: modified,
                start: start,
                before: before
            )
            try fields.finish()
        } catch {
            // Whatever is wrong with it, the answer is the same: read from the start.
            return nil
        }
    }

    init(
        offset: Int,
        line: Int64,
        columns: Int,
        header: UInt64,
        size: Int,
        modified: Int,
        start: UInt64,
        before: UInt64
    ) {
        self.offset = offset
        self.line = line
        self.columns = columns
        self.header = header
        self.size = size
        self.modified = modified
        self.start = start
        self.before = before
    }
}
