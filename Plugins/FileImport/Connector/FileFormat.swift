/// How a file holds its records; the raw values are those of the setting `format`.
package enum FileFormat: String, CaseIterable, Sendable {
    case csv
    case xlsx
    /// An array of objects, or an object with such arrays in it.
    case json
    /// One object a line.
    case ndjson

    /// What a file's first bytes say, and its name where they could be both.
    static func found(in start: [UInt8], name: String) -> FileFormat {
        if WorkbookSignature.isWorkbook(start) { return .xlsx }
        let ending = name.split(separator: ".").last?.lowercased()
        if ["csv", "tsv", "tab", "txt"].contains(ending) { return .csv }
        let body = start.starts(with: TextEncoding.utf8.mark) ? start[3...] : start[...]
        let signs = body.lazy.filter { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }.prefix(2)
        switch Array(signs) {
        case [UInt8(ascii: "["), UInt8(ascii: "{")], [UInt8(ascii: "["), UInt8(ascii: "]")]:
            return .json
        case [UInt8(ascii: "{"), UInt8(ascii: "\"")], [UInt8(ascii: "{"), UInt8(ascii: "}")]:
            if ["ndjson", "jsonl"].contains(ending) { return .ndjson }
            return isRecordLine(body) ? .ndjson : .json
        default:
            return ending == "json" ? .json : ["ndjson", "jsonl"].contains(ending) ? .ndjson : .csv
        }
    }

    /// Whether the first line is an object by itself and another one follows.
    private static func isRecordLine(_ body: ArraySlice<UInt8>) -> Bool {
        let isSpace: (UInt8) -> Bool = { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        let text = body.drop(while: isSpace)
        guard let end = text.firstIndex(of: UInt8(ascii: "\n")) else { return false }
        let next = text[end...].drop(while: isSpace)
        guard next.first == UInt8(ascii: "{") else { return false }
        var scanner = JSONRecordScanner()
        // The scanner looks eight bytes ahead.
        let line = Array(text[..<end]) + [UInt8](repeating: UInt8(ascii: "\n"), count: 16)
        do throws(JSONFault) {
            return try scanner.record(line.span, at: 0, end: line.count - 16, row: 0) > 0
        } catch {
            return false
        }
    }

    /// Bytes that are looked at.
    static let startBytes = 65536
}
