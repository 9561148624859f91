internal import Columns
internal import ConnectorHost
internal import JSON
internal import Time

/// One record of a pull as a line of JSON: `{"locator": {…}, "values": {…}}`, with `error` where the source spoiled it.
enum RecordLine {
    static func text(_ batch: Batch, row: Int, schema: SourceSchema) -> String {
        var locator: JSONObject = ["file": .string(schema.source)]
        var values = JSONObject()
        var line = JSONObject()
        let absent = AbsentValues(batch)
        var place = 0
        for column in batch.columns {
            switch column.field.name {
            case "_tf_at": locator[schema.locatorKind] = value(column, row: row)
            case "_tf_error":
                if let error = column.text(row) { line["error"] = .string(error) }
            case "_tf_raw", "_tf_op", AbsentValues.columnName: continue
            default:
                // What a record lacks is left out.
                if !(absent?.contains(row: row, column: place) ?? false) {
                    values[column.field.name] = value(column, row: row)
                }
                place += 1
            }
        }
        var ordered: JSONObject = ["locator": .object(locator), "values": .object(values)]
        for member in line.members { ordered[member.name] = member.value }
        return JSONValue.object(ordered).text
    }

    /// Whole numbers as numbers, what JSON has no type for as text.
    private static func value(_ column: Column, row: Int) -> JSONValue {
        guard column.isValid(row) else { return .null }
        if let integer = column.integer(row) {
            guard column.field.type == .date32, let date = CalendarDate(daysSince1970: Int(integer)) else {
                return .integer(integer)
            }
            return .string(date.description)
        }
        switch column.field.type {
        case .utf8: return column.text(row).map(JSONValue.string) ?? .null
        case .bool: return .bool(column.bytes[row >> 3] >> UInt8(row & 7) & 1 == 1)
        case .binary:
            return .string(Base64.encode(Array(column.bytes[Int(column.offsets[row])..<Int(column.offsets[row + 1])])))
        case .float32: return number(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits(column, row, 4)))))
        case .float64: return number(Double(bitPattern: bits(column, row, 8)))
        case .structure:
            var object = JSONObject()
            for child in column.children { object[child.field.name] = value(child, row: row) }
            return .object(object)
        case .list:
            return .array(
                (column.offsets[row]..<column.offsets[row + 1]).map { value(column.children[0], row: Int($0)) }
            )
        case .decimal(_, let scale):
            return .string(Decimal128.text(column.bytes[row * 16..<row * 16 + 16], scale: scale))
        default: return .null
        }
    }

    private static func bits(_ column: Column, _ row: Int, _ width: Int) -> UInt64 {
        column.bytes[row * width..<(row + 1) * width].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func number(_ value: Double) -> JSONValue {
        value.isFinite ? .number("\(value)") : .string("\(value)")
    }
}

/// A 128-bit decimal as its digits.
private enum Decimal128 {
    /// - Parameter bytes: 16, two's complement, least significant first.
    static func text(_ bytes: ArraySlice<UInt8>, scale: Int) -> String {
        let value = bytes.reversed().reduce(Int128(0)) { $0 << 8 | Int128($1) }
        var digits = String(value.magnitude)
        if scale > 0 {
            digits = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
            digits.insert(".", at: digits.index(digits.endIndex, offsetBy: -scale))
        }
        return (value < 0 ? "-" : "") + digits
    }
}
