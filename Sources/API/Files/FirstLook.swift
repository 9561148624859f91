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

    /// `csv xlsx json ndjson`; nil where nobody can tell.
    var format: String?
    var findings: [Finding] = []

    /// `head`: the first `bytes` of the file, or all of a shorter one.
    init(_ head: [UInt8]) {
        if head.isEmpty {
            findings = [Self.empty]
        } else if head.starts(with: [0x50, 0x4B, 3, 4]) {
            format = Self.isWorkbook(head) ? "xlsx" : nil
            findings = format == nil ? [Self.compressed] : []
        } else if head.starts(with: [0xD0, 0xCF, 0x11, 0xE0]) {
            findings = [Self.oldWorkbook]
        } else if head.starts(with: [0x1F, 0x8B]) {
            findings = [Self.compressed]
        } else if head.starts(with: [0xFF, 0xFE]) || head.starts(with: [0xFE, 0xFF]) {
            format = "csv"
        } else if head.contains(0) {
            findings = [Self.binary]
        } else {
            format = Self.jsonFormat(head) ?? "csv"
            if !Self.isUTF8(head) { findings = [Self.notUTF8] }
        }
    }

    /// The entries of a zip are named in plain text where they begin. ECMA-376 part 2: each package has content types.
    private static func isWorkbook(_ head: [UInt8]) -> Bool {
        let text = String(decoding: head, as: UTF8.self)
        return text.holds("[Content_Types].xml") || text.holds("xl/")
    }

    private static func jsonFormat(_ head: [UInt8]) -> String? {
        switch head.first(where: { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }) {
        case UInt8(ascii: "["): "json"
        case UInt8(ascii: "{"):
            head.split(separator: 0x0A).dropFirst().first?.first == UInt8(ascii: "{") ? "ndjson" : "json"
        default: nil
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
    private static let oldWorkbook = Finding(
        code: "old_workbook",
        message: "This is a workbook of the old kind, or an encrypted one. Save it as .xlsx without a password."
    )
    private static let compressed = Finding(
        code: "compressed",
        message: "The file is compressed. The file import reads it as it is: unpack it and upload it again."
    )
    private static let binary = Finding(
        code: "binary",
        message: "The file has zero bytes and is neither text nor a workbook."
    )
    private static let notUTF8 = Finding(
        code: "not_utf8",
        message: "Some characters are not UTF-8: their encoding is guessed. Check the preview, or name it as encoding."
    )
}

extension FirstLook.Finding {
    static let schema = Schema.object(.required("code", .string), .required("message", .string))

    var json: JSONValue { ["code": .string(code), "message": .string(message)] }
}
