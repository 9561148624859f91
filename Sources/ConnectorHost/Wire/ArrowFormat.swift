internal import Columns

extension ColumnType {
    /// Reads a canonical Arrow format string; nil for one outside of the profile. `+s` and `+l` take the children.
    ///
    /// Source: Arrow C Data Interface, "Data type description - format strings"; docs/wire.md lists what crosses.
    init?(arrowFormat format: String, children: [Field]) {
        switch format {
        case "+s":
            guard !children.isEmpty else { return nil }
            self = .structure(children)
            return
        case "+l":
            guard children.count == 1 else { return nil }
            self = .list(children[0])
            return
        default:
            guard children.isEmpty else { return nil }
        }
        switch format {
        case "b": self = .bool
        case "c": self = .int8
        case "C": self = .uint8
        case "s": self = .int16
        case "S": self = .uint16
        case "i": self = .int32
        case "I": self = .uint32
        case "l": self = .int64
        case "L": self = .uint64
        case "f": self = .float32
        case "g": self = .float64
        case "u": self = .utf8
        case "z": self = .binary
        case "tdD": self = .date32
        case "ttu": self = .time
        default:
            if format.hasPrefix("ts") {
                self.init(timestamp: format.dropFirst(2))
            } else if format.hasPrefix("d:") {
                self.init(decimal: format.dropFirst(2))
            } else {
                return nil
            }
        }
    }

    /// `u:` and then a time zone or nothing.
    private init?(timestamp format: Substring) {
        let parts = format.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let unit = TimeUnit(rawValue: String(parts[0])), parts[1].utf8.count <= 64 else {
            return nil
        }
        self = .timestamp(unit, zone: parts[1].isEmpty ? nil : String(parts[1]))
    }

    /// `18,2`
    private init?(decimal format: Substring) {
        let parts = format.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let precision = parts[0], let scale = parts[1], (1...38).contains(precision),
            (-38...38).contains(scale)
        else { return nil }
        self = .decimal(precision: precision, scale: scale)
    }
}
