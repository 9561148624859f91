internal import JSON
internal import Mapping
internal import Store

/// Rejects in the input's own layout, as CSV (RFC 4180) or the rows of a workbook, each with why it was refused and what to
/// do: correct it, and read it again.
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

    /// The names, unless the input has none.
    var names: [String] { hasHeader ? columns + reasons : [] }

    /// The mark, and the line of names unless the input has none.
    var header: [UInt8] {
        Self.mark + (hasHeader ? line(names) : [])
    }

    func line(_ reject: StoredReject) -> [UInt8] { line(row(reject)) }

    /// Its values, and why it was refused.
    func row(_ reject: StoredReject) -> [String?] {
        let (cells, lacking) = self.cells(reject)
        let place = "\(reject.locatorKind) \(reject.locator)\(Self.sentence(lacking))"
        let errors = reject.failures.map { $0.field.isEmpty ? $0.message : "\($0.field): \($0.message)" }
        var hints: [String] = []
        for failure in reject.failures where !failure.hint.isEmpty && !hints.contains(failure.hint) {
            hints.append(failure.hint)
        }
        return cells.map { $0.map(Self.harmless) }
            + ["\(place): \(errors.joined(separator: " "))", Self.harmless(hints.joined(separator: " "))]
    }

    /// The same for a workbook, whose cells hold only so much: what is cut says so.
    func sheetRow(_ reject: StoredReject) -> [String?] {
        var row = row(reject)
        let long = row.indices.filter { row[$0].map { $0.utf16.count > WorkbookWriter.mostUnits } ?? false }
        for index in long { row[index] = row[index]?.trimmedToUnits(WorkbookWriter.mostUnits) }
        let cut = long.filter { $0 < columns.count }.map { columns[$0] }
        if !cut.isEmpty {
            let note =
                " (Cut, for a workbook's cell holds 32,767 characters: \(cut.joined(separator: ", ")). As CSV it is whole.)"
            row[columns.count] = (row[columns.count] ?? "").trimmedToUnits(20_000) + note.trimmedToUnits(10_000)
        }
        return row
    }

    /// By the columns' names, repeats of a name in their order, and the places of those that the record lacks. A record that
    /// can't be taken apart stands whole in the first.
    private func cells(_ reject: StoredReject) -> (cells: [String?], lacking: [Int]) {
        let raw = reject.correction?.raw ?? reject.raw
        guard raw.contains(where: { !$0.name.isEmpty }) else {
            var cells = [String?](repeating: nil, count: columns.count)
            cells[0] = raw.first?.value
            return (cells, [])
        }
        var fields: [String: [RawField]] = [:]
        for field in raw.reversed() { fields[field.name, default: []].append(field) }
        var (cells, lacking): ([String?], [Int]) = ([], [])
        for (place, name) in columns.enumerated() {
            let field = fields[name]?.popLast()
            cells.append(field?.value)
            if field?.isAbsent ?? true { lacking.append(place) }
        }
        return (cells, lacking)
    }

    /// ` (without columns 3, 5-7)`, counted from 1: an empty cell there is no empty value, and erases nothing where the file
    /// import reads these rows again (`CorrectedRows` there). Empty where the record has all.
    private static func sentence(_ lacking: [Int]) -> String {
        var ranges: [ClosedRange<Int>] = []
        for place in lacking {
            if let last = ranges.last, last.upperBound == place {
                ranges[ranges.count - 1] = last.lowerBound...place + 1
            } else {
                ranges.append(place + 1...place + 1)
            }
        }
        guard !ranges.isEmpty else { return "" }
        let columns = ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
        return " (without columns \(columns.joined(separator: ", ")))"
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
            append(value ?? "", to: &line)
        }
        return line + [0x0D, 0x0A]
    }

    /// With an apostrophe before what a spreadsheet would run as a formula (OWASP, CSV injection; the last four are = + - @ in
    /// full width), and one more before what has some already: so the file import takes exactly one away where these columns
    /// are read again (`CorrectedRows` there). Signed numbers and telephone numbers are no formulas.
    static func harmless(_ value: String) -> String {
        let text = value.unicodeScalars.drop { $0 == "'" }
        guard let first = text.first, formulaMarks.contains(first), !isNumber(Substring(text)) else { return value }
        return "'" + value
    }

    private static let formulaMarks: Set<Unicode.Scalar> = [
        "=", "+", "-", "@", "\t", "\r", "\n", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}",
    ]

    private static func isNumber(_ value: Substring) -> Bool {
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
