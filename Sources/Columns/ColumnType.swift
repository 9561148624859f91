/// The value types that cross the connector ABI, named as in Apache Arrow.
///
/// Source: Arrow C Data Interface, "Data type description"; the profile is in `PluginABI/trainflow_plugin.h`.
package indirect enum ColumnType: Sendable, Equatable {
    case bool
    case int8, uint8, int16, uint16, int32, uint32, int64, uint64
    case float32, float64
    /// UTF-8 text with 32-bit offsets.
    case utf8
    case binary
    /// Days since 1970-01-01, 32 bits.
    case date32
    /// Time of day: microseconds since midnight, 64 bits.
    case time
    /// Ticks since 1970-01-01T00:00:00, UTC if `zone` is nil.
    case timestamp(TimeUnit, zone: String?)
    /// 128-bit two's complement, little-endian, times ten to the minus `scale`.
    case decimal(precision: Int, scale: Int)
    case structure([Field])
    case list(Field)

    package enum TimeUnit: String, Sendable, Equatable {
        case second = "s"
        case millisecond = "m"
        case microsecond = "u"
        case nanosecond = "n"
    }

    /// Bytes of one value; nil where the width is not fixed, 0 for bool (bits).
    package var width: Int? {
        switch self {
        case .bool: 0
        case .int8, .uint8: 1
        case .int16, .uint16: 2
        case .int32, .uint32, .float32, .date32: 4
        case .int64, .uint64, .float64, .time, .timestamp: 8
        case .decimal: 16
        case .utf8, .binary, .structure, .list: nil
        }
    }
}

/// A column's name and type.
package struct Field: Sendable, Equatable {
    package var name: String
    package var type: ColumnType
    package var isNullable: Bool

    package init(name: String, type: ColumnType, isNullable: Bool = true) {
        self.name = name
        self.type = type
        self.isNullable = isNullable
    }
}
