internal import JSON

/// Where to go on in a workbook, and how to know that it is still the same one.
///
/// As JSON: `{"v":1,"format":"xlsx","rows":…,"layout":"…","size":…,"modified":…,"directory":"…"}`, hashes as 16 hex digits.
struct SheetToken: Equatable {
    /// Of the sheet, those without values too, that need not be read again.
    var rows: Int
    /// Of the sheet's name, its columns and how it is read.
    var layout: UInt64
    /// Of the file, in bytes.
    var size: Int
    /// When the file was last written to, in nanoseconds.
    var modified: Int
    /// `ZipDirectory.hash`: the checksum of each part is in it.
    var directory: UInt64

    var bytes: [UInt8] {
        ([
            "v": 1, "format": "xlsx", "rows": .integer(Int64(rows)), "layout": .string(Hash.hex(layout)),
            "size": .integer(Int64(size)), "modified": .integer(Int64(modified)),
            "directory": .string(Hash.hex(directory)),
        ] as JSONValue).serialized()
    }

    init(rows: Int, layout: UInt64, size: Int, modified: Int, directory: UInt64) {
        self.rows = rows
        self.layout = layout
        self.size = size
        self.modified = modified
        self.directory = directory
    }

    /// nil for anything that this version didn't write.
    init?(_ bytes: [UInt8]) {
        do {
            var fields = try JSONFields(JSONValue(parsing: bytes))
            guard try fields.integer("v") == 1, try fields.string("format") == "xlsx",
                let rows = Int(exactly: try fields.integer("rows")), rows > 0,
                let layout = UInt64(try fields.string("layout"), radix: 16),
                let size = Int(exactly: try fields.integer("size")),
                let modified = Int(exactly: try fields.integer("modified")),
                let directory = UInt64(try fields.string("directory"), radix: 16)
            else { return nil }
            self.init(rows: rows, layout: layout, size: size, modified: modified, directory: directory)
            try fields.finish()
        } catch {
            // Whatever is wrong with it, the answer is the same: read from the start.
            return nil
        }
    }
}
