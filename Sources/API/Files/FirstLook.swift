internal import JSON

/// What the first bytes of a file tell, whatever it is called: enough to say early that nobody will be able to read it.
struct FirstLook: Equatable {
    /// How many of them are looked at.
    static let bytes = 64 << 10

    struct Finding: Equatable {
        /// Stable: `not_utf8`.
        var code: String
        var message: String
    }

    /// `csv`, `xlsx`; nil where nobody can tell.
    var format: String?
    var findings: [Finding] = []

    /// `head`: the first `bytes` of the file, or all of a shorter one.
    init(_ head: [UInt8], name: String) {
        if head.isEmpty {
            findings = [Self.empty]
        } else if head.starts(with: [0x50, 0x4B, 3, 4]) {
            let isWorkbook = name.lowercased().hasSuffix(".xlsx")
            format = isWorkbook ? "xlsx" : nil
            findings = [isWorkbook ? Self.workbook : Self.compressed]
        } else if head.starts(with: [0x1F, 0x8B]) {
            findings = [Self.compressed]
        } else if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) {
            format = "csv"
            findings = [Self.utf16]
        } else if head.contains(0) {
            findings = [Self.binary]
        } else {
            format = "csv"
            if !Self.isUTF8(head) { findings = [Self.notUTF8] }
        }
    }

    /// A character that the end of a long file's head cuts is none to complain about.
    private static func isUTF8(_ head: [UInt8]) -> Bool {
        var whole = head[...]
        if head.count == bytes {
            while let last = whole.last, last & 0xC0 == 0x80 { whole.removeLast() }
            if let last = whole.last, last >= 0x80 { whole.removeLast() }
        }
        return String(validating: whole, as: UTF8.self) != nil
    }

    private static let empty = Finding(code: "empty", message: "The file is empty.")
    private static let workbook = Finding(
        code: "workbook",
        message: "This is a spreadsheet. The file import reads CSV: save the sheet as CSV UTF-8."
    )
    private static let compressed = Finding(
        code: "compressed",
        message: "The file is compressed. The file import reads it as it is: unpack it and upload it again."
    )
    private static let utf16 = Finding(
        code: "utf16",
        message: "The file is in UTF-16, as \"Unicode text\" is. The file import reads UTF-8: save it as CSV UTF-8."
    )
    private static let binary = Finding(
        code: "binary",
        message: "The file has zero bytes and is no text. The file import reads CSV in UTF-8."
    )
    private static let notUTF8 = Finding(
        code: "not_utf8",
        message: "Some characters are not UTF-8. The file import refuses records with such: save it as CSV UTF-8."
    )
}

extension FirstLook.Finding {
    static let schema = Schema.object(.required("code", .string), .required("message", .string))

    var json: JSONValue { ["code": .string(code), "message": .string(message)] }
}
