package import Columns
internal import JSON
internal import Time

extension Column {
    /// The text that stands for one row's value; nil for null.
    ///
    /// Texts as they are; numbers in decimal without exponent; dates and times in ISO form, times in UTC; true and false;
    /// lists and structures as JSON; bytes as text, with U+FFFD where they are none.
    package func displayText(_ row: Int) -> String? {
        guard isValid(row) else { return nil }
        switch field.type {
        case .utf8, .binary: return String(decoding: bytes[Int(offsets[row])..<Int(offsets[row + 1])], as: UTF8.self)
        case .bool: return bytes[row >> 3] >> UInt8(row & 7) & 1 == 1 ? "true" : "false"
        case .uint64: return String(bits(row))
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32: return integer(row).map(String.init)
        case .float32: return DecimalText.of(Float(bitPattern: UInt32(truncatingIfNeeded: bits(row))))
        case .float64: return DecimalText.of(Double(bitPattern: bits(row)))
        case .decimal(_, let scale): return DecimalText.of(decimal(row), scale: scale)
        case .date32: return integer(row).map { CalendarDate(daysSince1970: Int($0))?.description ?? String($0) }
        case .time: return integer(row).map(timeOfDay)
        case .timestamp(let unit, _): return integer(row).map { timeText($0, unit) }
        case .structure, .list: return json(row).text
        }
    }

    /// The same, cut at a character behind `limit` bytes, with an ellipsis for the rest.
    package func displayText(_ row: Int, limit: Int) -> String? {
        guard isValid(row) else { return nil }
        switch field.type {
        case .utf8, .binary:
            let range = Int(offsets[row])..<Int(offsets[row + 1])
            guard range.count > limit else { return displayText(row) }
            return Self.cut(bytes[range.lowerBound..<range.lowerBound + limit])
        default:
            guard let text = displayText(row), text.utf8.count > limit else { return displayText(row) }
            return Self.cut(Array(text.utf8.prefix(limit))[...])
        }
    }

    /// Without what is left of a character at its end.
    private static func cut(_ bytes: ArraySlice<UInt8>) -> String {
        var end = bytes.endIndex
        // At most three bytes follow a leading one.
        while end > bytes.startIndex, bytes.endIndex - end < 3, bytes[end - 1] & 0xC0 == 0x80 { end -= 1 }
        if end > bytes.startIndex, bytes[end - 1] >= 0xC0 { end -= 1 }
        return String(decoding: bytes[..<end], as: UTF8.self) + "…"
    }

    /// A value of up to 8 bytes.
    private func bits(_ row: Int) -> UInt64 {
        let width = field.type.width ?? 0
        return bytes[row * width..<(row + 1) * width].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private func decimal(_ row: Int) -> Int128 {
        Int128(
            truncatingIfNeeded: bytes[row * 16..<(row + 1) * 16].reversed().reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        )
    }

    /// `08:05:00`, with six digits behind the seconds if they are not whole; the bare count where it is beyond a day.
    private func timeOfDay(_ microseconds: Int64) -> String {
        guard (0..<86_400_000_000).contains(microseconds) else { return String(microseconds) }
        let seconds = microseconds / 1_000_000
        let text = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { ($0 < 10 ? "0" : "") + String($0) }
            .joined(separator: ":")
        let rest = String(microseconds % 1_000_000)
        return rest == "0" ? text : text + "." + String(repeating: "0", count: 6 - rest.count) + rest
    }

    /// ISO in UTC; the bare count of ticks where that is beyond what an `Instant` holds: no target takes it.
    private func timeText(_ ticks: Int64, _ unit: ColumnType.TimeUnit) -> String {
        let factor: Int64 =
            switch unit {
            case .second: 1_000_000
            case .millisecond: 1_000
            case .microsecond, .nanosecond: 1
            }
        let (product, overflow) = ticks.multipliedReportingOverflow(by: factor)
        guard !overflow else { return String(ticks) }
        guard unit == .nanosecond else { return Instant(microseconds: product).description }
        let (whole, rest) = product.quotientAndRemainder(dividingBy: 1_000)
        return Instant(microseconds: rest < 0 ? whole - 1 : whole).description
    }

    private func json(_ row: Int) -> JSONValue {
        guard isValid(row) else { return .null }
        switch field.type {
        case .structure:
            var object = JSONObject()
            for child in children { object[child.field.name] = child.json(row) }
            return .object(object)
        case .list:
            let items = children.first
            return .array((Int(offsets[row])..<Int(offsets[row + 1])).compactMap { items?.json($0) })
        case .bool:
            return .bool(displayText(row) == "true")
        case .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float32, .float64, .decimal:
            let text = displayText(row) ?? ""
            return JSONValue(number: text) ?? .string(text)
        case .utf8, .binary, .date32, .time, .timestamp:
            return displayText(row).map(JSONValue.string) ?? .null
        }
    }
}

/// Numbers in plain decimal.
enum DecimalText {
    /// The shortest digits that read back as the same number, without exponent; whole numbers without a point.
    static func of(_ number: some BinaryFloatingPoint & LosslessStringConvertible) -> String {
        let text = number.description
        guard number.isFinite else { return text }
        guard let mark = text.firstIndex(of: "e") else { return text.hasSuffix(".0") ? String(text.dropLast(2)) : text }
        let isNegative = text.hasPrefix("-")
        let parts = text[..<mark].drop { $0 == "-" }.split(separator: ".")
        let whole = String(parts.first ?? "")
        let fraction = parts.count > 1 && parts[1] != "0" ? String(parts[1]) : ""
        let digits = whole + fraction
        let point = whole.count + (Int(text[text.index(after: mark)...]) ?? 0)
        let plain =
            if point <= 0 {
                "0." + String(repeating: "0", count: -point) + digits
            } else if point >= digits.count {
                digits + String(repeating: "0", count: point - digits.count)
            } else {
                "\(digits.prefix(point)).\(digits.dropFirst(point))"
            }
        return isNegative ? "-" + plain : plain
    }

    /// An unscaled number times ten to the minus `scale`, with all its digits.
    static func of(_ unscaled: Int128, scale: Int) -> String {
        let digits = String(unscaled.magnitude)
        let sign = unscaled < 0 ? "-" : ""
        guard scale > 0 else {
            return unscaled == 0 ? "0" : sign + digits + String(repeating: "0", count: -scale)
        }
        let padded = String(repeating: "0", count: max(0, scale + 1 - digits.count)) + digits
        return "\(sign)\(padded.dropLast(scale)).\(padded.suffix(scale))"
    }
}
