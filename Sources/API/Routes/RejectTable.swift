internal import JSON
internal import Mapping
internal import Store

/// Rejects as CSV (RFC 4180) in the input's own layout, each with why it was refused and what to do: correct it, take the two
/// last columns out or leave them in, and read it again.
struct RejectTable: Sendable {
    /// UTF-8's mark: without it Excel takes the bytes for those of the machine's own code page.
    static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private let columns: [String]
    private let reasons: [String]
    private let delimiter: UInt8
    private let hasHeader: Bool

    /// - Parameters:
    ///   - columns: the input's, in its order; a name may stand there twice.
    ///   - settings: of the config that was read with: `delimiter` and `header`, as the file import has them.
    init(columns: [String], settings: JSONValue) {
        // One that can't be taken apart needs a place to stand.
        self.columns = columns.isEmpty ? ["_raw"] : columns
        reasons = ["_error", "_fix"].map { Self.unused($0, in: columns) }
        let text = settings["delimiter"]?.stringValue ?? ","
        delimiter = text.utf8.count == 1 ? text.utf8.first ?? 0x2C : 0x2C
        hasHeader = settings["header"]?.boolValue ?? true
    }

    /// The mark, and the line of names unless the input has none.
    var header: [UInt8] {
        Self.mark + (hasHeader ? line(columns + reasons) : [])
    }

    func line(_ reject: StoredReject) -> [UInt8] {
        let place = "\(reject.locatorKind) \(reject.locator)"
        let errors = reject.failures.map { $0.field.isEmpty ? $0.message : "\($0.field): \($0.message)" }
        var hints: [String] = []
        for failure in reject.failures where !failure.hint.isEmpty && !hints.contains(failure.hint) {
            hints.append(failure.hint)
        }
        return line(
            cells(reject) + ["\(place): \(errors.joined(separator: " "))", hints.joined(separator: " ")]
        )
    }

    /// By the columns' names, repeats of a name in their order. A record that can't be taken apart stands whole in the first.
    private func cells(_ reject: StoredReject) -> [String?] {
        let raw = reject.correction?.raw ?? reject.raw
        guard raw.contains(where: { !$0.name.isEmpty }) else {
            var cells = [String?](repeating: nil, count: columns.count)
            cells[0] = raw.first?.value
            return cells
        }
        var values: [String: [String?]] = [:]
        for field in raw.reversed() { values[field.name, default: []].append(field.value) }
        return columns.map { values[$0]?.popLast() ?? nil }
    }

    private static func unused(_ name: String, in columns: [String]) -> String {
        var name = name
        while columns.contains(name) { name += "_" }
        return name
    }

    // MARK: - CSV

    private func line(_ values: [String?]) -> [UInt8] {
        var line: [UInt8] = []
        for (position, value) in values.enumerated() {
            if position > 0 { line.append(delimiter) }
            append(Self.harmless(value ?? ""), to: &line)
        }
        return line + [0x0D, 0x0A]
    }

    /// With an apostrophe before what a spreadsheet would run as a formula (OWASP, CSV injection; the last four are = + - @ in
    /// full width). Signed numbers and telephone numbers are no formulas.
    static func harmless(_ value: String) -> String {
        guard let first = value.unicodeScalars.first, formulaMarks.contains(first), !isNumber(value) else {
            return value
        }
        return "'" + value
    }

    private static let formulaMarks: Set<Unicode.Scalar> = [
        "=", "+", "-", "@", "\t", "\r", "\n", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}",
    ]

    private static func isNumber(_ value: String) -> Bool {
        let rest = value.utf8.dropFirst()
        guard let first = value.utf8.first, "+-".utf8.contains(first) else { return false }
        return rest.contains { (0x30...0x39).contains($0) }
            && rest.allSatisfy { (0x30...0x39).contains($0) || " ().,-/".utf8.contains($0) }
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
