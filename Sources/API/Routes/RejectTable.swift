internal import JSON
internal import Mapping
internal import Store

/// Rejects as CSV (RFC 4180) in the input's own layout, each with why it was refused: correct it, take the last columns out
/// or leave them in, and read it again.
struct RejectTable: Sendable {
    private static let reasons = [
        "reject_at", "reject_field", "reject_code", "reject_message", "reject_hint", "reject_more", "reject_raw",
    ]

    private let columns: [String]
    private let delimiter: UInt8
    private let hasHeader: Bool

    /// - Parameters:
    ///   - columns: the input's.
    ///   - settings: of the config that was read with: `delimiter` and `header`, as the file import has them.
    init(columns: [String], settings: JSONValue) {
        self.columns = columns
        let text = settings["delimiter"]?.stringValue ?? ","
        delimiter = text.utf8.count == 1 ? text.utf8.first ?? 0x2C : 0x2C
        hasHeader = settings["header"]?.boolValue ?? true
    }

    /// Empty where the input has none.
    var header: [UInt8] {
        hasHeader ? line(columns + Self.reasons) : []
    }

    func line(_ reject: StoredReject) -> [UInt8] {
        var values: [String: String] = [:]
        for field in reject.raw { values[field.name] = field.value }
        let first = reject.failures.first
        let more = reject.failures.dropFirst().map { "\($0.field): \($0.message)" }.joined(separator: " ")
        let reasons = [
            "\(reject.locator)", first?.field ?? "", first?.code ?? "", first?.message ?? "", first?.hint ?? "", more,
            // A record that can't be taken apart stands whole, and in no column.
            values[""] ?? "",
        ]
        return line(columns.map { values[$0] } + reasons)
    }

    private func line(_ values: [String?]) -> [UInt8] {
        var line: [UInt8] = []
        for (position, value) in values.enumerated() {
            if position > 0 { line.append(delimiter) }
            append(value ?? "", to: &line)
        }
        return line + [0x0D, 0x0A]
    }

    /// In quotes where it must be; blanks at an end too, which some readers take away.
    private func append(_ value: String, to line: inout [UInt8]) {
        let (quote, bytes) = (UInt8(ascii: "\""), value.utf8)
        let mustQuote =
            bytes.first == 0x20 || bytes.last == 0x20
            || bytes.contains { $0 == delimiter || $0 == quote || $0 == 0x0D || $0 == 0x0A }
        guard mustQuote else { return line.append(contentsOf: bytes) }
        line.append(quote)
        for byte in bytes {
            if byte == quote { line.append(quote) }
            line.append(byte)
        }
        line.append(quote)
    }
}
