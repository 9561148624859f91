/// The type of a column's values.
public struct ColumnType: Sendable, Hashable {
    /// The Arrow C data interface's format string.
    public let format: String
    /// Bytes of one value; nil where each has its own length.
    let width: Int?

    /// UTF-8 text. What is no valid UTF-8 is refused by the host.
    public static let text = ColumnType(format: "u", width: nil)
    /// Any bytes.
    public static let bytes = ColumnType(format: "z", width: nil)
    /// 64-bit integers.
    public static let int64 = ColumnType(format: "l", width: 8)
    /// 8-bit integers.
    public static let int8 = ColumnType(format: "c", width: 1)
}

/// The columns of a pull, and what the place of a row means.
public struct RecordSchema: Sendable, Equatable {
    /// A column's name and type.
    public struct Field: Sendable, Equatable {
        /// Unique in the schema; names that begin with `_tf_` are reserved.
        public var name: String
        /// The values' type.
        public var type: ColumnType
        /// Whether a value may be missing. A spoiled row has no values.
        public var isNullable: Bool

        /// Describes a column.
        public init(_ name: String, _ type: ColumnType, isNullable: Bool = true) {
            self.name = name
            self.type = type
            self.isNullable = isNullable
        }
    }

    /// What the place of a row counts.
    public enum Locator: String, Sendable {
        /// Physical lines of a text, from 1.
        case line
        /// Rows of a sheet or table, from 1.
        case row
        /// Bytes before the record.
        case byteOffset = "byte_offset"
        /// Records before the record.
        case index
    }

    /// The values, without the reserved columns: the kit adds those.
    public var fields: [Field]
    /// What `RecordBatch.places` counts.
    public var locator: Locator
    /// The file or object that is read.
    public var source: String
    /// Whether batches say which rows are deletions.
    public var hasDeletions: Bool
    /// Whether rows may lack values (`RecordColumn.setAbsent`), which is another thing than null.
    public var hasAbsences: Bool

    /// Describes the columns of a pull.
    public init(
        fields: [Field],
        locator: Locator,
        source: String,
        hasDeletions: Bool = false,
        hasAbsences: Bool = false
    ) {
        self.fields = fields
        self.locator = locator
        self.source = source
        self.hasDeletions = hasDeletions
        self.hasAbsences = hasAbsences
    }
}

/// The columns that the ABI reserves, as `trainflow_plugin.h` names them.
enum ReservedColumn {
    static let at = RecordSchema.Field("_tf_at", .int64, isNullable: false)
    static let error = RecordSchema.Field("_tf_error", .text)
    static let raw = RecordSchema.Field("_tf_raw", .bytes)
    static let operation = RecordSchema.Field("_tf_op", .int8, isNullable: false)
    static let absent = RecordSchema.Field("_tf_absent", .bytes)
}

extension RecordSchema {
    /// With the reserved columns behind the values.
    var allFields: [Field] {
        fields + [ReservedColumn.at, ReservedColumn.error, ReservedColumn.raw]
            + (hasDeletions ? [ReservedColumn.operation] : []) + (hasAbsences ? [ReservedColumn.absent] : [])
    }
}
